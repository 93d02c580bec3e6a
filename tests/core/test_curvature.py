"""Maxima and saddles are told apart, and saddles are left."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from bactrian import GaussianMixture
from bactrian.core import em
from bactrian.core.covariance import STRUCTURES
from bactrian.core.em.climb import climb, look
from bactrian.core.em.curvature import curvature, descend
from bactrian.core.em.stopping import AitkenRule
from bactrian.core.mstep.chart import Chart
from bactrian.core.values.parameters import Parameters
from strategies import NAMES, drawn, problem_of, random_parameters

OLD_FAITHFUL_TIED_3 = -1126.316  # the maximum, from many starts


def settled(problem, parameters, n_iter):
    """After so many steps of plain EM, or where steps change no more than the last digits."""
    state = em.init(problem, parameters)
    for _ in range(n_iter):
        before, state = flat(state.parameters), em.step(problem, state)
        if np.abs(flat(state.parameters) - before).max() < 1e-14:
            break
    return state


def flat(p):
    """Free parameters in their natural coordinates."""
    if p.covariances.ndim == 3:
        rows, columns = np.tril_indices(p.n_features)
        covariances = p.covariances[:, rows, columns]
    else:
        covariances = p.covariances
    return np.concatenate([p.weights, p.means.ravel(), covariances.ravel()])


def unflat(vector, like):
    k, d = like.means.shape
    weights, means, rest = np.split(vector, [k, k + k * d])
    covariances = np.array(like.covariances)
    if covariances.ndim == 3:
        rows, columns = np.tril_indices(d)
        entries = rest.reshape(len(covariances), -1)
        covariances[:, rows, columns] = entries
        covariances[:, columns, rows] = entries
    else:
        covariances = rest.reshape(covariances.shape)
    return Parameters(weights, means.reshape(k, d), covariances, like.structure)


def numerical_rate(problem, p, step=1e-5):
    """Largest eigenvalue of the differentiated EM map, coordinate by coordinate.

    Weights need not sum to 1 on the way: the map does not see their sum (an eigenvalue 0).
    """
    base = flat(p)
    sizes = np.maximum(np.abs(base), 0.1)
    columns = []
    for i, size in enumerate(sizes):
        images = []
        for sign in (1, -1):
            moved = base.copy()
            moved[i] += sign * step * size
            there = unflat(moved, p)
            images.append(flat(problem.maximise(problem.accumulate(there.terms(), None), there)))
        columns.append((images[0] - images[1]) / (2 * step * size))
    return float(np.linalg.eigvals(np.stack(columns, axis=1)).real.max())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 1])
def test_rate_is_the_largest_eigenvalue_of_the_em_map(name, seed):
    rng = np.random.default_rng(seed)
    truth = random_parameters(rng, STRUCTURES[name], 2, 2)
    truth = truth.replaced(means=np.array([[-1.5, 0.0], [1.5, 1.0]]))
    problem = problem_of(drawn(rng, truth, 150))
    state = settled(problem, truth, 3000)
    expected = numerical_rate(problem, state.parameters)
    found = curvature(problem, state)
    assert expected < 1
    # Lanczos stops at one hundredth of the distance from 1.
    assert found.rate == pytest.approx(expected, abs=0.02 * (1 - expected) + 1e-3)
    assert found.rate <= expected + 1e-3
    assert abs(found.gain) < 1e-8
    assert np.linalg.norm(found.direction) == pytest.approx(1.0)


@pytest.mark.parametrize("name", NAMES)
def test_gain_is_what_is_left_to_the_maximum(name):
    rng = np.random.default_rng(0)
    truth = random_parameters(rng, STRUCTURES[name], 2, 1)
    truth = truth.replaced(means=np.array([[-1.5], [1.5]]))
    problem = problem_of(drawn(rng, truth, 150))
    end = settled(problem, truth, 5000)
    # A little way off, so that Newton's step is exact to a few per cent.
    off = 0.01 * rng.standard_normal(Chart(end.parameters, frozenset()).vector(truth).size)
    state = em.init(problem, Chart(end.parameters, frozenset()).point(off))
    left = end.trace[-1] - state.trace[-1]
    assert left > 1e-7
    assert curvature(problem, state).gain == pytest.approx(left, rel=0.15)


def test_a_slope_is_followed_to_whichever_side_it_rises():
    rng = np.random.default_rng(2)
    truth = random_parameters(rng, STRUCTURES["full"], 2, 1)
    truth = truth.replaced(means=np.array([[-1.5], [1.5]]))
    problem = problem_of(drawn(rng, truth, 150))
    state = settled(problem, truth.replaced(weights=np.array([0.9, 0.1])), 2)
    found = curvature(problem, state)
    other = replace(found, direction=-found.direction)
    here, there = (descend(problem, state, each) for each in (found, other))
    assert here is not None
    assert there is not None
    assert here.log_likelihood == pytest.approx(there.log_likelihood, rel=1e-12)
    assert here.log_likelihood > em.step(problem, state).log_likelihood


@pytest.mark.parametrize("name", NAMES)
def test_rate_is_that_at_which_em_closes_the_gap(name):
    rng = np.random.default_rng(3)
    truth = random_parameters(rng, STRUCTURES[name], 2, 2)
    truth = truth.replaced(means=np.array([[-1.5, 0.0], [1.5, 1.0]]))
    problem = problem_of(drawn(rng, truth, 150))
    end = settled(problem, truth, 3000)
    rate = curvature(problem, end).rate
    gaps = []
    state = em.init(problem, truth)
    while len(gaps) < 3000:
        state = em.step(problem, state)
        gaps.append(np.linalg.norm(state.parameters.means - end.parameters.means))
        if gaps[-1] < 1e-7:
            break
    ratios = np.array(gaps[1:]) / gaps[:-1]
    assert rate == pytest.approx(ratios[-5:].mean(), abs=0.02)


def identical(name, X, k=2):
    """Components that are all the same: a fixed point of EM, whatever the data."""
    rng = np.random.default_rng(0)
    structure = STRUCTURES[name]
    d = X.shape[1]
    one = settled(problem_of(X), random_parameters(rng, structure, 1, d), 3).parameters
    covariances = np.broadcast_to(one.covariances, structure.form.shape(k, d))
    return Parameters(np.full(k, 1 / k), np.repeat(one.means, k, axis=0), covariances, structure)


def two_groups(d=1, apart=4.0):
    rng = np.random.default_rng(0)
    shift = np.eye(d)[0] * apart
    groups = [rng.standard_normal((40, d)) - shift, rng.standard_normal((40, d)) + shift]
    return np.concatenate(groups)


def saddle(name):
    """A saddle, and its rate in closed form (None where there is none)."""
    if name == "spherical":  # the means part along the longer axis
        X = two_groups(2)
        variances = X.var(axis=0)
        return X, identical(name, X), variances.max() / variances.mean()
    if name == "tied":  # two of three components on two groups, the third on its own
        X = np.concatenate([two_groups(), two_groups() / 10 + 30])
        labels = np.repeat([0, 1], 80)
        means = np.array([[X[labels == 0].mean()]] * 2 + [[X[labels == 1].mean()]])
        covariance = sum(X[labels == j].var() for j in (0, 1)) / 2
        weights = np.array([0.25, 0.25, 0.5])
        p = Parameters(weights, means, np.array([[[covariance]]]), STRUCTURES[name])
        state = settled(problem_of(X), p, 5)
        return X, state.parameters, X[labels == 0].var() / covariance
    # The variances part where the tails are heavy.
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.standard_normal((50, 1)), 5 * rng.standard_normal((50, 1))])
    X = np.concatenate([X, -X])  # skewness would mix the means in
    z = (X - X.mean()) / X.std()
    return X, identical(name, X), (np.mean(z**4) - 1) / 2


@pytest.mark.parametrize("name", NAMES)
def test_a_saddle_is_seen_and_left(name):
    X, p, expected = saddle(name)
    problem = problem_of(X)
    state = em.init(problem, p)
    assert np.abs(flat(em.propose(problem, state)) - flat(p)).max() < 1e-9
    found = curvature(problem, state)
    assert expected > 1.2
    assert numerical_rate(problem, p) == pytest.approx(expected, rel=1e-3)
    assert found.rate == pytest.approx(expected, rel=0.02)
    beyond = descend(problem, state, found)
    assert beyond is not None
    assert beyond.log_likelihood > state.log_likelihood + 1
    assert beyond.trace[-1] == pytest.approx(beyond.log_likelihood / beyond.stats.weight)
    assert beyond.iteration == state.iteration
    assert len(beyond.trace) == len(state.trace)
    again = em.init(problem, beyond.parameters)
    assert again.log_likelihood == pytest.approx(beyond.log_likelihood, rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_climb_leaves_a_saddle(name):
    X, p, _ = saddle(name)
    problem = problem_of(X)
    result = em.run(problem, em.init(problem, p), AitkenRule(1e-6), 1e-6, 1000)
    found = climb(problem, result, accuracy=1e-6, max_iter=2000)
    assert found.converged
    assert found.certificate.rate is not None
    assert found.certificate.rate < 1
    assert numerical_rate(problem, found.state.parameters) < 1
    assert found.state.log_likelihood > result.state.log_likelihood + 1
    assert np.diff(found.state.trace).min() >= -1e-12


def test_a_look_without_persistence_stays_where_it_is_and_says_so():
    X, p, expected = saddle("full")
    problem = problem_of(X)
    result = em.run(problem, em.init(problem, p), AitkenRule(1e-6), 1e-6, 1000)
    found = look(problem, result, 1e-6, 1000)
    assert found.state is result.state
    assert not found.converged
    assert found.certificate.rate == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_climb_leaves_identical_components_for_the_groups(name):
    # The likelihood is flat here to second order: the rate is 1, not above.
    X = two_groups()
    problem, p = problem_of(X), identical(name, X)
    result = em.run(problem, em.init(problem, p), AitkenRule(1e-6), 1e-6, 1000)
    assert result.state.trace[-1] == pytest.approx(em.init(problem, p).trace[-1], abs=1e-6)
    found = climb(problem, result, accuracy=1e-6, max_iter=1000)
    groups = p.replaced(means=np.array([[-4.0], [4.0]]))
    best = settled(problem, groups, 1000)
    assert found.converged
    assert found.certificate.rate is not None
    assert found.certificate.rate < 1
    assert found.state.log_likelihood == pytest.approx(best.log_likelihood, abs=1e-3)
    assert np.diff(found.state.trace).min() >= -1e-12


def test_climb_keeps_within_the_limit_of_iterations():
    X, p, _ = saddle("full")
    problem = problem_of(X)
    result = em.run(problem, em.init(problem, p), AitkenRule(1e-6), 1e-6, 5)
    found = climb(problem, result, accuracy=1e-9, max_iter=5)
    assert found.state.iteration <= 5
    if found.state.iteration == 5:
        assert not found.converged


def test_a_fit_from_identical_components_finds_the_groups():
    X = two_groups(2)
    mean, covariance = X.mean(axis=0), np.cov(X.T, ddof=0)
    mixture = GaussianMixture(
        2,
        weights_init=[0.5, 0.5],
        means_init=[mean, mean],
        precisions_init=[np.linalg.inv(covariance)] * 2,
    ).fit(X)
    best = GaussianMixture(2, random_state=0).fit(X)
    assert mixture.converged_
    assert mixture.log_likelihood_ == pytest.approx(best.log_likelihood_, abs=1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_old_faithful_ends_at_the_maximum_or_says_that_it_does_not(faithful, seed):
    mixture = GaussianMixture(3, covariance_type="tied", random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(faithful)
    at_the_maximum = abs(mixture.log_likelihood_ - OLD_FAITHFUL_TIED_3) < 5e-3
    assert at_the_maximum or not mixture.converged_
    if mixture.converged_:
        assert mixture.fit_report_.certificate.rate < 1
