"""The native back end: the E-step in C++, on all cores."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, final

import numpy as np
import numpy.typing as npt

from bactrian import _native
from bactrian.backends.numpy_backend import NumpyBackend
from bactrian.backends.threads import thread_count
from bactrian.core.arrays import FloatArray
from bactrian.core.density import LOG_2PI
from bactrian.core.parameters import Parameters
from bactrian.core.statistics import SufficientStats
from bactrian.data.source import Chunk


@final
class NativeBackend:
    """Fused E-step, compiled for several instruction sets. float32 rows are summed in float32
    by block, in float64 from there on.
    """

    def __init__(self, n_jobs: int | None = None, path: str | None = None) -> None:
        self.n_threads = thread_count(n_jobs)
        self.path = path or _native.paths()[0]

    def accumulate(
        self, chunks: Iterable[Chunk], parameters: Parameters, origin: FloatArray | None = None
    ) -> SufficientStats:
        origin = parameters.means if origin is None else origin
        total = None
        for chunk in chunks:
            stats = self._statistics(chunk, parameters, origin)
            total = stats if total is None else total + stats
        return SufficientStats.zeros(parameters.structure, origin) if total is None else total

    def _statistics(
        self, chunk: Chunk, parameters: Parameters, origin: FloatArray
    ) -> SufficientStats:
        X = chunk.X
        factors = parameters.precisions_cholesky
        resp_sum = np.empty(parameters.n_components)
        first = np.empty(parameters.means.shape)
        second = np.empty(factors.shape)
        log_likelihood, weight, lost = _native.accumulate(
            self.path,
            X,
            chunk.sample_weight,
            parameters.structure.name,
            np.ascontiguousarray(parameters.means),
            np.ascontiguousarray(origin),
            np.ascontiguousarray(factors),
            log_constants(parameters),
            self.n_threads,
            resp_sum,
            first,
            second,
        )
        if lost:
            return NumpyBackend().accumulate([chunk], parameters, origin)
        return SufficientStats(
            parameters.structure, origin, resp_sum, first, second, log_likelihood, weight, len(X)
        )


def log_constants(parameters: Parameters) -> FloatArray:
    """What the squared distance is subtracted from, twice: log of weight times height, (K,)."""
    n_features = parameters.n_features
    log_det = parameters.structure.log_det(parameters.precisions_cholesky, n_features)
    return parameters.log_weights + (log_det - 0.5 * n_features * LOG_2PI)
