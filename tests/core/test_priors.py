"""Priors: their densities are SciPy's, and EM ends at the mode of the posterior."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import dirichlet, invgamma, invwishart, multivariate_normal

from bactrian.core import em
from bactrian.core.covariance import FULL, STRUCTURES
from bactrian.core.em import EMProblem
from bactrian.core.em.certificate import certify
from bactrian.core.em.stopping import AitkenRule
from bactrian.core.estep.density import responsibilities
from bactrian.core.estep.expectation import expectation
from bactrian.core.mstep.chart import Chart
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.mstep.prior import Prior, default_prior
from bactrian.core.mstep.pseudo import FLAT
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats
from bactrian.errors import BadInputError
from strategies import (
    bounds_of,
    drawn,
    expected_log_likelihood,
    random_parameters,
    rounding_of_step,
    seeds,
    structures,
)

FOUR = ("full", "tied", "diag", "spherical")


def random_prior(rng, d, scale=1.0, offset=0.0):
    A = rng.standard_normal((d, d))
    return Prior(
        mean=scale * (rng.standard_normal(d) + offset),
        shrinkage=10.0 ** rng.uniform(-2, 1),
        scale=scale**2 * (A @ A.T + 0.1 * np.eye(d)),
        dof=d + rng.uniform(0, 5),
        concentration=rng.uniform(1, 3),
    )


def problem_with(X, prior, sample_weight=None, bounds=None, fixed=frozenset()):
    def accumulate(terms, origin):
        return expectation(X, sample_weight, terms, origin)

    bounds = bounds_of(X.shape[1]) if bounds is None else bounds
    return EMProblem(accumulate, MaximumLikelihood(bounds, fixed, prior), X.std(axis=0))


def box(X):
    """Corners of a box that holds the rows."""
    spread = X.std(axis=0)
    return np.stack([X.min(axis=0) - spread, X.max(axis=0) + spread])


def fitted(problem, start, max_iter=20_000):
    """Parameters after EM, as far as it gets."""
    accelerated = replace(problem, accelerated=True)
    return em.run(accelerated, em.init(problem, start), AitkenRule(1e-15), 1e-5, max_iter).state


# ------------------------------------------------------------- the density


def scipy_log_prior(prior, p):
    """Log of the density that the docstring of Prior states, by SciPy."""
    k = p.n_components
    scale, form = np.asarray(prior.scale), p.structure.name
    variances = np.diagonal(scale)
    total = dirichlet(np.full(k, float(prior.concentration))).logpdf(p.weights)
    for mean, covariance in zip(p.means, p.dense_covariances(), strict=True):
        total += multivariate_normal(prior.mean, covariance / prior.shrinkage).logpdf(mean)
    if form == "diag":
        total += invgamma(prior.dof / 2, scale=variances / 2).logpdf(p.covariances).sum()
    elif form == "spherical":
        total += invgamma(prior.dof / 2, scale=variances.mean() / 2).logpdf(p.covariances).sum()
    else:
        total += sum(invwishart(prior.dof, scale).logpdf(c) for c in p.covariances)
    return float(total)


@pytest.mark.parametrize("name", FOUR)
@pytest.mark.parametrize(("k", "d"), [(1, 1), (3, 1), (2, 3), (3, 4)])
def test_density_is_scipys_but_for_a_constant(name, k, d):
    rng = np.random.default_rng(0)
    prior, structure = random_prior(rng, d), STRUCTURES[name]
    statistics = prior.statistics(structure, k, d)
    differences = []
    for _ in range(5):
        p = random_parameters(rng, structure, k, d)
        differences.append(statistics.log_density(p) - scipy_log_prior(prior, p))
    np.testing.assert_allclose(differences, differences[0], rtol=1e-11, atol=1e-9)


def dense_log_prior(prior, p):
    """The same in matrices, for every structure: a K-th of it each where volumes are shared."""
    k, d = p.means.shape
    structure, scale = p.structure, np.asarray(prior.scale)
    own = 1 / k if structure.letters[0] == "E" else 1.0
    rows, scatter = {
        "diag": (prior.dof + 2, np.diag(np.diagonal(scale))),
        "spherical": ((prior.dof + 2) / d, np.eye(d) * np.diagonal(scale).mean() / d),
    }.get(structure.form.name, (prior.dof + d + 1, scale))
    total = (prior.concentration - 1) * np.log(p.weights).sum()
    for mean, covariance in zip(p.means, p.dense_covariances(), strict=True):
        apart = mean - prior.mean
        about = own * scatter + prior.shrinkage * np.outer(apart, apart)
        log_det = np.linalg.slogdet(covariance)[1]
        total -= (own * rows + 1) / 2 * log_det + np.trace(np.linalg.solve(covariance, about)) / 2
    return float(total)


@pytest.mark.parametrize("name", STRUCTURES)
def test_density_is_that_of_rows(name):
    rng = np.random.default_rng(1)
    prior, structure = random_prior(rng, 3), STRUCTURES[name]
    statistics = prior.statistics(structure, 3, 3)
    pairs = [random_parameters(rng, structure, 3, 3) for _ in range(5)]
    differences = [statistics.log_density(p) - dense_log_prior(prior, p) for p in pairs]
    np.testing.assert_allclose(differences, differences[0], rtol=1e-11, atol=1e-9)


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_share_is_a_power_of_the_density(name):
    rng = np.random.default_rng(2)
    prior, structure = random_prior(rng, 2), STRUCTURES[name]
    p, q = (random_parameters(rng, structure, 3, 2) for _ in range(2))
    whole, part = (prior.statistics(structure, 3, 2, share) for share in (1.0, 0.3))
    assert part.log_density(p) - part.log_density(q) == pytest.approx(
        0.3 * (whole.log_density(p) - whole.log_density(q)), rel=1e-11
    )


@given(st.sampled_from(FOUR), seeds, st.sampled_from([1e-6, 1e6]))
@settings(max_examples=20)
def test_density_does_not_depend_on_units(name, seed, unit):
    rng = np.random.default_rng(seed)
    structure = STRUCTURES[name]
    p = random_parameters(rng, structure, 2, 2)
    prior = random_prior(rng, 2)
    units = np.full(2, unit) if name == "spherical" else np.array([1.0, unit])
    other = replace(prior, mean=prior.mean * units, scale=prior.scale * np.outer(units, units))
    q = Parameters(
        p.weights, p.means * units, structure.form.limits.scaled(p.covariances, units), structure
    )
    values = [a.statistics(structure, 2, 2).log_density(b) for a, b in ((prior, p), (other, q))]
    assert values[0] == pytest.approx(values[1], rel=1e-9, abs=1e-9)


# -------------------------------------------------------------- the M-step


def test_one_component_is_the_mode_of_the_normal_inverse_wishart():
    """Gelman et al., eq. 3.24: parameters of the posterior; its mode in mean and covariance."""
    rng = np.random.default_rng(3)
    X, prior = rng.normal(size=(12, 3)) @ rng.normal(size=(3, 3)), random_prior(rng, 3)
    n, d = X.shape
    mean, kappa, apart = X.mean(axis=0), prior.shrinkage, X.mean(axis=0) - prior.mean
    scale = prior.scale + (X - mean).T @ (X - mean)
    scale = scale + kappa * n / (kappa + n) * np.outer(apart, apart)
    structure = STRUCTURES["full"]
    start = random_parameters(rng, structure, 1, 3)
    state = em.step(*_problem_and_start(X, prior, structure, start))
    np.testing.assert_allclose(
        state.parameters.means[0], (kappa * prior.mean + n * mean) / (kappa + n), rtol=1e-12
    )
    np.testing.assert_allclose(
        state.parameters.covariances[0], scale / (prior.dof + n + d + 2), rtol=1e-11
    )


def _problem_and_start(X, prior, structure, start, **settings):
    k, d = start.means.shape
    problem = problem_with(X, prior.statistics(structure, k, d), **settings)
    return problem, em.init(problem, start)


def test_the_mean_of_a_normal_with_known_variance():
    X = np.array([[1.0], [2.0], [6.0]])
    variance, prior_mean, prior_variance = 4.0, 10.0, 2.0
    prior = Prior(mean=[prior_mean], shrinkage=variance / prior_variance)
    start = Parameters(np.ones(1), np.zeros((1, 1)), np.full((1, 1), 4.0), STRUCTURES["diag"])
    problem, state = _problem_and_start(
        X, prior, STRUCTURES["diag"], start, fixed=frozenset({"covariances"})
    )
    precision = 1 / prior_variance + 3 / variance
    expected = (prior_mean / prior_variance + X.sum() / variance) / precision
    assert em.step(problem, state).parameters.means[0, 0] == pytest.approx(expected, rel=1e-14)


def test_each_mean_may_have_a_prior_of_its_own():
    rng = np.random.default_rng(4)
    structure, centres = STRUCTURES["full"], np.array([[-5.0, 0.0], [5.0, 1.0]])
    X = np.r_[rng.normal(size=(30, 2)) - 3, rng.normal(size=(30, 2)) + 3]
    prior = Prior(mean=centres, shrinkage=1e9)
    start = random_parameters(rng, structure, 2, 2)
    state = em.step(*_problem_and_start(X, prior, structure, start))
    np.testing.assert_allclose(state.parameters.means, centres, rtol=1e-5, atol=1e-5)


def test_weights_are_those_of_the_dirichlet():
    rng = np.random.default_rng(5)
    structure = STRUCTURES["spherical"]
    start = random_parameters(rng, structure, 3, 2)
    X, alpha = drawn(rng, start, 40), np.array([1.0, 3.0, 8.0])
    problem, state = _problem_and_start(X, Prior(concentration=alpha), structure, start)
    counts = state.stats.resp_sum + alpha - 1
    np.testing.assert_allclose(
        em.step(problem, state).parameters.weights, counts / counts.sum(), rtol=1e-14
    )
    noisy = replace(start, weights=0.8 * start.weights, noise=box(X))
    problem, state = _problem_and_start(X, Prior(concentration=alpha), structure, noisy)
    counts = state.stats.resp_sum + alpha - 1
    np.testing.assert_allclose(
        em.step(problem, state).parameters.weights, counts / (40 + 9), rtol=1e-14
    )


@given(structures, st.integers(1, 4), st.integers(1, 4), seeds)
@settings(max_examples=60)
def test_nothing_near_is_higher_than_the_m_step(structure, k, d, seed):
    """Expected log-likelihood plus log-prior, against mixtures around the maximiser."""
    rng = np.random.default_rng(seed)
    start = random_parameters(rng, structure, k, d)
    prior = random_prior(rng, d).statistics(structure, k, d)
    X, weight = drawn(rng, start, 30), rng.uniform(0.5, 3, 30)
    stats = expectation(X, weight, start.terms())
    best = MaximumLikelihood(bounds_of(d), prior=prior)(stats, start)
    dense = SufficientStats.of(FULL, X, _resp(X, start, weight), start.means)

    def objective(p):
        expected = expected_log_likelihood(
            p.dense_covariances(), dense.second_about(p.means), stats.resp_sum
        )
        return expected + stats.resp_sum @ np.log(p.weights) + prior.log_density(p)

    highest = objective(best)
    chart = Chart(best, frozenset())
    size = chart.vector(best).size
    for scale in (1e-4, 1e-2, 1.0):
        for _ in range(4):
            step = rng.standard_normal(size)
            other = chart.point(scale * step / np.linalg.norm(step))
            assert objective(other) <= highest + 1e-10 * abs(highest)


def _resp(X, p, weight):
    return responsibilities(X, p.terms())[1] * weight[:, None]


# ------------------------------------------------------------ the posterior


@given(
    structures,
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from([1e-100, 1.0, 1e6]),
    st.sampled_from([0.0, 1e6]),
    st.sampled_from([None, 3.0]),
    st.booleans(),
    seeds,
)
@settings(max_examples=40)
def test_the_posterior_never_falls(structure, k, d, scale, offset, dof, noise, seed):
    rng = np.random.default_rng(seed)
    start = random_parameters(rng, structure, k, d, scale, offset)
    X, weight = drawn(rng, start, 25), rng.uniform(0.2, 4, 25)
    if dof is not None:
        start = replace(start, dof=np.array([dof]))
    if noise:
        start = replace(start, weights=0.9 * start.weights, noise=box(X))
    prior = random_prior(rng, d, scale, offset).statistics(structure, k, d)
    problem = problem_with(X, prior, weight)
    state = em.init(problem, start)
    for _ in range(20):
        before, state = state, em.step(problem, state)
        rounding = rounding_of_step(X, state.parameters, scale * np.ones(d))
        size = 1e-13 * abs(state.log_prior) / weight.sum()
        assert state.trace[-1] >= before.trace[-1] - rounding - size
        assert state.log_posterior == state.log_likelihood + state.log_prior


def log_posterior(X, weight, prior, p):
    """By SciPy and NumPy, of matrices."""
    total = 0.0
    densities = np.stack(
        [
            np.log(w) + multivariate_normal(m, c).logpdf(X).reshape(len(X))
            for w, m, c in zip(p.weights, p.means, p.dense_covariances(), strict=True)
        ],
        axis=1,
    )
    highest = densities.max(axis=1)
    log_densities = highest + np.log(np.exp(densities - highest[:, None]).sum(axis=1))
    total += float(weight @ log_densities)
    return total + dense_log_prior(prior, p)


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_gradient_is_0_at_the_mode(name, weighted):
    rng = np.random.default_rng(6)
    structure = STRUCTURES[name]
    truth = random_parameters(rng, structure, 3, 2)
    X, prior = drawn(rng, truth, 60), random_prior(rng, 2)
    weight = rng.uniform(0.2, 3, 60) if weighted else np.ones(60)
    problem = problem_with(X, prior.statistics(structure, 3, 2), weight)
    mode = fitted(problem, truth).parameters
    chart = Chart(mode, frozenset())
    size, step = chart.vector(mode).size, 1e-4
    # Two entries of a symmetric matrix and the weights' sum are moved as the chart has them.
    slopes = [
        (
            log_posterior(X, weight, prior, chart.point(step * e))
            - log_posterior(X, weight, prior, chart.point(-step * e))
        )
        / (2 * step)
        for e in np.eye(size)
    ]
    assert np.abs(slopes).max() < 2e-5


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_mode_is_that_of_direct_maximisation(name):
    rng = np.random.default_rng(7)
    structure = STRUCTURES[name]
    truth = random_parameters(rng, structure, 2, 2)
    X, prior = drawn(rng, truth, 40), random_prior(rng, 2)
    weight = rng.uniform(0.5, 2, 40)
    problem = problem_with(X, prior.statistics(structure, 2, 2), weight)
    state = fitted(problem, truth)
    chart = Chart(state.parameters, frozenset())
    found = minimize(
        lambda v: -log_posterior(X, weight, prior, chart.point(v)),
        0.1 * rng.standard_normal(chart.vector(truth).size),
        method="BFGS",
        options={"gtol": 1e-6, "maxiter": 2000},
    )
    direct = chart.point(found.x)
    assert log_posterior(X, weight, prior, state.parameters) >= -found.fun - 1e-7
    np.testing.assert_allclose(direct.weights, state.parameters.weights, atol=1e-6)
    np.testing.assert_allclose(direct.means, state.parameters.means, atol=1e-5)
    np.testing.assert_allclose(direct.covariances, state.parameters.covariances, rtol=1e-5)


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_vanishing_prior_is_maximum_likelihood(name):
    rng = np.random.default_rng(8)
    structure = STRUCTURES[name]
    start = random_parameters(rng, structure, 3, 2)
    X, prior = drawn(rng, start, 80), random_prior(rng, 2)
    flat = Prior().statistics(structure, 3, 2)
    vanishing = prior.statistics(structure, 3, 2, share=1e-13)
    ends = []
    for known in (FLAT, flat, vanishing):
        problem = problem_with(X, known)
        state = em.init(problem, start)
        for _ in range(10):
            state = em.step(problem, state)
        ends.append(state)
    for end in ends[1:]:
        assert end.log_prior == pytest.approx(0.0, abs=1e-9)
        for part in ("weights", "means", "covariances"):
            expected = getattr(ends[0].parameters, part)
            np.testing.assert_allclose(
                getattr(end.parameters, part), expected, rtol=1e-9, atol=1e-10
            )


# --------------------------------------------- coordinates, certificate, words


@pytest.mark.parametrize("name", FOUR)
def test_the_step_of_em_is_the_gradient_in_the_chart(name):
    """With the rows of a strong prior among the information."""
    rng = np.random.default_rng(9)
    structure = STRUCTURES[name]
    truth = random_parameters(rng, structure, 2, 2)
    X, prior = drawn(rng, truth, 30), replace(random_prior(rng, 2), shrinkage=40.0, dof=25.0)
    problem = problem_with(X, prior.statistics(structure, 2, 2))
    mode = fitted(problem, truth)
    nearby = problem.maximise.chart(mode.parameters, mode.stats.weight)
    size = nearby.vector(mode.parameters).size
    state = em.init(problem, nearby.point(1e-4 * rng.standard_normal(size)))
    chart = problem.maximise.chart(state.parameters, state.stats.weight)
    proposal = em.propose(problem, state)
    direction = chart.vector(proposal)
    length = np.linalg.norm(direction)
    high, low = (
        em.init(problem, chart.point(sign * 1e-5 * direction / length)).trace[-1]
        for sign in (1.0, -1.0)
    )
    assert (high - low) / 2e-5 == pytest.approx(length, rel=2e-3)
    score = certify(state, proposal, problem.maximise, problem.units).score
    assert score == pytest.approx(np.abs(direction).max())


@pytest.mark.parametrize("name", FOUR)
def test_the_rate_matrix_is_symmetric_in_the_chart(name):
    rng = np.random.default_rng(10)
    structure = STRUCTURES[name]
    truth = random_parameters(rng, structure, 2, 2)
    prior = Prior([0.0, 0.0], 15.0, np.eye(2), 12.0, [4.0, 9.0])
    X = drawn(rng, truth, 30)
    problem = problem_with(X, prior.statistics(structure, 2, 2))
    mode = fitted(problem, truth)
    chart = problem.maximise.chart(mode.parameters, mode.stats.weight)

    def image(vector):
        nearby = chart.point(vector)
        return chart.vector(problem.maximise(problem.accumulate(nearby.terms(), None), nearby))

    size = chart.vector(mode.parameters).size
    step = 1e-5
    rate = np.stack([(image(step * e) - image(-step * e)) / (2 * step) for e in np.eye(size)], 1)
    np.testing.assert_allclose(rate, rate.T, atol=1e-5)
    assert np.linalg.eigvalsh((rate + rate.T) / 2)[-1] < 1
    plain = Chart(mode.parameters, frozenset())
    assert not np.allclose(plain._mean_root, chart._mean_root, rtol=0.1)


def test_rows_of_a_proper_prior_hold_up_a_component():
    rng = np.random.default_rng(11)
    structure = STRUCTURES["full"]
    covariances = np.stack([np.eye(2), 1e-6 * np.eye(2)])
    p = Parameters(np.array([0.95, 0.05]), np.array([[0.0, 0], [9, 9]]), covariances, structure)
    X = np.r_[rng.normal(size=(19, 2)), [[9.0, 9.0]]]
    for scale, words in ((np.eye(2) * 1e-5, 0), (np.diag([1e-5, 0.0]), 1), (None, 1)):
        prior = Prior(scale=scale, dof=4.0).statistics(structure, 2, 2)
        state = em.init(problem_with(X, prior), p)
        proposal = None
        problem = problem_with(X, prior, bounds=bounds_of(2, 1e-12))
        certificate = certify(state, proposal, problem.maximise, problem.units)
        assert len(certificate.collapses) == words
        assert (prior.support > 0) == (words == 0)


def test_the_default_is_that_of_fraley_and_raftery():
    covariance = np.array([[4.0, 1.0], [1.0, 9.0]])
    prior = default_prior(np.array([1.0, 2.0]), covariance, 9)
    np.testing.assert_allclose(prior.mean, [1, 2])
    np.testing.assert_allclose(prior.scale, covariance / 9)
    assert (prior.shrinkage, prior.dof, float(prior.concentration)) == (0.01, 4.0, 1.0)
    # Modes of the variances, theirs: table 2 of Fraley & Raftery (2007), without data.
    nothing = np.zeros(2)
    for name, scatter, rows in (
        ("full", covariance / 9, 4 + 2 + 2),
        ("diag", np.array([4.0, 9.0]) / 9, 4 + 3),
        ("spherical", np.array([6.5 / 9]), 4 + 2 + 2),
    ):
        structure = STRUCTURES[name]
        statistics = prior.statistics(structure, 1, 2)
        means = np.array([[1.0, 2.0]])
        stats = SufficientStats.zeros(structure.form, means)
        current = random_parameters(np.random.default_rng(0), structure, 1, 2)
        new = MaximumLikelihood(bounds_of(2), prior=statistics)(
            replace(stats, weight=1e-20, resp_sum=np.full(1, 1e-20)), current
        )
        np.testing.assert_allclose(new.covariances[0], scatter / rows, rtol=1e-12)
        np.testing.assert_allclose(new.means[0], [1, 2], rtol=1e-12)
    singular = default_prior(nothing, np.ones((2, 2)), 4)
    np.testing.assert_allclose(singular.scale, [0.25, 0.25])


def test_parts_make_the_prior_again():
    prior = Prior([1.0, 2.0], 0.5, np.eye(2), 5, [1.0, 2.0])
    again = Prior(**prior.parts())
    for name, value in prior.parts().items():
        np.testing.assert_array_equal(getattr(again, name), value)
    assert Prior().parts() == {
        "mean": None, "shrinkage": 0.0, "scale": None, "dof": None, "concentration": 1.0,
    }  # fmt: skip


FAULTS = {
    "shrinkage without mean": ({"shrinkage": 1.0}, "shrinkage of the prior must be 0"),
    "negative": ({"mean": 0.0, "shrinkage": -1.0}, "shrinkage of the prior must be at least 0"),
    "dof": ({"dof": "many"}, "dof of the prior must be numbers"),
    "NaN": ({"mean": [np.nan]}, "mean of the prior must be .* finite"),
    "concentration": ({"concentration": 0.5}, "at least 1, but got 0.5"),
    "asymmetric": ({"scale": [[1.0, 0.5], [0.2, 1.0]]}, "scale of the prior must be symmetric"),
    "oblong": ({"scale": [[1.0, 0.5]]}, "scale of the prior must be square"),
    "indefinite": ({"scale": [[1.0, 2.0], [2.0, 1.0]]}, "negative eigenvalue"),
    "negative variances": ({"scale": -1.0}, "scale of the prior must be at least 0"),
    "text": ({"scale": "wide"}, "scale of the prior must be numbers"),
    "three dimensions": ({"mean": np.zeros((1, 1, 1))}, "mean of the prior must be"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_priors_that_are_none(name):
    parts, words = FAULTS[name]
    with pytest.raises(BadInputError, match=words):
        Prior(**parts)


@pytest.mark.parametrize(
    ("prior", "words"),
    [
        (Prior(mean=[1.0]), r"mean of the prior must be .*\(2,\) or \(3, 2\)"),
        (Prior(mean=np.zeros((2, 2))), "mean of the prior"),
        (Prior(scale=[1.0, 2.0, 3.0]), "scale of the prior"),
        (Prior(concentration=[1.0, 2.0]), "concentration of the prior must be one number, or 3"),
    ],
)
def test_priors_of_another_size(prior, words):
    with pytest.raises(BadInputError, match=words):
        prior.statistics(STRUCTURES["full"], 3, 2)
