"""Mergers and splits of components, as responsibilities, and the fits that follow them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris

from bactrian import GaussianMixture
from bactrian.init.regrouping import MERGES, SPLITS, halved, regroupings
from bactrian.init.viewed import ViewedRows
from strategies import seeds


def viewed(X, weights=None):
    n_features = X.shape[1]
    return ViewedRows.of(X, weights, np.zeros(n_features), np.ones(n_features))


@given(seeds, st.integers(2, 5), st.integers(1, 3))
@settings(max_examples=40)
def test_each_row_is_shared_out_as_before(seed, k, d):
    """All components but three keep what they hold."""
    rng = np.random.default_rng(seed)
    rows = viewed(rng.standard_normal((30, d)), rng.uniform(0.1, 2, 30))
    resp = rng.dirichlet(np.full(k, 0.5), 30)
    found = list(regroupings(rows, resp))
    assert len(found) == min(MERGES, k * (k - 1) // 2) * min(SPLITS, k - 1)
    for moved in found:
        assert moved.shape == resp.shape
        np.testing.assert_allclose(moved.sum(axis=1), 1, atol=1e-12)
        kept = [any(np.array_equal(a, b) for b in moved.T) for a in resp.T]
        assert sum(kept) >= k - 3


@given(seeds, st.integers(1, 4))
@settings(max_examples=40)
def test_halves_lie_on_both_sides_of_the_mean_along_the_longest_axis(seed, d):
    rng = np.random.default_rng(seed)
    X, weights = rng.standard_normal((40, d)) * rng.uniform(0.2, 3, d), rng.uniform(0.1, 2, 40)
    resp = rng.uniform(size=40)
    (halves,) = halved(viewed(X, weights), resp[:, None])
    np.testing.assert_array_equal(halves.one + halves.other, resp)
    w = resp * weights
    axis = np.linalg.eigh(np.cov(X.T, aweights=w, ddof=0).reshape(d, d))[1][:, -1]
    side = np.sign((X - np.average(X, axis=0, weights=w)) @ axis)
    beyond = halves.other > 0
    assert len(set(side[beyond])) == 1
    assert set(side[~beyond]) == {-side[beyond][0]}


def test_the_gain_is_large_where_there_are_two_groups():
    rng = np.random.default_rng(0)
    one = rng.standard_normal((200, 1))
    two = np.concatenate([one[:100] - 6, one[100:] + 6])
    both = np.column_stack([np.ones(200), np.zeros(200)])
    # Half of a normal has the variance 1 - 2/pi.
    assert halved(viewed(one), both)[0].gain / 200 == pytest.approx(
        -np.log(1 - 2 / np.pi), abs=0.1
    )
    full, empty = halved(viewed(two), both)
    assert full.gain / 200 > 3
    assert empty.gain == 0
    assert halved(viewed(np.ones((5, 2))), np.ones((5, 1)))[0].gain == 0


def test_how_many_are_halved_at_a_time_changes_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    rows, resp = viewed(rng.standard_normal((50, 3))), rng.dirichlet(np.ones(4), 50)
    at_once = halved(rows, resp)
    monkeypatch.setattr("bactrian.init.regrouping.NUMBERS", 1)
    for mine, theirs in zip(halved(rows, resp), at_once, strict=True):
        np.testing.assert_allclose(np.sort([mine.one, mine.other], 0), np.sort(theirs[:2], 0))
        assert mine.gain == pytest.approx(theirs.gain)


def test_the_first_regrouping_puts_right_what_em_leaves():
    """Two components share a group, one lies on two groups."""
    rng = np.random.default_rng(1)
    centres = np.array([-20.0, 0.0, 4.0])
    X = rng.standard_normal((300, 1)) + np.repeat(centres, 100)[:, None]
    resp = np.zeros((300, 3))
    resp[:100, :2] = rng.dirichlet([2, 2], 100)
    resp[100:, 2] = 1
    moved = next(regroupings(viewed(X), resp))
    found = sorted((moved.T @ X[:, 0] / moved.sum(axis=0)).round(1))
    np.testing.assert_allclose(found, centres, atol=0.5)


def test_a_fit_ends_at_a_higher_maximum():
    """Where its starts end lower (Iris, K = 5), as any one of them does that is taken alone."""
    X = load_iris().data
    whole = GaussianMixture(5, random_state=0).fit(X)
    alone = GaussianMixture(5, random_state=0, n_init=10).fit(X)
    assert whole.converged_
    assert whole.log_likelihood_ == pytest.approx(-135.547, abs=1e-3)
    assert whole.log_likelihood_ > alone.log_likelihood_ + 1


@pytest.mark.parametrize(
    "settings", [{"n_init": 1}, {"init_params": "kmeans"}, {"means_init": [[2.0, 55], [4, 80]]}]
)
def test_a_number_or_a_kind_of_starts_is_kept_to(faithful, settings, monkeypatch):
    from bactrian.fitting import beginning

    monkeypatch.setattr(beginning, "regroupings", lambda *_: pytest.fail("regrouped"))
    GaussianMixture(2, random_state=0, **settings).fit(faithful)
