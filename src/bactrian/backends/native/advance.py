"""Several steps of EM in C++: for small data, where calls cost more than sums."""

from __future__ import annotations

from operator import attrgetter

import numpy as np

from bactrian import _native
from bactrian.backends.native.chart import NativeChart
from bactrian.backends.native.maximisation import NativeMaximumLikelihood
from bactrian.core.arrays import FloatArray, seal
from bactrian.core.em.state import EMState, Memory
from bactrian.core.em.stopping import REMEMBERED
from bactrian.core.em.stride import MANY, Pace
from bactrian.core.mstep.chart import Chart, Coordinates
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats

WORK = 2e8  # multiply-adds of a call, some tens of milliseconds
MOVES = _native.MOST_MOVES
FIELDS = attrgetter("weights", "means", "covariances", "precisions_cholesky")

Numbers = tuple[float, float, int, bool, bool, bool]


def advance(
    path: str,
    n_threads: int,
    chunk: Chunk,
    maximise: NativeMaximumLikelihood,
    state: EMState,
    pace: Pace,
) -> EMState | None:
    """Take steps from a state; None if the reference must take the first one.

    Parameters
    ----------
    path : str
        Instruction set.
    n_threads : int
    chunk : Chunk
        All rows, complete and of float64, as the kernel can read them, and so their weights.
    maximise : NativeMaximumLikelihood
    state : EMState
    pace : Pace
    """
    parameters, stats = state.parameters, state.stats
    model = maximise.model(parameters)
    if model is None or not np.array_equal(stats.origin, parameters.means):
        return None
    memory = _Memory.of(state.memory, parameters, maximise.fixed)
    if memory is None:
        return None
    moments = [stats.resp_sum.copy(), stats.first.copy(), stats.second.copy()]
    now, before = _parts(parameters), _like(parameters)
    passes, gained, n_plain, is_plain, log_likelihood, weight, numbers = _native.advance(
        path,
        chunk.X,
        chunk.sample_weight,
        *model,
        maximise.bounds.lowest,
        n_threads,
        min(pace.most, MANY),
        min(pace.enough, max(1, int(WORK / (chunk.X.size * parameters.means.size)))),
        pace.accelerated,
        pace.gain,
        pace.to_come,
        pace.due,
        pace.rival,
        pace.racing_after,
        list(state.trace[-REMEMBERED:]),
        len(state.trace) - state.plain_since,
        state.previous is not None,
        stats.log_likelihood,
        stats.weight,
        moments,
        now,
        before,
        memory.base,
        memory.vectors,
        memory.numbers,
    )
    if not passes:
        return None
    seal(*moments, *now, *before)
    reached, trace = _parameters(now, parameters), (*state.trace, *gained)
    resp_sum, first, second = moments
    return EMState(
        state.iteration + passes,
        reached,
        SufficientStats(
            stats.form,
            reached.means,
            resp_sum,
            first,
            second,
            log_likelihood,
            weight,
            stats.n_samples,
        ),
        _parameters(before, parameters) if is_plain else None,
        trace,
        len(trace) - n_plain,
        memory=memory.after(numbers, parameters, maximise.fixed),
    )


def image(
    path: str,
    n_threads: int,
    chunk: Chunk,
    maximise: NativeMaximumLikelihood,
    chart: Coordinates,
    vector: FloatArray,
) -> FloatArray | None:
    """Where a step of EM leads from a point of a chart; None if the reference must take it.

    Parameters
    ----------
    path, n_threads, chunk, maximise
        As of :func:`advance`.
    chart : Coordinates
    vector : (n,)
    """
    if not isinstance(chart, NativeChart):
        return None
    base = chart.base
    model = maximise.model(base)
    if model is None:
        return None
    led = np.empty_like(vector)
    done = _native.image(
        path,
        chunk.X,
        chunk.sample_weight,
        *model,
        maximise.bounds.lowest,
        n_threads,
        base.weights,
        base.means,
        base.precisions_cholesky,
        vector,
        led,
    )
    return led if done else None


class _Memory:
    """The memory of the acceleration in the arrays that the compiled steps write to."""

    def __init__(
        self, base: list[FloatArray], vectors: list[FloatArray], numbers: Numbers
    ) -> None:
        self.base, self.vectors, self.numbers = base, vectors, numbers

    @classmethod
    def of(cls, memory: Memory, like: Parameters, fixed: frozenset[str]) -> _Memory | None:
        """Make the arrays; None if the coordinates are not those of a known mixture."""
        size = NativeChart(like, fixed).size
        vectors = [np.zeros(size) for _ in range(3 + 2 * MOVES)]
        chart = memory.chart
        if chart is None:
            base = _like(like)
        elif isinstance(chart, NativeChart | Chart):
            base = _parts(chart.base)
        else:
            return None
        moves, changes = vectors[3 : 3 + MOVES], vectors[3 + MOVES :]
        given = (memory.here, memory.residual, memory.foreseen)
        for to, value in zip(vectors[:3], given, strict=True):
            if value is not None:
                to[:] = value
        for to, value in zip((*moves, *changes), _padded(memory), strict=True):
            if value is not None:
                to[:] = value
        numbers = (
            memory.radius,
            memory.length,
            len(memory.moves),
            chart is not None,
            memory.here is not None,
            memory.foreseen is not None,
        )
        return cls(base, vectors, numbers)

    def after(self, numbers: Numbers, like: Parameters, fixed: frozenset[str]) -> Memory:
        """The memory that the compiled steps left."""
        radius, length, n_moves, laid_out, stands, foresees = numbers
        if not laid_out:
            return Memory(radius=radius, length=length)
        here, residual, foreseen, *rest = self.vectors
        seal(*self.base, *self.vectors)
        return Memory(
            NativeChart(_parameters(self.base, like), fixed),
            tuple(rest[:n_moves]),
            tuple(rest[MOVES : MOVES + n_moves]),
            here if stands else None,
            residual if stands else None,
            foreseen if foresees else None,
            radius,
            length,
        )


def _padded(memory: Memory) -> list[FloatArray | None]:
    missing = [None] * (MOVES - len(memory.moves))
    return [*memory.moves, *missing, *memory.changes, *missing]


def _parts(parameters: Parameters) -> list[FloatArray]:
    return [np.array(part) for part in FIELDS(parameters)]


def _like(parameters: Parameters) -> list[FloatArray]:
    return [np.empty_like(part) for part in FIELDS(parameters)]


def _parameters(parts: list[FloatArray], like: Parameters) -> Parameters:
    weights, means, covariances, factors = parts
    return Parameters(weights, means, covariances, like.structure, factors)
