"""Sufficient statistics of rows: the reference E-step."""

from __future__ import annotations

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.estep.density import shares, squared_distances
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms


def expectation(
    X: FloatArray,
    sample_weight: FloatArray | None,
    terms: Terms,
    origin: FloatArray | None = None,
    plausibility: FloatArray | None = None,
) -> SufficientStats:
    """Do the E-step on a chunk: return its sufficient statistics under the given terms.

    Parameters
    ----------
    X : (n_samples, n_features)
    sample_weight : (n_samples,) or None
        Positive.
    terms : Terms
    origin : (n_components, n_features), optional
        About which the moments are taken; by default the current means.
    plausibility : (n_samples, n_terms), optional
        Factors on the weights, sample by sample.
    """
    X = np.asfortranarray(X)
    squared = squared_distances(X, terms)
    densities, resp = shares(X, squared, terms, plausibility)
    resp = resp[:, : terms.n_components]
    origin = terms.means if origin is None else origin
    if sample_weight is None:
        weight = float(len(X))
        log_likelihood = float(densities.sum())
    else:
        resp = resp * sample_weight[:, None]
        weight = float(sample_weight.sum())
        log_likelihood = float(sample_weight @ densities)
    scale = terms.family.scales(squared, terms.n_features)
    return SufficientStats.of(terms.form, X, resp, origin, log_likelihood, weight, scale)


def sums(chunk: Chunk, terms: Terms, origin: FloatArray) -> SufficientStats:
    """Do the E-step on any number of rows, piece by piece, in float64.

    Parameters
    ----------
    chunk : Chunk
        All features of all rows are observed.
    terms : Terms
    origin : (n_components, n_features)
    """
    total = SufficientStats.zeros(terms.form, origin)
    for piece in chunk.cut():
        total = total + expectation(
            piece.values, piece.sample_weight, terms, origin, piece.plausibility
        )
    return total
