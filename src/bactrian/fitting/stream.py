"""A mixture that learns from rows as they come: stepwise EM (Cappe & Moulines 2009)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import expm1, log
from typing import final

import numpy as np

from bactrian.backends import Backend
from bactrian.core.arrays import FloatArray
from bactrian.core.mstep.likelihood import Maximise
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats
from bactrian.data.source import ArraySource

EXPONENT = 0.65  # the memory of the steps grows with this power of the rows
LEAST_MEMORY = 20  # rows for each parameter, for a step to be sure of its covariances
FIRST_ROWS = 200  # rows for each parameter that are fitted as a whole before the first step
BLOCKS = 8  # in a memory: rows between steps
LEAST_BLOCK, LARGEST_BLOCK = 16, 8192
SLACK = 1e-9  # of weight, by which sums may miss a border
EMPHASIS = 0.5  # the average weighs the state after n rows by this power of n


NO_ROWS = Chunk(np.empty((0, 0)), np.empty(0))


@final
@dataclass(frozen=True)
class Schedule:
    """How much a row counts beside those before it.

    Parameters
    ----------
    n_parameters : int
        Free ones.
    half_life : float or None
        Weight of rows after which a row counts half as much; None to forget nothing.
    """

    n_parameters: int
    half_life: float | None = None

    @property
    def decay(self) -> float:
        """What a row's weight is multiplied by as the next row comes."""
        return 1.0 if self.half_life is None else 0.5 ** (1 / self.half_life)

    def block(self, seen: float) -> float:
        """Weight of the rows between two steps, after that weight of rows.

        It depends on nothing else, so that where the rows are cut does not matter.
        """
        memory = self.memory(seen) if self.half_life is None else self.half_life
        return float(min(max(memory // BLOCKS, LEAST_BLOCK), LARGEST_BLOCK))

    def memory(self, seen: float) -> float:
        """How many rows the state of the steps remembers: all at first, then ever less of them.

        The gain of a row is one over it. It grows more slowly than the rows, so that rows seen
        under poor parameters are forgotten, and faster than their square root, so that the
        average of the states is as good as a fit to all rows [1]_, [2]_.

        References
        ----------
        .. [1] Cappe, O. and Moulines, E. (2009). On-line expectation-maximization algorithm for
           latent data models. J. R. Stat. Soc. B 71, 593-613, section 3.
        .. [2] Polyak, B. T. and Juditsky, A. B. (1992). Acceleration of stochastic approximation
           by averaging. SIAM J. Control Optim. 30, 838-855.
        """
        return min(seen, max(seen**EXPONENT, LEAST_MEMORY * self.n_parameters))

    def weights(self, sample_weight: FloatArray) -> FloatArray:
        """What rows count for when the last of them has come.

        A row of weight w counts as w rows: ``(1 - d^w) / (1 - d)`` times d to the weight of the
        rows after it, with the decay d.
        """
        if self.half_life is None:
            return sample_weight
        after = np.cumsum(sample_weight[::-1])[::-1] - sample_weight
        rate = -log(2) / self.half_life
        return np.expm1(rate * sample_weight) / expm1(rate) * np.exp(rate * after)


@final
@dataclass(frozen=True, eq=False)
class Stream:
    """What has been learned from the rows so far: a value; each batch gives the next one.

    The state of the steps is the mean of the rows' statistics, each under the parameters of its
    time, with a memory that forgets the early ones. Its own average over time is what is told of
    (Polyak & Juditsky 1992); where the past is forgotten on request, the state itself.

    Parameters
    ----------
    maximise : Maximise
        The M-step.
    schedule : Schedule
    seen : float
        Weight of all rows that were learned from.
    weight : float
        The same, less what is forgotten.
    squares : float
        Sum of the squared weights, for the effective number of rows.
    recent : SufficientStats
        The state of the steps, a unit of weight.
    average : SufficientStats
        Its average.
    current : Parameters
        Of `recent`: what the next rows are seen under.
    pending : Chunk
        Rows that wait for a block to be full.
    """

    maximise: Maximise
    schedule: Schedule
    seen: float
    weight: float
    squares: float
    recent: SufficientStats
    average: SufficientStats
    current: Parameters
    pending: Chunk

    @classmethod
    def begun(
        cls,
        maximise: Maximise,
        schedule: Schedule,
        parameters: Parameters,
        stats: SufficientStats,
        weights: FloatArray,
        seen: float,
    ) -> Stream:
        """Begin with a mixture, and the statistics of rows under it.

        Parameters
        ----------
        maximise : Maximise
        schedule : Schedule
        parameters : Parameters
        stats : SufficientStats
        weights : (n_samples,)
            What the rows count for.
        seen : float
            Their weight before anything was forgotten.
        """
        own, squares = stats * (1 / stats.weight), float(weights @ weights)
        return cls(maximise, schedule, seen, stats.weight, squares, own, own, parameters, NO_ROWS)

    @property
    def effective_samples(self) -> float:
        """Rows of equal weight that would say as much (Kish 1965)."""
        return self.weight**2 / self.squares

    def learned(self, chunk: Chunk, backend: Backend) -> Stream:
        """Learn from more rows.

        Parameters
        ----------
        chunk : Chunk
            With weights above 0.
        backend : Backend

        Raises
        ------
        DegenerateCovarianceError
            If a component has no volume left.
        """
        rows, state = joined(self.pending, chunk), replace(self, pending=NO_ROWS)
        weights = np.asarray(rows.sample_weight)
        ends = np.cumsum(weights)
        first, used = 0, 0.0  # row at which the next block begins, and the weight before it
        while len(ends) and ends[-1] >= used + (size := self.schedule.block(state.seen)) - SLACK:
            border = used + size
            last = int(np.searchsorted(ends, border - SLACK))
            block = _between(rows, ends, first, last, used, border)
            state, used = state._after(block, backend), border
            first = last + (ends[last] <= border + SLACK)
        rest = _between(rows, ends, first, len(ends) - 1, used, np.inf)
        return replace(state, pending=rest)

    def parameters(self, backend: Backend) -> Parameters:
        """The mixture, with what the pending rows say of it."""
        state = self if len(self.pending.X) == 0 else self._after(self.pending, backend)
        if state.average is state.recent:
            return state.current
        return state._maximised(state.average, state.current)

    @property
    def log_likelihood(self) -> float:
        """Mean log-density of the rows, each under the mixture of its time, in nats."""
        return self.average.log_likelihood

    def _after(self, block: Chunk, backend: Backend) -> Stream:
        given = np.asarray(block.sample_weight)
        weights = self.schedule.weights(given)
        rows = replace(block, sample_weight=weights)
        stats = backend.hold(ArraySource.of(rows)).accumulate(self.current.terms())
        total, before = float(given.sum()), float(weights.sum())
        faded = self.schedule.decay**total
        seen, weight = self.seen + total, faded * self.weight + before
        if self.schedule.half_life is None:
            gain = min(1.0, total / self.schedule.memory(seen))
        else:
            gain = before / weight
        recent = _mixed(self.recent, stats * (1 / before), gain)
        average = recent
        if self.schedule.half_life is None:
            share = 1 - (self.seen / seen) ** (1 + EMPHASIS)
            average = _mixed(self.average, recent, share)
        squares = faded**2 * self.squares + float(weights @ weights)
        state = replace(
            self, seen=seen, weight=weight, squares=squares, recent=recent, average=average
        )
        return replace(state, current=state._maximised(recent, self.current))

    def _maximised(self, stats: SufficientStats, current: Parameters) -> Parameters:
        return self.maximise(stats * self.weight, current)


def joined(first: Chunk, second: Chunk) -> Chunk:
    """The rows of both, which have weights."""
    if len(first.X) == 0 or len(second.X) == 0:
        return first if len(second.X) == 0 and len(first.X) else second
    parts, known = (first, second), None
    widths = [part.plausibility.shape[1] for part in parts if part.plausibility is not None]
    if widths:
        known = np.concatenate([_known(part, widths[0]) for part in parts])
    return Chunk(
        np.concatenate([part.X for part in parts]),
        np.concatenate([np.asarray(part.sample_weight) for part in parts]),
        known,
        complete=first.complete and second.complete,
    )


def _known(part: Chunk, n_terms: int) -> FloatArray:
    return np.ones((len(part.X), n_terms)) if part.plausibility is None else part.plausibility


def parted(rows: Chunk, weight: float) -> tuple[Chunk, Chunk]:
    """The first rows of that weight, and the others; a row on the border is in both."""
    ends = np.cumsum(np.asarray(rows.sample_weight))
    last = min(int(np.searchsorted(ends, weight - SLACK)), len(ends) - 1)
    first = last + (ends[last] <= weight + SLACK)
    own = _between(rows, ends, 0, last, 0.0, weight)
    return own, _between(rows, ends, first, len(ends) - 1, weight, np.inf)


def _between(
    rows: Chunk, ends: FloatArray, first: int, last: int, low: float, high: float
) -> Chunk:
    """Rows from the first to the last, and of their weight what is between two borders.

    A row on a border is on both sides, with a part of its weight: so a row of weight 2 is the
    row twice.
    """
    some = rows.take(slice(first, last + 1))
    begins = np.append(0.0, ends)[first : last + 1]
    own = np.minimum(ends[first : last + 1], high) - np.maximum(begins, low)
    cut = (begins < low) | (ends[first : last + 1] > high)
    weights: FloatArray = np.where(cut, own, np.asarray(some.sample_weight))
    return replace(some, sample_weight=weights)


def _mixed(old: SufficientStats, new: SufficientStats, share: float) -> SufficientStats:
    """``(1 - share) old + share new``, about the means of the new."""
    return new * share + old * (1 - share)
