"""Divergences between single Gaussians, in closed form, for all pairs of components."""

from __future__ import annotations

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters

TINY = 1e-300


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
    """Squared Hellinger distances of the components, (K_p, K_q): ``1 - exp(-b)``.

    b is the Bhattacharyya distance (:func:`bhattacharyya`).
    """
    own, other = p.dense_covariances(), q.dense_covariances()
    return np.asarray(-np.expm1(-bhattacharyya(p.means, own, q.means, other)))


def bhattacharyya(
    means: FloatArray, covariances: FloatArray, others: FloatArray, other_covariances: FloatArray
) -> FloatArray:
    """Bhattacharyya distances between Gaussians, (K_p, K_q).

    ``(m - n)' A^-1 (m - n) / 8 + log(det A / sqrt(det C det S)) / 2`` with ``A = (C + S) / 2``.

    Parameters
    ----------
    means : (K_p, D)
    covariances : (K_p, D, D)
    others : (K_q, D)
    other_covariances : (K_q, D, D)
    """
    middle = (covariances[:, None] + other_covariances[None]) / 2
    distances, logs = _forms(means[:, None] - others[None], middle)
    logs = logs - (_log_dets(covariances)[:, None] + _log_dets(other_covariances)[None]) / 2
    return np.asarray(np.maximum(distances / 8 + logs / 2, 0.0))


def log_products(p: Parameters, q: Parameters) -> FloatArray:
    """Log of ``integral N_i N_j = N(m_i; n_j, C_i + S_j)``, (K_p, K_q)."""
    both = p.dense_covariances()[:, None] + q.dense_covariances()[None]
    distances, logs = _forms(p.means[:, None] - q.means[None], both)
    return np.asarray(-(distances + logs + p.n_features * np.log(2 * np.pi)) / 2)


def moments_of_scales(
    weights: FloatArray, means: FloatArray, covariances: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean (D,), and scatter (D, D) of components and of their means; weights need not sum to 1.

    Of t distributions the covariances are scale matrices, and there is always such a scatter.
    """
    shares = weights / max(weights.sum(), TINY)
    mean = shares @ means
    within = np.einsum("k,kab->ab", shares, covariances)
    return mean, within + ((means - mean) * shares[:, None]).T @ (means - mean)


def _forms(steps: FloatArray, matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``s' A^-1 s`` and the log-determinants of A, (K_p, K_q)."""
    solved = np.linalg.solve(matrices, steps[..., None])[..., 0]
    return np.einsum("ija,ija->ij", steps, solved), _log_dets(matrices)


def _log_dets(covariances: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.slogdet(covariances)[1])
