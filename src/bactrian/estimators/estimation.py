"""From rows to a fit: bounds, starts, EM, and a report of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import cycle

import numpy as np

from bactrian.core import em
from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.climb import climb, look, stay
from bactrian.core.eigenvalues import RatioBounds
from bactrian.core.covariance import covariance_structure
from bactrian.core.em import EMProblem, Observe
from bactrian.core.errors import BadInputError, DegenerateCovarianceError, FitInterrupted
from bactrian.core.maximisation import Bounds, MaximumLikelihood
from bactrian.core.multistart import Fit, Pursuit, Start, run_starts
from bactrian.core.parameters import Parameters
from bactrian.core.priors import FLAT, Prior, PriorStatistics, default_prior
from bactrian.core.statistics import SufficientStats
from bactrian.core.stopping import StoppingRule, stopping_rule
from bactrian.data.source import ArraySource, DataSource
from bactrian.data.summary import Summary, collinear_columns, overall_moments, summarise
from bactrian.estimators.settings import Settings
from bactrian.estimators.validation import check_size
from bactrian.init.starts import (
    SAMPLE_LIMIT,
    STARTS,
    Rows,
    around,
    from_responsibilities,
    revived,
)

AUTO_STARTS, ENOUGH = 30, 3  # most starts; times the best optimum must be found to end sooner
AUTO_KINDS = ("kmeans", "k-means++", "random_from_data")  # of starts, in turn
MANY_ROWS = 20_000  # beyond which a sample of the rows is looked at first
LEAST_SAMPLE, LARGEST_SAMPLE = 10_000, 65_536
SAMPLE_PER_PARAMETER = 30
GROWTH = 8  # from one sample to the next
SAMPLED_TOL, SAMPLED_ITER, SAMPLED_STARTS = 1e-5, 100, 10
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
    """

    source: DataSource
    settings: Settings
    summary: Summary
    names: Sequence[str]
    of_sample: bool = False

    @classmethod
    def of(cls, source: DataSource, settings: Settings, names: Sequence[str]) -> Estimation:
        """Estimation for rows that a Gaussian can be fitted to.

        Raises
        ------
        BadInputError
            If a column is constant or its variance is no float64.
        """
        check_size(source.n_samples, settings.n_components)
        estimation = cls(source, settings, summarise(source, settings.n_jobs), names)
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
            floor = np.where(measured, np.maximum(RELATIVE_FLOOR * square, 4 * rounding), square)
            bounds = Bounds(floor, 0.0, rounding * measured, 4 * floor * measured)
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
        """What is known before; of a sample, it counts by the share of the rows."""
        settings, source = self.settings, self.source
        if settings.prior is None:
            return FLAT
        prior = settings.prior.over(self._default_prior if settings.prior.needs_data else Prior())
        if "weights" in settings.fixed:
            prior = replace(prior, concentration=1.0)
        share = source.n_samples / self.summary.n_samples
        return prior.statistics(settings.structure, settings.n_components, source.n_features, share)

    @property
    def _default_prior(self) -> Prior:
        """The default for these data; a constant column has the deviation that it is known to."""
        summary, structure = self.summary, self.settings.structure
        variance = np.where(summary.constant, np.square(self.units), summary.variance)
        covariance = variance
        if structure.form in ("full", "tied"):
            moments = overall_moments(self.source, covariance_structure("full"), summary.mean)
            covariance = moments.second[0] / moments.weight
            np.fill_diagonal(covariance, variance)
        return default_prior(summary.mean, covariance, self.settings.n_components)

    @property
    def rule(self) -> StoppingRule:
        """When EM may stop."""
        return stopping_rule(self.settings.stopping, self.settings.tol, self.units)

    @property
    def problem(self) -> EMProblem:
        """The data and the M-step, for the EM loop."""
        settings = self.settings

        def accumulate(parameters: Parameters, origin: FloatArray | None) -> SufficientStats:
            return settings.backend.accumulate(self.source.chunks(), parameters, origin)

        maximise = MaximumLikelihood(self.bounds, settings.fixed, self.prior)
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
            return self._run_from([lambda: start], observe)
        starts = list(self._starts(random_state))
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
                self._revived,
                enough=ENOUGH if settings.n_init is None else None,
                pursuit=pursuit,
            )
        except DegenerateCovarianceError as error:
            raise error.because(self.collinear()) from None

    def _by_samples(self, random_state: np.random.RandomState, observe: Observe | None) -> Fit:
        sample = self._first_sample
        starts = list(sample._starts(random_state))[:SAMPLED_STARTS]
        explored = sample._run_from(starts, observe, stay)
        fit, rows = explored, sample.source.n_samples
        try:
            while not fit.stopped and GROWTH**2 * rows < self.source.n_samples:
                rows *= GROWTH
                fit = self._sampled(rows)._run_from([_ended(fit)], observe, stay)
            fit = self._stopped(fit) if fit.stopped else self._run_from([_ended(fit)], observe)
        except FitInterrupted as interrupt:
            raise FitInterrupted(replace(interrupt.result or fit, explored=explored)) from None
        return replace(fit, explored=explored)

    def _stopped(self, fit: Fit) -> Fit:
        """The state of a fit to a sample, with the likelihood of all rows."""
        limited = replace(self, settings=replace(self.settings, max_iter=0))
        ended = limited._run_from([_ended(fit)], None)
        return replace(ended, best=replace(ended.best, reason=em.CALLBACK_REASON))

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
        source = ArraySource(chunk.X, chunk.sample_weight)
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

    def _starts(self, random_state: np.random.RandomState) -> Iterator[Start]:
        """One start after another, each with its own seed, so that more starts change none."""
        settings, given = self.settings, self.settings.given
        complete = given.parameters(settings.structure)
        if complete is not None:
            yield lambda: self._above_floor(complete)
            return
        deterministic = given.resp is not None or given.means is not None
        n_init = 1 if deterministic else settings.n_init or AUTO_STARTS
        kinds = AUTO_KINDS if settings.init_params == "auto" else (settings.init_params,)
        seeds = random_state.randint(np.iinfo(np.int32).max, size=n_init)
        for seed, kind in zip(seeds, cycle(kinds), strict=False):
            yield partial(self._found, int(seed), kind)

    @cached_property
    def _generator(self) -> np.random.RandomState:
        """One for all starts, each of which seeds it: to make one takes as long as a start."""
        return np.random.RandomState(0)

    def _found(self, seed: int, kind: str) -> Parameters:
        self._generator.seed(seed)
        return self._above_floor(self._start(kind))

    def _above_floor(self, start: Parameters) -> Parameters:
        """The start within the bounds of the M-step, without which its first step could fall."""
        return start if "covariances" in self.settings.fixed else self.bounds.confine(start)

    def _start(self, kind: str) -> Parameters:
        settings, given, structure = self.settings, self.settings.given, self.settings.structure
        if given.resp is not None:
            rows = self._rows(self.source.n_samples)
            return given.over(from_responsibilities(rows, given.resp, structure))
        rows = self._ordered_rows()
        if given.means is not None:
            means = (given.means - rows.place) / rows.units
            return given.over(around(rows, means, structure))
        return given.over(STARTS[kind](rows, settings.n_components, structure, self._generator))

    def _rows(self, limit: int) -> Rows:
        chunk = self.source.sample(limit, self._generator)
        place, units = self.summary.mean, self.units
        return Rows.of(chunk.X, chunk.sample_weight, place, units, self.settings.n_jobs)

    def _ordered_rows(self) -> Rows:
        """Rows for a start, sorted: all of them, or a sample of its own if they are many."""
        if self.source.n_samples <= SAMPLE_LIMIT:
            return self._all_rows
        return self._rows(SAMPLE_LIMIT).ordered()

    @cached_property
    def _all_rows(self) -> Rows:
        return self._rows(self.source.n_samples).ordered()

    def _revived(self, parameters: Parameters, dead: Sequence[int]) -> Parameters:
        rows = self._ordered_rows()
        found = revived(rows, parameters, dead, self._generator)
        return found.replaced(**{name: getattr(parameters, name) for name in self.settings.fixed})

    def _check_columns(self) -> None:
        summary, settings = self.summary, self.settings
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
        raise BadInputError("X", got, "data that vary in each column", remedy)


def _ended(fit: Fit) -> Start:
    """The end of a fit as a start."""
    return lambda: fit.best.state.parameters
