"""Each component has its own variance for each feature, and no correlations."""

from __future__ import annotations

from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.variance import VarianceStructure


@final
class Diag(VarianceStructure):
    """``var_kd = scatter_kd / resp_sum_k``. The second moments are (K, D)."""

    name = "diag"
    form = "diag"

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_components, n_features)

    def public_shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return self.shape(n_components, n_features)

    def n_parameters(self, n_components: int, n_features: int) -> int:
        return n_components * n_features

    def information(self, n_features: int) -> float:
        return 0.5

    def rows_needed(self, n_features: int) -> int:
        return 2

    def outer(self, a: FloatArray, b: FloatArray) -> FloatArray:
        return a * b

    def scatter(self, X: FloatArray, resp: FloatArray, origin: FloatArray) -> FloatArray:
        return np.stack([resp[:, k] @ np.square(X - o) for k, o in enumerate(origin)])

    def maximise(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        held = resp_sum[:, None]
        return np.divide(scatter, held, out=previous.copy(), where=held > 0)
