"""Each component has its own variance for each feature, and no correlations."""

from __future__ import annotations

from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.variance import VarianceStructure


@final
class Diag(VarianceStructure):
    """``var_kd = scatter_kd / resp_sum_k``."""

    name = "diag"

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

    def maximise(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray
    ) -> FloatArray:
        alive = (resp_sum > 0)[:, None]
        return np.where(alive, scatter / np.where(alive, resp_sum[:, None], 1.0), previous)
