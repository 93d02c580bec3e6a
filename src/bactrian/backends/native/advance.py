"""Several steps of EM in C++: for small data, where calls cost more than sums."""

from __future__ import annotations

import numpy as np

from bactrian import _native
from bactrian.backends.native.maximisation import NativeMaximumLikelihood
from bactrian.core.arrays import FloatArray, seal
from bactrian.core.em.stride import Pace, Stride
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats

WORK = 2e8  # multiply-adds of a stride, some tens of milliseconds


def advance(
    path: str,
    n_threads: int,
    chunk: Chunk,
    maximise: NativeMaximumLikelihood,
    parameters: Parameters,
    stats: SufficientStats,
    trace: tuple[float, ...],
    pace: Pace,
) -> Stride | None:
    """Steps from parameters; None where the compiled M-step leaves the first to the reference.

    Parameters
    ----------
    path : str
        Instruction set.
    n_threads : int
    chunk : Chunk
        All rows, complete and of float64, as the kernel can read them, and so their weights.
    maximise : NativeMaximumLikelihood
    parameters : Parameters
    stats : SufficientStats
        At `parameters`.
    trace : tuple of float
        The last objectives.
    pace : Pace
    """
    model = maximise.model(parameters)
    if model is None or not np.array_equal(stats.origin, parameters.means):
        return None
    resp_sum, first, second = stats.resp_sum.copy(), stats.first.copy(), stats.second.copy()
    now = _parts(parameters)
    before = [np.empty_like(part) for part in now]
    gained, log_likelihood, weight = _native.advance(
        path,
        chunk.X,
        chunk.sample_weight,
        *model,
        n_threads,
        min(pace.most, max(1, int(WORK / (chunk.X.size * parameters.means.size)))),
        pace.gain,
        pace.to_come,
        pace.rival,
        pace.racing_after,
        list(trace),
        stats.log_likelihood,
        stats.weight,
        resp_sum,
        first,
        second,
        *now,
        *before,
    )
    if not gained:
        return None
    seal(resp_sum, first, second, *now, *before)
    reached = _parameters(now, parameters)
    found = SufficientStats(
        stats.form,
        reached.means,
        resp_sum,
        first,
        second,
        log_likelihood,
        weight,
        stats.n_samples,
    )
    return Stride(reached, found, _parameters(before, parameters), tuple(gained))


def _parts(parameters: Parameters) -> list[FloatArray]:
    held = (
        parameters.weights,
        parameters.means,
        parameters.covariances,
        parameters.precisions_cholesky,
    )
    return [np.array(part) for part in held]


def _parameters(parts: list[FloatArray], like: Parameters) -> Parameters:
    weights, means, covariances, factors = parts
    return Parameters(weights, means, covariances, like.structure, factors)
