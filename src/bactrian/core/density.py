"""Densities and responsibilities: the reference E-step."""

from __future__ import annotations

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.parameters import Parameters
from bactrian.core.statistics import SufficientStats

LOG_2PI = float(np.log(2 * np.pi))


def squared_distances(X: FloatArray, parameters: Parameters) -> FloatArray:
    """Squared Mahalanobis distance of each sample from each component.

    The difference from the mean is taken first: ``x U - mean U`` would lose the digits
    that a far origin has in common.

    Parameters
    ----------
    X : (n_samples, n_features)
    parameters : Parameters

    Returns
    -------
    (n_samples, n_components)
        In squared standard deviations; infinite where that overflows.
    """
    result = np.empty((len(X), parameters.n_components))
    pairs = zip(parameters.means, parameters.factors(), strict=True)
    with np.errstate(over="ignore"):
        for k, (mean, factor) in enumerate(pairs):
            z = parameters.structure.whitened(X - mean, factor)
            np.einsum("ij,ij->i", z, z, out=result[:, k])
    return result


def log_prob(X: FloatArray, parameters: Parameters) -> FloatArray:
    """Log-density of each sample under each component (Bishop 2006, eq. 2.43).

    Returns
    -------
    (n_samples, n_components)
        In nats.
    """
    n_features = parameters.n_features
    log_det = parameters.structure.log_det(parameters.precisions_cholesky, n_features)
    squared = squared_distances(X, parameters)
    return -0.5 * (n_features * LOG_2PI + squared) + log_det


def weighted_log_prob(X: FloatArray, parameters: Parameters) -> FloatArray:
    """Log of weight times density, for each sample under each component.

    Returns
    -------
    (n_samples, n_components)
        In nats; -inf under a component of weight 0.
    """
    return log_prob(X, parameters) + parameters.log_weights


def log_density(X: FloatArray, parameters: Parameters) -> FloatArray:
    """Log-density of each sample under the mixture, (n_samples,), in nats."""
    return responsibilities(X, parameters)[0]


def responsibilities(X: FloatArray, parameters: Parameters) -> tuple[FloatArray, FloatArray]:
    """E-step: log-densities, and how probable each component is for each sample.

    ``resp_ik = w_k N(x_i | k) / sum_j w_j N(x_i | j)`` (Bishop 2006, eq. 9.13), by log-sum-exp.

    Returns
    -------
    log_density : (n_samples,)
        In nats.
    resp : (n_samples, n_components)
        Rows sum to 1.
    """
    weighted = weighted_log_prob(X, parameters)
    highest = weighted.max(axis=1, keepdims=True)
    lost = ~np.isfinite(highest[:, 0])
    if lost.any():
        weighted[lost] = _nearest(X[lost], parameters)
        highest[lost] = 0.0
    resp = np.exp(weighted - highest)
    total = resp.sum(axis=1, keepdims=True)
    resp /= total
    densities = (highest + np.log(total))[:, 0]
    densities[lost] = -np.inf
    return densities, resp


def _nearest(X: FloatArray, parameters: Parameters) -> FloatArray:
    """Log-responsibilities, 0 or -inf, of samples so far out that every density is 0.

    The nearest component takes all. All lengths are divided by the largest; of components whose
    distances are equal up to rounding, that is nearest whose mean lies farthest towards x.
    """
    lengths = np.abs(X).max(axis=1), np.abs(parameters.means).max()
    scale = np.maximum(*lengths)[:, None]
    far = np.empty((len(X), parameters.n_components))
    towards = np.empty_like(far)
    structure = parameters.structure
    for k, (mean, factor) in enumerate(zip(parameters.means, parameters.factors(), strict=True)):
        z = structure.whitened(X / scale - mean / scale, factor)
        far[:, k] = np.einsum("ij,ij->i", z, z)
        towards[:, k] = structure.whitened(X / scale, factor) @ structure.whitened(mean, factor)
    far[:, parameters.weights == 0] = np.inf
    tied = far == far.min(axis=1, keepdims=True)
    towards = np.where(tied, towards, -np.inf)
    return np.where(towards == towards.max(axis=1, keepdims=True), 0.0, -np.inf)


def expectation(
    X: FloatArray,
    sample_weight: FloatArray | None,
    parameters: Parameters,
    origin: FloatArray | None = None,
) -> SufficientStats:
    """E-step on a chunk: its sufficient statistics at the given parameters.

    Parameters
    ----------
    X : (n_samples, n_features)
    sample_weight : (n_samples,) or None
        Positive.
    parameters : Parameters
    origin : (n_components, n_features), optional
        About which the moments are taken; by default the current means.
    """
    densities, resp = responsibilities(X, parameters)
    origin = parameters.means if origin is None else origin
    if sample_weight is None:
        weight = float(len(X))
        log_likelihood = float(densities.sum())
    else:
        resp *= sample_weight[:, None]
        weight = float(sample_weight.sum())
        log_likelihood = float(sample_weight @ densities)
    return SufficientStats.of(parameters.structure, X, resp, origin, log_likelihood, weight)
