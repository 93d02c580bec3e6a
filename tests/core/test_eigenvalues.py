"""The bound on the ratio of eigenvalues: its maximiser is that of a direct search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from bactrian.core import em
from bactrian.core.covariance import STRUCTURES
from bactrian.core.em.stopping import AitkenRule
from bactrian.core.mstep.prior import Prior
from bactrian.core.mstep.ratio import RATIO_STRUCTURES, RatioBounds, smallest_eigenvalue
from strategies import (
    drawn,
    expected_log_likelihood,
    problem_of,
    random_parameters,
    rounding_of_step,
    seeds,
)

ratios = st.sampled_from([1.0, 1.5, 4.0, 100.0, 1e6, 1e12])
names = st.sampled_from(RATIO_STRUCTURES)


def bounds_with(ratio, d, floor=0.0, units=None):
    units = np.ones(d) if units is None else units
    nothing = np.zeros(d)
    return RatioBounds(
        floor * np.square(units), 0.0, nothing, nothing, ratio=ratio, units=units
    )  # fmt: skip


def lost(log_m, values, counts, ratio):
    """What is to be minimised: ``sum n (log l + s / l)`` with l the nearest to s."""
    cut = np.clip(values, np.exp(log_m), ratio * np.exp(log_m))
    return float((counts[:, None] * (np.log(cut) + values / cut)).sum())


@given(st.integers(1, 5), st.integers(1, 5), ratios, st.floats(0, 8), st.booleans(), seeds)
@settings(max_examples=200)
def test_no_other_range_is_better(k, d, ratio, spread, flat, seed):
    rng = np.random.default_rng(seed)
    values = 10.0 ** rng.uniform(-spread, spread, (k, d))
    if flat:
        values[rng.uniform(size=(k, d)) < 0.4] = 0.0
    counts = rng.uniform(0, 10, k) * (rng.uniform(size=k) < 0.8)
    m = smallest_eigenvalue(values, counts, ratio)
    held = counts > 0
    values, counts = values[held], counts[held]
    assume(values.any())
    here = lost(np.log(m), values, counts, ratio)
    positive = values[values > 0]
    wide = np.log(positive.min() / ratio) - 1, np.log(positive.max()) + 1
    found = minimize_scalar(lost, bounds=wide, args=(values, counts, ratio), method="bounded")
    grid = np.linspace(*wide, 200)
    others = [found.fun, *(lost(g, values, counts, ratio) for g in grid)]
    near = [lost(np.log(m) + step, values, counts, ratio) for step in (1e-4, -1e-4)]
    assert here <= min([*others, *near]) + 1e-9 * max(1.0, abs(here))


def test_of_nothing_the_smallest_is_zero():
    assert smallest_eigenvalue(np.zeros((2, 3)), np.ones(2), 4.0) == 0.0
    assert smallest_eigenvalue(np.ones((2, 3)), np.zeros(2), 4.0) == 0.0
    assert smallest_eigenvalue(np.eye(2), np.zeros(2), 1.0) == 0.0


def test_within_the_ratio_nothing_changes():
    values = np.array([[1.0, 2.0], [1.5, 4.0]])
    assert smallest_eigenvalue(values, np.ones(2), 4.0) == 1.0
    p = random_parameters(np.random.default_rng(0), STRUCTURES["full"], 3, 4)
    found, factors = bounds_with(1e9, 4).apply(p.covariances, p.structure, np.ones(3))
    np.testing.assert_array_equal(found, p.covariances)
    np.testing.assert_array_equal(factors, p.precisions_cholesky)


def test_ratio_1_is_one_variance_for_all():
    rng = np.random.default_rng(0)
    p = random_parameters(rng, STRUCTURES["full"], 3, 2)
    counts = np.array([5.0, 1.0, 2.0])
    found, _ = bounds_with(1.0, 2).apply(p.covariances, p.structure, counts)
    mean = counts @ np.trace(p.covariances, axis1=1, axis2=2) / (2 * counts.sum())
    np.testing.assert_allclose(found, np.broadcast_to(mean * np.eye(2), found.shape), atol=1e-12)


def nearby(rng, bounds, p, size):
    """Covariances within the bounds, near those of p."""
    noise = random_parameters(rng, p.structure, *p.means.shape).covariances
    mixed = (1 - size) * p.covariances + size * noise * rng.uniform(0.1, 2)
    mixed = p.structure.projected(mixed, p.weights, p.n_features)
    values = p.form.limits.eigenvalues(mixed, bounds.units)
    low = values.min() * np.exp(rng.uniform(-1, 1) * size)
    return p.form.limits.truncated(mixed, bounds.units, low, bounds.ratio * low)[0]


@given(names, st.integers(1, 4), st.integers(1, 4), ratios, st.sampled_from([1e-5, 1, 1e5]), seeds)
@settings(max_examples=80)
def test_apply_maximises_and_admits(name, k, d, ratio, unit, seed):
    rng = np.random.default_rng(seed)
    structure = STRUCTURES[name]
    common = structure.has_common_unit
    units = np.full(d, unit) if common else unit ** rng.uniform(0, 1, d)
    p = random_parameters(rng, structure, k, d)
    covariances = structure.form.limits.scaled(p.covariances, units)
    p = p.replaced(covariances=covariances)
    counts = rng.uniform(1, 20, k)
    bounds = bounds_with(ratio, d, units=units)
    found, factors = bounds.apply(covariances, structure, counts)
    np.testing.assert_allclose(
        structure.form.changes.change(found, factors), 0.0, atol=1e-13 * d * max(ratio, 10.0)
    )
    best = replace(p, covariances=found, precisions_cholesky=factors)
    assert bounds.admit(best)
    values = structure.form.limits.eigenvalues(found, units)
    assert values.max() <= ratio * values.min() * (1 + 1e-12 * ratio)
    scatter = counts[:, None, None] * p.dense_covariances()
    highest = expected_log_likelihood(best.dense_covariances(), scatter, counts)
    for size in (1e-3, 0.1, 1.0):
        other = p.replaced(covariances=nearby(rng, bounds, best, size))
        value = expected_log_likelihood(other.dense_covariances(), scatter, counts)
        assert value <= highest + 1e-9 * abs(highest) + 1e-13 * ratio
    again = bounds.confine(best)
    a, b = (structure.form.limits.scaled(each, 1 / units) for each in (again.covariances, found))
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-13 * b.max() * max(ratio, 10.0))


def test_what_is_beyond_the_ratio_is_not_admitted():
    p = random_parameters(np.random.default_rng(1), STRUCTURES["full"], 2, 2)
    bounds = bounds_with(2.0, 2)
    assert not bounds.admit(p.replaced(covariances=np.stack([np.eye(2), 2.001 * np.eye(2)])))
    assert bounds.admit(p.replaced(covariances=np.stack([np.eye(2), 1.999 * np.eye(2)])))
    floored = bounds_with(2.0, 2, floor=1.5)
    assert not floored.admit(p.replaced(covariances=np.stack([np.eye(2), 1.9 * np.eye(2)])))


def test_the_floor_stays_underneath():
    bounds = bounds_with(10.0, 2, floor=1e-3, units=np.array([1.0, 10.0]))
    tiny = np.zeros((2, 2, 2))
    found, _ = bounds.apply(tiny, STRUCTURES["full"], np.ones(2))
    np.testing.assert_allclose(found, np.broadcast_to(np.diag([1e-3, 1e-1]), found.shape))
    without = replace(bounds, floor=np.zeros(2))
    _, factors = without.apply(tiny, STRUCTURES["full"], np.ones(2))
    assert np.isnan(factors).all()


@given(names, st.integers(1, 4), st.integers(1, 3), ratios, st.booleans(), st.booleans(), seeds)
@settings(max_examples=80)
def test_the_likelihood_never_falls(name, k, d, ratio, weighted, known, seed):
    rng = np.random.default_rng(seed)
    structure = STRUCTURES[name]
    start = random_parameters(rng, structure, k, d)
    X = drawn(rng, start, 25)
    weight = rng.uniform(0.2, 4, 25) if weighted else None
    bounds = bounds_with(ratio, d, 1e-6, X.std(axis=0).mean() * np.ones(d))
    problem = problem_of(X, weight, bounds)
    if known:
        prior = Prior(np.zeros(d), 0.5, np.eye(d), d + 1.0, 1.5).statistics(structure, k, d)
        problem = replace(problem, maximise=replace(problem.maximise, prior=prior))
    for accelerated in (False, True):
        state = em.init(problem, bounds.confine(start))
        accelerated_problem = replace(problem, accelerated=accelerated)
        result = em.run(accelerated_problem, state, AitkenRule(1e-12), 1e-5, 40)
        rounding = rounding_of_step(X, result.state.parameters, X.std(axis=0))
        slack = 1e-14 * ratio * d
        assert (np.diff(result.state.trace) >= -rounding - slack).all()
        values = structure.form.limits.eigenvalues(
            result.state.parameters.covariances, bounds.units
        )
        assert values.max() <= ratio * values.min() * (1 + 1e-13 * ratio * d + 1e-12)


def test_an_extrapolation_is_brought_back_within_the_ratio():
    """Acceleration helps where the bound is active, as it does elsewhere."""
    rng = np.random.default_rng(2)
    structure = STRUCTURES["full"]
    truth = random_parameters(rng, structure, 3, 2)
    X = drawn(rng, truth.replaced(means=truth.means / 3), 300)
    bounds = bounds_with(2.0, 2)
    problem = problem_of(X, bounds=bounds)
    iterations = []
    for accelerated in (False, True):
        start = em.init(problem, bounds.confine(truth))
        fast = replace(problem, accelerated=accelerated)
        result = em.run(fast, start, AitkenRule(1e-10), 1e-5, 20_000)
        iterations.append(result.state.iteration)
        values = structure.form.limits.eigenvalues(result.state.parameters.covariances, np.ones(2))
        assert values.max() / values.min() == pytest.approx(2.0, rel=1e-12)
    assert 2 * iterations[1] < iterations[0]
