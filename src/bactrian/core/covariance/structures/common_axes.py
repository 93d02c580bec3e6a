"""Components whose axes have the same directions but different lengths."""

from __future__ import annotations

from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.forms import FULL
from bactrian.core.covariance.structures.axes import common_axes
from bactrian.core.covariance.structures.ellipsoidal import assembled
from bactrian.core.covariance.structures.shared import ConstrainedStructure
from bactrian.core.covariance.structures.spectra import equal_volumes


@final
class EVE(ConstrainedStructure):
    """``cov_k = lambda D A_k D'``: one volume and orientation, a different shape for each.

    Along the axes of :func:`.axes.common_axes`, the variances are those of
    :func:`.spectra.equal_volumes`.
    """

    name = letters = "EVE"
    form = FULL

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        axes = common_axes(scatter, resp_sum, previous, one_volume=True)
        return assembled(axes, equal_volumes(_along(axes, scatter), resp_sum))


@final
class VVE(ConstrainedStructure):
    """``cov_k = lambda_k D A_k D'``: one orientation, a different volume and shape for each.

    Along the axes of :func:`.axes.common_axes`, the variances are ``omega_kd / n_k``: common
    principal components (Flury 1984).
    """

    name = letters = "VVE"
    form = FULL

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        axes = common_axes(scatter, resp_sum, previous, one_volume=False)
        return assembled(axes, _along(axes, scatter) / resp_sum[:, None])


def _along(axes: FloatArray, scatter: FloatArray) -> FloatArray:
    """Scatters along axes, (K, D)."""
    turned = axes.T @ scatter @ axes
    return np.maximum(np.diagonal(turned, axis1=1, axis2=2), 0.0)
