"""From rows to a fit: bounds, starts, EM, and a report of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bactrian.backends import maximisation_for
from bactrian.backends.parts import Part, parts_of
from bactrian.backends.parts import accumulate as accumulate_parts
from bactrian.core import em
from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.climb import climb, look, stay
from bactrian.core.eigenvalues import RatioBounds
from bactrian.core.em import EMProblem, Observe
from bactrian.core.errors import BadInputError, DegenerateCovarianceError, FitInterrupted
from bactrian.core.maximisation import Bounds, MaximumLikelihood
from bactrian.core.multistart import Fit, Pursuit, Start, run_starts
from bactrian.core.parameters import Parameters
from bactrian.core.pseudo import FLAT, PriorStatistics
from bactrian.core.statistics import SufficientStats
from bactrian.core.stopping import StoppingRule, stopping_rule
from bactrian.data.source import ArraySource, DataSource
from bactrian.data.summary import Summary, collinear_columns, summarise
from bactrian.estimators.beginning import Beginning
from bactrian.estimators.settings import Settings
from bactrian.estimators.validation import check_size

ENOUGH = 3  # times the best optimum must be found for the starts to end
MANY_ROWS = 20_000  # beyond which a sample of the rows is looked at first
LEAST_SAMPLE, LARGEST_SAMPLE = 10_000, 65_536
SAMPLE_PER_PARAMETER = 30
GROWTH = 8  # from one sample to the next
SAMPLED_TOL, SAMPLED_ITER, SAMPLED_STARTS = 1e-5, 100, 10
GRAIN_ROWS = 4096  # of which the distances between values are looked at
GRAINS = 0.1  # deviation, in distances between neighbouring values, that tells of rounding only
RELATIVE_FLOOR = 1e-9  # smallest variance of a component, relative to the columns'
RESOLVED = 1e4  # ... and to the squared rounding error of the data


@dataclass(frozen=True, eq=False)
class Estimation:
    """A data set and the settings to fit it with.

    Parameters
    ----------
    source : DataSource
    settings : Settings
    summary : Summary
    names : sequence of str
        Of the columns, for messages.
    of_sample : bool
        Whether the rows are a sample of more.
    clean : DataSource, optional
        The rows that starts look at, if not all.
    """

    source: DataSource
    settings: Settings
    summary: Summary
    names: Sequence[str]
    of_sample: bool = False
    clean: DataSource | None = None

    @classmethod
    def of(
        cls,
        source: DataSource,
        settings: Settings,
        names: Sequence[str],
        clean: DataSource | None = None,
    ) -> Estimation:
        """Estimation for rows that a Gaussian can be fitted to.

        Raises
        ------
        BadInputError
            If a column is constant or its variance is no float64.
        """
        check_size(source.n_samples, settings.n_components)
        summary = summarise(source, settings.n_jobs)
        estimation = cls(source, settings, summary, names, clean=clean)
        estimation._check_columns()
        return estimation

    @cached_property
    def rounding(self) -> FloatArray:
        """Variance, by column, below which there is only rounding."""
        with np.errstate(under="ignore", over="ignore"):
            return RESOLVED * np.square(self.summary.resolution)

    @cached_property
    def _own_units(self) -> FloatArray:
        """Lengths by which the structure measures the features; 0 where a column has none."""
        ridge = self.settings.reg_covar or 0.0
        return self.settings.structure.units(np.maximum(self.summary.variance, ridge))

    @cached_property
    def units(self) -> FloatArray:
        """Length in which each feature is measured, (n_features,).

        A column that has none of its own, being constant, is taken to be known to a thousandth
        of its value, or of 1.
        """
        own, value = self._own_units, np.abs(self.summary.mean)
        return np.where(own > 0, own, 1e-3 * np.where(value > 0, value, 1.0))

    @cached_property
    def bounds(self) -> Bounds:
        """What keeps the covariances away from zero."""
        rounding, ridge, square = self.rounding, self.settings.reg_covar, np.square(self.units)
        if ridge is None:
            measured = self._own_units > 0
            lowest = RELATIVE_FLOOR * square
            nominal = square if self.settings.prior is None else lowest
            floor = np.where(measured, np.maximum(lowest, 4 * rounding), nominal)
            collapsed = np.maximum(4 * floor, np.square(GRAINS * self._grain)) * measured
            bounds = Bounds(floor, 0.0, rounding * measured, collapsed)
            return self._with_ratio(bounds, measured)
        collapsed = np.maximum(1.01 * ridge, 4 * rounding) * ~self.summary.constant
        bounds = Bounds(np.zeros_like(rounding), ridge, rounding, collapsed)
        return self._with_ratio(bounds, ~self.summary.constant)

    def _with_ratio(self, bounds: Bounds, measured: BoolArray) -> Bounds:
        """The bounds, and one on the ratio of the eigenvalues if that is wanted."""
        ratio, square = self.settings.eigenvalue_ratio, np.square(self.units)
        if ratio is None:
            return bounds
        low = (bounds.floor / square)[measured].max(initial=0.0)
        return RatioBounds(
            low * square, 0.0, bounds.resolution, bounds.collapsed, ratio=ratio, units=self.units
        )

    @cached_property
    def prior(self) -> PriorStatistics:
        """What is known before."""
        choice = self.settings.prior
        if choice is None:
            return FLAT
        return choice.statistics(self.source, self.summary, self.units, self.settings)

    @cached_property
    def _grain(self) -> FloatArray:
        """Smallest distance between different values of each column, (n_features,).

        Rounding to a multiple of it has a deviation of 0.29 of it: a component that is much
        thinner has been fitted to the rounding.
        """
        rows = self.source.sample(GRAIN_ROWS, np.random.RandomState(0)).values
        gaps = np.diff(np.sort(rows, axis=0), axis=0)
        smallest = np.where(gaps > 0, gaps, np.inf).min(axis=0, initial=np.inf)
        return np.where(np.isfinite(smallest), smallest, 0.0)

    @property
    def rule(self) -> StoppingRule:
        """When EM may stop."""
        return stopping_rule(self.settings.stopping, self.settings.tol, self.units)

    @property
    def problem(self) -> EMProblem:
        """The data and the M-step, for the EM loop."""
        settings = self.settings

        def accumulate(parameters: Parameters, origin: FloatArray | None) -> SufficientStats:
            return accumulate_parts(settings.backend, self.parts, parameters, origin)

        reference = MaximumLikelihood(self.bounds, settings.fixed, self.prior)
        maximise = maximisation_for(settings.backend, reference)
        sample = self._first_sample.problem if self._is_large else None
        return EMProblem(accumulate, maximise, self.units, settings.accelerated, sample)

    def run(
        self,
        random_state: np.random.RandomState,
        observe: Observe | None,
        start: Parameters | None = None,
    ) -> Fit:
        """Run EM from all starts, or the one that is given.

        Where the number of starts is "auto" and the rows are many, the starts run on a sample of
        them, and the best is followed on larger ones, and on all.

        Raises
        ------
        DegenerateCovarianceError
            If every start fails.
        FitInterrupted
        """
        if start is not None:
            again = self.settings.family.again(start, self.summary, self.units)
            return self._run_from([lambda: self._beginning.within_structure(again)], observe)
        starts = list(self._beginning.starts(random_state))
        if self._is_large and self.settings.n_init is None and len(starts) > 1:
            return self._by_samples(random_state, observe)
        return self._run_from(starts, observe)

    def _run_from(
        self, starts: Sequence[Start], observe: Observe | None, pursuit: Pursuit | None = None
    ) -> Fit:
        settings = self.settings
        if pursuit is None:
            pursuit = climb if settings.stopping == "auto" else look
        try:
            return run_starts(
                self.problem,
                starts,
                self.rule,
                settings.max_iter,
                observe,
                self._beginning.revived,
                enough=ENOUGH if settings.n_init is None else None,
                pursuit=pursuit,
            )
        except DegenerateCovarianceError as error:
            raise error.because(self.collinear()) from None

    def _by_samples(self, random_state: np.random.RandomState, observe: Observe | None) -> Fit:
        sample = self._first_sample
        starts = list(sample._beginning.starts(random_state))[:SAMPLED_STARTS]
        explored = sample._run_from(starts, observe, stay)
        fit, rows = explored, sample.source.n_samples
        try:
            while not fit.stopped and GROWTH**2 * rows < self.source.n_samples:
                rows *= GROWTH
                fit = self._sampled(rows)._run_from([self._ended(fit)], observe, stay)
            if fit.stopped:
                fit = self._stopped(fit)
            else:
                fit = self._run_from([self._ended(fit)], observe)
        except FitInterrupted as interrupt:
            raise FitInterrupted(replace(interrupt.result or fit, explored=explored)) from None
        return replace(fit, explored=explored)

    def end(self, fit: Fit) -> Parameters:
        """Where a fit ended, with the factors that any reader of the covariances finds."""
        parameters = fit.best.state.parameters
        held = "covariances" in self.settings.fixed
        return parameters if held else self.bounds.refactored(parameters)

    def _stopped(self, fit: Fit) -> Fit:
        """The state of a fit to a sample, with the likelihood of all rows."""
        limited = replace(self, settings=replace(self.settings, max_iter=0))
        ended = limited._run_from([self._ended(fit)], None)
        return replace(ended, best=replace(ended.best, reason=em.CALLBACK_REASON))

    def _ended(self, fit: Fit) -> Start:
        """The end of a fit to a sample as a start."""
        return lambda: self._beginning.ended(fit.best.state.parameters)

    @property
    def _is_large(self) -> bool:
        """Whether a sample of the rows is looked at first; not so if this is one."""
        rows = self.source.n_samples
        return not self.of_sample and rows > max(MANY_ROWS, self._sample_size)

    @property
    def _sample_size(self) -> int:
        """Rows that it takes to tell the parameters."""
        n_components, n_features = self.settings.n_components, self.source.n_features
        n_parameters = self.settings.structure.n_parameters(n_components, n_features)
        wanted = SAMPLE_PER_PARAMETER * (n_parameters + n_components * (n_features + 1))
        return min(max(wanted, LEAST_SAMPLE), LARGEST_SAMPLE)

    @cached_property
    def _first_sample(self) -> Estimation:
        """Sample on which the start is chosen."""
        return self._sampled(self._sample_size)

    def _sampled(self, rows: int) -> Estimation:
        """The same for a sample of the rows, less patient."""
        chunk = self.source.sample(rows, np.random.RandomState(rows))
        settings = replace(
            self.settings,
            stopping="log_likelihood",
            tol=max(self.settings.tol, SAMPLED_TOL),
            max_iter=min(self.settings.max_iter, SAMPLED_ITER),
        )
        source = ArraySource(chunk.X, chunk.sample_weight, chunk.plausibility)
        return replace(self, source=source, settings=settings, of_sample=True)

    def constant(self) -> str:
        """Words on columns that are constant, or none."""
        names = [self.names[int(j)] for j in np.flatnonzero(self.summary.constant)]
        if not names:
            return ""
        listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        which = f"columns {listed} are" if len(names) > 1 else f"column {listed} is"
        return f"{which} constant, and better left out: the density there is a convention"

    def collinear(self) -> str:
        """Words on columns that are collinear, or none."""
        columns = collinear_columns(self.source, self.summary)
        names = ", ".join(self.names[j] for j in columns)
        return f"columns {names} are collinear: drop one of them" if columns else ""

    @cached_property
    def _beginning(self) -> Beginning:
        return Beginning(
            self.clean or self.source,
            self.source,
            self.settings,
            self.summary,
            self.units,
            self.bounds,
        )

    @cached_property
    def parts(self) -> list[Part]:
        """The rows by what is observed of them, and known of their components."""
        return [part for chunk in self.source.chunks() for part in parts_of(chunk)]

    def _check_columns(self) -> None:
        summary, settings = self.summary, self.settings
        empty = np.flatnonzero(summary.minimum > summary.maximum)
        if len(empty):
            got = f"no value in column {self.names[int(empty[0])]}"
            raise BadInputError("X", got, "some values in each column", "Leave the column out.")
        variance = summary.variance
        wild = ~np.isfinite(variance) | (variance > 1e280) | ((variance > 0) & (variance < 1e-280))
        wild |= (variance == 0) & (summary.minimum < summary.maximum)
        if wild.any():
            column = int(np.flatnonzero(wild)[0])
            low, high = summary.minimum[column], summary.maximum[column]
            raise BadInputError(
                "X",
                f"column {self.names[column]} from {low:.4g} to {high:.4g}",
                "in a unit in which its variance is between 1e-280 and 1e280",
                "Rescale the column.",
            )
        if settings.reg_covar:
            return
        if summary.constant.all() and settings.prior is None:
            self._refuse("identical rows", "Set reg_covar to a variance above 0, if you must.")
        own = self._own_units
        flat = np.flatnonzero(own == 0)
        if len(flat) and settings.reg_covar is not None:
            more = f" and {len(flat) - 1} more" if len(flat) > 1 else ""
            name, value = self.names[int(flat[0])], summary.mean[flat[0]]
            remedy = "Drop constant columns, or leave reg_covar at 'auto'."
            self._refuse(f"the constant column {name} ({value:.6g}){more}", remedy)
        unresolved = (own > 0) & (np.square(own) <= self.rounding)
        if unresolved.any():
            column = int(np.flatnonzero(unresolved)[0])
            self._refuse(
                f"column {self.names[column]}, whose deviation {np.sqrt(variance[column]):.3g} is "
                f"near the rounding of its values, {summary.mean[column]:.6g}",
                "Subtract an offset before the numbers are rounded.",
            )

    def _refuse(self, got: str, remedy: str) -> None:
        raise BadInputError("X", got, "of columns that vary", remedy)
