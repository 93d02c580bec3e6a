"""Densities and responsibilities: the reference E-step."""

from __future__ import annotations

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.values.terms import Terms


def squared_distances(X: FloatArray, terms: Terms) -> FloatArray:
    """Squared Mahalanobis distance of each sample from each component.

    The difference from the mean is taken first: ``x U - mean U`` would lose the digits
    that a far origin has in common.

    Parameters
    ----------
    X : (n_samples, n_features)
    terms : Terms

    Returns
    -------
    (n_samples, n_components)
        In squared standard deviations; infinite where that overflows.
    """
    # Column after column, here and in all that follows: columns are long, rows are short.
    X = np.asfortranarray(X)
    result = np.empty((len(X), terms.n_components), order="F")
    whitened = terms.form.algebra.whitened
    with np.errstate(over="ignore"):
        for k, (mean, factor) in enumerate(zip(terms.means, terms.each_factor(), strict=True)):
            z = whitened(X - mean, factor)
            np.einsum("ij,ij->i", z, z, out=result[:, k])
    return result


def weighted_log_prob(X: FloatArray, terms: Terms) -> FloatArray:
    """Log of weight times density, for each sample under each term of the mixture.

    Parameters
    ----------
    X : (n_samples, n_features)
    terms : Terms

    Returns
    -------
    (n_samples, n_terms)
        In nats; -inf under a component of weight 0. The background, if there is one, is last.
    """
    return _weighted(squared_distances(X, terms), terms)


def _weighted(squared: FloatArray, terms: Terms) -> FloatArray:
    """Log of weight times density, from squared Mahalanobis distances; the background is last."""
    weighted = terms.log_constants - terms.family.fall(squared, terms.n_features)
    return terms.background.appended(np.asarray(weighted))


def log_density(X: FloatArray, terms: Terms) -> FloatArray:
    """Log-density of each sample under the mixture, (n_samples,), in nats."""
    return responsibilities(X, terms)[0]


def responsibilities(
    X: FloatArray, terms: Terms, plausibility: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Do the E-step: log-densities, and the probability of each term for each sample.

    ``resp_ik = w_k N(x_i | k) / sum_j w_j N(x_i | j)`` (Bishop 2006, eq. 9.13), by log-sum-exp.

    Parameters
    ----------
    X : (n_samples, n_features)
    terms : Terms
    plausibility : (n_samples, n_terms), optional
        Factors on the weights, sample by sample.

    Returns
    -------
    log_density : (n_samples,)
        In nats.
    resp : (n_samples, n_terms)
        Rows sum to 1.
    """
    return shares(X, squared_distances(X, terms), terms, plausibility)


def shares(
    X: FloatArray,
    squared: FloatArray,
    terms: Terms,
    plausibility: FloatArray | None,
) -> tuple[FloatArray, FloatArray]:
    """Do the same as :func:`responsibilities`, from known squared Mahalanobis distances."""
    weighted = _weighted(squared, terms)
    if plausibility is not None:
        with np.errstate(divide="ignore"):
            weighted += np.log(plausibility)
    highest = weighted.max(axis=1, keepdims=True)
    lost = ~np.isfinite(highest[:, 0])
    if lost.any():
        possible = None if plausibility is None else plausibility[lost] > 0
        weighted[lost] = _nearest(X[lost], terms, possible)
        highest[lost] = 0.0
    resp = np.exp(weighted - highest)
    total = resp.sum(axis=1, keepdims=True)
    resp /= total
    densities = (highest + np.log(total))[:, 0]
    densities[lost] = -np.inf
    return densities, resp


def _nearest(X: FloatArray, terms: Terms, possible: BoolArray | None = None) -> FloatArray:
    """Log-responsibilities, 0 or -inf, of samples so far away that every density is 0.

    The nearest component takes all. All lengths are divided by the largest; of components whose
    distances are equal up to rounding, that is nearest whose mean lies farthest towards x.
    """
    lengths = np.abs(X).max(axis=1), np.abs(terms.means).max()
    scale = np.maximum(*lengths)[:, None]
    far = np.empty((len(X), terms.n_components))
    towards = np.empty_like(far)
    whitened = terms.form.algebra.whitened
    for k, (mean, factor) in enumerate(zip(terms.means, terms.each_factor(), strict=True)):
        z = whitened(X / scale - mean / scale, factor)
        far[:, k] = np.einsum("ij,ij->i", z, z)
        towards[:, k] = whitened(X / scale, factor) @ whitened(mean, factor)
    far[:, np.isneginf(terms.log_constants)] = np.inf
    if possible is not None:
        far[~possible[:, : terms.n_components]] = np.inf
    tied = far == far.min(axis=1, keepdims=True)
    towards = np.where(tied, towards, -np.inf)
    nearest = np.full((len(X), terms.n_terms), -np.inf)
    nearest[:, : terms.n_components][towards == towards.max(axis=1, keepdims=True)] = 0.0
    return nearest
