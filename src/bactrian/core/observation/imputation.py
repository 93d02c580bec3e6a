"""Fill in missing values, given what is observed: conditional expectations, or draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bactrian.core.arrays import BoolArray, CodeArray, FloatArray, IntArray
from bactrian.core.covariance import FULL
from bactrian.core.estep.density import responsibilities, squared_distances
from bactrian.core.observation.patterns import patterns
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.terms import Terms


@dataclass(frozen=True, eq=False)
class Conditional:
    """Distribution of the missing features of some rows, given the observed ones.

    Parameters
    ----------
    rows : (n_rows,)
        Which rows.
    missing : (n_missing,)
        Which features.
    resp : (n_rows, n_terms)
    centres : (n_terms, n_rows, n_missing)
        Expectations of the density of each term; under noise, the middle of its box.
    covariances : (n_components, n_missing, n_missing)
        Of t distributions, before the scale.
    shapes, rates : (n_rows, n_components) or None
        Of the gamma distributions of the scale of the precision; None for Gaussians.
    """

    rows: IntArray
    missing: IntArray
    resp: FloatArray
    centres: FloatArray
    covariances: FloatArray
    shapes: FloatArray | None
    rates: FloatArray | None


def conditionals(
    X: FloatArray, parameters: Parameters, at_spike: CodeArray | None = None
) -> Iterator[Conditional]:
    """Conditional distributions of the missing values, for rows that are not complete.

    In each component the missing features are Gaussian, about a linear function of the observed
    ones (Anderson 2003, theorem 2.5.1); of t distributions, given the scale of the row.

    Parameters
    ----------
    X : (n_samples, n_features)
        NaN where missing, or at a point mass.
    parameters : Parameters
    at_spike : (n_samples, n_features), optional
        As in :class:`~bactrian.core.values.chunk.Chunk`.
    """
    terms, spikes = parameters.terms(), parameters.spikes
    factors = FULL.algebra.precisions_cholesky(parameters.dense_covariances())
    for rows, at, observed in _alike(X, at_spike):
        seen, missing = np.flatnonzero(observed), np.flatnonzero(~observed & (at < 0))
        if len(missing) == 0:
            continue
        known = X[np.ix_(rows, seen)]
        shapes = rates = None
        distances = np.zeros((len(rows), parameters.n_components))
        marginal, weights = terms, parameters.term_weights
        if spikes is not None:
            marginal, weights = _at_spikes(parameters, terms, at, observed)
        resp = np.tile(weights, (len(rows), 1))
        if len(seen):
            marginal = marginal.marginal(seen)
            resp = responsibilities(known, marginal)[1]
            distances = squared_distances(known, marginal)
        if parameters.dof is not None:
            shapes = np.broadcast_to((parameters.dof + len(seen)) / 2, distances.shape)
            rates = (parameters.dof + distances) / 2
        coefficients, residuals = FULL.columns.regression(factors, seen, X.shape[1])
        pairs = zip(parameters.means, coefficients[:, missing], strict=True)
        centres = np.stack(
            [mean[missing] + (known - mean[seen]) @ slope.T for mean, slope in pairs]
        )
        if parameters.noise is not None:
            middle = parameters.noise[:, missing].mean(axis=0)
            centres = np.concatenate([centres, np.broadcast_to(middle, centres[:1].shape)])
        own = residuals[:, missing[:, None], missing]
        yield Conditional(rows, missing, resp, centres, own, shapes, rates)


def _at_spikes(
    parameters: Parameters, terms: Terms, at: IntArray, observed: BoolArray
) -> tuple[Terms, FloatArray]:
    """Terms and weights of rows at some point masses; as if at none, if no term has such rows."""
    spikes, weights = parameters.spikes, parameters.term_weights
    factors = np.zeros(1) if spikes is None else spikes.log_factors(at, observed)
    of_rows = weights * np.exp(factors)
    if not of_rows.any():
        return terms.at(np.zeros(1)), weights
    return terms.at(factors), of_rows / of_rows.sum()


def _alike(
    X: FloatArray, at_spike: CodeArray | None
) -> Iterator[tuple[IntArray, IntArray, BoolArray]]:
    """Rows with the same features observed and the same point masses: which, and these."""
    for selected, observed in patterns(X):
        rows = np.arange(len(X))[selected]
        if at_spike is None:
            yield rows, np.full(X.shape[1], -1), observed
            continue
        kinds, of_row = np.unique(at_spike[rows], axis=0, return_inverse=True)
        for number, at in enumerate(kinds):
            yield rows[of_row.reshape(-1) == number], at.astype(np.int64), observed


def expected(
    X: FloatArray, parameters: Parameters, at_spike: CodeArray | None = None
) -> FloatArray:
    """The rows, with each missing value replaced by its conditional expectation.

    What is at a point mass stays NaN; the values of the point masses have the units of the rows.

    Returns
    -------
    (n_samples, n_features)
    """
    filled = X.copy()
    spikes = parameters.spikes
    for part in conditionals(X, parameters, at_spike):
        centres = part.centres
        if spikes is not None:
            centres = spikes.expected(centres, part.missing)
        filled[np.ix_(part.rows, part.missing)] = np.einsum("nk,knm->nm", part.resp, centres)
    return filled


def drawn(
    X: FloatArray,
    parameters: Parameters,
    random_state: np.random.RandomState,
    at_spike: CodeArray | None = None,
) -> FloatArray:
    """The rows, with missing values drawn from their conditional distribution.

    Such draws, and not expectations, keep the variances and correlations of the data (Little &
    Rubin 2019, section 5.4; Di Zio, Guarnera & Luzi 2007).

    Returns
    -------
    (n_samples, n_features)
    """
    filled = X.copy()
    for part in conditionals(X, parameters, at_spike):
        ends = np.cumsum(part.resp, axis=1)
        u = random_state.uniform(size=(len(ends), 1)) * ends[:, -1:]
        term = np.minimum((ends <= u).sum(axis=1), ends.shape[1] - 1)
        z = random_state.standard_normal((len(ends), len(part.missing)))
        values = part.centres[term, np.arange(len(ends))]
        for k, covariance in enumerate(part.covariances):
            of = np.flatnonzero(term == k)
            steps = z[of] @ np.linalg.cholesky(covariance).T
            if part.shapes is not None and part.rates is not None:
                scale = random_state.gamma(part.shapes[of, k]) / part.rates[of, k]
                steps /= np.sqrt(scale)[:, None]
            values[of] += steps
        if parameters.noise is not None:
            of = np.flatnonzero(term == parameters.n_components)
            low, high = parameters.noise[:, part.missing]
            values[of] = random_state.uniform(low, high, size=(len(of), len(part.missing)))
        if parameters.spikes is not None:
            values = parameters.spikes.placed(values, term, random_state, part.missing)
        filled[np.ix_(part.rows, part.missing)] = values
    return filled
