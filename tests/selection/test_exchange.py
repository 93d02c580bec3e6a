"""Candidates of a search that start again from what the others found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bactrian import select_mixture
from bactrian.init.borrowed import borrowed
from bactrian.init.viewed import ViewedRows

NAMES = ("full", "diag", "VEI", "EEE")


@pytest.fixture(name="X", scope="module")
def three_groups() -> np.ndarray:
    rng = np.random.RandomState(5)
    return np.r_[
        rng.randn(150, 2) @ [[1.0, 0.9], [0.0, 0.3]],
        rng.randn(100, 2) @ [[0.6, -0.5], [0.0, 0.4]] + [5.0, 5.0],
        rng.randn(80, 2) * 0.4 + [-4.0, 6.0],
    ]


@pytest.fixture(scope="module")
def alone(X):
    return select_mixture(X, range(1, 5), NAMES, random_state=0)


@pytest.fixture(scope="module")
def together(X):
    return select_mixture(X, range(1, 5), NAMES, random_state=0, exchange=True)


def untimed(table):
    return [replace(row, seconds=0.0) for row in table.candidates]


def test_none_is_lower_and_one_that_was_poor_is_higher(X, alone, together):
    gains = {}
    for before, after in zip(alone.candidates, together.candidates, strict=True):
        assert after.borrowed == (after.log_likelihood != before.log_likelihood)
        gains[after.pair] = after.log_likelihood - before.log_likelihood
    assert min(gains.values()) >= 0
    assert gains[2, "diag"] > 50  # two of three groups in one: its own starts choose others
    assert together.settled
    assert not alone.settled
    density = together.best_estimator.score_samples(X)
    assert density.sum() == pytest.approx(together.best.log_likelihood, rel=1e-12)


def test_any_number_of_processes_gives_the_same(X, together):
    two = select_mixture(X, range(1, 5), NAMES, random_state=0, exchange=True, n_jobs=2)
    assert untimed(two) == untimed(together)
    np.testing.assert_array_equal(two.best_estimator.means_, together.best_estimator.means_)


def test_the_observer_is_told_of_gains_and_may_end_them(X, together):
    seen = []
    settings = {"random_state": 0, "exchange": True}
    whole = select_mixture(X, range(1, 5), NAMES, observe=seen.append, **settings)
    n_models = len({row.pair for row in seen})
    assert not any(row.borrowed for row in seen[:n_models])
    assert all(row.borrowed for row in seen[n_models:])
    last = {row.pair: row for row in seen}
    assert untimed(whole) == [replace(last[row.pair], seconds=0.0) for row in whole.candidates]
    ended = select_mixture(X, range(1, 5), NAMES, observe=lambda row: row.borrowed, **settings)
    assert sum(row.borrowed for row in ended.candidates) == 1
    assert not ended.settled


def test_a_file_of_it_is_settled_and_its_best_is_fitted_again(X, together, tmp_path):
    together.save(tmp_path / "s.json")
    settings = {"random_state": 0, "exchange": True, "resume": tmp_path / "s.json"}
    again = select_mixture(X, range(1, 5), NAMES, **settings)
    assert again.candidates == together.candidates
    assert again.settled
    height = again.best_estimator.log_likelihood_
    assert height == pytest.approx(together.best.log_likelihood, rel=1e-9)
    two = select_mixture(X, 2, "diag", **settings)
    assert two.best_estimator.log_likelihood_ == pytest.approx(two.best.log_likelihood, rel=1e-9)


def test_what_is_borrowed_has_as_many_components_and_is_unlike(X):
    rng = np.random.RandomState(0)
    rows = ViewedRows.of(X, None, X.mean(axis=0), X.std(axis=0))
    own = np.eye(3)[np.repeat([0, 1, 2], [150, 100, 80])]
    others = [own[:, [2, 0, 1]], *(np.eye(k)[rng.randint(k, size=len(X))] for k in (2, 3, 4))]
    starts = list(borrowed(rows, own, others, 3))
    assert 3 <= len(starts) <= 2 + 1 + 3
    for start in starts:
        assert start.shape == (len(X), 3)
        np.testing.assert_allclose(start.sum(axis=1), 1.0)
    np.testing.assert_array_equal(starts[2], others[2])
