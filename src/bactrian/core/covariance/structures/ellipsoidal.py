"""Components that are ellipsoids in any direction and share volume, shape or orientation."""

from __future__ import annotations

from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.forms import FULL
from bactrian.core.covariance.forms.stacks import cholesky
from bactrian.core.covariance.structures.shared import ConstrainedStructure, SharingStructure
from bactrian.core.covariance.structures.spectra import log_volumes, proportional, volume_ratios

EPS = float(np.finfo(np.float64).eps)


@final
class VEE(ConstrainedStructure):
    """``cov_k = lambda_k C``: one shape and orientation, a different volume for each.

    See :func:`.spectra.log_volumes`; Celeux & Govaert (1995), model [lambda_k D A D'].
    """

    name = letters = "VEE"
    form = FULL

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        root = cholesky(scatter.sum(axis=0)[None])[0]
        if not np.isfinite(root).all():  # there is no volume to share
            return scatter / resp_sum[:, None, None]
        inverse = np.linalg.inv(root)
        whitened = inverse.T @ scatter @ inverse

        def parts(logarithms: FloatArray) -> tuple[float, FloatArray]:
            weighted = whitened * np.exp(-logarithms)[:, None, None]
            values, vectors = np.linalg.eigh(weighted.sum(axis=0))
            values = np.maximum(values, EPS * values[-1])
            turned = vectors / np.sqrt(values)
            return float(np.log(values).sum()), turned.T @ weighted @ turned

        sizes = np.trace(previous, axis1=1, axis2=2)
        logarithms = log_volumes(parts, n_features, resp_sum, sizes)
        pooled = np.einsum("k,kij->ij", np.exp(-logarithms), scatter) / resp_sum.sum()
        return np.exp(logarithms)[:, None, None] * pooled


@final
class EVV(ConstrainedStructure):
    """``cov_k = lambda C_k`` with ``|C_k| = 1``: one volume, different shapes and orientations.

    ``cov_k = W_k g / (n |W_k|^(1/D))``, g the sum of ``|W_k|^(1/D)``, as in
    :func:`.spectra.equal_volumes`; Celeux & Govaert (1995), model [lambda D_k A_k D_k'].
    """

    name = letters = "EVV"
    form = FULL

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        sizes = np.trace(scatter, axis1=1, axis2=2)
        relative = scatter / sizes[:, None, None]
        diagonals = np.diagonal(cholesky(relative), axis1=1, axis2=2)
        logarithms = 2 * np.log(diagonals).mean(axis=1)
        logarithms = np.where(np.isfinite(logarithms), logarithms, -np.inf)
        return relative * volume_ratios(logarithms, sizes, resp_sum)[:, None, None]


@final
class EEV(SharingStructure):
    """``cov_k = D_k B D_k'``: one volume and shape, a different orientation for each.

    D_k are the eigenvectors of W_k and B the pooled eigenvalues in the order of size, over n
    (Celeux & Govaert 1995, model [lambda D_k A D_k']).
    """

    name = letters = "EEV"
    form = FULL

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        values, axes = along_own_axes(scatter)
        return assembled(axes, values.sum(axis=0) / resp_sum.sum())

    def floored(self, covariances: FloatArray, floor: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Apply a floor that is the same in all directions, so as not to leave the structure."""
        return super().floored(covariances, np.full_like(floor, floor.max()))

    def floor(self, lowest: FloatArray, rounding: FloatArray) -> FloatArray:
        """Take that of the finest feature for all: features of unlike scale stay as they are."""
        return np.full_like(lowest, max(lowest.min(), rounding.max()))


@final
class VEV(ConstrainedStructure):
    """``cov_k = lambda_k D_k A D_k'``: one shape, different volumes and orientations.

    D_k are the eigenvectors of W_k; see :func:`.spectra.proportional` (Celeux & Govaert 1995,
    model [lambda_k D_k A D_k']).
    """

    name = letters = "VEV"
    form = FULL

    def _maximised(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        values, axes = along_own_axes(scatter)
        sizes = np.trace(previous, axis1=1, axis2=2)
        return assembled(axes, proportional(values, resp_sum, sizes))


def along_own_axes(scatter: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues sorted by size, (K, D), and eigenvectors, (K, D, D)."""
    values, axes = np.linalg.eigh(scatter)
    return np.maximum(values, 0.0), axes


def assembled(axes: FloatArray, variances: FloatArray) -> FloatArray:
    """Covariances ``D_k diag(b_k) D_k'``, (K, D, D), exactly symmetric.

    Parameters
    ----------
    axes : (D, D) or (K, D, D)
    variances : (D,) or (K, D)
    """
    root = axes * np.sqrt(variances)[..., None, :]
    return root @ root.swapaxes(-1, -2)
