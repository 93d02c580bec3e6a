"""All splits of a few rows, and the fits that begin from them."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from bactrian import GaussianMixture
from bactrian.init.splits import n_splits, splits


@pytest.mark.parametrize("n_rows", range(1, 8))
@pytest.mark.parametrize("n_groups", [1, 2, 3, 4])
def test_each_split_once(n_rows, n_groups):
    every = list(splits(n_rows, n_groups))
    assert len(every) == n_splits(n_rows, n_groups)
    # Which rows are together tells a split from another, whatever the groups are called.
    assert len({(labels[:, None] == labels).tobytes() for labels in every}) == len(every)
    assert all(len(np.unique(labels)) == n_groups for labels in every)


def test_stirling_numbers():
    """Abramowitz & Stegun (1964), table 24.4."""
    assert [n_splits(7, k) for k in range(1, 8)] == [1, 63, 301, 350, 140, 21, 1]
    assert n_splits(10, 5) == 42525


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("shape", "structure"), [((7, 5), "tied"), ((6, 2), "full"), ((8, 1), "diag")]
)
def test_a_tiny_table_gets_the_best_of_all_splits(shape, structure, seed):
    X = np.random.default_rng(seed).normal(size=shape)

    def end(**start):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = GaussianMixture(2, covariance_type=structure, random_state=0, **start).fit(X)
        collapsed = bool(fitted.fit_report_.certificate.collapses)
        return not collapsed, fitted.fit_report_.log_likelihood

    best = max(end(resp_init=labels) for labels in splits(len(X), 2))
    sound, reached = end()
    assert sound == best[0]
    assert reached >= best[1] - 1e-6 or not sound


def test_a_number_of_starts_is_kept_to():
    X = np.random.default_rng(0).normal(size=(8, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = GaussianMixture(2, n_init=2, random_state=0).fit(X)
    assert sum(optimum.times for optimum in fitted.fit_report_.optima) <= 4


def test_a_row_of_weight_two_is_the_row_twice():
    X = np.random.default_rng(3).normal(size=(7, 2))
    weights = np.array([1.0, 2, 1, 1, 3, 1, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        weighted = GaussianMixture(2, covariance_type="tied", random_state=0).fit(
            X, sample_weight=weights
        )
        repeated = GaussianMixture(2, covariance_type="tied", random_state=0).fit(
            np.repeat(X, weights.astype(int), axis=0)
        )
    assert weighted.fit_report_.every_split
    assert repeated.fit_report_.every_split
    assert weighted.lower_bound_ == pytest.approx(repeated.lower_bound_, abs=1e-9)


def test_where_rows_are_many_or_the_start_is_given_no_splits_are_made():
    X = np.random.default_rng(0).normal(size=(12, 1))
    for settings in ({}, {"init_params": "kmeans"}, {"means_init": [[0.0], [1.0]]}):
        rows = X if not settings else X[:8]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = GaussianMixture(2, random_state=0, **settings).fit(rows)
        assert not fitted.fit_report_.every_split
