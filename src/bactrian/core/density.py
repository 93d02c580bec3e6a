"""Densities and responsibilities: the reference E-step."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, gammaln

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.parameters import Parameters
from bactrian.core.statistics import SufficientStats

LOG_2PI = float(np.log(2 * np.pi))
FARTHEST = 1e300  # squared distance beyond which a row counts for nothing in a t distribution


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
    # Column after column, here and in all that follows: columns are long, rows are short.
    X = np.asfortranarray(X)
    result = np.empty((len(X), parameters.n_components), order="F")
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
    return _of_distances(squared_distances(X, parameters), parameters)


def _of_distances(squared: FloatArray, parameters: Parameters) -> FloatArray:
    """Log-densities at squared Mahalanobis distances; of t, Peel & McLachlan (2000), eq. 5."""
    d, dof = parameters.n_features, parameters.dof
    log_det = parameters.structure.log_det(parameters.precisions_cholesky, d)
    if dof is None:
        return np.asarray(-0.5 * (d * LOG_2PI + squared) + log_det)
    half, whole = dof / 2, (dof + d) / 2
    constant = gammaln(whole) - gammaln(half) - d / 2 * np.log(np.pi * dof)
    return np.asarray(constant + log_det - whole * np.log1p(squared / dof))


def weighted_log_prob(X: FloatArray, parameters: Parameters) -> FloatArray:
    """Log of weight times density, for each sample under each term of the mixture.

    Returns
    -------
    (n_samples, n_terms)
        In nats; -inf under a component of weight 0. The noise, if there is any, is last.
    """
    return _terms(squared_distances(X, parameters), parameters)


def _terms(squared: FloatArray, parameters: Parameters) -> FloatArray:
    densities = _of_distances(squared, parameters)
    if parameters.noise is not None:
        noise = np.full((len(squared), 1), parameters.noise_log_density)
        densities = np.hstack([densities, noise])
    return np.asarray(densities + parameters.log_weights)


def log_density(X: FloatArray, parameters: Parameters) -> FloatArray:
    """Log-density of each sample under the mixture, (n_samples,), in nats."""
    return responsibilities(X, parameters)[0]


def responsibilities(
    X: FloatArray, parameters: Parameters, plausibility: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """E-step: log-densities, and how probable each term of the mixture is for each sample.

    ``resp_ik = w_k N(x_i | k) / sum_j w_j N(x_i | j)`` (Bishop 2006, eq. 9.13), by log-sum-exp.

    Parameters
    ----------
    X : (n_samples, n_features)
    parameters : Parameters
    plausibility : (n_samples, n_terms), optional
        Factors on the weights, sample by sample.

    Returns
    -------
    log_density : (n_samples,)
        In nats.
    resp : (n_samples, n_terms)
        Rows sum to 1.
    """
    return _shares(X, squared_distances(X, parameters), parameters, plausibility)


def _shares(
    X: FloatArray,
    squared: FloatArray,
    parameters: Parameters,
    plausibility: FloatArray | None,
) -> tuple[FloatArray, FloatArray]:
    weighted = _terms(squared, parameters)
    if plausibility is not None:
        with np.errstate(divide="ignore"):
            weighted += np.log(plausibility)
    highest = weighted.max(axis=1, keepdims=True)
    lost = ~np.isfinite(highest[:, 0])
    if lost.any():
        possible = None if plausibility is None else plausibility[lost] > 0
        weighted[lost] = _nearest(X[lost], parameters, possible)
        highest[lost] = 0.0
    resp = np.exp(weighted - highest)
    total = resp.sum(axis=1, keepdims=True)
    resp /= total
    densities = (highest + np.log(total))[:, 0]
    densities[lost] = -np.inf
    return densities, resp


def scales(squared: FloatArray, parameters: Parameters) -> tuple[FloatArray, FloatArray] | None:
    """Expected scale u of the precision, and its logarithm, given each sample and component.

    ``u | x, k`` has the gamma distribution of shape ``(dof_k + D) / 2`` and mean
    ``(dof_k + D) / (dof_k + squared_ik)`` (Peel & McLachlan 2000, eqs. 14 and 18).

    Returns
    -------
    (n_samples, n_components) twice, or None for Gaussians, where it is 1
    """
    dof = parameters.dof
    if dof is None:
        return None
    shape = (dof + parameters.n_features) / 2
    mean = 2 * shape / (dof + np.minimum(squared, FARTHEST))
    return mean, np.log(mean) + (digamma(shape) - np.log(shape))


def _nearest(
    X: FloatArray, parameters: Parameters, possible: BoolArray | None = None
) -> FloatArray:
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
    if possible is not None:
        far[~possible[:, : parameters.n_components]] = np.inf
    tied = far == far.min(axis=1, keepdims=True)
    towards = np.where(tied, towards, -np.inf)
    nearest = np.full((len(X), parameters.n_terms), -np.inf)
    nearest[:, : parameters.n_components][towards == towards.max(axis=1, keepdims=True)] = 0.0
    return nearest


def expectation(
    X: FloatArray,
    sample_weight: FloatArray | None,
    parameters: Parameters,
    origin: FloatArray | None = None,
    plausibility: FloatArray | None = None,
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
    plausibility : (n_samples, n_terms), optional
        Factors on the weights, sample by sample.
    """
    X = np.asfortranarray(X)
    squared = squared_distances(X, parameters)
    densities, resp = _shares(X, squared, parameters, plausibility)
    resp = resp[:, : parameters.n_components]
    origin = parameters.means if origin is None else origin
    if sample_weight is None:
        weight = float(len(X))
        log_likelihood = float(densities.sum())
    else:
        resp = resp * sample_weight[:, None]
        weight = float(sample_weight.sum())
        log_likelihood = float(sample_weight @ densities)
    scale = scales(squared, parameters)
    return SufficientStats.of(parameters.structure, X, resp, origin, log_likelihood, weight, scale)
