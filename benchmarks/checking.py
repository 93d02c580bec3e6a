"""The answer, by the formulas as they are written in textbooks. It is checked before the time."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import logsumexp

ROWS = 200  # on which densities are compared


def log_normal(difference: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Log-density of a normal."""
    distances = np.sum(difference * np.linalg.solve(covariance, difference.T).T, axis=1)
    log_det = np.linalg.slogdet(2 * np.pi * covariance)[1]
    return -0.5 * (distances + log_det)


def weighted_log_densities(
    X: np.ndarray, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray
) -> np.ndarray:
    """Log of weight times density, (n_samples, n_components); covariances as full matrices."""
    parts = zip(weights, means, covariances, strict=True)
    return np.column_stack([np.log(w) + log_normal(X - m, c) for w, m, c in parts])


def dense(covariances: np.ndarray, covariance_type: str, shape: tuple[int, int]) -> np.ndarray:
    """Covariances of any structure as full matrices, (n_components, n_features, n_features)."""
    n_components, n_features = shape
    identity = np.eye(n_features)
    if covariance_type == "tied":
        return np.broadcast_to(covariances, (n_components, n_features, n_features))
    if covariance_type == "diag":
        return covariances[:, :, None] * identity
    if covariance_type == "spherical":
        return covariances[:, None, None] * identity
    return covariances


def true_densities(gm: Any, X: np.ndarray) -> np.ndarray:
    """Log of weight times density under a fitted mixture."""
    means = np.asarray(gm.means_, dtype=float)
    covariances = np.asarray(gm.covariances_, dtype=float)
    full = dense(covariances, gm.covariance_type, means.shape)
    return weighted_log_densities(X, np.asarray(gm.weights_, dtype=float), means, full)


def checked_score(gm: Any, X: np.ndarray) -> float:
    """Mean log-likelihood, after comparing some densities with the formula."""
    some = X[:ROWS]
    expected = logsumexp(true_densities(gm, some), axis=1)
    np.testing.assert_allclose(gm.score_samples(some), expected, rtol=1e-5)
    return float(gm.score(X))


def check_same_parameters(ours: Any, theirs: Any, rtol: float) -> float:
    """Largest difference of two mixtures' parameters, relative to the largest of its kind.

    Raises
    ------
    AssertionError
        If it is above `rtol`: then there is nothing to time.
    """
    worst = 0.0
    for name in ("weights_", "means_", "covariances_"):
        a, b = (np.asarray(getattr(gm, name), dtype=float) for gm in (ours, theirs))
        if a.shape != b.shape:
            raise AssertionError(f"{name}: shape {a.shape}, not {b.shape}")
        worst = max(worst, float(np.abs(a - b).max() / np.abs(b).max()))
    if not worst <= rtol:
        raise AssertionError(f"parameters differ by {worst:.2g}, more than {rtol:g}")
    return worst
