"""Search over the number of components and the structure."""

from __future__ import annotations

import time
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

from bactrian import BadInputError, FitInterrupted, GaussianMixture, select_mixture
from bactrian.core.covariance import covariance_structure
from bactrian.mixture.criteria import aic, bic
from bactrian.selection.search.candidates import Candidate, Selection
from bactrian.vocabulary import MCLUST_NAMES

FOUR = ("full", "tied", "diag", "spherical")
TABLE = [[1.0, 1.1], [1.5, 1.4], [5.0, 4.8], [5.5, 5.2], [1.2, 0.9], [5.1, 5.0]]


@pytest.fixture(name="X", scope="module")
def three_groups() -> np.ndarray:
    rng = np.random.RandomState(5)
    return np.r_[
        rng.randn(150, 2) @ [[1.0, 0.9], [0.0, 0.3]],
        rng.randn(100, 2) @ [[0.6, -0.5], [0.0, 0.4]] + [5.0, 5.0],
        rng.randn(80, 2) * 0.4 + [-4.0, 6.0],
    ]


@pytest.fixture(scope="module")
def found(X) -> Selection:
    return select_mixture(X, range(1, 6), FOUR, random_state=0, n_init=2)


# ---- criteria


def test_criteria_of_one_gaussian_are_those_of_the_closed_form(X):
    n, d = X.shape
    log_likelihood = multivariate_normal(X.mean(axis=0), np.cov(X.T, bias=True)).logpdf(X).sum()
    k = d + d * (d + 1) // 2
    row = select_mixture(X, 1, "full").best
    assert row.log_likelihood == pytest.approx(log_likelihood, rel=1e-12)
    assert row.n_parameters == k == 5
    assert row.bic == pytest.approx(k * np.log(n) - 2 * log_likelihood, rel=1e-12)
    assert row.aic == pytest.approx(2 * k - 2 * log_likelihood, rel=1e-12)


def test_criteria_by_hand():
    assert bic(-100.0, 3, np.e**2) == pytest.approx(206.0)
    assert aic(-100.0, 3, 1e9) == 206.0


def test_labels_are_part_of_what_is_likely(X):
    """Of one candidate by hand; held out in turn, and not resumed with other labels."""
    y = np.where(np.arange(len(X)) % 4 == 0, np.repeat([0, 1, 2], [150, 100, 80]), -1)
    found = select_mixture(X, (2, 3), "diag", y=y, cv=3, random_state=0, n_init=1)
    assert found.candidates[0].failure.startswith("y must be components from 0 to 1")
    row, p = found.best, found.best_estimator.mixture_.parameters
    parts = [
        np.log(w) + multivariate_normal(m, np.diag(v)).logpdf(X)
        for w, m, v in zip(p.weights, p.means, p.covariances, strict=True)
    ]
    log_probs = np.column_stack(parts)
    own = np.where(y >= 0, log_probs[np.arange(len(X)), y], np.logaddexp.reduce(log_probs, axis=1))
    likeliest = np.where(y >= 0, own, log_probs.max(axis=1))
    assert row.log_likelihood == pytest.approx(own.sum(), rel=1e-10)
    assert row.icl == pytest.approx(bic(likeliest.sum(), row.n_parameters, len(X)), rel=1e-10)
    assert row.cv == pytest.approx(-2 * own.sum(), rel=0.05)
    with pytest.raises(BadInputError, match="rows"):
        select_mixture(X, (2, 3), "diag", y=y, resume=select_mixture(X, 3, "diag", n_init=1))
    with pytest.raises(BadInputError, match="y must be"):
        select_mixture(X, (2, 3), "diag", y=y[:9])


def test_an_eigenvalue_ratio_is_not_for_all_structures(X):
    found = select_mixture(X, 2, "all", eigenvalue_ratio=20, random_state=0, n_init=1)
    failed = {row.covariance_type for row in found.candidates if row.failure}
    assert len(found.candidates) == 14
    assert failed.isdisjoint(FOUR)
    for row in found.candidates:
        assert not row.failure or "with eigenvalue_ratio=20" in row.failure


def test_weights_count_as_rows(X):
    counts = np.random.RandomState(0).randint(0, 3, len(X))
    weighted = select_mixture(X, 2, "diag", sample_weight=counts, random_state=0, tol=1e-9).best
    repeated = select_mixture(np.repeat(X, counts, axis=0), 2, "diag", random_state=0, tol=1e-9)
    assert weighted.bic == pytest.approx(repeated.best.bic, abs=1e-3)


# ---- the search


def test_every_pair_is_fitted_once_in_order(found):
    pairs = [(row.n_components, row.covariance_type) for row in found.candidates]
    assert pairs == [(k, name) for k in range(1, 6) for name in FOUR]


def test_all_structures_are_the_fourteen(X):
    rows = select_mixture(X, 1, "all").candidates
    letters = [covariance_structure(row.covariance_type).letters for row in rows]
    assert sorted(letters) == sorted(MCLUST_NAMES)
    assert len({round(row.log_likelihood, 6) for row in rows}) == 3  # all that one can be


def test_the_generating_model_is_found(found):
    assert (found.best.n_components, found.best.covariance_type) == (3, "full")
    assert found.criterion == "bic"


def test_rows_say_what_the_estimators_say(found, X):
    for row in found.candidates[::3]:
        gm = GaussianMixture(
            row.n_components, covariance_type=row.covariance_type, random_state=0, n_init=2
        ).fit(X)
        assert row.bic == pytest.approx(gm.bic(X), rel=1e-12)
        assert row.aic == pytest.approx(gm.aic(X), rel=1e-12)
        assert row.bic == pytest.approx(gm.fit_report_.bic, rel=1e-14)
        assert row.log_likelihood == gm.log_likelihood_
        assert (row.n_iter, row.converged) == (gm.n_iter_, gm.converged_)
        assert row.warnings == gm.fit_report_.warnings
        assert row.failure is None
        assert row.seconds > 0


def test_best_estimator_is_that_of_the_best_row(found, X):
    gm = found.best_estimator
    assert gm.n_components == found.best.n_components
    assert gm.covariance_type == found.best.covariance_type
    assert gm.log_likelihood_ == found.best.log_likelihood
    assert gm.predict(X).shape == (len(X),)


@pytest.mark.parametrize("criterion", ["aic", "bic"])
def test_best_has_the_lowest_criterion_of_the_sound(X, criterion):
    result = select_mixture(X, range(1, 5), ["diag", "full"], criterion, random_state=0)
    sound = [row for row in result.candidates if not row.collapsed and not row.failure]
    assert getattr(result.best, criterion) == min(getattr(row, criterion) for row in sound)
    assert result.best_estimator.fit_report_.log_likelihood == result.best.log_likelihood


def test_the_sample_table_is_not_won_by_collapse():
    result = select_mixture(TABLE, range(1, 10), FOUR, random_state=0)
    collapsed = [row for row in result.candidates if row.collapsed]
    assert min(row.bic for row in collapsed) < result.best.bic
    assert not result.best.collapsed
    assert not result.best_estimator.fit_report_.certificate.collapses
    ranked = result.ranked()
    kinds = [(row.failure is not None, row.collapsed) for row in ranked]
    assert kinds == sorted(kinds)
    assert ranked[0] is result.best


def test_what_cannot_be_fitted_is_a_row():
    result = select_mixture(TABLE, [2, 7, 6, 8], "diag", random_state=0)
    failed = [row for row in result.candidates if row.failure]
    assert [row.n_components for row in failed] == [7, 8]
    for row in failed:
        assert "n_samples = 6" in row.failure
        assert row.bic is row.aic is row.log_likelihood is row.n_iter is row.n_parameters is None
        assert not row.converged
    assert result.best.n_components == 2


def test_a_degenerate_candidate_is_a_row():
    X = np.r_[np.random.RandomState(0).randn(60, 2), np.full((30, 2), 9.0)]
    result = select_mixture(X, [1, 2], "full", random_state=0, reg_covar=0)
    assert [row.failure is None for row in result.candidates] == [True, False]
    assert "no positive-definite covariance" in result.candidates[1].failure
    assert result.best.n_components == 1


def test_when_all_fail_the_reason_is_told():
    with pytest.raises(
        BadInputError, match=r"2 candidates without a fit \(n_components must be no more than"
    ):
        select_mixture(TABLE, [7, 8], "diag")


def test_unconverged_candidates_rank_and_are_marked_without_a_warning(X):
    result = select_mixture(X, [4], ["full", "diag"], max_iter=2, random_state=1)
    assert [row.converged for row in result.candidates] == [False, False]
    assert "stopped at the limit of 2 iterations" in result.candidates[0].warnings
    assert result.best.bic == min(row.bic for row in result.candidates)


def test_frames_keep_their_names(X):
    frame = pd.DataFrame(X, columns=["a", "b"])
    result = select_mixture(frame, 2, "diag", random_state=0)
    assert list(result.best_estimator.feature_names_in_) == ["a", "b"]


def test_a_seed_is_the_seed_of_every_candidate(X, found):
    alone = select_mixture(X, [4], "diag", random_state=0, n_init=2).best
    (within,) = [r for r in found.candidates if (r.n_components, r.covariance_type) == (4, "diag")]
    assert replace(alone, seconds=0) == replace(within, seconds=0)


# ---- the result


def test_table_is_a_list_of_records(found):
    table = found.table()
    assert [row["rank"] for row in table if row["rank"] == 1] == [1]
    assert sorted(row["rank"] for row in table) == list(range(1, 21))
    first = min(table, key=lambda row: row["rank"])
    assert (first["n_components"], first["bic"]) == (found.best.n_components, found.best.bic)
    frame = pd.DataFrame(table).sort_values("rank")
    assert list(frame["bic"][~frame["collapsed"]]) == sorted(frame["bic"][~frame["collapsed"]])
    failed = select_mixture(TABLE, [1, 9], "diag").table()
    assert [row["rank"] for row in failed] == [1, None]


def test_ranking_puts_soundness_before_the_criterion():
    rows = (
        Candidate(5, "full", bic=float("nan"), aic=3.0),
        Candidate(1, "full", bic=5.0, aic=1.0),
        Candidate(2, "full", bic=-9.0, aic=-9.0, collapsed=True),
        Candidate(3, "full", failure="no"),
        Candidate(4, "full", bic=4.0, aic=2.0),
    )
    by_bic = Selection(rows, "bic", GaussianMixture()).ranked()
    assert [row.n_components for row in by_bic] == [4, 1, 5, 2, 3]
    by_aic = Selection(rows, "aic", GaussianMixture())
    assert [row.n_components for row in by_aic.ranked()] == [1, 4, 5, 2, 3]
    assert by_aic.best is rows[1]
    with pytest.raises(FrozenInstanceError):
        rows[0].bic = 0.0


# ---- watching and stopping


def test_observe_is_told_each_candidate_and_may_end_the_search(X):
    seen = []
    result = select_mixture(X, range(1, 4), "diag", observe=seen.append, random_state=0)
    assert tuple(seen) == result.candidates
    result = select_mixture(
        X, range(1, 9), "diag", observe=lambda row: row.n_components == 2, random_state=0
    )
    assert [row.n_components for row in result.candidates] == [1, 2]


def test_interrupt_keeps_what_was_found(X):
    def press(info):
        if len(info.parameters.weights) == 3:
            raise KeyboardInterrupt

    with pytest.raises(FitInterrupted) as caught:
        select_mixture(X, [1, 2, 3, 4], "diag", callback=press, random_state=0)
    partial = caught.value.result
    assert [row.n_components for row in partial.candidates] == [1, 2]
    assert partial.best.n_components == 2
    assert partial.best_estimator.predict(X).shape == (len(X),)


def test_interrupt_before_anything_was_found(X):
    def press(info):
        raise KeyboardInterrupt

    with pytest.raises(FitInterrupted) as caught:
        select_mixture(X, [2], "diag", callback=press)
    assert caught.value.result is None


def test_interrupt_while_observing_counts_the_candidate(X):
    def press(row):
        raise KeyboardInterrupt

    with pytest.raises(FitInterrupted) as caught:
        select_mixture(X, [1, 2], "diag", observe=press)
    assert [row.n_components for row in caught.value.result.candidates] == [1]


# ---- what is refused at once


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_components": 0}, "n_components must be whole numbers of at least 1, but got 0"),
        ({"n_components": [1, 2.5]}, "but got 2.5 among them"),
        ({"n_components": [True]}, "but got True"),
        ({"n_components": "3"}, "but got '3' among them"),
        ({"n_components": None}, "but got None"),
        ({"n_components": []}, "at least one whole number"),
        ({"covariance_type": "round"}, "covariance_type must be one of full"),
        ({"covariance_type": ["full", 3]}, "covariance_type must be one of full"),
        ({"covariance_type": []}, "covariance_type must be some of full"),
        ({"covariance_type": 3}, "covariance_type must be all, or some of"),
        ({"criterion": "ebic"}, "criterion must be one of bic, aic, aicc, icl, caic, hq, cv,"),
        ({"max_itre": 5}, "the setting must be one of .*, but got 'max_itre'"),
        ({"tol": -1}, "tol must be"),
        ({"init_params": "best"}, "init_params must be"),
        ({"sample_weight": [1.0]}, "sample_weight must be of shape"),
    ],
)
def test_bad_parameters_raise_at_once(X, arguments, message):
    seen = []
    with pytest.raises(BadInputError, match=message):
        select_mixture(X, **{"n_components": [2, 3], "observe": seen.append, **arguments})
    assert seen == []


def test_bad_data_raise_at_once():
    for X in ([[1.0, 2.0], [np.inf, 1.0], [2.0, 2.0]], np.ones((20, 2))):
        began = time.perf_counter()
        with pytest.raises(BadInputError, match="X must be"):
            select_mixture(X)
        assert time.perf_counter() - began < 1


def test_numbers_of_components_may_come_in_many_forms(X):
    for given in (2, np.int64(2), [2, 2], {2}, (k for k in [2]), np.array([2])):
        result = select_mixture(X, given, "diag", random_state=0)
        assert [row.n_components for row in result.candidates] == [2]
        assert type(result.best.n_components) is int
    names = select_mixture(X, 1, ("tied", "diag", "tied")).candidates
    assert [row.covariance_type for row in names] == ["tied", "diag"]
