"""Each component has a variance for each feature, and no correlations."""

from __future__ import annotations

from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.shared import ConstrainedStructure, SharingStructure
from bactrian.core.covariance.spectra import equal_volumes, proportional
from bactrian.core.covariance.variance import VarianceStructure


class DiagForm(VarianceStructure):
    """Variances (K, D), and second moments of that shape."""

    form = "diag"

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_components, n_features)

    def public_shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return self.shape(n_components, n_features)

    def information(self, n_features: int) -> float:
        return 0.5

    def outer(self, a: FloatArray, b: FloatArray) -> FloatArray:
        return a * b

    def scatter(self, X: FloatArray, resp: FloatArray, origin: FloatArray) -> FloatArray:
        return np.stack([resp[:, k] @ np.square(X - o) for k, o in enumerate(origin)])


@final
class Diag(DiagForm):
    """``var_kd = scatter_kd / resp_sum_k``."""

    name, letters = "diag", "VVI"

    def maximise(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        held = resp_sum[:, None]
        return np.divide(scatter, held, out=previous.copy(), where=held > 0)


@final
class EEI(SharingStructure, DiagForm):
    """``var_d = sum_k scatter_kd / sum_k resp_sum_k``, the same for all components."""

    name = letters = "EEI"

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        return np.broadcast_to(scatter.sum(axis=0) / resp_sum.sum(), scatter.shape)


@final
class VEI(ConstrainedStructure, DiagForm):
    """``var_kd = lambda_k a_d``: one shape, a volume each (:func:`.spectra.proportional`)."""

    name = letters = "VEI"

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        return proportional(np.maximum(scatter, 0.0), resp_sum, previous.sum(axis=1))


@final
class EVI(ConstrainedStructure, DiagForm):
    """``var_kd = lambda a_kd``: one volume, a shape each (:func:`.spectra.equal_volumes`)."""

    name = letters = "EVI"

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        return equal_volumes(np.maximum(scatter, 0.0), resp_sum)
