"""Noise, t distributions and plausibilities in the reference E-step and the M-step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammaln
from scipy.stats import gamma, multivariate_t

from bactrian.backends import BACKENDS
from bactrian.core import em
from bactrian.core.covariance import STRUCTURES
from bactrian.core.em import EMProblem
from bactrian.core.estep.density import responsibilities, squared_distances
from bactrian.core.estep.expectation import expectation
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.mstep.chart import Chart
from bactrian.core.mstep.dof import LEAST, MOST, degrees_of_freedom, information
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource
from strategies import NAMES, drawn, random_parameters, scipy_weighted_log_prob, seeds, structures

dofs = st.sampled_from([None, 0.7, 3.0, 30.0, "each"])


def mixture(rng, structure, k, d, *, noise=False, dof=None):
    """A random mixture of this family."""
    p = random_parameters(rng, structure, k, d)
    if dof == "each":
        p = replace(p, dof=10.0 ** rng.uniform(0, 2, k))
    elif dof is not None:
        p = replace(p, dof=np.array([dof]))
    if noise:
        box = np.stack([-np.ones(d), np.exp(rng.uniform(3, 4, d)) - 1])
        p = replace(p, weights=0.9 * p.weights, noise=box)
    return p


def scipy_terms(X, p):
    """Log of weight times density of each term, by SciPy."""
    if p.dof is None:
        columns = scipy_weighted_log_prob(X, p)
    else:
        dof = np.broadcast_to(p.dof, p.n_components)
        triples = zip(p.means, p.dense_covariances(), dof, strict=True)
        columns = np.stack(
            [multivariate_t(m, s, v).logpdf(X).reshape(len(X)) for m, s, v in triples], axis=1
        ) + np.log(p.weights)
    if p.noise is None:
        return columns
    noise = np.full(len(X), np.log(1 - p.weights.sum()) - np.log(np.ptp(p.noise, axis=0)).sum())
    return np.column_stack([columns, noise])


@given(structures, st.integers(1, 3), st.integers(1, 3), st.booleans(), dofs, seeds)
@settings(max_examples=80)
def test_e_step_is_bayes_rule(structure, k, d, noise, dof, seed):
    rng = np.random.default_rng(seed)
    p = mixture(rng, structure, k, d, noise=noise, dof=dof)
    X = drawn(rng, p, 20)
    known = rng.integers(0, 2, (20, p.n_terms)) * rng.uniform(0.1, 1, (20, p.n_terms))
    known[~known.any(axis=1)] = 1.0
    for plausibility in (None, known):
        densities = np.exp(scipy_terms(X, p)) * (1 if plausibility is None else plausibility)
        total = densities.sum(axis=1)
        log_density, resp = responsibilities(X, p.terms(), plausibility)
        np.testing.assert_allclose(log_density, np.log(total), rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(resp, densities / total[:, None], rtol=1e-9, atol=1e-12)


def test_plausibility_of_rows_beyond_all_densities():
    p = mixture(np.random.default_rng(0), STRUCTURES["full"], 2, 2)
    X = np.full((2, 2), 1e300)
    _, resp = responsibilities(X, p.terms(), np.array([[1.0, 0.0], [0.0, 1.0]]))
    np.testing.assert_array_equal(resp, np.eye(2))


@given(st.floats(0.5, 50), st.integers(1, 4), st.floats(0, 30))
@settings(max_examples=30)
def test_scales_are_the_moments_of_their_distribution(dof, d, squared):
    p = replace(mixture(np.random.default_rng(0), STRUCTURES["diag"], 1, d), dof=np.array([dof]))
    mean, log = (float(values[0, 0]) for values in p.family.scales(np.array([[squared]]), d))
    # u ~ Gamma(dof/2, dof/2), x | u ~ N(0, 1/u): the posterior of u is a gamma distribution.
    posterior = gamma(a=(dof + d) / 2, scale=2 / (dof + squared))
    assert mean == pytest.approx(posterior.mean(), rel=1e-12)
    grid = posterior.ppf((np.arange(20_000) + 0.5) / 20_000)
    assert log == pytest.approx(np.log(grid).mean(), abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dof", [None, "each"])
@pytest.mark.parametrize("noise", [False, True])
def test_statistics_are_the_sums(name, dof, noise):
    rng = np.random.default_rng(1)
    structure = STRUCTURES[name]
    p = mixture(rng, structure, 3, 2, noise=noise, dof=dof)
    X, w = drawn(rng, p, 50), rng.uniform(0.5, 2, 50)
    origin = p.means + 0.3
    stats = expectation(X, w, p.terms(), origin)
    densities = np.exp(scipy_terms(X, p))
    resp = w[:, None] * (densities / densities.sum(axis=1, keepdims=True))[:, :3]
    u = np.ones((50, 3))
    if dof is not None:
        u = (p.dof + 2) / (p.dof + squared_distances(X, p.terms()))
    np.testing.assert_allclose(stats.resp_sum, resp.sum(axis=0), rtol=1e-10)
    np.testing.assert_allclose(stats.scaled_sum, (resp * u).sum(axis=0), rtol=1e-10)
    shifted = X[:, None] - origin
    first = np.einsum("ik,ikd->kd", resp * u, shifted)
    second = np.einsum("ik,ikd,ike->kde", resp * u, shifted, shifted)
    np.testing.assert_allclose(stats.first, first, rtol=1e-9, atol=1e-9)
    dense = {
        "full": second,
        "tied": second.sum(axis=0, keepdims=True),
        "diag": second.diagonal(axis1=1, axis2=2),
        "spherical": second.trace(axis1=1, axis2=2)[:, None],
    }[structure.form.name]
    np.testing.assert_allclose(stats.second, dense, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        stats.recentred(p.means).second, expectation(X, w, p.terms()).second, rtol=1e-8, atol=1e-8
    )
    halves = expectation(X[:20], w[:20], p.terms(), origin) + expectation(
        X[20:], w[20:], p.terms(), origin
    )
    for part in ("resp_sum", "scaled_sum", "log_scale", "first", "second", "log_likelihood"):
        np.testing.assert_allclose(getattr(halves, part), getattr(stats, part), rtol=1e-11)


@given(structures, st.integers(1, 4), st.integers(1, 4), st.booleans(), dofs, seeds)
@settings(max_examples=60)
def test_all_back_ends_agree(structure, k, d, noise, dof, seed):
    rng = np.random.default_rng(seed)
    p = mixture(rng, structure, k, d, noise=noise, dof=dof)
    X, w = drawn(rng, p, 40), rng.uniform(0.5, 2, 40)
    source = ArraySource(X, w)
    reference, others = BACKENDS["numpy"](None), [BACKENDS[name](None) for name in BACKENDS]
    stats = reference.hold(source).accumulate(p.terms(), p.means + 0.1)
    rows = reference.hold(ArraySource(X)).evaluate(p.terms(), "log_density", "resp", "labels")
    for backend in others:
        same = backend.hold(source).accumulate(p.terms(), p.means + 0.1)
        for part in ("resp_sum", "scaled_sum", "log_scale", "first", "second", "log_likelihood"):
            np.testing.assert_allclose(
                getattr(same, part), getattr(stats, part), rtol=1e-10, atol=1e-10
            )
        assert same.weight == pytest.approx(stats.weight, rel=1e-14)
        results = backend.hold(ArraySource(X)).evaluate(p.terms(), "log_density", "resp", "labels")
        np.testing.assert_allclose(results.log_density, rows.log_density, rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(results.resp, rows.resp, rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(results.labels, rows.resp.argmax(axis=1))


def problem_of(X, weights=None):
    none = np.zeros(X.shape[1])
    held = BACKENDS["numpy"](None).hold(ArraySource(X, weights))
    return EMProblem(
        held.accumulate, MaximumLikelihood(Bounds(none, 0.0, none, none)), X.std(axis=0)
    )


@given(structures, st.integers(1, 3), st.integers(1, 3), st.booleans(), dofs, seeds)
@settings(max_examples=60)
def test_the_likelihood_never_falls(structure, k, d, noise, dof, seed):
    rng = np.random.default_rng(seed)
    p = mixture(rng, structure, k, d, noise=noise, dof=dof)
    X = np.concatenate([drawn(rng, p, 40 * k), rng.uniform(-6, 6, (10, d))])
    problem = problem_of(X)
    state = em.init(problem, p)
    for _ in range(15):
        state = em.step(problem, state)
    assert np.diff(state.trace).min() > -1e-12 * max(1, np.abs(state.trace).max())
    assert (state.parameters.noise is None) == (not noise)


@given(st.booleans(), dofs, seeds)
@settings(max_examples=20)
def test_a_step_is_the_gradient(noise, dof, seed):
    rng = np.random.default_rng(seed)
    truth = mixture(rng, STRUCTURES["full"], 2, 2, noise=noise, dof=dof)
    X = np.concatenate([drawn(rng, truth, 200), rng.uniform(-20, 20, (20, 2))])
    problem = problem_of(X)
    state = em.init(problem, truth)
    for _ in range(500):
        state = em.step(problem, state)
        p = state.parameters
        chart = Chart(p, frozenset())
        here = chart.vector(em.propose(problem, state))
        if np.linalg.norm(here) < 5e-3:  # to first order only
            break
    assume(p.term_weights.min() > 0.01)  # where little weighs, first order does not reach far
    direction = chart.vector(chart.point(1e-3 * rng.standard_normal(here.size)))
    direction /= np.linalg.norm(direction)
    high, low = (
        em.init(problem, chart.point(sign * 1e-5 * direction)).trace[-1] for sign in (1, -1)
    )
    slack = 0.05 * np.linalg.norm(here) + 1e-8
    assert (high - low) / 2e-5 == pytest.approx(here @ direction, abs=slack)


# ------------------------------------------------------------ degrees of freedom


@given(st.floats(0.5, 100), seeds)
@settings(max_examples=20)
def test_degrees_of_freedom_maximise_their_likelihood(dof, seed):
    u = np.random.default_rng(seed).gamma(dof / 2, 2 / dof, 2000)
    log_scale, held = np.array([(np.log(u) - u).sum()]), np.array([2000.0])
    best = degrees_of_freedom(log_scale, held, np.array([1.0]))[0]

    def log_likelihood(v):
        return 2000 * (v / 2 * np.log(v / 2) - gammaln(v / 2)) + v / 2 * log_scale[0]

    for other in (0.99 * best, 1.01 * best):
        assert log_likelihood(best) >= log_likelihood(other)


def test_degrees_of_freedom_stay_within_their_bounds():
    sums = np.array([-1.0, -1e6, 0.0])
    found = degrees_of_freedom(sums, np.array([1.0, 1.0, 0.0]), np.array([5.0, 5.0, 7.0]))
    np.testing.assert_allclose(found, [MOST, LEAST, 7.0])
    pooled = degrees_of_freedom(np.array([-3.0, -5.0]), np.array([2.0, 1.0]), np.array([4.0]))
    alone = degrees_of_freedom(np.array([-8.0]), np.array([3.0]), np.array([4.0]))
    np.testing.assert_array_equal(pooled, alone)


@pytest.mark.parametrize("dof", [0.8, 4.0, 60.0])
def test_information_is_the_variance_of_the_score(dof):
    half, scale = dof / 2, gamma(a=dof / 2, scale=2 / dof)

    def log_pdf(u, v):
        return v / 2 * np.log(v / 2) - gammaln(v / 2) + (v / 2 - 1) * np.log(u) - v / 2 * u

    def squared_score(x):  # in x = log u, where the density has no pole
        u, step = np.exp(x), 1e-5
        slope = (log_pdf(u, dof * (1 + step)) - log_pdf(u, dof * (1 - step))) / (2 * step)
        return slope**2 * scale.pdf(u) * u

    variance = quad(squared_score, -80 / half if half < 1 else -40, 8, limit=500)[0]
    assert information(np.array([dof]))[0] == pytest.approx(variance, rel=1e-3)


def test_counts():
    p = mixture(np.random.default_rng(0), STRUCTURES["full"], 3, 2, noise=True, dof="each")
    assert p.n_parameters() == 3 + 6 + 9 + 3
    assert p.n_parameters(frozenset({"dof", "weights"})) == 1 + 6 + 9  # of the noise's share
    assert p.n_parameters(frozenset({"dof", "weights", "noise"})) == 6 + 9
    assert p.term_weights.sum() == pytest.approx(1.0)
    shared = mixture(np.random.default_rng(0), STRUCTURES["full"], 3, 2, dof=4.0)
    assert shared.n_parameters() == 2 + 6 + 9 + 1
    assert isinstance(p.permuted(np.array([2, 1, 0])), Parameters)
