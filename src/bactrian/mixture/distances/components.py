"""Divergences between single Gaussians, in closed form, for all pairs of components."""

from __future__ import annotations

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters


def kl_divergences(p: Parameters, q: Parameters) -> FloatArray:
    """``KL(N_i, N_j)`` of the components, (K_p, K_q), in nats.

    ``(tr(S^-1 C) - D + (m - n)' S^-1 (m - n) + log det S - log det C) / 2``.
    """
    own, other = p.dense_covariances(), q.dense_covariances()
    d = p.n_features
    lower = np.linalg.cholesky(other)
    inverse = np.linalg.inv(lower)
    steps = p.means[:, None] - q.means[None]
    distances = np.square(np.einsum("jab,ijb->ija", inverse, steps)).sum(axis=2)
    precisions = inverse.transpose(0, 2, 1) @ inverse
    traces = own.reshape(len(own), -1) @ precisions.reshape(len(other), -1).T
    logs = _log_dets(other)[None] - _log_dets(own)[:, None]
    return np.asarray(np.maximum((traces - d + distances + logs) / 2, 0.0))


def hellinger_squares(p: Parameters, q: Parameters) -> FloatArray:
    """Squared Hellinger distances of the components, (K_p, K_q).

    ``1 - exp(-b)`` with the Bhattacharyya distance ``b = (m - n)' A^-1 (m - n) / 8 +
    log(det A / sqrt(det C det S)) / 2`` and ``A = (C + S) / 2``.
    """
    own, other = p.dense_covariances(), q.dense_covariances()
    middle = (own[:, None] + other[None]) / 2
    steps = p.means[:, None] - q.means[None]
    solved = np.linalg.solve(middle, steps[..., None])[..., 0]
    distances = np.einsum("ija,ija->ij", steps, solved)
    logs = np.linalg.slogdet(middle)[1]
    logs = logs - (_log_dets(own)[:, None] + _log_dets(other)[None]) / 2
    return np.asarray(-np.expm1(-np.maximum(distances / 8 + logs / 2, 0.0)))


def log_products(p: Parameters, q: Parameters) -> FloatArray:
    """Log of ``integral N_i N_j = N(m_i; n_j, C_i + S_j)``, (K_p, K_q)."""
    both = p.dense_covariances()[:, None] + q.dense_covariances()[None]
    steps = p.means[:, None] - q.means[None]
    solved = np.linalg.solve(both, steps[..., None])[..., 0]
    distances = np.einsum("ija,ija->ij", steps, solved)
    logs = np.linalg.slogdet(both)[1]
    return np.asarray(-(distances + logs + p.n_features * np.log(2 * np.pi)) / 2)


def _log_dets(covariances: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.slogdet(covariances)[1])
