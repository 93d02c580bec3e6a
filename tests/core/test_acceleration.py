"""Acceleration: fewer passes, a likelihood that never falls, and rules that mean what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from bactrian.core import em
from bactrian.core.covariance import STRUCTURES
from bactrian.core.covariance.structures.shared import ConstrainedStructure
from bactrian.core.em import steps
from bactrian.core.em.anderson import extrapolate, has_settled, newton_step
from bactrian.core.em.stopping import AitkenRule, LogLikelihoodRule, ParametersRule
from bactrian.errors import DegenerateCovarianceError
from strategies import NAMES, bounds_of, drawn, problem_of, random_parameters, seeds, structures

TOL = 1e-8


def counted(problem):
    """The problem, and a list that grows by one in each pass."""
    passes = []

    def accumulate(terms, origin):
        passes.append(terms)
        return problem.accumulate(terms, origin)

    return replace(problem, accumulate=accumulate), passes


def run_both(problem, start, rule=None, max_iter=20_000):
    """Results of plain and accelerated EM, and how many passes each took."""
    rule = LogLikelihoodRule(TOL) if rule is None else rule
    results = []
    for accelerated in (False, True):
        watched, passes = counted(replace(problem, accelerated=accelerated))
        result = em.run(watched, em.init(watched, start), rule, 1e-5, max_iter)
        results.append((result, len(passes)))
    return results


# ------------------------------------------------------------- one step


def symmetric(rng, values):
    q = np.linalg.qr(rng.standard_normal((len(values), len(values))))[0]
    return (q * values) @ q.T


@given(seeds, st.integers(1, 6))
def test_with_as_many_moves_as_dimensions_the_step_is_newtons(seed, n):
    rng = np.random.default_rng(seed)
    information = symmetric(rng, rng.uniform(0.01, 1.0, n))
    moves = np.linalg.qr(rng.standard_normal((n, n)))[0]
    residual = rng.standard_normal(n)
    step = newton_step(residual, moves, information @ moves)
    np.testing.assert_allclose(step, np.linalg.solve(information, residual), rtol=1e-8, atol=1e-8)


@given(seeds, st.integers(4, 12), st.integers(1, 3))
def test_nothing_is_left_along_the_moves(seed, n, m):
    """Galerkin's condition, which is Anderson's of type I, at the point before the last step."""
    rng = np.random.default_rng(seed)
    information = symmetric(rng, rng.uniform(0.05, 1.0, n))
    moves = rng.standard_normal((n, m))
    moves /= np.linalg.norm(moves, axis=0)
    residual = rng.standard_normal(n)
    gamma = np.linalg.solve(moves.T @ information @ moves, moves.T @ residual)
    expected = moves @ gamma + residual - information @ moves @ gamma
    step = newton_step(residual, moves, information @ moves)
    np.testing.assert_allclose(step, expected, rtol=1e-6, atol=1e-6)


@given(seeds)
def test_along_convex_directions_there_is_no_step(seed):
    rng = np.random.default_rng(seed)
    residual, information = rng.standard_normal(3), np.diag([0.2, 0.7, -0.3])
    known = newton_step(residual, np.eye(3), information)
    np.testing.assert_allclose(known, residual / [0.2, 0.7, 1.0], rtol=1e-12)
    assert newton_step(residual, np.eye(3)[:, ::-1], information[:, ::-1]) is None


def test_moves_that_depend_on_each_other_are_left_out():
    moves = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])[:, [0, 1, 0]]
    step = newton_step(np.ones(3), moves, np.diag([0.5, 0.25, 0.9]) @ moves)
    np.testing.assert_allclose(step, [2.0, 4.0, 1.0])


# ------------------------------------------------------------ the whole run


def overlapping(name, seed, n=400, k=3, d=2):
    """Data of components that overlap, and a start drawn from the same law."""
    rng = np.random.default_rng(seed)
    structure = STRUCTURES[name]
    X = drawn(rng, random_parameters(rng, structure, k, d), n) / 2 + rng.standard_normal((n, d))
    floor = 1e-3 * np.square(structure.units(X.var(axis=0)))
    return problem_of(X, bounds=bounds_of(d, floor)), random_parameters(rng, structure, k, d)


@pytest.mark.parametrize("name", NAMES)
def test_a_third_of_the_passes_where_em_is_slow(name):
    savings = []
    for seed in range(8):
        (_, passes), (fast, fewer) = run_both(*overlapping(name, seed))
        assert fast.satisfied
        if passes >= 100:
            savings.append(passes / fewer)
    assert len(savings) >= 3
    assert np.median(savings) >= 3


@given(seeds, structures, st.integers(2, 4), st.integers(1, 3))
@settings(max_examples=60)
def test_the_likelihood_never_falls_and_every_pass_counts(seed, structure, k, d):
    problem, start = overlapping(structure.name, seed, 80, k, d)
    watched, passes = counted(replace(problem, accelerated=True))
    try:
        result = em.run(watched, em.init(watched, start), AitkenRule(TOL), 1e-5, 60)
    except DegenerateCovarianceError:  # no floor for what is shared
        assert isinstance(structure, ConstrainedStructure)
        reject()
    trace = result.state.trace
    assert np.diff(trace)[1:].min(initial=0.0) >= -1e-12
    assert len(trace) == result.state.iteration + 1 <= len(passes)
    assert result.state.iteration <= 60
    last = em.init(problem, result.state.parameters)
    assert trace[-1] == pytest.approx(last.trace[-1], rel=1e-12)


@pytest.mark.parametrize(
    "rule", [LogLikelihoodRule(TOL), AitkenRule(TOL), ParametersRule(1e-5, np.ones(2))]
)
def test_the_last_steps_before_a_stop_are_plain(rule):
    for seed in range(3):
        problem, start = overlapping("full", seed)
        _, (fast, _) = run_both(problem, start, rule)
        state = fast.state
        assert fast.ending is rule.ending
        assert len(state.plain_trace) >= 2
        assert state.previous is not None
        again = em.step(problem, em.init(problem, state.previous))
        assert again.trace[-1] == pytest.approx(state.trace[-1], rel=1e-13)
        assert em.init(problem, state.previous).trace[-1] == pytest.approx(
            state.plain_trace[-2], rel=1e-13
        )


def test_an_extrapolation_alone_satisfies_no_rule():
    problem, start = overlapping("full", 0)
    state = em.init(problem, start)
    for _ in range(4):
        state = em.step(problem, state)
    jumped = replace(state, previous=None, plain_since=len(state.trace) - 1)
    for rule in (LogLikelihoodRule(1e9), AitkenRule(1e9), ParametersRule(1e9, np.ones(2))):
        assert rule.satisfied(state)
        assert not rule.satisfied(jumped)
        assert rule.satisfied(em.step(problem, jumped))


def test_a_refused_point_costs_a_pass_and_no_likelihood(monkeypatch):
    problem, start = overlapping("full", 1)
    watched, passes = counted(problem)
    state = em.init(watched, start)

    def astray(state, proposal, lay_out):
        memory, ahead = extrapolate(state, proposal, lay_out)
        far = replace(state.parameters, means=state.parameters.means + 50.0)
        return memory, None if ahead is None else replace(ahead, parameters=far)

    monkeypatch.setattr(steps, "extrapolate", astray)
    refused = 0
    for _ in range(200):
        before, state = state, em.accelerated_step(watched, state, AitkenRule(0.0), 9)
        if state.iteration == before.iteration + 2:
            refused += 1
            assert state.trace[-2] == before.trace[-1]
            assert state.plain_trace == state.trace[-2:]
            assert state.previous is before.parameters
    assert refused > 10
    assert state.iteration == len(passes) - 1 == 200 + refused


def test_what_does_not_shrink_has_not_settled():
    assert not has_settled((0.0, 1e-4, 2e-4, 3e-4))
    assert not has_settled((0.0, 3.0, 5.0, 6.0))
    assert not has_settled((0.0, 2e-4, 3e-4))
    assert has_settled((0.0, 3e-4, 5e-4, 6e-4))


@pytest.mark.parametrize("fixed", ["weights", "means", "covariances"])
def test_what_is_fixed_stays(fixed):
    problem, start = overlapping("full", 2)
    held = replace(problem, maximise=replace(problem.maximise, fixed=frozenset({fixed})))
    (plain, _), (fast, _) = run_both(held, start)
    np.testing.assert_array_equal(getattr(fast.state.parameters, fixed), getattr(start, fixed))
    assert fast.state.trace[-1] >= plain.state.trace[-1] - TOL


@pytest.mark.slow
def test_it_hardly_ever_ends_lower_than_plain_em():
    """Another maximum can be found, higher or lower; at the same one nothing is lost."""
    lower = []
    for seed in range(200):
        k, d = 2 + seed % 3, 1 + seed % 2
        problem, start = overlapping(NAMES[seed % 4], seed, (60, 150, 300)[seed % 3], k, d)
        (plain, _), (fast, _) = run_both(problem, start)
        if fast.state.trace[-1] < plain.state.trace[-1] - TOL:
            lower.append(seed)
    assert len(lower) <= 4, lower
