"""Each component has one variance, the same for all features."""

from __future__ import annotations

from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.variance import VarianceStructure


@final
class Spherical(VarianceStructure):
    """``var_k = mean_d scatter_kd / resp_sum_k``.

    A sphere in one unit is none in another: features are measured by one common length.
    """

    name = "spherical"

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_components, 1)

    def public_shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_components,)

    def n_parameters(self, n_components: int, n_features: int) -> int:
        return n_components

    def information(self, n_features: int) -> float:
        return n_features / 2

    def rows_needed(self, n_features: int) -> int:
        return 2

    def units(self, variances: FloatArray) -> FloatArray:
        return np.full(len(variances), np.sqrt(variances.mean()))

    def maximise(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray
    ) -> FloatArray:
        alive = (resp_sum > 0)[:, None]
        variances = scatter.mean(axis=1, keepdims=True)
        return np.where(alive, variances / np.where(alive, resp_sum[:, None], 1.0), previous)
