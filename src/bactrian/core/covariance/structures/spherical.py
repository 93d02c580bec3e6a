"""Components that are spheres of one size."""

from __future__ import annotations

from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.forms import SPHERICAL
from bactrian.core.covariance.structures.shared import SharingStructure


@final
class EII(SharingStructure):
    """``var = sum_k scatter_k / (n_features sum_k resp_sum_k)``, the same for all components."""

    name = letters = "EII"
    form = SPHERICAL

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        return np.broadcast_to(scatter.sum() / (n_features * resp_sum.sum()), scatter.shape)
