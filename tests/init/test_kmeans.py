"""k-means and its seeding: against scikit-learn's, and whole weights against repeated rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs

from bactrian.init.kmeans import _centres, draw, kmeans, nearest, plusplus, squared_distances
from strategies import seeds


def inertia(X, weights, centres):
    return float(weights @ squared_distances(X, centres).min(axis=1))


def test_squared_distances():
    rng = np.random.default_rng(0)
    X, centres = rng.standard_normal((20, 3)), rng.standard_normal((4, 3))
    expected = np.square(X[:, None] - centres).sum(axis=2)
    np.testing.assert_allclose(squared_distances(X, centres), expected, rtol=1e-14)


DATA = {
    "blobs": lambda: make_blobs(300, n_features=3, centers=6, random_state=0)[0],
    "overlapping": lambda: make_blobs(300, centers=8, cluster_std=3.0, random_state=1)[0],
    "uniform": lambda: np.random.default_rng(0).uniform(size=(300, 2)),
    "skewed": lambda: np.random.default_rng(0).exponential(size=(300, 4)),
}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("weighted", [False, True])
def test_inertia_is_scikit_learns(name, weighted):
    X = DATA[name]()
    weights = np.random.default_rng(2).uniform(0.2, 3, len(X)) if weighted else np.ones(len(X))
    ours, theirs = [], []
    for seed in range(12):
        centres, labels = kmeans(X, weights, 6, np.random.RandomState(seed))
        ours.append(inertia(X, weights, centres))
        np.testing.assert_array_equal(labels, squared_distances(X, centres).argmin(axis=1))
        model = KMeans(6, n_init=1, random_state=seed).fit(X, sample_weight=weights)
        theirs.append(model.inertia_)
    assert np.mean(ours) <= 1.02 * np.mean(theirs)


@pytest.mark.parametrize("name", DATA)
def test_greedy_seeding_is_as_good_as_scikit_learns(name):
    from sklearn.cluster import kmeans_plusplus

    X = DATA[name]()
    weights = np.ones(len(X))
    ours = [
        inertia(X, weights, X[plusplus(X, weights, 6, np.random.RandomState(s))])
        for s in range(40)
    ]
    theirs = [inertia(X, weights, kmeans_plusplus(X, 6, random_state=s)[0]) for s in range(40)]
    assert np.mean(ours) <= 1.1 * np.mean(theirs)


@given(seeds, st.integers(1, 6), st.integers(1, 3))
def test_lloyd_lowers_the_inertia_of_its_start(seed, k, d):
    rng = np.random.default_rng(seed)
    X, weights = rng.standard_normal((40, d)), rng.uniform(0.1, 2, 40)
    start = X[plusplus(X, weights, k, np.random.RandomState(seed % 2**31))]
    centres, labels = kmeans(X, weights, k, np.random.RandomState(seed % 2**31))
    assert inertia(X, weights, centres) <= inertia(X, weights, start) * (1 + 1e-12)
    for j in np.unique(labels):
        own = labels == j
        mean = np.average(X[own], axis=0, weights=weights[own])
        np.testing.assert_allclose(centres[j], mean, atol=0.05)


@given(seeds, st.integers(1, 8))
def test_plusplus_picks_distinct_rows_as_long_as_there_are(seed, k):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 2, (12, 2)).astype(float)
    different = len(np.unique(X, axis=0))
    chosen = plusplus(X, np.ones(12), k, np.random.RandomState(seed % 2**31))
    assert len(chosen) == k
    assert len(np.unique(X[chosen], axis=0)) == min(k, different)


@given(seeds, st.integers(1, 6), st.integers(1, 3))
def test_whole_weights_are_repeated_rows_bit_for_bit(seed, k, d):
    rng = np.random.default_rng(seed)
    X = rng.integers(-20, 20, (25, d)) / 4  # sums of such are exact in any order
    counts = rng.integers(1, 4, 25)
    repeated = np.repeat(X, counts, axis=0)
    first = plusplus(X, counts.astype(float), k, np.random.RandomState(seed % 2**31))
    second = plusplus(repeated, np.ones(len(repeated)), k, np.random.RandomState(seed % 2**31))
    np.testing.assert_array_equal(X[first], repeated[second])
    centres, labels = kmeans(X, counts.astype(float), k, np.random.RandomState(seed % 2**31))
    others, other_labels = kmeans(
        repeated, np.ones(len(repeated)), k, np.random.RandomState(seed % 2**31)
    )
    np.testing.assert_allclose(centres, others, rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(np.repeat(labels, counts), other_labels)


@given(seeds, st.integers(1, 6))
def test_whole_weights_are_repeated_rows_for_any_numbers(seed, k):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((25, 2))
    counts = rng.integers(1, 4, 25)
    repeated = np.repeat(X, counts, axis=0)
    seed = seed % 2**31
    first = plusplus(X, counts.astype(float), k, np.random.RandomState(seed))
    second = plusplus(repeated, np.ones(len(repeated)), k, np.random.RandomState(seed))
    np.testing.assert_array_equal(X[first], repeated[second])
    centres, _ = kmeans(X, counts.astype(float), k, np.random.RandomState(seed))
    others, _ = kmeans(repeated, np.ones(len(repeated)), k, np.random.RandomState(seed))
    np.testing.assert_allclose(centres, others, rtol=1e-10, atol=1e-12)


@given(seeds, st.integers(1, 6), st.integers(1, 4))
def test_the_nearest_centre_is_at_the_least_distance(seed, k, d):
    rng = np.random.default_rng(seed)
    X, centres = rng.standard_normal((40, d)), rng.standard_normal((k, d))
    squared = squared_distances(X, centres)
    found = squared[np.arange(40), nearest(X, centres)]
    np.testing.assert_allclose(found, squared.min(axis=1), rtol=1e-12, atol=1e-14)


def test_draw_is_in_proportion_and_never_of_no_mass():
    mass = np.array([0.0, 1.0, 0.0, 3.0, 0.0])
    drawn = draw(mass, 20000, np.random.RandomState(0))
    assert set(drawn) == {1, 3}
    assert np.mean(drawn == 3) == pytest.approx(0.75, abs=0.01)

    class Edge:
        def random_sample(self, size):
            return np.array([0.0, np.nextafter(1.0, 0.0), 1.0])[:size]

    assert draw(mass, 3, Edge()).tolist() == [1, 3, 3]


def test_a_cluster_without_rows_moves():
    # Lloyd's algorithm can empty a cluster; all of them end with rows here.
    for seed in range(50):
        rng = np.random.default_rng(seed)
        X = np.concatenate([rng.standard_normal((30, 1)), 50 + rng.standard_normal((5, 1))])
        _, labels = kmeans(X, np.ones(35), 7, np.random.RandomState(seed))
        assert len(np.unique(labels)) == 7


def test_empty_clusters_move_to_the_rows_farthest_off():
    X = np.array([[0.0], [1.0], [10.0], [-7.0]])
    labels = np.zeros(4, dtype=int)
    old = np.array([[1.0], [500.0], [600.0]])
    centres = _centres(X, np.ones(4), labels, old)
    np.testing.assert_array_equal(centres, [[1.0], [10.0], [-7.0]])


def test_more_clusters_than_distinct_rows():
    X = np.repeat([[0.0], [1.0]], 5, axis=0)
    centres, labels = kmeans(X, np.ones(10), 4, np.random.RandomState(0))
    assert np.isfinite(centres).all()
    assert inertia(X, np.ones(10), centres) == 0.0
    assert set(labels) <= {0, 1, 2, 3}
