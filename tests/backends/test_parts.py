"""Rows partly observed, and rows of known components: against each row by itself, by SciPy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, multivariate_t

from bactrian.backends import BACKENDS
from bactrian.core import em
from bactrian.core.covariance import STRUCTURES
from bactrian.core.em import EMProblem
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.observation.patterns import patterns
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource
from strategies import NAMES, drawn, random_parameters, seeds, structures

EVERY = ("resp_sum", "scaled_sum", "log_scale", "first", "second", "log_likelihood", "weight")


def mixture(rng, structure, k, d, *, noise=False, dof=False):
    p = random_parameters(rng, structure, k, d)
    if dof:
        p = replace(p, dof=10.0 ** rng.uniform(0.3, 2, k))
    if noise:
        p = replace(
            p, weights=0.9 * p.weights, noise=np.stack([-np.full(d, 9.0), np.full(d, 9.0)])
        )
    return p


def holes(rng, X, share=0.3):
    X = X.copy()
    X[rng.uniform(size=X.shape) < share] = np.nan
    return X


def log_terms(x, p):
    """Log of weight times density of the observed part of one row, under each term, by SciPy."""
    seen = np.flatnonzero(~np.isnan(x))
    terms = []
    for k, (mean, cov) in enumerate(zip(p.means, p.dense_covariances(), strict=True)):
        of_seen = mean[seen], cov[np.ix_(seen, seen)]
        if p.dof is None:
            density = multivariate_normal(*of_seen)
        else:
            density = multivariate_t(*of_seen, np.broadcast_to(p.dof, len(p.means))[k])
        terms.append(np.log(p.weights[k]) + density.logpdf(x[seen]))
    if p.noise is not None:
        sides = np.ptp(p.noise, axis=0)[seen]
        terms.append(np.log(1 - p.weights.sum()) - np.log(sides).sum())
    return np.array(terms)


def row_by_row(X, w, p, origin, known=None):
    """Expected dense statistics, from the conditional distribution of each row."""
    k, d = p.means.shape
    resp_sum, scaled_sum, first, second = np.zeros(k), np.zeros(k), np.zeros((k, d)), 0.0
    second, total = np.zeros((k, d, d)), 0.0
    for i, x in enumerate(X):
        seen, gone = np.flatnonzero(~np.isnan(x)), np.flatnonzero(np.isnan(x))
        if not len(seen):
            continue
        terms = log_terms(x, p)
        if known is not None:
            with np.errstate(divide="ignore"):
                terms = terms + np.log(known[i])
        total += w[i] * logsumexp(terms)
        shares = np.exp(terms - logsumexp(terms))[:k]
        for j, cov in enumerate(p.dense_covariances()):
            own = cov[np.ix_(seen, seen)]
            slope = np.linalg.solve(own, cov[np.ix_(seen, gone)]).T
            filled = x.copy()
            filled[gone] = p.means[j, gone] + slope @ (x[seen] - p.means[j, seen])
            left = np.zeros((d, d))
            left[np.ix_(gone, gone)] = cov[np.ix_(gone, gone)] - slope @ cov[np.ix_(seen, gone)]
            u = 1.0
            if p.dof is not None:
                away = x[seen] - p.means[j, seen]
                u = (p.dof[j] + len(seen)) / (p.dof[j] + away @ np.linalg.solve(own, away))
            r = w[i] * shares[j]
            away = filled - origin[j]
            resp_sum[j] += r
            scaled_sum[j] += r * u
            first[j] += r * u * away
            second[j] += r * (u * np.outer(away, away) + left)
    return resp_sum, scaled_sum, first, second, total


def in_form(second, structure):
    return {
        "full": second,
        "tied": second.sum(axis=0, keepdims=True),
        "diag": second.diagonal(axis1=1, axis2=2),
        "spherical": second.trace(axis1=1, axis2=2)[:, None],
    }[structure.form.name]


@given(structures, st.integers(1, 3), st.integers(2, 4), st.booleans(), st.booleans(), seeds)
@settings(max_examples=25)
def test_statistics_are_those_of_each_row(structure, k, d, noise, dof, seed):
    rng = np.random.default_rng(seed)
    p = mixture(rng, structure, k, d, noise=noise, dof=dof)
    X, w = holes(rng, drawn(rng, p, 25)), rng.uniform(0.5, 2, 25)
    known = np.ones((25, p.n_terms))
    labelled = rng.uniform(size=25) < 0.3
    known[labelled] = np.eye(p.n_terms)[rng.integers(0, k, labelled.sum())]
    known[20:] = rng.uniform(0.1, 1, (5, p.n_terms))
    known /= known.max(axis=1, keepdims=True)
    origin = p.means + 0.2
    for plausibility in (None, known):
        resp_sum, scaled_sum, first, second, total = row_by_row(X, w, p, origin, plausibility)
        for name in BACKENDS:
            held = BACKENDS[name](None).hold(ArraySource(X, w, plausibility))
            stats = held.accumulate(p.terms(), origin)
            assert stats.log_likelihood == pytest.approx(total, rel=1e-9, abs=1e-9)
            close = {"rtol": 1e-7, "atol": 1e-8}
            np.testing.assert_allclose(stats.resp_sum, resp_sum, **close)
            np.testing.assert_allclose(stats.scaled_sum, scaled_sum, **close)
            np.testing.assert_allclose(stats.first, first, **close)
            np.testing.assert_allclose(stats.second, in_form(second, structure), **close)
            observed = ~np.isnan(X).all(axis=1)
            assert stats.weight == pytest.approx(w[observed].sum())
            assert stats.n_samples == observed.sum()


@pytest.mark.parametrize("name", NAMES)
def test_where_all_is_known_nothing_changes(name):
    rng = np.random.default_rng(0)
    p = random_parameters(rng, STRUCTURES[name], 3, 3)
    X, w = drawn(rng, p, 50), rng.uniform(0.5, 2, 50)
    for backend in (BACKENDS[name](None) for name in BACKENDS):
        plain = backend.hold(ArraySource(X, w)).accumulate(p.terms())
        for plausibility in (None, np.ones((50, 3))):
            again = backend.hold(ArraySource(X, w, plausibility)).accumulate(p.terms())
            for part in EVERY:
                np.testing.assert_array_equal(getattr(again, part), getattr(plain, part))


@given(structures, st.integers(1, 3), st.booleans(), st.booleans(), seeds)
@settings(max_examples=20)
def test_the_observed_likelihood_never_falls(structure, k, noise, dof, seed):
    rng = np.random.default_rng(seed)
    p = mixture(rng, structure, k, 3, noise=noise, dof=dof)
    X = holes(rng, drawn(rng, p, 60 * k))
    none = np.zeros(3)
    problem = EMProblem(
        BACKENDS["numpy"](None).hold(ArraySource(X)).accumulate,
        MaximumLikelihood(Bounds(none, 0.0, none, none)),
        np.nanstd(X, axis=0),
    )
    state = em.init(problem, p)
    for _ in range(10):
        state = em.step(problem, state)
    assert np.diff(state.trace).min() > -1e-12 * max(1, np.abs(state.trace).max())


@given(structures, st.integers(1, 3), st.integers(1, 4), st.booleans(), st.booleans(), seeds)
@settings(max_examples=20)
def test_results_are_those_of_each_row(structure, k, d, noise, dof, seed):
    rng = np.random.default_rng(seed)
    p = mixture(rng, structure, k, d, noise=noise, dof=dof)
    X = holes(rng, drawn(rng, p, 20))
    for name in BACKENDS:
        held = BACKENDS[name](None).hold(ArraySource(X))
        found = held.evaluate(p.terms(), "log_density", "resp", "labels")
        for x, density, resp, label in zip(
            X, found.log_density, found.resp, found.labels, strict=True
        ):
            terms = np.log(p.term_weights) if np.isnan(x).all() else log_terms(x, p)
            assert density == pytest.approx(logsumexp(terms), rel=1e-9, abs=1e-9)
            np.testing.assert_allclose(resp, np.exp(terms - logsumexp(terms)), atol=1e-9)
            assert label == resp.argmax()


def test_patterns_hold_each_row_once_and_complete_rows_first():
    rng = np.random.default_rng(0)
    X = holes(rng, rng.standard_normal((200, 9)), share=0.1)
    groups = patterns(X)
    assert groups[0][1].all()
    assert sorted(np.concatenate([rows for rows, _ in groups])) == list(range(200))
    for rows, observed in groups:
        assert (np.isnan(X[rows]) == ~observed).all()
        assert (np.diff(rows) > 0).all()


def test_far_from_the_origin_nothing_is_lost():
    rng = np.random.default_rng(0)
    p = random_parameters(rng, STRUCTURES["full"], 2, 3)
    X = holes(rng, drawn(rng, p, 60))
    far = Parameters(p.weights, p.means + 1e6, p.covariances, p.structure)
    near, there = (
        BACKENDS["numpy"](None).hold(ArraySource(rows)).accumulate(mixture.terms())
        for rows, mixture in ((X, p), (X + 1e6, far))
    )
    np.testing.assert_allclose(there.second, near.second, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", BACKENDS)
def test_rows_of_which_nothing_is_observed_say_the_weights(name):
    """Components of equal weight are equally probable, to the bit: the first is the label."""
    for seed in range(50):
        p = random_parameters(np.random.default_rng(seed), STRUCTURES["full"], 3, 2)
        p = p.replaced(weights=np.full(3, 1 / 3))
        held = BACKENDS[name](None).hold(ArraySource(np.full((2, 2), np.nan)))
        found = held.evaluate(p.terms(), "log_density", "resp", "labels")
        np.testing.assert_allclose(found.resp, 1 / 3, rtol=1e-15)
        np.testing.assert_array_equal(found.labels, 0)
        np.testing.assert_array_equal(found.log_density, 0.0)
