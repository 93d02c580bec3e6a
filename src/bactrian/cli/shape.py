"""What to fit, as the command line asks for it: components, covariances, starting values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.options import DataOptions, FitOptions, StartOptions
from bactrian.phrases import counted
from bactrian.vocabulary import COVARIANCE_TYPE, FAMILY

if TYPE_CHECKING:
    from bactrian.estimators.table_fit import TableFit
    from bactrian.mixture import Mixture
    from bactrian.storage import MixtureModel


@dataclass(frozen=True)
class Shape:
    """The options that say what to fit."""

    components: int | None
    covariance: str | None
    starting: StartOptions

    def check(self, *, equal_weights: bool) -> None:
        """Refuse options that do not go together.

        Raises
        ------
        click.UsageError
        """
        said = self.starting
        if self.components is None and said.start is None and not said.start_means:
            raise click.UsageError(
                "The number of components is missing. Give -k K, or --start MODEL."
            )
        if said.start_means and self.components not in (None, len(said.start_means)):
            raise click.UsageError(
                f"-k is {self.components}, but --start-mean is given "
                f"{counted(len(said.start_means), 'time')}. Give it once for each component."
            )
        if equal_weights and said.start_weights is not None:
            raise click.UsageError("--equal-weights and --start-weights do not go together.")
        held = set(said.fixed or ()) if said.start is None else set()
        if held - {"weights", "means"} or ("means" in held and not said.start_means):
            raise click.UsageError(
                "--fixed needs a model with values to hold. Name it with --start MODEL."
            )
        if "weights" in held and said.start_weights is None:
            raise click.UsageError(
                "--fixed weights needs --start-weights W,W,... or --start MODEL."
            )

    def settings(
        self, start: Mixture | None, task: TableFit, *, equal_weights: bool
    ) -> dict[str, Any]:
        """Number of components, covariances and starting values, for the estimator.

        Parameters
        ----------
        start : Mixture or None
            Of --start.
        task : TableFit
        equal_weights : bool
            Those of the start do not matter then.

        Raises
        ------
        click.UsageError
        """
        from bactrian.cli.starting import check_means, starting_values

        said = self.starting
        covariance = self.covariance or COVARIANCE_TYPE.default
        settings: dict[str, Any] = {}
        if start is not None:
            self._check_start(start, task)
            covariance = self.covariance or start.parameters.structure.name
            settings = starting_values(start, covariance, task.scaling)
        if said.start_means:
            check_means(said.start_means, settings.get("means_init"), task)
            settings["means_init"] = task.means(said.start_means)
        count = self.components or len(settings["means_init"])
        weights = said.start_weights
        if weights is not None:
            if len(weights) != count:
                given = f"--start-weights has {len(weights)} weights"
                raise click.UsageError(f"{given}, but there are {count} components.")
            settings["weights_init"] = weights
        if equal_weights:
            settings.pop("weights_init", None)
        fixed = {"fixed": said.fixed} if said.fixed else {}
        return {"n_components": count, "covariance_type": covariance, **settings, **fixed}

    def _check_start(self, start: Mixture, task: TableFit) -> None:
        count, n_features = start.parameters.means.shape
        if self.components not in (None, count):
            raise click.UsageError(
                f"-k is {self.components}, but the model of --start has {count} components. "
                "Leave -k out."
            )
        if n_features != len(task.rows.names):
            raise click.UsageError(
                f"The model of --start has {n_features} columns, but {task.rows.source} has "
                f"{len(task.rows.names)}. Choose with --columns."
            )


def begun(
    starting: StartOptions, reading: DataOptions, fitting: FitOptions
) -> tuple[MixtureModel | None, DataOptions, FitOptions]:
    """The model of --start, and the options as it completes them.

    Raises
    ------
    click.UsageError
        If columns are left out that the model names.
    """
    from bactrian.storage import load_model

    if starting.start is None:
        return None, reading, fitting
    start = load_model(starting.start)
    if start.feature_names and reading.columns is None:
        if reading.exclude is not None:
            raise click.UsageError(
                "--exclude does not go with --start, whose model names its columns. "
                "Leave one of them out."
            )
        reading = replace(reading, columns=start.feature_names)
    return start, reading, _after(start, fitting)


def _after(start: Mixture, fitting: FitOptions) -> FitOptions:
    """The options, completed from the model of --start where they leave the family open."""
    parameters = start.parameters
    noise, family = fitting.noise, fitting.family
    if noise is None:
        noise = parameters.noise is not None or fitting.noise_volume is not None
    if family is None:
        family = FAMILY.default if parameters.dof is None else "t"
    spikes, own = fitting.spikes, parameters.spikes
    if not spikes and own is not None:
        places = start.feature_names or range(parameters.n_features)
        spikes = tuple((places[j], tuple(values)) for j, values in own.by_column().items())
    share = fitting.noise_init
    if share is None and noise and parameters.noise is not None:
        share = float(min(max(parameters.term_weights[-1], 1e-3), 0.999))
    return replace(fitting, noise=noise, family=family, noise_init=share, spikes=spikes)
