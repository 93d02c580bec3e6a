"""Each component has one variance, the same for all features."""

from __future__ import annotations

from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.variance import VarianceStructure


@final
class Spherical(VarianceStructure):
    """``var_k = scatter_k / (n_features resp_sum_k)``.

    The second moments are (K, 1), sums of the squared distances. A sphere in one unit is none in
    another: features are measured by one common length.
    """

    name = "spherical"
    form = "spherical"

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

    def outer(self, a: FloatArray, b: FloatArray) -> FloatArray:
        return np.einsum("kd,kd->k", a, b)[:, None]

    def scatter(self, X: FloatArray, resp: FloatArray, origin: FloatArray) -> FloatArray:
        squared = (np.square(X - o).sum(axis=1) for o in origin)
        return np.stack([resp[:, [k]].T @ lengths for k, lengths in enumerate(squared)])

    def maximise(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        held = resp_sum[:, None]
        return np.divide(scatter, n_features * held, out=previous.copy(), where=held > 0)
