"""Each component has one variance, the same for all features."""

from __future__ import annotations

from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.shared import SharingStructure
from bactrian.core.covariance.variance import VarianceStructure


class SphericalForm(VarianceStructure):
    """Variances (K, 1). The second moments are sums of the squared distances.

    A sphere in one unit is none in another: features are measured by one common length.
    """

    form = "spherical"

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_components, 1)

    def public_shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_components,)

    def information(self, n_features: int) -> float:
        return n_features / 2

    def outer(self, a: FloatArray, b: FloatArray) -> FloatArray:
        return np.einsum("kd,kd->k", a, b)[:, None]

    def scatter(self, X: FloatArray, resp: FloatArray, origin: FloatArray) -> FloatArray:
        squared = (np.square(X - o).sum(axis=1) for o in origin)
        return np.stack([resp[:, [k]].T @ lengths for k, lengths in enumerate(squared)])


@final
class Spherical(SphericalForm):
    """``var_k = scatter_k / (n_features resp_sum_k)``."""

    name, letters = "spherical", "VII"

    def maximise(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        held = resp_sum[:, None]
        return np.divide(scatter, n_features * held, out=previous.copy(), where=held > 0)


@final
class EII(SharingStructure, SphericalForm):
    """``var = sum_k scatter_k / (n_features sum_k resp_sum_k)``, the same for all components."""

    name = letters = "EII"

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        return np.broadcast_to(scatter.sum() / (n_features * resp_sum.sum()), scatter.shape)
