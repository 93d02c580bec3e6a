"""Structures whose components share part of volume, shape and orientation, but not all."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.covariance.forms.form import along
from bactrian.core.covariance.structures.structure import CovarianceStructure


class SharingStructure(CovarianceStructure):
    """Each component has its own covariance, and constraints tie them together.

    With ``cov_k = lambda_k D_k A_k D_k'``, ``|A_k| = 1``, scatters W_k and resp_sum n_k, the
    M-step minimises ``sum_k n_k log|cov_k| + tr(cov_k^-1 W_k)`` under what the letters say [1]_.

    References
    ----------
    .. [1] Celeux, G. and Govaert, G. (1995). Gaussian parsimonious clustering models. Pattern
       Recognition 28, 781-793.
    """

    def maximise(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        held = self._told(scatter, resp_sum)
        if held.all():
            return self._maximised(scatter, resp_sum, previous, n_features).copy()
        result = np.where(along(resp_sum, scatter) > 0, 0.0, previous)
        if held.any():
            result[held] = self._maximised(
                scatter[held], resp_sum[held], previous[held], n_features
            )
        return result

    def _told(self, scatter: FloatArray, resp_sum: FloatArray) -> BoolArray:
        """Which components contribute to what is shared."""
        return resp_sum > 0

    @abstractmethod
    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        """As :meth:`maximise`, for components that all hold rows."""

    def projected(
        self, covariances: FloatArray, weights: FloatArray, n_features: int
    ) -> FloatArray:
        # An entry that stands for all features is the mean of as many squares.
        sizes = self.form.multiplicity(n_features) * along(weights, covariances)
        return self.maximise(sizes * covariances, weights, covariances, n_features)


class ConstrainedStructure(SharingStructure):
    """A structure that a floor would break: what is below the floor has no volume.

    A component of one point takes no part in what is shared, and gets the covariance 0.
    """

    def _told(self, scatter: FloatArray, resp_sum: FloatArray) -> BoolArray:
        if scatter.ndim == 3:
            scatter = scatter.diagonal(axis1=1, axis2=2)
        return (resp_sum > 0) & (scatter > 0).any(axis=1)

    def floored(self, covariances: FloatArray, floor: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Keep the covariances; the factor is NaN for one that is not above the floor."""
        factors = self.form.algebra.precisions_cholesky(covariances)
        above = self.form.limits.exceeds(covariances, floor, factors)
        return covariances, np.where(along(above, factors), factors, np.nan)
