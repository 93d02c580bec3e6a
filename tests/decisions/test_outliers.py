"""The detector: scikit-learn's contract, rates that are kept, and reasons."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from bactrian import BadInputError, GaussianMixture, GaussianMixtureOutlierDetector
from bactrian.decisions.calibration import Calibration
from bactrian.decisions.reasons import contributions, z_scores


@parametrize_with_checks([GaussianMixtureOutlierDetector()])
def test_scikit_learns_contract(estimator, check):
    check(estimator)


def normal(n, seed=0, d=8):
    """Correlated rows; the same correlations for each seed."""
    mix = np.triu(np.random.default_rng(1000).normal(size=(d, d))) + 2 * np.eye(d)
    return np.random.default_rng(seed).normal(size=(n, d)) @ mix


@pytest.mark.parametrize("rate", [0.1, 0.01, 0.001])
def test_false_alarms_on_new_rows(rate):
    """300 rows of 8 columns: the mean over fits is the rate that was asked for."""
    found = []
    for seed in range(12):
        detector = GaussianMixtureOutlierDetector(false_alarm_rate=rate, random_state=0)
        fresh = normal(4000, 500 + seed)
        detector.fit(normal(300, seed))
        found.append((detector.predict(fresh) == -1).mean())
        alarms = (detector.p_values(fresh) <= rate).mean()
        assert alarms == pytest.approx(found[-1], abs=0.3 * rate + 1e-3)
    assert np.mean(found) <= rate + 2 * np.std(found) / np.sqrt(12) + 1e-9
    assert np.mean(found) >= rate / 4


@pytest.mark.slow
def test_false_alarms_of_many_fits():
    rates = (0.1, 0.01, 0.001)
    found = []
    for seed in range(80):
        detector = GaussianMixtureOutlierDetector(random_state=0).fit(normal(300, seed))
        p = detector.p_values(normal(5000, 1500 + seed))
        found.append([(p <= rate).mean() for rate in rates])
    means, errors = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(80)
    assert (means <= rates + 2 * errors).all(), (means, errors)
    assert (means >= np.array(rates) / 2).all()


@pytest.mark.parametrize("n_components", [1, 2, 3])
def test_a_clump_of_outliers_does_not_hide_itself(n_components):
    rng = np.random.default_rng(n_components)
    X = np.r_[rng.normal(size=(950, 4)), 8 + rng.normal(size=(50, 4))]
    detector = GaussianMixtureOutlierDetector(n_components, random_state=0, n_init=3).fit(X)
    assert (detector.predict(X[950:]) == -1).mean() >= 0.95
    assert (detector.predict(rng.normal(size=(5000, 4))) == -1).mean() < 0.02
    assert detector.contamination_ == pytest.approx(0.05, abs=0.01)


def test_scattered_outliers_do_not_widen_the_normal_rows():
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(size=(570, 3)), rng.uniform(-15, 15, size=(30, 3))]
    detector = GaussianMixtureOutlierDetector(random_state=0).fit(X)
    np.testing.assert_allclose(detector.mixture_.covariance(), np.eye(3), atol=0.25)
    far = np.abs(X).max(axis=1) > 6
    assert (detector.predict(X[far]) == -1).all()
    assert detector.contamination_ == pytest.approx(0.05, abs=0.015)


def test_the_rate_of_false_discoveries():
    shares = []
    for seed in range(12):
        detector = GaussianMixtureOutlierDetector(random_state=0).fit(normal(400, seed))
        rows = np.r_[normal(450, 700 + seed), normal(50, 800 + seed) + 12]
        found = detector.discoveries(rows, 0.2)
        shares.append(found[:450].sum() / max(1, found.sum()))
        assert found[450:].mean() > 0.9
    assert np.mean(shares) < 0.2 + 2 * np.std(shares) / np.sqrt(12)
    assert not detector.discoveries(normal(5, 3) * 0, 0.1).any()


def test_a_number_for_the_contamination_is_a_share_of_the_rows():
    X = normal(200)
    detector = GaussianMixtureOutlierDetector(contamination=0.1).fit(X)
    assert (detector.predict(X) == -1).sum() == 20
    assert detector.calibration_ is None
    with pytest.raises(BadInputError, match="contamination"):
        detector.p_values(X)


def test_frames_and_fit_predict():
    frame = pd.DataFrame(normal(100, d=3), columns=list("abc"))
    detector = GaussianMixtureOutlierDetector(random_state=0)
    labels = detector.fit_predict(frame)
    np.testing.assert_array_equal(labels, detector.predict(frame))
    assert detector.mixture_.feature_names == ("a", "b", "c")
    np.testing.assert_array_equal(
        clone(detector).fit(frame).score_samples(frame), detector.score_samples(frame)
    )
    np.testing.assert_allclose(
        detector.decision_function(frame), detector.score_samples(frame) - detector.offset_
    )


def test_rows_with_holes_are_compared_with_their_like():
    X = normal(600)
    detector = GaussianMixtureOutlierDetector(false_alarm_rate=0.05, random_state=0).fit(X)
    fresh = normal(8000, 5)
    for gone in ([0], [1, 2, 3, 4, 5, 6]):
        holes = fresh.copy()
        holes[:, gone] = np.nan
        assert (detector.predict(holes) == -1).mean() == pytest.approx(0.05, abs=0.025)
        assert (detector.p_values(holes) <= 0.05).mean() == pytest.approx(0.05, abs=0.025)
    odd = np.full((1, 8), np.nan)
    odd[0, 3] = 1e3
    assert detector.predict(odd) == -1
    assert detector.predict(np.full((1, 8), np.nan)) == 1
    X[::5, 2] = np.nan
    assert GaussianMixtureOutlierDetector(random_state=0).fit(X).predict(odd) == -1


def test_small_components_can_be_normal():
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(size=(940, 2)), rng.normal(9, 1, size=(60, 2))]
    wary = GaussianMixtureOutlierDetector(2, random_state=0).fit(X)
    calm = GaussianMixtureOutlierDetector(2, random_state=0, smallest_share=0).fit(X)
    assert wary.predict([[9.0, 9.0]]) == -1
    assert calm.predict([[9.0, 9.0]]) == 1


# ---- calibration


@given(st.integers(1, 60), st.integers(0, 2**31 - 1))
@settings(max_examples=30)
def test_p_values_are_ranks(count, seed):
    scores = np.random.default_rng(seed).normal(size=count)
    mixture = GaussianMixture(1).fit(normal(50, d=2)).mixture_
    calibration = Calibration.of(mixture, scores)
    inside = np.linspace(scores.min(), scores.max() + 1, 7)
    expected = [(1 + (scores <= one).sum()) / (count + 1) for one in inside]
    rows = np.zeros((7, 2))
    np.testing.assert_allclose(calibration.p_values(rows, inside), expected)
    below = calibration.p_values(rows, scores.min() - np.arange(1.0, 8))
    assert (np.diff(below) <= 0).all()
    assert (below <= 1 / (count + 1)).all()
    assert (below > 0).all()
    rates = np.linspace(0.001, 0.9, 20)
    levels = np.array([calibration.threshold(rate) for rate in rates])
    assert (np.diff(levels) >= 0).all()


# ---- reasons


def test_contributions_add_up_and_are_averages_over_orders():
    fit = GaussianMixture(2, random_state=0).fit(normal(300, d=4))
    mixture, X = fit.mixture_, normal(20, 3, d=4)
    X[::4, 1] = np.nan
    found = contributions(mixture, X)
    np.testing.assert_allclose(found.sum(axis=1), mixture.log_density(X), rtol=1e-10)
    assert (found[::4, 1] == 0).all()
    expected = np.zeros_like(found)
    for order in permutations(range(4)):
        before = np.zeros(20)
        for end, column in enumerate(order, 1):
            rows = np.full(X.shape, np.nan)
            rows[:, order[:end]] = X[:, order[:end]]
            after = mixture.log_density(rows)
            expected[:, column] += (after - before) / 24
            before = after
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_contributions_of_many_columns_add_up():
    fit = GaussianMixture(2, random_state=0, n_init=1).fit(normal(300, d=12))
    X = normal(5, 3, d=12)
    found = contributions(fit.mixture_, X)
    np.testing.assert_allclose(found.sum(axis=1), fit.mixture_.log_density(X), rtol=1e-10)


def test_z_scores_are_those_of_the_conditional_distribution():
    mixture = GaussianMixture(1).fit(normal(300, d=3)).mixture_
    X = normal(10, 3, d=3)
    found = z_scores(mixture, X, np.zeros(10, dtype=int))
    for row, scores in zip(X, found, strict=True):
        for j in range(3):
            others = {i: row[i] for i in range(3) if i != j}
            alone = mixture.condition(others)
            expected = (row[j] - alone.mean()[0]) / alone.std()[0]
            assert scores[j] == pytest.approx(expected, rel=1e-8)
    X[0, 1] = np.nan
    partial = z_scores(mixture, X, np.zeros(10, dtype=int))[0]
    assert np.isnan(partial[1])
    assert np.isfinite(partial[[0, 2]]).all()


def test_the_odd_column_is_named():
    X = normal(500, d=5)
    detector = GaussianMixtureOutlierDetector(random_state=0).fit(X)
    rows = normal(5, 9, d=5)
    rows[np.arange(5), np.arange(5)] += 40
    reasons = detector.explain(rows)
    assert [reasons.columns(row, 1) for row in range(5)] == [[j] for j in range(5)]
    assert (np.abs(reasons.z_scores)[np.arange(5), np.arange(5)] > 3).all()
    density = multivariate_normal(detector.mixture_.mean(), detector.mixture_.covariance())
    np.testing.assert_allclose(reasons.contributions.sum(axis=1), density.logpdf(rows), rtol=1e-9)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"false_alarm_rate": 0}, "false_alarm_rate"),
        ({"false_alarm_rate": 1}, "false_alarm_rate"),
        ({"contamination": 0.6}, "contamination"),
        ({"contamination": "some"}, "contamination"),
        ({"smallest_share": 1}, "smallest_share"),
        ({"smallest_share": -0.1}, "smallest_share"),
        ({"n_folds": 1}, "n_folds"),
        ({"n_components": 0}, "n_components"),
        ({"n_components": 3, "smallest_share": 0.9}, "smallest_share"),
    ],
    ids=str,
)
def test_bad_input_is_named(settings, said):
    with pytest.raises(BadInputError, match=said):
        GaussianMixtureOutlierDetector(**settings).fit(normal(60, d=2))
