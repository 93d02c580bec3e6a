"""Coordinates of mixtures: there and back, and the information as their metric."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bactrian.core.covariance import STRUCTURES
from bactrian.core.mstep.chart import Chart
from bactrian.core.values.parameters import Parameters
from bactrian.errors import DegenerateCovarianceError
from bactrian.vocabulary import FIXED
from strategies import NAMES, Case, cases, random_parameters, seeds


@given(cases(most_components=4, most_features=4, scales=st.just(1.0)), seeds)
@settings(max_examples=100)
def test_the_way_back_is_exact(case: Case, seed):
    base = case.parameters
    rng = np.random.default_rng(seed)
    other = random_parameters(rng, case.structure, *base.means.shape)
    chart = Chart(base, frozenset())
    vector = chart.vector(other)
    back = chart.point(vector)
    np.testing.assert_allclose(back.weights, other.weights, rtol=1e-10)
    scale = np.abs(base.means).max() + np.abs(other.means).max()
    np.testing.assert_allclose(back.means, other.means, rtol=1e-8, atol=1e-9 * scale)
    np.testing.assert_allclose(back.covariances, other.covariances, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(chart.vector(back), vector, rtol=1e-6, atol=1e-6)
    assert np.abs(chart.vector(base)).max() < 1e-9


def complete_divergence(p, q):
    """Kullback-Leibler divergence of the joint distribution of component and sample."""
    d = p.n_features
    total = float(p.weights @ np.log(p.weights / q.weights))
    blocks = zip(
        p.weights, p.means - q.means, p.dense_covariances(), q.dense_covariances(), strict=True
    )
    for weight, shift, a, b in blocks:
        trace = np.trace(np.linalg.solve(b, a))
        log_dets = np.linalg.slogdet(b)[1] - np.linalg.slogdet(a)[1]
        total += weight * (trace - d + shift @ np.linalg.solve(b, shift) + log_dets) / 2
    return total


@pytest.mark.parametrize("name", NAMES)
def test_half_the_squared_length_is_the_divergence(name):
    rng = np.random.default_rng(0)
    base = random_parameters(rng, STRUCTURES[name], 3, 3)
    chart = Chart(base, frozenset())
    for _ in range(10):
        far = chart.vector(random_parameters(rng, STRUCTURES[name], 3, 3))
        near = chart.point(1e-4 * far / np.linalg.norm(far))
        expected = 0.5 * float(np.square(chart.vector(near)).sum())
        assert complete_divergence(base, near) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1.0, 4.0, 1e3, 1e300])
def test_any_vector_is_a_mixture(name, size):
    rng = np.random.default_rng(0)
    base = random_parameters(rng, STRUCTURES[name], 3, 2)
    chart = Chart(base, frozenset())
    vector = size * rng.standard_normal(chart.vector(base).size)
    if name == "tied" and size > 4.0:  # conditioned beyond float64
        with np.errstate(all="ignore"), pytest.raises(DegenerateCovarianceError):
            chart.point(vector)
    else:
        point = chart.point(vector)
        assert point.weights.sum() == pytest.approx(1.0)
        assert np.isfinite(point.precisions_cholesky).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fixed", FIXED.choices)
def test_what_is_fixed_has_no_coordinates(name, fixed):
    rng = np.random.default_rng(0)
    base = random_parameters(rng, STRUCTURES[name], 3, 2)
    free, chart = Chart(base, frozenset()), Chart(base, frozenset({fixed}))
    other = random_parameters(rng, STRUCTURES[name], 3, 2)
    vector = chart.vector(other)
    assert vector.size < free.vector(other).size
    point = chart.point(vector)
    for block in FIXED.choices:
        same = np.allclose(getattr(point, block), getattr(base, block), rtol=1e-12)
        assert same == (block == fixed)


def test_a_dead_component_stays_where_it_is():
    structure = STRUCTURES["full"]
    eye = np.stack([np.eye(2)] * 2)
    base = Parameters(np.array([1.0, 0.0]), np.array([[0.0, 0.0], [9.0, 9.0]]), eye, structure)
    chart = Chart(base, frozenset())
    other = Parameters(
        np.array([1.0, 0.0]), np.array([[1.0, 0.0], [9.0, 9.0]]), 2 * eye, structure
    )
    point = chart.point(chart.vector(other))
    np.testing.assert_allclose(point.weights, [1.0, 0.0])
    np.testing.assert_allclose(point.means, other.means)
    np.testing.assert_allclose(point.covariances, [2 * np.eye(2), np.eye(2)])
