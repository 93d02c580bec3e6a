"""What a search measures: criteria, cross-validation, models that are the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.model_selection import KFold

from bactrian import BadInputError, GaussianMixture, select_mixture
from bactrian.core.covariance import STRUCTURES, same_model
from bactrian.mixture.criteria import CRITERIA
from bactrian.selection.search.folds import folds_of
from bactrian.selection.search.request import structures_of
from bactrian.vocabulary import MEASURES

FOUR = ("full", "tied", "diag", "spherical")


@pytest.fixture(name="X", scope="module")
def two_groups() -> np.ndarray:
    rng = np.random.RandomState(2)
    return np.r_[rng.randn(60, 2), rng.randn(40, 2) * [1.0, 0.3] + [4.0, 4.0]]


@pytest.fixture(scope="module")
def found(X):
    return select_mixture(X, [1, 2, 3], FOUR, cv=4, random_state=0, n_init=1)


def untimed(selection):
    return {row.pair: replace(row, seconds=0.0) for row in selection.candidates}


# ---- criteria in the table


def test_rows_hold_what_the_estimators_say(found, X):
    for row in found.candidates[::4]:
        gm = GaussianMixture(
            row.n_components, covariance_type=row.covariance_type, random_state=0, n_init=1
        ).fit(X)
        for name in CRITERIA:
            assert getattr(row, name) == pytest.approx(getattr(gm, name)(X), rel=1e-12)


def test_rows_hold_them_with_weights_too(X):
    weights = np.random.RandomState(0).randint(0, 3, len(X))
    row = select_mixture(X, 2, "full", sample_weight=weights, random_state=0).best
    gm = GaussianMixture(2, random_state=0).fit(X, sample_weight=weights)
    for name in CRITERIA:
        assert getattr(row, name) == pytest.approx(getattr(gm, name)(X, weights), rel=1e-12)


@pytest.mark.parametrize("criterion", MEASURES)
def test_the_best_is_that_of_its_criterion(found, criterion):
    by_it = replace(found, criterion=criterion)
    assert getattr(by_it.best, criterion) == min(
        getattr(row, criterion) for row in found.candidates if not row.collapsed
    )


def test_mclusts_sign_is_the_opposite(found):
    for ours, theirs in zip(found.table(), found.table(sign="mclust"), strict=True):
        for name, value in ours.items():
            assert theirs[name] == (-value if name in MEASURES else value)
    with pytest.raises(BadInputError, match="sign must be one of lower, mclust, but got 'up'"):
        found.table(sign="up")


def test_frame_is_the_table(found):
    frame = found.frame()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame["bic"]) == [row.bic for row in found.candidates]
    assert list(found.frame("mclust")["icl"]) == [-row.icl for row in found.candidates]
    failed = select_mixture(X_FEW, [1, 9], "diag").frame()
    assert np.isnan(failed["bic"][1])
    assert "n_samples" in failed["failure"][1]


X_FEW = [[1.0, 1.1], [1.5, 1.4], [5.0, 4.8], [5.5, 5.2]]


# ---- the same model by other names


def test_one_component_is_fitted_once_for_each_model(found):
    same = {row.covariance_type: row.same_as for row in found.candidates if row.n_components == 1}
    assert same == {"full": None, "tied": "full", "diag": None, "spherical": None}
    assert not any(row.same_as for row in found.candidates if row.n_components > 1)
    full, tied = found.candidates[0], found.candidates[1]
    assert replace(tied, covariance_type="full", same_as=None, seconds=full.seconds) == full
    assert found.table()[1]["rank"] == found.table()[0]["rank"] + 1


def test_with_one_feature_there_are_two_models(X):
    one = select_mixture(X[:, :1], [1, 2], FOUR, random_state=0)
    same = {row.pair: row.same_as for row in one.candidates}
    assert [same[1, name] for name in FOUR] == [None, *["full"] * 3]
    assert [same[2, name] for name in FOUR] == [None, None, "full", "full"]


@pytest.mark.parametrize("n_features", [1, 3])
@pytest.mark.parametrize("n_components", [1, 2])
def test_what_is_called_the_same_has_the_same_likelihood(n_components, n_features):
    X = np.random.RandomState(1).randn(80, 3)[:, :n_features] + 6 * (np.arange(80) % 2)[:, None]
    fitted = {}
    for name in STRUCTURES:
        gm = GaussianMixture(n_components, covariance_type=name, random_state=0).fit(X)
        key = same_model(name, n_components, n_features)
        fitted.setdefault(key, []).append((gm.log_likelihood_, gm.fit_report_.n_parameters))
    for values in fitted.values():
        assert np.ptp([value for value, _ in values]) < 1e-3
        assert len({count for _, count in values}) == 1
    counts = [values[0][1] for values in fitted.values()]
    if n_features > 1 and n_components == 1:
        assert len(set(counts)) == len(counts)


def test_all_is_every_structure_once():
    names = structures_of("all")
    assert len({same_model(name, 2, 2) for name in names}) == len(names) == 14


# ---- cross-validation


def test_held_out_likelihood_by_hand(X):
    folds = KFold(4, shuffle=True, random_state=3)
    total = 0.0
    for kept, out in folds.split(X):
        gm = GaussianMixture(2, covariance_type="diag", random_state=0).fit(X[kept])
        total += gm.score_samples(X[out]).sum()
    settings = {"n_components": 2, "covariance_type": "diag", "random_state": 0}
    row = select_mixture(X, cv=folds, **settings).best
    assert row.cv == pytest.approx(-2 * total, rel=1e-12)
    pairs = list(folds.split(X))
    assert select_mixture(X, cv=pairs, **settings).best.cv == row.cv


def test_some_rows_held_out_stand_for_all(X):
    kept, out = np.arange(90), np.arange(90, 100)
    gm = GaussianMixture(2, random_state=0).fit(X[kept])
    row = select_mixture(X, 2, "full", cv=[(kept, out)], random_state=0).best
    assert row.cv == pytest.approx(-2 * gm.score(X[out]) * len(X), rel=1e-12)


def test_weights_are_respected(X):
    weights = np.random.RandomState(0).randint(0, 3, len(X)).astype(float)
    weights[:50] *= 4
    first, second = np.arange(50), np.arange(50, 100)
    total = 0.0
    for kept, out in ((first, second), (second, first)):
        gm = GaussianMixture(1).fit(X[kept], sample_weight=weights[kept])
        total += weights[out] @ gm.score_samples(X[out])
    folds = [(first, second), (second, first)]
    row = select_mixture(X, 1, "full", sample_weight=weights, cv=folds).best
    assert row.cv == pytest.approx(-2 * total, rel=1e-12)


def test_order_of_candidates_does_not_matter(found, X):
    backwards = select_mixture(
        X, [3, 2, 1], FOUR, "cv", cv=4, random_state=0, n_init=1
    )  # fmt: skip
    assert untimed(backwards) == untimed(found)
    assert backwards.best.cv == min(row.cv for row in found.candidates)


def test_the_seed_is_that_of_the_folds():
    first, again, other = (folds_of(3, None, 30, seed)[0][1].tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_cv_is_near_aic_for_one_gaussian():
    X = np.random.RandomState(0).randn(400, 3)
    row = select_mixture(X, 1, "full", "cv", cv=20, random_state=0).best
    assert row.cv == pytest.approx(row.aic, abs=4.0)


def test_the_criterion_cv_has_five_folds(X):
    assert select_mixture(X, 1, "diag", "cv", random_state=0).best.cv == pytest.approx(
        select_mixture(X, 1, "diag", cv=5, random_state=0).best.cv, rel=1e-14
    )
    assert select_mixture(X, 1, "diag").best.cv is None


@given(st.integers(2, 9), st.integers(9, 60), st.integers(0, 99))
def test_folds_hold_each_row_of_weight_out_once(n_folds, n_samples, seed):
    weights = np.ones(n_samples)
    weights[::4] = 0.0
    assume(np.count_nonzero(weights) >= n_folds)
    folds = folds_of(n_folds, weights, n_samples, seed)
    held = np.concatenate([out for _, out in folds])
    assert sorted(held) == list(np.flatnonzero(weights))
    assert np.ptp([len(out) for _, out in folds]) <= 1
    for kept, out in folds:
        assert sorted([*kept, *out]) == sorted(held)


def test_a_fold_that_cannot_be_fitted_is_told():
    rng = np.random.RandomState(0)
    X = rng.randn(8, 2)
    result = select_mixture(X, [1, 5], "spherical", "cv", cv=2, random_state=0)
    one, five = result.candidates
    assert five.failure is None
    assert five.cv is None
    assert "cross-validation failed: n_components must be no more" in five.warnings[-1]
    assert result.best is one


def test_starting_labels_are_held_out_with_their_rows(X):
    labels = np.r_[np.zeros(60, int), np.ones(40, int)]
    row = select_mixture(X, 2, "full", "cv", resp_init=labels, random_state=0).best
    assert np.isfinite(row.cv)


@pytest.mark.parametrize(
    ("cv", "message"),
    [
        (1, "cv must be None, folds, or a whole number of at least 2, but got 1"),
        (2.5, "cv must be .* but got 2.5"),
        ("5", "cv must be .* but got '5'"),
        (101, "cv must be no more than the number of rows, but got 101 folds of 100 rows"),
        ([], "cv must be folds with rows to fit"),
        ([(np.arange(3), np.array([500]))], "cv must be a number of folds, or folds as"),
        (object(), "cv must be a number of folds, or folds as"),
    ],
)
def test_bad_folds(X, cv, message):
    with pytest.raises(BadInputError, match=message):
        select_mixture(X, 1, cv=cv)
