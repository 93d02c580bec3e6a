"""The ways to start: valid whatever the data, and the same in any unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bactrian.core.covariance import STRUCTURES
from bactrian.core.values.parameters import Parameters
from bactrian.init.reference import NumpyPasses
from bactrian.init.starts import (
    STARTS,
    around,
    from_labels,
    from_responsibilities,
    revived,
)
from bactrian.init.viewed import ViewedRows
from strategies import NAMES, seeds, structures

METHODS = sorted(STARTS)
methods = st.sampled_from(METHODS)


def rows_of(X, structure, weights=None):
    mean = np.average(X, axis=0, weights=weights)
    variance = np.average(np.square(X - mean), axis=0, weights=weights)
    variance = np.maximum(variance, 1e-300)
    return ViewedRows.of(X, weights, mean, structure.units(variance))


def assert_valid(p, k, d, structure):
    assert p.weights.shape == (k,)
    assert (p.weights > 0).all()
    assert p.weights.sum() == pytest.approx(1.0)
    assert p.means.shape == (k, d)
    assert np.isfinite(p.means).all()
    assert p.covariances.shape == structure.form.shape(k, d)
    assert np.isfinite(p.covariances).all()
    assert (np.linalg.eigvalsh(p.dense_covariances()) > 0).all()
    assert np.isfinite(p.precisions_cholesky).all()


def awkward(kind, rng, n, d):
    return {
        "plain": lambda: rng.standard_normal((n, d)),
        "duplicates": lambda: rng.integers(0, 2, (n, d)).astype(float),
        "nearly one": lambda: np.eye(n)[:, :1] * np.ones(d),
        "collinear": lambda: rng.standard_normal((n, 1)) * np.arange(1, d + 1),
        "far": lambda: 1e8 + rng.standard_normal((n, d)),
        "units": lambda: rng.standard_normal((n, d)) * 10.0 ** np.linspace(-90, 90, d),
    }[kind]()


@given(
    methods,
    structures,
    st.sampled_from(["plain", "duplicates", "nearly one", "collinear", "far", "units"]),
    st.integers(2, 12),
    st.integers(1, 3),
    st.booleans(),
    seeds,
    st.data(),
)
def test_every_start_is_valid(method, structure, kind, n, d, weighted, seed, data):
    rng = np.random.default_rng(seed)
    k = data.draw(st.integers(1, n), label="k")
    X = awkward(kind, rng, n, d)
    X[0] += X[1] == X[0]  # no column is constant
    weights = rng.uniform(0.1, 3.0, n) if weighted else None
    rows = rows_of(X, structure, weights)
    p = STARTS[method](rows, k, structure, np.random.RandomState(seed % 2**31))
    assert_valid(p, k, d, structure)
    if method != "random":
        low, high = X.min(axis=0), X.max(axis=0)
        slack = 1e-9 * (high - low) + 4 * np.spacing(np.abs(X).max(axis=0))
        assert ((p.means >= low - slack) & (p.means <= high + slack)).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", NAMES)
def test_starts_do_not_depend_on_the_units(method, name):
    rng = np.random.default_rng(0)
    structure = STRUCTURES[name]
    X = rng.standard_normal((60, 3)) + 5 * rng.standard_normal((3, 3))[rng.integers(3, size=60)]
    # Powers of two, so that not even rounding differs.
    factors = np.full(3, 2.0**20) if name == "spherical" else 2.0 ** np.array([-13, 20, 0])
    a = STARTS[method](rows_of(X, structure), 3, structure, np.random.RandomState(1))
    b = STARTS[method](rows_of(X * factors, structure), 3, structure, np.random.RandomState(1))
    np.testing.assert_allclose(b.weights, a.weights, rtol=1e-10)
    np.testing.assert_allclose(b.means / factors, a.means, rtol=1e-10, atol=1e-12)
    scaled = b.dense_covariances() / np.outer(factors, factors)
    np.testing.assert_allclose(scaled, a.dense_covariances(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("factors", [(1e-4, 1e6), (1e6, 1e-4), (1e100, 1e-100)])
def test_starts_are_equivariant_to_decimal_units(method, factors):
    rng = np.random.default_rng(0)
    structure = STRUCTURES["full"]
    X = rng.standard_normal((60, 2)) + 6 * rng.standard_normal((3, 2))[rng.integers(3, size=60)]
    a = STARTS[method](rows_of(X, structure), 3, structure, np.random.RandomState(1))
    b = STARTS[method](rows_of(X * factors, structure), 3, structure, np.random.RandomState(1))
    np.testing.assert_allclose(b.means / factors, a.means, rtol=1e-8, atol=1e-8)
    scaled = b.covariances / np.outer(factors, factors)
    np.testing.assert_allclose(scaled, a.covariances, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_rows_in_any_order_start_alike(method):
    rng = np.random.default_rng(0)
    X, weights = rng.integers(0, 4, (90, 3)).astype(float), rng.uniform(0.5, 2.0, 90)
    structure, order = STRUCTURES["diag"], rng.permutation(90)
    a = ViewedRows.of(X, weights, np.zeros(3), np.ones(3)).ordered()
    b = ViewedRows.of(X[order], weights[order], np.zeros(3), np.ones(3)).ordered()
    np.testing.assert_array_equal(b.X, a.X)
    np.testing.assert_array_equal(b.weights, a.weights)
    p = STARTS[method](a, 3, structure, np.random.RandomState(1))
    q = STARTS[method](b, 3, structure, np.random.RandomState(1))
    np.testing.assert_array_equal(q.means, p.means)
    np.testing.assert_array_equal(q.covariances, p.covariances)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", NAMES)
def test_starts_are_the_same_with_the_passes_in_numpy(method, name):
    rng = np.random.default_rng(0)
    structure = STRUCTURES[name]
    X = rng.standard_normal((500, 3)) + 5 * rng.standard_normal((4, 3))[rng.integers(4, size=500)]
    rows = rows_of(X, structure, rng.uniform(0.5, 2.0, 500))
    a = STARTS[method](rows, 4, structure, np.random.RandomState(1))
    reference = replace(rows, passes=NumpyPasses())
    b = STARTS[method](reference, 4, structure, np.random.RandomState(1))
    np.testing.assert_allclose(b.weights, a.weights, rtol=1e-12)
    np.testing.assert_allclose(b.means, a.means, rtol=1e-10)
    np.testing.assert_allclose(b.covariances, a.covariances, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_labels_give_the_groups_shares_means_and_covariances(name):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 2)) * [1.0, 30.0] + [5.0, -100.0]
    labels = rng.integers(0, 3, 40)
    weights = rng.uniform(0.5, 2.0, 40)
    structure = STRUCTURES[name]
    p = from_labels(rows_of(X, structure, weights), labels, 3, structure)
    groups = [(X[labels == j], weights[labels == j]) for j in range(3)]
    shares = np.array([w.sum() for _, w in groups]) / weights.sum()
    np.testing.assert_allclose(p.weights, shares)
    means = [np.average(x, axis=0, weights=w) for x, w in groups]
    np.testing.assert_allclose(p.means, means, rtol=1e-10)
    own = np.stack([np.cov(x.T, aweights=w, ddof=0) for x, w in groups])
    expected = {
        "full": own,
        "tied": np.einsum("k,kij->ij", shares, own)[None],
        "diag": np.diagonal(own, axis1=1, axis2=2),
        "spherical": np.trace(own, axis1=1, axis2=2)[:, None] / 2,
    }[name]
    np.testing.assert_allclose(p.covariances, expected, rtol=1e-9)


def test_responsibilities_weigh_the_rows():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 2))
    resp = rng.dirichlet(np.ones(2), 40)
    structure = STRUCTURES["full"]
    p = from_responsibilities(rows_of(X, structure), resp, structure)
    for j in range(2):
        np.testing.assert_allclose(p.means[j], np.average(X, axis=0, weights=resp[:, j]))
        np.testing.assert_allclose(
            p.covariances[j], np.cov(X.T, aweights=resp[:, j], ddof=0), rtol=1e-10
        )


@pytest.mark.parametrize("name", ["full", "diag", "spherical"])
def test_too_few_rows_start_with_the_covariance_of_all(name):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 2))
    labels = np.array([0] * 19 + [1])
    structure = STRUCTURES[name]
    p = from_labels(rows_of(X, structure), labels, 2, structure)
    overall = np.cov(X.T, ddof=0)
    expected = {
        "full": overall,
        "diag": np.diag(overall),
        "spherical": [np.trace(overall) / 2],
    }[name]
    np.testing.assert_allclose(p.covariances[1], expected, rtol=1e-10)
    np.testing.assert_allclose(p.means[1], X[19])


def test_a_group_on_a_line_starts_with_the_covariance_of_all():
    rng = np.random.default_rng(0)
    line = np.linspace(0, 1, 8)[:, None] * [1.0, 2.0]
    X = np.concatenate([rng.standard_normal((30, 2)), line])
    labels = np.repeat([0, 1], [30, 8])
    structure = STRUCTURES["full"]
    p = from_labels(rows_of(X, structure), labels, 2, structure)
    np.testing.assert_allclose(p.covariances[1], np.cov(X.T, ddof=0), rtol=1e-10)
    np.testing.assert_allclose(p.covariances[0], np.cov(X[:30].T, ddof=0), rtol=1e-10)


def test_a_component_without_rows_starts_with_the_weight_of_one():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((19, 2))
    structure = STRUCTURES["full"]
    p = from_labels(rows_of(X, structure), np.zeros(19, dtype=int), 2, structure)
    np.testing.assert_allclose(p.weights, [19 / 20, 1 / 20])


@pytest.mark.parametrize("name", NAMES)
def test_given_means_are_kept_to_the_last_digits(name):
    rng = np.random.default_rng(0)
    structure = STRUCTURES[name]
    X = rng.standard_normal((50, 2)) + 100
    rows = rows_of(X, structure)
    means = X[:3] + 0.25
    p = around(rows, (means - rows.place) / rows.units, structure)
    np.testing.assert_allclose(p.means, means, rtol=1e-14)
    assert_valid(p, 3, 2, structure)


def test_sample_variance_is_what_it_says():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50, 2)) @ [[2.0, 1.0], [0.0, 1.0]]
    structure = STRUCTURES["full"]
    p = STARTS["sample_variance"](rows_of(X, structure), 4, structure, np.random.RandomState(0))
    np.testing.assert_array_equal(p.weights, 0.25)
    for covariance in p.covariances:
        np.testing.assert_allclose(covariance, np.cov(X.T, ddof=0), rtol=1e-10)
    nearest = np.abs(p.means[:, None] - X).max(axis=2)
    assert nearest.min(axis=1).max() < 1e-12
    assert len(np.unique(nearest.argmin(axis=1))) == 4


@pytest.mark.parametrize("method", ["random_from_data", "sample_variance", "k-means++"])
def test_rows_are_chosen_once_while_they_last(method):
    X = np.repeat(np.arange(6.0)[:, None], 4, axis=0)
    structure = STRUCTURES["diag"]
    for seed in range(20):
        p = STARTS[method](rows_of(X, structure), 6, structure, np.random.RandomState(seed))
        assert len(np.unique(p.means.round(9))) == 6


@pytest.mark.parametrize("method", ["random_from_data", "sample_variance"])
def test_rows_are_drawn_by_weight(method):
    X = np.arange(3.0)[:, None]
    weights = np.array([1.0, 1.0, 8.0])
    structure = STRUCTURES["diag"]
    rows = rows_of(X, structure, weights)
    means = [
        STARTS[method](rows, 1, structure, np.random.RandomState(seed)).means[0, 0]
        for seed in range(600)
    ]
    assert np.mean(np.isclose(means, 2.0)) == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "random"])
@pytest.mark.parametrize("name", NAMES)
def test_whole_weights_are_repeated_rows(method, name):
    rng = np.random.default_rng(0)
    structure = STRUCTURES[name]
    # Each group holds many rows: a row of weight 2 alone counts as one row, not as two.
    X = (rng.integers(-20, 20, (60, 2)) + 60 * np.eye(3, 2)[rng.integers(3, size=60)]) / 4.0
    counts = rng.integers(1, 4, 60)
    repeated = np.repeat(X, counts, axis=0)
    a = rows_of(X, structure, counts.astype(float))
    b = ViewedRows.of(repeated, None, a.place, a.units)
    for seed in range(5):
        p = STARTS[method](a, 3, structure, np.random.RandomState(seed))
        q = STARTS[method](b, 3, structure, np.random.RandomState(seed))
        np.testing.assert_allclose(p.weights, q.weights, rtol=1e-12)
        np.testing.assert_allclose(p.means, q.means, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(p.covariances, q.covariances, rtol=1e-10, atol=1e-12)


# --------------------------------------------------------------------- revived


@pytest.mark.parametrize("name", NAMES)
def test_the_dead_come_back_far_from_those_alive(name):
    rng = np.random.default_rng(0)
    structure = STRUCTURES[name]
    X = np.concatenate([rng.standard_normal((60, 2)), rng.standard_normal((60, 2)) + 50])
    shape = structure.form.shape(3, 2)
    covariances = np.ones(shape) if len(shape) == 2 else np.broadcast_to(np.eye(2), shape)
    means = np.array([[0.0, 0.0], [0.5, 0.5], [1e6, 1e6]])
    p = Parameters(np.array([0.7, 0.3, 0.0]), means, covariances, structure)
    q = revived(rows_of(X, structure), p, [2], np.random.RandomState(0))
    assert_valid(q, 3, 2, structure)
    np.testing.assert_allclose(q.means[:2], means[:2], atol=1e-9)
    for seed in range(10):
        found = revived(rows_of(X, structure), p, [2], np.random.RandomState(seed))
        assert (found.means[2] > 40).all()
    assert np.abs(X - q.means[2]).max(axis=1).min() < 1e-9
    np.testing.assert_allclose(q.weights, np.array([0.7, 0.3, 1 / 3]) / (4 / 3))
    if name != "tied":
        np.testing.assert_allclose(q.covariances[:2], covariances[:2])
        overall = np.cov(X.T, ddof=0)
        expected = {
            "full": overall,
            "diag": np.diag(overall),
            "spherical": [np.trace(overall) / 2],
        }[name]
        np.testing.assert_allclose(q.covariances[2], expected, rtol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_several_dead_come_back_on_duplicates(name):
    structure = STRUCTURES[name]
    X = np.repeat([[0.0, 0.0], [1.0, 2.0]], 6, axis=0)
    shape = structure.form.shape(4, 2)
    covariances = np.ones(shape) if len(shape) == 2 else np.broadcast_to(np.eye(2), shape)
    p = Parameters(np.array([1.0, 0, 0, 0]), np.zeros((4, 2)), covariances, structure)
    q = revived(rows_of(X, structure), p, [1, 2, 3], np.random.RandomState(0))
    assert_valid(q, 4, 2, structure)


# --------------------------------------------------------------------- ordered


@given(seeds)
def test_ordered_does_not_depend_on_the_order_of_the_rows(seed):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 3, (15, 2)).astype(float) if seed % 2 else rng.standard_normal((15, 2))
    weights = X.sum(axis=1) + 10
    order = rng.permutation(15)
    place, units = np.zeros(2), np.ones(2)
    a = ViewedRows.of(X, weights, place, units).ordered()
    b = ViewedRows.of(X[order], weights[order], place, units).ordered()
    np.testing.assert_array_equal(a.X, b.X)
    np.testing.assert_array_equal(a.weights, b.weights)
    np.testing.assert_array_equal(np.sort(a.X[:, 0]), a.X[:, 0])
