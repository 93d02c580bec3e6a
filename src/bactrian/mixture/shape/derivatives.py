"""Gradient and Hessian of the log-density of a mixture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.special import logsumexp

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import FULL
from bactrian.core.values.parameters import Parameters


@final
@dataclass(frozen=True, eq=False)
class Local:
    """The log-density at some points, and what its derivatives are made of.

    Parameters
    ----------
    log_density : (n_points,)
    resp : (n_points, n_components)
        Responsibilities; with noise they sum to less than 1.
    pulls : (n_points, n_components, n_features)
        Gradient of the log-density of each component.
    strengths : (n_points, n_components)
        Expected scale of the precision: 1 for Gaussians, ``(v + D) / (v + q)`` for t.
    bends : (n_points, n_components)
        ``2 / (v + D)``, 0 for Gaussians: what tails add to the Hessian.
    precisions : (n_components, n_features, n_features)
    """

    log_density: FloatArray
    resp: FloatArray
    pulls: FloatArray
    strengths: FloatArray
    bends: FloatArray
    precisions: FloatArray

    @property
    def gradient(self) -> FloatArray:
        """``sum_k r_k g_k``, (n_points, n_features)."""
        return np.einsum("nk,nki->ni", self.resp, self.pulls)

    @property
    def hessian(self) -> FloatArray:
        """``sum_k r_k (H_k + g_k g_k') - g g'``, (n_points, n_features, n_features).

        Of a component ``H_k = -u P + 2 / (v + D) g g'`` (from Carreira-Perpinan 2000, eq. 5, for
        Gaussians).
        """
        own = np.einsum("nk,kij->nij", self.resp * self.strengths, self.precisions)
        outer = np.einsum("nk,nki,nkj->nij", self.resp * (1 + self.bends), self.pulls, self.pulls)
        g = self.gradient
        return np.asarray(outer - own - g[:, :, None] * g[:, None, :])


def local(X: FloatArray, parameters: Parameters) -> Local:
    """Log-density and its pieces at points (n_points, n_features)."""
    n_components, n_features = parameters.means.shape
    factors = FULL.algebra.precisions_cholesky(parameters.dense_covariances())
    steps = parameters.means - X[:, None, :]
    whitened = np.einsum("nki,kij->nkj", steps, factors)
    squared = np.square(whitened).sum(axis=2)
    precisions = factors @ factors.transpose(0, 2, 1)
    pulls = np.einsum("nkj,kij->nki", whitened, factors)
    strengths, bends = np.ones_like(squared), np.zeros_like(squared)
    if parameters.dof is not None:
        dof = np.broadcast_to(parameters.dof, n_components)
        strengths = (dof + n_features) / (dof + squared)
        bends = bends + 2 / (dof + n_features)
    log_det = FULL.algebra.log_det(factors, n_features)
    family = parameters.family
    peaks = log_det + family.log_greatest(n_features)
    weighted = parameters.log_weights[:n_components] + peaks - family.fall(squared, n_features)
    terms = weighted
    if parameters.noise is not None:
        low, high = parameters.noise
        inside = ((low <= X) & (high >= X)).all(axis=1)
        flat = parameters.log_weights[-1] + float(parameters.noise_log_density[0])
        terms = np.column_stack([weighted, np.where(inside, flat, -np.inf)])
    log_density = logsumexp(terms, axis=1)
    with np.errstate(invalid="ignore"):
        resp = np.nan_to_num(np.exp(weighted - log_density[:, None]))
    pulls = pulls * strengths[:, :, None]
    return Local(log_density, resp, pulls, strengths, bends, precisions)
