"""Agglomeration against its criteria computed from scratch, SciPy's Ward, and published fits."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import multivariate_normal
from sklearn.datasets import load_iris

from bactrian import GaussianMixture
from bactrian.core.covariance import STRUCTURES
from bactrian.errors import BadInputError
from bactrian.init import hierarchical
from bactrian.init.hierarchical import (
    CRITERIA,
    LIMIT,
    Dendrogram,
    SphericalGroups,
    UnconstrainedGroups,
    _scores,
    agglomerate,
    dendrogram,
    thinned,
)
from strategies import seeds

criteria = st.sampled_from(sorted(CRITERIA))


def value(criterion, X, mass, partition):
    """The criterion of a partition, a list of lists of rows."""
    total = 0.0
    for rows in partition:
        n, mean = mass[rows].sum(), np.average(X[rows], axis=0, weights=mass[rows])
        W = sum(m * np.outer(x - mean, x - mean) for m, x in zip(mass[rows], X[rows], strict=True))
        if criterion == "EII":
            total += np.trace(W)
        else:
            total += n * np.linalg.slogdet((W + np.eye(len(mean))) / (n + 1))[1]
    return total


@given(criteria, st.integers(2, 10), st.integers(1, 3), st.booleans(), seeds)
@settings(max_examples=40)
def test_each_merge_is_the_cheapest(criterion, n, d, weighted, seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) * 10.0 ** rng.uniform(-2, 2)
    mass = rng.uniform(0.1, 5.0, n) if weighted else np.ones(n)
    tree = agglomerate(CRITERIA[criterion](X, mass))
    partition = {i: [i] for i in range(n)}
    for (kept, gone), cost in zip(tree.merges, tree.costs, strict=True):
        before = value(criterion, X, mass, partition.values())

        def rise(pair, partition=partition, before=before):
            rest = [rows for name, rows in partition.items() if name not in pair]
            together = partition[pair[0]] + partition[pair[1]]
            return value(criterion, X, mass, [*rest, together]) - before

        own = rise((kept, gone))
        scale = 1e-9 * max(1.0, *(abs(rise(pair)) for pair in combinations(partition, 2)))
        assert cost == pytest.approx(own, abs=scale)
        assert own <= min(rise(pair) for pair in combinations(partition, 2)) + scale
        assert kept == min(partition[kept]) < gone == min(partition[gone])
        partition[kept] += partition.pop(gone)
    for k in range(1, n + 1):
        labels = tree.labels(k)
        assert sorted(set(labels)) == list(range(k))


@given(criteria, st.integers(3, 40), st.integers(1, 4), seeds)
def test_costs_are_the_same_however_a_group_came_about(criterion, n, d, seed):
    """What is updated from merge to merge is what the rows themselves give."""
    rng = np.random.default_rng(seed)
    X, mass = rng.standard_normal((n, d)), rng.uniform(0.5, 2.0, n)
    groups = CRITERIA[criterion](X, mass)
    assert len(groups) == n
    partition = {i: [i] for i in range(n)}
    for _ in range(n - 3):
        kept, gone = sorted(rng.choice(sorted(partition), 2, replace=False))
        groups.merge(kept, gone)
        partition[kept] += partition.pop(gone)
    for one, other, third in (sorted(partition), sorted(partition)[::-1]):
        expected = [
            value(criterion, X, mass, [partition[one] + partition[k]])
            - value(criterion, X, mass, [partition[one], partition[k]])
            for k in (other, third)
        ]
        costs = groups.costs(one, np.array([other, third]))
        np.testing.assert_allclose(costs, expected, rtol=1e-9, atol=1e-9)


def canonical(labels):
    """Labels numbered in the order in which they first come."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


@given(st.integers(2, 60), st.integers(1, 5), seeds)
def test_equal_spheres_are_scipys_ward(n, d, seed):
    X = np.random.default_rng(seed).standard_normal((n, d))
    tree, theirs = agglomerate(SphericalGroups(X, np.ones(n))), linkage(X, method="ward")
    np.testing.assert_allclose(tree.costs, np.square(theirs[:, 2]) / 2, rtol=1e-9)
    for k in range(1, n + 1):
        labels = fcluster(theirs, k, "maxclust")
        np.testing.assert_array_equal(tree.labels(k), canonical(labels))


def test_unconstrained_cost_is_the_fall_of_the_classification_likelihood():
    """For many rows far from singular; the prior's row counts in the volume alone."""
    rng = np.random.default_rng(0)
    parts = [1e5 * (rng.standard_normal((40, 3)) @ rng.standard_normal((3, 3))) for _ in range(2)]
    X = np.concatenate(parts)
    groups = UnconstrainedGroups(X, np.ones(80))
    for i in range(1, 40):
        groups.merge(0, i)
        groups.merge(40, 40 + i)

    def log_likelihood(rows):
        return multivariate_normal(rows.mean(axis=0), np.cov(rows.T, ddof=0)).logpdf(rows).sum()

    fall = sum(log_likelihood(rows) for rows in parts) - log_likelihood(X)
    prior = 3 * (80 * np.log(80 / 81) - 2 * 40 * np.log(40 / 41))
    cost = groups.costs(0, np.array([40]))
    assert cost == pytest.approx(2 * fall + prior, rel=1e-7)


@given(criteria, st.integers(2, 30), seeds)
def test_groups_of_more_clusters_lie_within_those_of_fewer(criterion, n, seed):
    X = np.random.default_rng(seed).standard_normal((n, 2))
    tree = dendrogram(X, np.ones(n), criterion)
    for k in range(1, n):
        pairs = set(zip(tree.labels(k), tree.labels(k + 1), strict=True))
        assert len(pairs) == k + 1


@given(criteria, seeds, st.integers(1, 3))
def test_axes_units_and_offsets_do_not_matter(criterion, seed, d):
    rng = np.random.default_rng(seed)
    X, mass = rng.standard_normal((25, d)) * [1.0, 3.0, 0.2][:d], rng.uniform(0.5, 2, 25)
    turn = np.linalg.qr(rng.standard_normal((d, d)))[0]
    a = dendrogram(X, mass, criterion)
    b = dendrogram(X @ turn * 1e6 + 1e8, mass, criterion)
    np.testing.assert_array_equal(a.merges, b.merges)
    np.testing.assert_allclose(a.costs, b.costs, rtol=1e-4, atol=1e-5)


@given(st.integers(2, 60), st.integers(1, 5), seeds)
def test_scores_are_half_way_to_the_same_spread(n, d, seed):
    rng = np.random.default_rng(seed)
    X, mass = rng.standard_normal((n, d)) * rng.uniform(0.1, 10, d), rng.uniform(0.5, 2, n)
    covariance = np.atleast_2d(np.cov(X.T, aweights=mass, ddof=0))
    deviations = np.sqrt(np.maximum(np.linalg.eigvalsh(covariance)[::-1], 0))[: min(n, d)]
    scores = _scores(X, mass)
    found = np.atleast_2d(np.cov(scores.T, aweights=mass, ddof=0))
    np.testing.assert_allclose(found, np.diag(deviations / deviations.mean()), atol=1e-6)


def test_of_many_axes_the_leading_ones_count(monkeypatch):
    seen = []

    def watched(groups, agglomerate=agglomerate):
        seen.append(groups._means.T.copy())
        return agglomerate(groups)

    monkeypatch.setattr(hierarchical, "agglomerate", watched)
    monkeypatch.setattr(hierarchical, "WORK", 2.5 * 50**2)  # 2 axes, and the cube root of 25
    X = np.random.default_rng(0).standard_normal((50, 4)) * [0.1, 1.0, 5.0, 0.3]
    for criterion in CRITERIA:
        dendrogram(X, np.ones(50), criterion)
    for rows in seen:
        np.testing.assert_array_equal(rows, _scores(X, np.ones(50))[:, :2])
    assert len(seen) == 2


def test_elongated_groups_are_told_apart_by_the_unconstrained_criterion():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((300, 2)) * [6.0, 0.15] + np.repeat([[0, 0], [0, 4.0]], 150, axis=0)
    truth = np.repeat([0, 1], 150)
    for criterion, least, most in (("VVV", 0.95, 1.0), ("EII", 0.0, 0.8)):
        share = (dendrogram(X, np.ones(300), criterion).labels(2) == truth).mean()
        assert least <= max(share, 1 - share) <= most


# ------------------------------------------------------------------- Dendrogram


def test_labels_follow_the_merges():
    tree = Dendrogram(np.array([[1, 3], [0, 2], [0, 1]]), np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(tree.labels(4), [0, 1, 2, 3])
    np.testing.assert_array_equal(tree.labels(3), [0, 1, 2, 1])
    np.testing.assert_array_equal(tree.labels(2), [0, 1, 0, 1])
    np.testing.assert_array_equal(tree.labels(1), [0, 0, 0, 0])
    np.testing.assert_array_equal(tree.labels(9), [0, 1, 2, 3])
    with pytest.raises(BadInputError, match="n_clusters"):
        tree.labels(0)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize(
    "X",
    [
        np.zeros((1, 2)),
        np.array([[0.0, 0.0], [1.0, 1.0]]),
        np.arange(12.0)[:, None] * [1.0, 2.0, -1.0],
        np.eye(9),
        1e8 + np.random.default_rng(0).standard_normal((20, 2)),
    ],
    ids=["one row", "two rows", "collinear", "simplex", "far"],
)
def test_any_rows_can_be_agglomerated(criterion, X):
    for mass in (np.ones(len(X)), np.full(len(X), 1e-9), np.full(len(X), 1e9)):
        tree = dendrogram(X, mass, criterion)
        assert np.isfinite(tree.costs).all()
        assert len(set(tree.labels(min(2, len(X))))) == min(2, len(X))


def test_one_dendrogram_serves_all_fits_to_the_same_rows(monkeypatch):
    calls = []

    def counted(groups, agglomerate=agglomerate):
        calls.append(len(groups))
        return agglomerate(groups)

    monkeypatch.setattr(hierarchical, "agglomerate", counted)
    X = np.random.default_rng(8).standard_normal((90, 2))
    for k in (1, 2, 3, 4):
        for name in ("full", "tied", "diag"):
            GaussianMixture(
                k, covariance_type=name, init_params="hierarchical", max_iter=0
            ).fit(X)  # fmt: skip
    assert calls == [90]
    GaussianMixture(2, init_params="ward", max_iter=0).fit(X)
    GaussianMixture(2, init_params="hierarchical", max_iter=0).fit(X[1:])
    assert calls == [90, 90, 89]


# ---------------------------------------------------------------------- thinned


@given(st.integers(1, 40), seeds)
def test_equal_rows_are_one_of_their_weight(n, seed):
    rng = np.random.default_rng(seed)
    X, weights = rng.integers(0, 3, (n, 2)).astype(float), rng.uniform(0.5, 2.0, n)
    rows, mass = thinned(X, weights)
    np.testing.assert_array_equal(rows, np.unique(X, axis=0))
    expected = [weights[(row == X).all(axis=1)].sum() for row in rows]
    np.testing.assert_allclose(mass, expected)


def test_of_many_rows_as_many_as_can_be_are_drawn_by_weight():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20_000, 2))
    counts = np.where(X[:, 1] > 0, 3, 1)
    rows, mass = thinned(X, counts.astype(float))
    assert len(np.unique(rows, axis=0)) == len(rows) <= LIMIT
    assert mass.sum() == pytest.approx(counts.sum())
    share = mass[rows[:, 1] > 0].sum() / mass.sum()
    assert share == pytest.approx(0.75, abs=0.03)
    assert (np.diff(rows[:, 0]) > 0).all()
    order = rng.permutation(counts.sum())
    repeated, weights = thinned(np.repeat(X, counts, axis=0)[order], np.ones(counts.sum()))
    np.testing.assert_array_equal(repeated, rows)
    np.testing.assert_allclose(weights, mass)


def test_weights_in_another_unit_count_alike_beyond_one_for_each_row():
    rng = np.random.default_rng(0)
    X, weights = rng.standard_normal((60, 2)), rng.uniform(0.5, 1.5, 60)
    weights *= 60 / weights.sum()
    for factor in (1.0, 1e-3, 1e-200):
        tree = dendrogram(X, weights * factor, "VVV")
        np.testing.assert_array_equal(tree.merges, dendrogram(X, weights, "VVV").merges)
    many = [dendrogram(X, weights * factor, "VVV") for factor in (1e3, 1e6)]
    np.testing.assert_array_equal(many[0].merges, many[1].merges)
    twice = dendrogram(X, 2 * weights, "VVV")
    assert not np.allclose(twice.costs, 2 * dendrogram(X, weights, "VVV").costs)


# ------------------------------------------------------------------------- fits


@pytest.mark.parametrize(
    ("data", "k", "covariance_type", "published"),
    [
        ("faithful", 3, "tied", -1126.326),
        ("iris", 2, "full", -214.355),
        ("iris", 3, "full", -180.186),
    ],
)
def test_fits_come_up_to_those_published_for_mclust(faithful, data, k, covariance_type, published):
    X = {"faithful": faithful, "iris": load_iris().data}[data]
    gm = GaussianMixture(k, covariance_type=covariance_type, init_params="hierarchical").fit(X)
    assert gm.converged_
    assert published - 0.001 < gm.log_likelihood_ < published + 0.02
    if (data, k) == ("iris", 2):
        assert -gm.bic(X) == pytest.approx(-574.018, abs=1e-3)


@pytest.mark.parametrize("init_params", ["hierarchical", "ward"])
@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_there_is_one_start_the_same_for_any_seed(faithful, init_params, covariance_type):
    shared = {"covariance_type": covariance_type, "init_params": init_params}
    a, b, c = (
        GaussianMixture(3, n_init=n_init, random_state=seed, **shared).fit(faithful)
        for n_init, seed in (("auto", 0), (10, 1), (1, None))
    )
    for other in (b, c):
        np.testing.assert_array_equal(other.means_, a.means_)
        assert sum(optimum.times for optimum in other.fit_report_.optima) == 1


def test_more_rows_than_a_start_looks_at_start_alike_for_any_seed():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((70_000, 2)) + 8 * rng.integers(0, 2, (70_000, 1))
    a, b = (
        GaussianMixture(2, init_params="hierarchical", max_iter=0, random_state=seed).fit(X)
        for seed in (0, 1)
    )
    np.testing.assert_array_equal(a.means_, b.means_)
    np.testing.assert_allclose(np.sort(a.means_[:, 0]), [0, 8], atol=0.2)


def test_a_search_starts_from_it(faithful):
    from bactrian import select_mixture

    found = select_mixture(faithful, range(1, 5), init_params="hierarchical")
    assert (found.best.n_components, found.best.covariance_type) == (3, "tied")
    assert found.best.log_likelihood == pytest.approx(-1126.316, abs=2e-3)
