"""Components without correlations that share variances, ratios of variances or their product."""

from __future__ import annotations

from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.forms import DIAG
from bactrian.core.covariance.structures.shared import ConstrainedStructure, SharingStructure
from bactrian.core.covariance.structures.spectra import equal_volumes, proportional


@final
class EEI(SharingStructure):
    """``var_d = sum_k scatter_kd / sum_k resp_sum_k``: the same for all components."""

    name = letters = "EEI"
    form = DIAG

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        return np.broadcast_to(scatter.sum(axis=0) / resp_sum.sum(), scatter.shape)


@final
class VEI(ConstrainedStructure):
    """``var_kd = lambda_k a_d``: one shape, different volumes (:func:`.spectra.proportional`)."""

    name = letters = "VEI"
    form = DIAG

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        return proportional(np.maximum(scatter, 0.0), resp_sum, previous.sum(axis=1))


@final
class EVI(ConstrainedStructure):
    """``var_kd = lambda a_kd``: one volume, different shapes (:func:`.spectra.equal_volumes`)."""

    name = letters = "EVI"
    form = DIAG

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        return equal_volumes(np.maximum(scatter, 0.0), resp_sum)
