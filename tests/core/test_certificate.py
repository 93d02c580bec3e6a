"""The certificate's score is the gradient; collapses are seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bactrian.core import em
from bactrian.core.covariance import STRUCTURES
from bactrian.core.em.certificate import Certificate, certify
from bactrian.core.mstep.chart import Chart
from bactrian.core.values.parameters import Parameters
from bactrian.objections import Collapse, sentences, words
from strategies import (
    NAMES,
    bounds_of,
    covariances_of,
    drawn,
    forms,
    problem_of,
    random_parameters,
    scipy_mean_log_likelihood,
    seeds,
)

STEP = 1e-5


def certificate_of(problem, parameters):
    state = em.init(problem, parameters)
    proposal = em.propose(problem, state)
    return certify(state, proposal, problem.maximise, problem.units)


def near_the_end(problem, parameters):
    """Parameters at which EM's steps have become small, but not nothing."""
    state = em.init(problem, parameters)
    for _ in range(200):
        before, state = state, em.step(problem, state)
        if state.trace[-1] - before.trace[-1] < 1e-6:
            return before.parameters
    return state.parameters


def numerical_gradient(X, sample_weight, p):
    """Gradient of the mean log-likelihood, by central differences of SciPy's.

    Weights move along the softmax; means by deviations of their component; covariances by
    ``U^-T (I + C) U^-1`` with C in the space of the structure.
    """
    structure, (k, d) = p.structure, p.means.shape

    def slope(moved):
        high, low = (
            scipy_mean_log_likelihood(X, moved(sign * STEP), sample_weight) for sign in (1, -1)
        )
        return (high - low) / (2 * STEP)

    def weight(j):
        def moved(t):
            weights = p.weights * np.exp(t * (np.arange(k) == j))
            return p.replaced(weights=weights / weights.sum())

        return slope(moved)

    def mean(j, i):
        def moved(t):
            means = p.means.copy()
            step = np.zeros((1, d))
            step[0, i] = t
            means[j] += structure.form.algebra.coloured(step, p.factors()[j])[0]
            return p.replaced(means=means)

        return slope(moved)

    def covariance(index):
        # A matrix is a free symmetric one; its gradient has half of each off-diagonal slope.
        def moved(t):
            if p.covariances.ndim == 3:
                root = np.linalg.inv(p.precisions_cholesky[index[0]])
                C = np.zeros((d, d))
                C[index[1], index[2]] += t / 2
                C[index[2], index[1]] += t / 2
                covariances = p.covariances.copy()
                covariances[index[0]] = root.T @ (np.eye(d) + C) @ root
            else:
                covariances = p.covariances.copy()
                covariances[index] *= 1 + t
            return p.replaced(covariances=covariances)

        return slope(moved)

    return (
        np.array([weight(j) for j in range(k)]),
        np.array([[mean(j, i) for i in range(d)] for j in range(k)]),
        np.array([covariance(index) for index in np.ndindex(*p.covariances.shape)]),
    )


def assert_score_is_the_gradient(structure, k, d, seed, *, weighted):
    rng = np.random.default_rng(seed)
    truth = random_parameters(rng, structure, k, d)
    X = drawn(rng, truth, 50 * k)
    sample_weight = rng.uniform(0.2, 3.0, len(X)) if weighted else None
    problem = problem_of(X, sample_weight)
    p = near_the_end(problem, truth)
    score = certificate_of(problem, p).score
    # The coordinates of the score are orthonormal in the complete-data information.
    root = np.sqrt(p.weights)
    each = p.weights if len(p.covariances) == k else np.ones(1)
    information = np.sqrt(each * (d / p.covariances.shape[-1]) / 2)
    entries = np.repeat(information, p.covariances[0].size)
    scales = (root, root[:, None], entries)
    blocks = [
        block / scale
        for block, scale in zip(numerical_gradient(X, sample_weight, p), scales, strict=True)
    ]
    largest = max(np.abs(block).max() for block in blocks)
    # A step is the gradient up to its square.
    assert score == pytest.approx(largest, rel=0.02, abs=3e-9)


@given(forms, st.integers(1, 3), st.integers(1, 3), seeds, st.booleans())
@settings(max_examples=40)
def test_score_is_the_largest_entry_of_the_gradient(structure, k, d, seed, weighted):
    assert_score_is_the_gradient(structure, k, d, seed, weighted=weighted)


def test_score_of_one_variance_is_that_of_all_its_features():
    for seed in range(10):
        assert_score_is_the_gradient(STRUCTURES["spherical"], 2, 3, seed, weighted=False)


@given(forms, st.integers(1, 3), st.integers(1, 3), seeds)
@settings(max_examples=40)
def test_a_step_of_em_is_the_gradient_in_the_chart(structure, k, d, seed):
    rng = np.random.default_rng(seed)
    truth = random_parameters(rng, structure, k, d)
    X = drawn(rng, truth, 50 * k)
    problem = problem_of(X)
    p = near_the_end(problem, truth)
    chart = Chart(p, frozenset())
    here = chart.vector(em.propose(problem, em.init(problem, p)))
    for _ in range(3):
        direction = chart.vector(chart.point(1e-3 * rng.standard_normal(here.size)))
        direction /= max(np.linalg.norm(direction), 1e-12)
        high, low = (
            scipy_mean_log_likelihood(X, chart.point(sign * STEP * direction)) for sign in (1, -1)
        )
        slack = 0.02 * np.linalg.norm(here) + 3e-9
        assert (high - low) / (2 * STEP) == pytest.approx(here @ direction, abs=slack)


# ------------------------------------------------------------------- verdicts


def converged_state(name, rng):
    structure = STRUCTURES[name]
    truth = random_parameters(rng, structure, 2, 2)
    truth = truth.replaced(means=np.array([[-8.0, 0.0], [8.0, 0.0]]))
    X = drawn(rng, truth, 200)
    problem = problem_of(X)
    state = em.init(problem, truth)
    for _ in range(100):
        state = em.step(problem, state)
    return problem, state


@pytest.mark.parametrize("name", NAMES)
def test_score_vanishes_at_a_maximum(name):
    problem, state = converged_state(name, np.random.default_rng(1))
    certificate = certify(state, em.propose(problem, state), problem.maximise, problem.units)
    assert certificate.score < 1e-12
    assert certificate.gain_to_come < 1e-12
    assert certificate.collapses == ()
    assert certificate.sound(1e-8)
    assert certificate.objections(1e-8) == ()


def test_objections():
    fine = Certificate(0.0, 0.0, ())
    assert fine.sound(1e-6)
    coming = Certificate(0.5, 0.0, ())
    assert not coming.sound(1e-2)
    assert "0.5 nats a sample are still to come" in words(coming.objections(1e-2)[0])
    assert coming.sound(0.5)
    growing = Certificate(np.inf, 0.0, ())
    assert "have not begun to shrink" in words(growing.objections(1.0)[0])
    steep = Certificate(0.0, 1.0, ())
    assert "gradient is 1" in words(steep.objections(0.49)[0])
    assert steep.sound(0.51)
    dead = Certificate(0.0, 0.0, (Collapse(2, 0.0, 1.0),))
    assert sentences(dead.objections(1.0)) == ("component 3 died: it has no rows left",)
    near = Certificate(0.0, 0.0, (Collapse(0, 1.5, 1e-5),))
    assert "component 1 is close to collapse: it holds 1.5 rows" in words(near.objections(1.0)[0])
    assert not near.sound(1.0)


@pytest.mark.parametrize("name", NAMES)
def test_a_covariance_at_the_floor_is_a_collapse(name):
    structure = STRUCTURES[name]
    X = np.concatenate([np.random.default_rng(0).standard_normal((50, 2)), np.full((3, 2), 20.0)])
    if name == "tied":
        X[:, 1] = X[:, 0]
    shape = structure.form.shape(2, 2)
    covariances = np.ones(shape) if len(shape) == 2 else np.broadcast_to(np.eye(2), shape)
    means = np.array([[0.0, 0.0], [20.0, 20.0]])
    start = Parameters(np.array([0.9, 0.1]), means, covariances, structure)
    problem = problem_of(X, bounds=bounds_of(2, 1e-6))
    state = em.init(problem, start)
    for _ in range(3):
        state = em.step(problem, state)
    certificate = certify(state, em.propose(problem, state), problem.maximise, problem.units)
    collapsed = [c.component for c in certificate.collapses]
    assert collapsed == ([0, 1] if name == "tied" else [1])
    assert not certificate.sound(1.0)
    if name != "tied":
        assert certificate.collapses[0].rows == pytest.approx(3.0)
    assert certificate.collapses[0].smallest_deviation == pytest.approx(
        1e-3 / X.std(axis=0)[0], rel=0.1
    )


@pytest.mark.parametrize("name", ["full", "diag", "spherical"])
def test_as_many_rows_as_a_covariance_needs_may_be_tight(name):
    structure = STRUCTURES[name]
    needed = structure.rows_needed(2)
    corners = 20.0 + 1e-3 * np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]])
    X = np.concatenate([np.random.default_rng(0).standard_normal((50, 2)), corners[:needed]])
    start = random_parameters(np.random.default_rng(0), structure, 2, 2)
    start = start.replaced(means=np.array([[0.0, 0.0], [20.0, 20.0]]))
    problem = problem_of(X, bounds=bounds_of(2, 1e-12))
    state = em.init(problem, start)
    for _ in range(3):
        state = em.step(problem, state)
    assert state.stats.resp_sum[1] == pytest.approx(needed)
    assert not certify(state, None, problem.maximise, problem.units).collapses


@pytest.mark.parametrize(("weight", "rows"), [(0.001, 1.0), (1.0, 1.0), (3.0, 3.0)])
def test_weights_are_counts_or_shares_of_rows(weight, rows):
    X = np.array([[0.0], [0.5], [1.0], [30.0]])
    start = Parameters(
        np.array([0.75, 0.25]), np.array([[0.5], [30.0]]), np.full((2, 1), 0.1), STRUCTURES["diag"]
    )
    bounds = bounds_of(1, 1e-6)
    problem = problem_of(X, np.full(4, weight), bounds)
    state = em.step(problem, em.init(problem, start))
    (collapse,) = certify(state, None, problem.maximise, problem.units).collapses
    assert collapse.component == 1
    assert collapse.rows == pytest.approx(rows)


@pytest.mark.parametrize("name", NAMES)
def test_a_dead_component_is_told(name):
    rng = np.random.default_rng(0)
    structure = STRUCTURES[name]
    start = Parameters(
        np.array([1.0, 0.0]), np.zeros((2, 2)), covariances_of(structure, rng, 2, 2), structure
    )
    certificate = certificate_of(problem_of(rng.standard_normal((30, 2))), start)
    assert [c.component for c in certificate.collapses] == [1]
    assert certificate.collapses[0].dead
