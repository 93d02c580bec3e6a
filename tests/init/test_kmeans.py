"""k-means and its seeding: against scikit-learn's, and whole weights against repeated rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs

from bactrian.init.kmeans import draw, kmeans, lloyd, plusplus
from bactrian.init.passes import passes_for
from bactrian.init.reference import NumpyPasses, squared_distances
from strategies import seeds

PASSES = {"numpy": NumpyPasses(), "fastest": passes_for()}
each_passes = pytest.mark.parametrize("passes", PASSES.values(), ids=PASSES.keys())


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


@each_passes
@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("weighted", [False, True])
def test_inertia_is_scikit_learns(name, weighted, passes):
    X = DATA[name]()
    weights = np.random.default_rng(2).uniform(0.2, 3, len(X)) if weighted else np.ones(len(X))
    ours, theirs = [], []
    for seed in range(6):
        centres, labels = kmeans(X, weights, 6, np.random.RandomState(seed), passes)
        ours.append(inertia(X, weights, centres))
        np.testing.assert_array_equal(labels, squared_distances(X, centres).argmin(axis=1))
        model = KMeans(6, n_init=1, random_state=seed).fit(X, sample_weight=weights)
        theirs.append(model.inertia_)
    assert np.mean(ours) <= 1.02 * np.mean(theirs)


@each_passes
@pytest.mark.parametrize("name", DATA)
def test_greedy_seeding_is_as_good_as_scikit_learns(name, passes):
    from sklearn.cluster import kmeans_plusplus

    X = DATA[name]()
    weights = np.ones(len(X))
    ours = [
        inertia(X, weights, X[plusplus(X, weights, 6, np.random.RandomState(s), passes)])
        for s in range(40)
    ]
    theirs = [inertia(X, weights, kmeans_plusplus(X, 6, random_state=s)[0]) for s in range(40)]
    assert np.mean(ours) <= 1.1 * np.mean(theirs)


@each_passes
@given(seeds, st.integers(1, 6), st.integers(1, 3))
def test_lloyd_lowers_the_inertia_of_its_start(passes, seed, k, d):
    rng = np.random.default_rng(seed)
    X, weights = rng.standard_normal((40, d)), rng.uniform(0.1, 2, 40)
    start = X[plusplus(X, weights, k, np.random.RandomState(seed % 2**31), passes)]
    centres, labels = kmeans(X, weights, k, np.random.RandomState(seed % 2**31), passes)
    assert inertia(X, weights, centres) <= inertia(X, weights, start) * (1 + 1e-12)
    for j in np.unique(labels):
        own = labels == j
        mean = np.average(X[own], axis=0, weights=weights[own])
        np.testing.assert_allclose(centres[j], mean, atol=0.05)


@each_passes
@given(seeds, st.integers(1, 8))
def test_plusplus_picks_distinct_rows_as_long_as_there_are(passes, seed, k):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 2, (12, 2)).astype(float)
    different = len(np.unique(X, axis=0))
    chosen = plusplus(X, np.ones(12), k, np.random.RandomState(seed % 2**31), passes)
    assert len(chosen) == k
    assert len(np.unique(X[chosen], axis=0)) == min(k, different)


@each_passes
@given(seeds, st.integers(1, 6), st.integers(1, 3))
def test_whole_weights_are_repeated_rows_bit_for_bit(passes, seed, k, d):
    rng = np.random.default_rng(seed)
    X = rng.integers(-20, 20, (25, d)) / 4  # sums of such are exact in any order
    counts = rng.integers(1, 4, 25)
    repeated = np.repeat(X, counts, axis=0)
    first = plusplus(X, counts.astype(float), k, np.random.RandomState(seed % 2**31), passes)
    second = plusplus(
        repeated, np.ones(len(repeated)), k, np.random.RandomState(seed % 2**31), passes
    )
    np.testing.assert_array_equal(X[first], repeated[second])
    centres, labels = kmeans(
        X, counts.astype(float), k, np.random.RandomState(seed % 2**31), passes
    )
    others, other_labels = kmeans(
        repeated, np.ones(len(repeated)), k, np.random.RandomState(seed % 2**31), passes
    )
    np.testing.assert_allclose(centres, others, rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(np.repeat(labels, counts), other_labels)


@each_passes
@given(seeds, st.integers(1, 6))
def test_whole_weights_are_repeated_rows_for_any_numbers(passes, seed, k):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((25, 2))
    counts = rng.integers(1, 4, 25)
    repeated = np.repeat(X, counts, axis=0)
    seed = seed % 2**31
    first = plusplus(X, counts.astype(float), k, np.random.RandomState(seed), passes)
    second = plusplus(repeated, np.ones(len(repeated)), k, np.random.RandomState(seed), passes)
    np.testing.assert_array_equal(X[first], repeated[second])
    centres, _ = kmeans(X, counts.astype(float), k, np.random.RandomState(seed), passes)
    others, _ = kmeans(repeated, np.ones(len(repeated)), k, np.random.RandomState(seed), passes)
    np.testing.assert_allclose(centres, others, rtol=1e-10, atol=1e-12)


@each_passes
@given(seed=seeds, k=st.integers(1, 6), d=st.integers(1, 4))
def test_the_nearest_centre_is_at_the_least_distance(passes, seed, k, d):
    rng = np.random.default_rng(seed)
    X, centres = rng.standard_normal((40, d)), rng.standard_normal((k, d))
    squared = squared_distances(X, centres)
    found = squared[np.arange(40), passes.nearest(X, centres)[0]]
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


@each_passes
def test_a_cluster_without_rows_moves(passes):
    # Lloyd's algorithm can empty a cluster; all of them end with rows here.
    for seed in range(50):
        rng = np.random.default_rng(seed)
        X = np.concatenate([rng.standard_normal((30, 1)), 50 + rng.standard_normal((5, 1))])
        _, labels = kmeans(X, np.ones(35), 7, np.random.RandomState(seed), passes)
        assert len(np.unique(labels)) == 7


@each_passes
def test_empty_clusters_move_to_the_rows_farthest_off(passes):
    X = np.array([[0.0], [1.0], [10.0], [-7.0]])
    start = np.array([[1.0], [500.0], [600.0]])
    centres, labels = lloyd(X, np.ones(4), start, passes)
    np.testing.assert_allclose(centres, [[0.5], [10.0], [-7.0]], rtol=1e-15)
    np.testing.assert_array_equal(labels, [0, 0, 1, 2])


@each_passes
def test_of_centres_equally_near_the_first_is_taken(passes):
    X = np.arange(-40.0, 41.0)[:, None] * [1.0, 0.0]
    labels, squared = passes.nearest(X, np.array([[2.0, 1], [-2, 1], [2, 1], [-2, -1]]))
    np.testing.assert_array_equal(labels, np.where(X[:, 0] >= 0, 0, 1))
    np.testing.assert_array_equal(squared, (np.abs(X[:, 0]) - 2) ** 2 + 1)


@each_passes
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", DATA)
def test_lloyd_from_the_same_start_ends_where_scikit_learn_does(name, weighted, passes):
    X = DATA[name]()
    weights = np.random.default_rng(2).uniform(0.2, 3, len(X)) if weighted else np.ones(len(X))
    start = X[plusplus(X, weights, 5, np.random.RandomState(3), passes)]
    ours, labels = lloyd(X, weights, start, passes)
    model = KMeans(5, init=start, n_init=1, algorithm="lloyd", max_iter=300, tol=1e-4)
    model.fit(X, sample_weight=weights)
    theirs = inertia(X, weights, model.cluster_centers_)
    assert inertia(X, weights, ours) == pytest.approx(theirs, rel=5e-3)
    exact = KMeans(5, init=ours, n_init=1, algorithm="lloyd", tol=0).fit(X, sample_weight=weights)
    again = ours
    for _ in range(100):
        again, labels = lloyd(X, weights, again, passes)
    np.testing.assert_allclose(again, exact.cluster_centers_, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(labels, exact.labels_)
    assert inertia(X, weights, again) == pytest.approx(exact.inertia_, rel=1e-12)


@each_passes
def test_the_order_of_features_changes_nothing_but_itself(passes):
    X = DATA["skewed"]()
    weights = np.random.default_rng(2).uniform(0.2, 3, len(X))
    order = np.array([2, 0, 3, 1])
    centres, labels = kmeans(X, weights, 6, np.random.RandomState(0), passes)
    turned = np.ascontiguousarray(X[:, order])
    others, other_labels = kmeans(turned, weights, 6, np.random.RandomState(0), passes)
    np.testing.assert_allclose(others, centres[:, order], rtol=1e-12)
    np.testing.assert_array_equal(other_labels, labels)


@each_passes
@pytest.mark.parametrize("offset", [0.0, 1e8])
@pytest.mark.parametrize("scale", [1.0, 2.0**-500, 2.0**500])
def test_hostile_places_and_units(offset, scale, passes):
    X = np.round(DATA["blobs"](), 2) * 2.0**10 // 1 * 2.0**-10  # exact at the offset
    weights = np.ones(len(X))
    near, labels = kmeans(X, weights, 6, np.random.RandomState(0), passes)
    far, far_labels = kmeans((X + offset) * scale, weights, 6, np.random.RandomState(0), passes)
    np.testing.assert_allclose(far / scale - offset, near, atol=1e-14 * (1 + offset) * 10)
    np.testing.assert_array_equal(far_labels, labels)


@each_passes
def test_as_many_clusters_as_rows(passes):
    X = np.random.default_rng(0).standard_normal((37, 3))
    centres, labels = kmeans(X, np.ones(37), 37, np.random.RandomState(0), passes)
    np.testing.assert_array_equal(np.sort(labels), np.arange(37))
    np.testing.assert_array_equal(centres[labels], X)


@each_passes
def test_more_clusters_than_distinct_rows(passes):
    X = np.repeat([[0.0], [1.0]], 5, axis=0)
    centres, labels = kmeans(X, np.ones(10), 4, np.random.RandomState(0), passes)
    assert np.isfinite(centres).all()
    assert inertia(X, np.ones(10), centres) == 0.0
    assert set(labels) <= {0, 1, 2, 3}
