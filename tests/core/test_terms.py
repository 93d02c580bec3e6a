"""Terms: what an E-step reads is all of the mixture, and of any part of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, multivariate_t

from bactrian.core.covariance import STRUCTURES
from bactrian.core.estep.density import weighted_log_prob
from strategies import random_parameters, seeds, structures


def mixture(rng, structure, k, d, *, noise, dof):
    p = random_parameters(rng, structure, k, d)
    if dof:
        p = replace(p, dof=10.0 ** rng.uniform(0.3, 2, k))
    if noise:
        box = np.stack([-rng.uniform(5, 9, d), rng.uniform(5, 9, d)])
        p = replace(p, weights=0.9 * p.weights, noise=box)
    return p


@given(structures, st.integers(1, 3), st.integers(1, 4), st.booleans(), st.booleans(), seeds)
def test_a_constant_is_the_weight_times_the_density_at_the_mean(structure, k, d, noise, dof, seed):
    p = mixture(np.random.default_rng(seed), structure, k, d, noise=noise, dof=dof)
    for j, (mean, cov) in enumerate(zip(p.means, p.dense_covariances(), strict=True)):
        there = (
            multivariate_normal(mean, cov)
            if p.dof is None
            else multivariate_t(mean, cov, p.dof[j])
        )
        expected = np.log(p.weights[j]) + there.logpdf(mean)
        np.testing.assert_allclose(p.terms().all_log_constants[j], expected, rtol=1e-9, atol=1e-9)
    if noise:
        expected = np.log(1 - p.weights.sum()) - np.log(np.ptp(p.noise, axis=0)).sum()
        np.testing.assert_allclose(p.terms().all_log_constants[-1], expected, rtol=1e-12)


@given(structures, st.integers(1, 3), st.integers(1, 5), st.booleans(), st.booleans(), seeds)
@settings(max_examples=80)
def test_the_marginal_terms_are_those_of_the_marginal(structure, k, d, noise, dof, seed):
    rng = np.random.default_rng(seed)
    p = mixture(rng, structure, k, d, noise=noise, dof=dof)
    columns = np.flatnonzero(rng.uniform(size=d) < 0.6)
    X = rng.standard_normal((10, len(columns)))
    seen = p.terms().marginal(columns)
    if len(columns):
        expected = weighted_log_prob(X, p.marginal(columns).terms())
    else:
        expected = np.broadcast_to(np.log(p.term_weights), (10, p.n_terms))
    np.testing.assert_allclose(weighted_log_prob(X, seen), expected, rtol=1e-9, atol=1e-9)
    if seen.factors.ndim == 3:
        assert (np.tril(seen.factors, -1) == 0).all()
        assert (seen.factors.diagonal(axis1=1, axis2=2) > 0).all()


def test_a_marginal_keeps_its_digits_where_covariances_are_nearly_singular():
    """The factor is exact where the rounded covariance has lost the thin direction."""
    thin = 1e-9
    factor = np.array([[[1.0, -1.0 / thin, 0.0], [0.0, 1.0 / thin, 0.0], [0.0, 0.0, 1.0]]])
    structure = STRUCTURES["full"]
    p = random_parameters(np.random.default_rng(0), structure, 1, 3).replaced(
        means=np.zeros((1, 3)),
        covariances=structure.form.algebra.covariances_of(factor),
        precisions_cholesky=factor,
    )
    seen = p.terms().marginal(np.array([0, 1]))
    np.testing.assert_allclose(seen.factors[0], factor[0, :2, :2], rtol=1e-14)


@given(structures, st.integers(1, 3), st.integers(1, 3), st.booleans(), seeds)
def test_one_component_alone_is_what_it_is_among_all(structure, k, d, dof, seed):
    rng = np.random.default_rng(seed)
    p = mixture(rng, structure, k, d, noise=True, dof=dof)
    X = rng.standard_normal((5, d))
    every = weighted_log_prob(X, p.terms())
    for j in range(k):
        np.testing.assert_array_equal(weighted_log_prob(X, p.terms().only(j))[:, 0], every[:, j])
