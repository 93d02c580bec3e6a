"""Options for a posterior: ``fit --bayes`` with its priors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.options import FitOptions, StartOptions, described, gathered
from bactrian.cli.value_types import numbers, positive
from bactrian.vocabulary import BAYES, LIKELIHOOD_ALONE, SETTINGS

if TYPE_CHECKING:
    from bactrian.estimators.table_fit import TableFit

PRIORS: tuple[tuple[str, Callable[[str], Any], str], ...] = (
    ("weight_concentration_prior", positive, "C"),
    ("weight_concentration_hyperprior", numbers, "SHAPE,RATE"),
    ("mean_precision_prior", positive, "ROWS"),
    ("mean_prior", numbers, "X,Y,..."),
    ("degrees_of_freedom_prior", positive, "ROWS"),
    ("covariance_prior", numbers, "V,V,..."),
)
KIND = BAYES["weight_concentration_prior_type"]


@dataclass(frozen=True)
class BayesOptions:
    """Whether a posterior is wanted, and what is known before; None for what is not said."""

    bayes: bool = False
    weight_concentration_prior_type: str | None = None
    weight_concentration_prior: float | None = None
    weight_concentration_hyperprior: tuple[float, ...] | None = None
    mean_precision_prior: float | None = None
    mean_prior: tuple[float, ...] | None = None
    degrees_of_freedom_prior: float | None = None
    covariance_prior: tuple[float, ...] | None = None

    @property
    def said(self) -> dict[str, Any]:
        """What is known before, as far as it is said."""
        given = {one.name: getattr(self, one.name) for one in fields(self) if one.name in BAYES}
        return {name: value for name, value in given.items() if value is not None}

    def check(self, fitting: FitOptions, starting: StartOptions) -> None:
        """Refuse options that do not go together.

        Raises
        ------
        click.UsageError
        """
        if not self.bayes:
            for name in self.said:
                raise click.UsageError(
                    f"{BAYES[name].option} needs a posterior. Give --bayes as well."
                )
            return
        settings = fitting.for_estimator()
        found = [
            SETTINGS[name].option
            for name in LIKELIHOOD_ALONE
            if name in settings and settings[name] != SETTINGS[name].default
        ]
        found += ["--fixed"] if starting.fixed else []
        found += ["--start, --start-mean and --start-weights"] if starting.any_values else []
        for option in found:
            raise click.UsageError(
                f"--bayes and {option} do not go together. Leave one of them out."
            )

    def settings(self, settings: dict[str, Any], task: TableFit) -> dict[str, Any]:
        """Parameters of the estimator of a posterior, from those of maximum likelihood.

        A prior in units of the data becomes one in units of the fit.
        """
        from bactrian.estimators.of_posterior import settings_of_posterior

        own = settings_of_posterior(settings)
        said = self.said
        if self.mean_prior is not None:
            said["mean_prior"] = self._mean(self.mean_prior, task)
        if self.covariance_prior is not None:
            said["covariance_prior"] = self._scatter(self.covariance_prior, task)
        return {**own, **said}

    def _mean(self, given: tuple[float, ...], task: TableFit) -> Any:
        if len(given) != len(task.rows.names):
            raise click.UsageError(
                f"--mean-prior has {len(given)} numbers, but there are {len(task.rows.names)} "
                "columns. Give one for each."
            )
        return task.means([given])[0]

    def _scatter(self, given: tuple[float, ...], task: TableFit) -> Any:
        """One number, one for each column, or a matrix row by row."""
        import numpy as np

        n_features, values = len(task.rows.names), np.array(given)
        units = np.ones(n_features) if task.scaling is None else task.scaling.scale
        if len(given) == n_features**2:
            return values.reshape(n_features, n_features) / np.outer(units, units)
        if len(given) == n_features:
            return values / units**2
        return values if len(given) > 1 else given[0]


bayes_options = gathered(
    "posterior",
    BayesOptions,
    (
        click.option("--bayes", is_flag=True,
                     help="Estimate a posterior (variational Bayes) instead of maximising the "
                          "likelihood; K is the largest number of components then."),
        click.option(KIND.option, type=click.Choice(tuple(KIND.choices)),
                     help=f"{described(KIND)}  [default: {KIND.default}]"),
        *(
            click.option(
                BAYES[name].option, type=kind, metavar=metavar, help=described(BAYES[name])
            )
            for name, kind, metavar in PRIORS
        ),
    ),
)  # fmt: skip
"""Options for a posterior, as the argument `posterior`."""
