"""How certain the parameters of a fit are, according to a bootstrap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import CovarianceStructure
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError
from bactrian.estimators.validation import check_choice
from bactrian.mixture.thresholds import thresholds_as, thresholds_of
from bactrian.selection.bootstrap.estimates import Estimates, names_of
from bactrian.selection.bootstrap.intervals import INTERVALS, Rule
from bactrian.selection.bootstrap.refits import Refit
from bactrian.vocabulary import BOOTSTRAP_INTERVALS

FEW = 0.05  # share of resamples that may go astray without a word


@dataclass(frozen=True, eq=False)
class Interval:
    """Lower and upper bounds of each parameter, in the shapes of the estimates."""

    low: Estimates
    high: Estimates


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Parameters of a fit, and of refits to resamples of its rows.

    Parameters
    ----------
    estimates : Estimates
        Of the fit.
    resamples : Estimates
        Of the refits that did not fail: arrays of shape (R, ...), components in the order of the
        fit.
    method : {"weighted", "nonparametric"}
    confidence_level : float
        Of intervals, unless another is asked for.
    n_resamples : int
        How many were asked for.
    failures : tuple of str
        Why other resamples count for nothing.
    n_switched : int
        Resamples in which components came out in another order, and were put back.
    n_unfinished : int
        Resamples whose refit ended at the iteration limit; they count.
    feature_names : tuple
        Names, or numbers from 0.
    structure : CovarianceStructure
        Of the covariances as they are shown.
    seconds : float
    concerns : tuple of str
        What speaks against the fit that was refitted.
    """

    estimates: Estimates
    resamples: Estimates
    method: str
    confidence_level: float
    n_resamples: int
    failures: tuple[str, ...]
    n_switched: int
    n_unfinished: int
    feature_names: tuple[Any, ...]
    structure: CovarianceStructure = field(repr=False)
    seconds: float = 0.0
    concerns: tuple[str, ...] = ()

    @classmethod
    def of(cls, estimates: Estimates, refits: Iterable[Refit], **rest: Any) -> Bootstrap | None:
        """Make the result from refits in any order; None with fewer than two refits."""
        done = sorted(refits, key=lambda refit: refit.number)
        sound = [refit for refit in done if refit.estimates is not None]
        if len(sound) < 2:
            return None
        return cls(
            estimates,
            Estimates.stacked([refit.estimates for refit in sound if refit.estimates is not None]),
            failures=tuple(refit.failure for refit in done if refit.failure is not None),
            n_switched=sum(refit.switched for refit in sound),
            n_unfinished=sum(not refit.converged for refit in sound),
            **rest,
        )

    @property
    def n_done(self) -> int:
        """Number of resamples that count."""
        return len(self.resamples.weights)

    @cached_property
    def standard_errors(self) -> Estimates:
        """Standard deviations of the resamples; 0 for fixed parameters."""
        return self.resamples.each(_deviation, self.estimates)

    @cached_property
    def bias(self) -> Estimates:
        """Mean of the resamples minus the estimate."""
        return self.resamples.each(
            lambda values, estimate: (values - estimate).mean(axis=0), self.estimates
        )

    def interval(
        self, kind: str = "percentile", confidence_level: float | None = None
    ) -> Interval:
        """Intervals for each parameter separately.

        Parameters
        ----------
        kind : {"percentile", "basic", "bias_corrected"}, default="percentile"
            "percentile": quantiles of the resamples. "basic": these mirrored at the estimate.
            "bias_corrected": quantiles moved for the share of resamples below the estimate.
        confidence_level : float, default=None
            Between 0 and 1; None for that of the bootstrap.

        Raises
        ------
        BadInputError
        """
        rule, level = self._rule(kind, confidence_level)

        def bound(which: int) -> Estimates:
            return self.resamples.each(
                lambda values, estimate: rule(values, estimate, level)[which], self.estimates
            )

        return Interval(bound(0), bound(1))

    def _rule(self, kind: str, confidence_level: float | None) -> tuple[Rule, float]:
        """Check a kind of intervals and their level; return the rule and the level."""
        rule = INTERVALS[check_choice("kind", kind, BOOTSTRAP_INTERVALS)]
        level = self.confidence_level if confidence_level is None else confidence_level
        return rule, check_level(level)

    def table(
        self, kind: str = "percentile", confidence_level: float | None = None
    ) -> list[dict[str, Any]]:
        """One record for each parameter, for ``pandas.DataFrame`` or ``polars.DataFrame``.

        The fields are ``parameter`` ("weight", "noise_weight", "mean", "variance", "covariance",
        "dof"), ``component`` (from 0; None for what all share), ``feature``, ``other_feature``
        (None if there is no other), ``estimate``, ``standard_error``, ``low`` and ``high``. What
        was held fixed has standard error 0.

        Parameters are those of :meth:`interval`.
        """
        interval = self.interval(kind, confidence_level)
        columns = {
            "estimate": self.estimates,
            "standard_error": self.standard_errors,
            "low": interval.low,
            "high": interval.high,
        }
        return [
            {
                "parameter": name.parameter,
                "component": name.component,
                "feature": self._called(name.feature),
                "other_feature": self._called(name.other_feature),
                **{
                    column: float(getattr(values, name.array)[name.place])
                    for column, values in columns.items()
                },
            }
            for name in names_of(self.estimates, self.structure)
        ]

    def thresholds(
        self, kind: str = "percentile", confidence_level: float | None = None
    ) -> list[dict[str, Any]]:
        """Records of the values of one feature at which the most probable component changes.

        The fields are ``value``, ``below`` and ``above`` (components from 0) as in
        :meth:`bactrian.Mixture.thresholds`, ``standard_error``, ``low`` and ``high``, and
        ``n_resamples``: in how many resamples there is such a threshold. The others do not count.

        Parameters are those of :meth:`interval`.

        Raises
        ------
        BadInputError
            If there is more than one feature, or noise: of its box resamples say nothing.
        """
        if self.estimates.noise_weight is not None:
            raise BadInputError("noise", "a fit with noise", "one without")
        rule, level = self._rule(kind, confidence_level)
        cuts = thresholds_of(self._parameters(self.estimates))
        found = np.array(
            [thresholds_as(self._parameters(one), cuts) for one in self.resamples.unstacked()]
        )
        records = []
        for cut, values in zip(cuts, found.T, strict=True):
            own = values[np.isfinite(values)]
            record = {**asdict(cut), "standard_error": np.nan, "low": np.nan, "high": np.nan}
            if len(own) > 1:
                low, high = rule(own, np.asarray(cut.value), level)
                error = own.std(ddof=1)
                record |= {"standard_error": float(error), "low": float(low), "high": float(high)}
            records.append({**record, "n_resamples": len(own)})
        return records

    def _parameters(self, estimates: Estimates) -> Parameters:
        """The mixture of some estimates."""
        means = estimates.means
        shape = self.structure.form.shape(*means.shape)
        covariances = estimates.covariances.reshape(shape)
        return Parameters(estimates.weights, means, covariances, self.structure, dof=estimates.dof)

    def frame(self, kind: str = "percentile", confidence_level: float | None = None) -> Any:
        """Return the table as a pandas data frame; pandas must be installed."""
        # narwhals is the one place that knows of pandas
        import narwhals as nw

        records = self.table(kind, confidence_level)
        columns = {name: [record[name] for record in records] for name in records[0]}
        return nw.from_dict(columns, backend="pandas").to_native()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the numbers should know, in words."""
        said = list(self.concerns)
        tried = self.n_done + len(self.failures)
        if self.failures:
            reason, times = Counter(self.failures).most_common(1)[0]
            most = "" if times == len(self.failures) else ", most often"
            said.append(
                f"{len(self.failures)} of {tried} resamples could not be fitted and are left "
                f"out{most} because {reason}"
            )
        if self.n_unfinished:
            said.append(
                f"the refits of {self.n_unfinished} of {tried} resamples reached the limit of "
                "iterations; raise it"
            )
        if self.n_switched > FEW * tried:
            said.append(
                f"in {self.n_switched} of {tried} resamples components changed places and were "
                "put back: they are hard to tell apart"
            )
        return tuple(said)

    def _called(self, feature: int | None) -> Any:
        return None if feature is None else self.feature_names[feature]

    def __str__(self) -> str:
        errors = self.standard_errors
        lines = [f"{self.method} bootstrap, {self.n_done} resamples; standard errors:"]
        for name in ("weights", "noise_weight", "means", "dof"):
            values = getattr(errors, name)
            if values is not None:
                lines.append(f"  {name}: {np.array2string(values, precision=4, prefix='  ')}")
        return "\n".join([*lines, *(f"  ! {warning}" for warning in self.warnings)])


def check_level(value: Any) -> float:
    """Check a confidence level: it lies between 0 and 1.

    Raises
    ------
    BadInputError
    """
    number = value if isinstance(value, int | float | np.number) else np.nan
    if not 0 < number < 1:
        remedy = "Write 95 % as 0.95." if number >= 1 else ""
        raise BadInputError(
            "confidence_level", repr(value)[:80], "between 0 and 1", remedy, code="out_of_range"
        )
    return float(number)


def _deviation(values: FloatArray, estimate: FloatArray) -> FloatArray:
    """Standard deviation along the first axis; exactly 0 if nothing varies."""
    return np.asarray((values - estimate).std(axis=0, ddof=1))
