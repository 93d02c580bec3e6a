"""What to fit, as asked for on the command line: components, covariances, where to start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from bactrian.phrases import counted
from bactrian.vocabulary import COVARIANCE_TYPE

if TYPE_CHECKING:
    from bactrian.estimators.table_fit import TableFit
    from bactrian.mixture import Mixture


@dataclass(frozen=True)
class Shape:
    """The options that say it."""

    components: int | None
    covariance: str | None
    start: str | None
    start_means: tuple[tuple[float, ...], ...]
    start_weights: tuple[float, ...] | None
    fixed: tuple[str, ...] | None

    def check(self, *, equal_weights: bool) -> None:
        """Refuse options that do not go together.

        Raises
        ------
        click.UsageError
        """
        if self.components is None and self.start is None and not self.start_means:
            raise click.UsageError("How many components? Say so with -k, or give --start MODEL.")
        if self.start_means and self.components not in (None, len(self.start_means)):
            raise click.UsageError(
                f"-k is {self.components}, but --start-mean is given "
                f"{counted(len(self.start_means), 'time')}. Give it once for each component."
            )
        if equal_weights and self.start_weights is not None:
            raise click.UsageError("--equal-weights and --start-weights do not go together.")
        held = set(self.fixed or ()) if self.start is None else set()
        if held - {"weights", "means"} or ("means" in held and not self.start_means):
            raise click.UsageError("--fixed keeps values of a model: name it with --start MODEL.")
        if "weights" in held and self.start_weights is None:
            raise click.UsageError(
                "--fixed weights needs --start-weights W,W,... or --start MODEL."
            )

    def settings(self, start: Mixture | None, task: TableFit) -> dict[str, Any]:
        """Number of components, covariances and starting values, as the estimator takes them.

        Parameters
        ----------
        start : Mixture or None
            Of --start.
        task : TableFit

        Raises
        ------
        click.UsageError
        """
        from bactrian.cli.starting import check_means, starting_values

        covariance = self.covariance or COVARIANCE_TYPE.default
        settings: dict[str, Any] = {}
        if start is not None:
            self._check_start(start, task)
            covariance = self.covariance or start.parameters.structure.name
            settings = starting_values(start, covariance, task.scaling)
        if self.start_means:
            check_means(self.start_means, settings.get("means_init"), task)
            settings["means_init"] = task.means(self.start_means)
        count = self.components or len(settings["means_init"])
        weights = self.start_weights
        if weights is not None:
            if len(weights) != count:
                given = f"--start-weights has {len(weights)} weights"
                raise click.UsageError(f"{given}, but there are {count} components.")
            settings["weights_init"] = weights
        fixed = {"fixed": self.fixed} if self.fixed else {}
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
