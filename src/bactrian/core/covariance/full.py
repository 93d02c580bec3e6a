"""Each component has its own covariance matrix."""

from __future__ import annotations

from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.matrix import MatrixStructure


class FullForm(MatrixStructure):
    """Covariances (K, D, D)."""

    form = "full"

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_components, n_features, n_features)

    def public_shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return self.shape(n_components, n_features)


@final
class Full(FullForm):
    """``cov_k = scatter_k / resp_sum_k`` (Bishop 2006, eq. 9.19)."""

    name, letters = "full", "VVV"

    def maximise(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        held = resp_sum[:, None, None]
        return np.divide(scatter, held, out=previous.copy(), where=held > 0)
