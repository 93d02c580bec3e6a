"""What a masked array hides is missing, and dates are no numbers, wherever rows are taken."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from bactrian import (
    BadInputError,
    GaussianMixture,
    GaussianMixtureSelector,
    bootstrap,
    select_mixture,
)

WRONG = 1e6  # what is hidden: seen if it is read


@pytest.fixture(scope="module")
def hidden() -> np.ma.MaskedArray:
    rng = np.random.default_rng(0)
    values = np.r_[rng.normal(size=(40, 2)), rng.normal(6, 1, size=(40, 2))]
    mask = rng.uniform(size=values.shape) < 0.1
    values[mask] = WRONG
    return np.ma.array(values, mask=mask)


@pytest.fixture(scope="module")
def missing(hidden) -> np.ndarray:
    return hidden.filled(np.nan)


@pytest.fixture(scope="module")
def gm(missing) -> GaussianMixture:
    return GaussianMixture(2, random_state=0).fit(missing)


def test_a_masked_array_is_fitted_as_missing_values(hidden, missing, gm):
    fitted = GaussianMixture(2, random_state=0).fit(hidden)
    assert fitted.fit_report_.missing == gm.fit_report_.missing
    for name in ("weights_", "means_", "covariances_"):
        np.testing.assert_array_equal(getattr(fitted, name), getattr(gm, name))
    np.testing.assert_array_equal(fitted.fit_predict(hidden), gm.fit_predict(missing))


def test_whole_numbers_that_are_hidden_are_missing(hidden):
    rounded = np.ma.array(np.round(10 * hidden.data).astype(np.int32), mask=hidden.mask)
    fitted = GaussianMixture(2, random_state=0).fit(rounded)
    assert fitted.fit_report_.missing.rows == hidden.mask.any(axis=1).sum()
    assert np.abs(fitted.means_).max() < 100


@pytest.mark.parametrize(
    "method",
    ["predict", "predict_proba", "score_samples", "score", "impute", "bic", "uncertainty"],
)
def test_a_masked_array_is_answered_as_missing_values(method, hidden, missing, gm):
    answer, expected = getattr(gm, method)(hidden), getattr(gm, method)(missing)
    np.testing.assert_array_equal(answer, expected)
    assert type(answer) is type(expected)


@pytest.mark.parametrize("method", ["log_density", "responsibilities", "impute"])
def test_a_model_takes_masked_arrays(method, hidden, missing, gm):
    model = gm.to_model()
    answer, expected = getattr(model, method)(hidden), getattr(model, method)(missing)
    np.testing.assert_array_equal(answer, expected)


def test_selection_and_bootstrap_take_masked_arrays(hidden, missing, gm):
    options = {"covariance_type": "diag", "cv": 2, "random_state": 0}
    found, expected = (select_mixture(X, (1, 2), **options) for X in (hidden, missing))
    assert [c.bic for c in found.candidates] == [c.bic for c in expected.candidates]
    assert [c.cv for c in found.candidates] == [c.cv for c in expected.candidates]
    selectors = [
        GaussianMixtureSelector((1, 2), covariance_type="diag", random_state=0).fit(X)
        for X in (hidden, missing)
    ]
    assert selectors[0].selection_.best.bic == selectors[1].selection_.best.bic
    spreads = [bootstrap(gm, X, n_resamples=5, random_state=0) for X in (hidden, missing)]
    np.testing.assert_array_equal(
        spreads[0].standard_errors.means, spreads[1].standard_errors.means
    )


def test_where_no_value_may_be_missing_none_may_be_hidden(hidden):
    with pytest.raises(BadInputError, match=r"NaN in row .*missing='em'"):
        GaussianMixture(2, missing="error").fit(hidden)


def test_hidden_weights_are_refused(hidden, gm):
    weights = np.ma.array(np.ones(80), mask=np.arange(80) < 2)
    wanted = "sample_weight must be known everywhere.*hides 2 of 80 values.*the weight 0"
    with pytest.raises(BadInputError, match=wanted):
        GaussianMixture(2).fit(hidden, sample_weight=weights)
    with pytest.raises(BadInputError, match=wanted):
        gm.score(hidden, sample_weight=weights)
    weights.mask = False
    assert gm.score(hidden, sample_weight=weights) == pytest.approx(gm.score(hidden), rel=1e-12)


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.float64])
def test_hidden_labels_are_unknown(kind, missing):
    known = np.arange(80) % 10 == 0
    labels = np.ma.array(np.arange(80) < 40, mask=~known, dtype=kind)
    told = np.where(known, labels.data, -1.0)
    fitted, expected = (GaussianMixture(2, random_state=0).fit(missing, y) for y in (labels, told))
    np.testing.assert_array_equal(fitted.means_, expected.means_)
    assert fitted.means_[0].min() > 3  # the first rows have the label 1


def test_hidden_plausibilities_and_starts_are_refused(missing):
    says = np.ma.array(np.ones((80, 2)), mask=np.zeros((80, 2)))
    says[3, 1] = np.ma.masked
    with pytest.raises(BadInputError, match=r"y must be known everywhere.*1 of 160"):
        GaussianMixture(2).fit(missing, says)
    with pytest.raises(BadInputError, match=r"resp_init must be known everywhere.*1 of 160"):
        GaussianMixture(2, resp_init=says / 2).fit(missing)
    means = np.ma.array(np.zeros((2, 2)), mask=np.eye(2))
    with pytest.raises(BadInputError, match=r"means_init must be known everywhere.*2 of 4"):
        GaussianMixture(2, means_init=means).fit(missing)


DAYS = np.datetime64("2020-01-01") + np.arange(20)
DATES = {
    "array": (np.c_[DAYS, DAYS], r"dates \(datetime64\[D\]\)"),
    "durations": (np.c_[DAYS, DAYS] - DAYS[0], r"durations \(timedelta64\[D\]\)"),
    "objects": (np.c_[np.arange(20.0), DAYS.astype(object)], "dates in column 1 "),
    "lists": ([[1.0, day] for day in DAYS.tolist()], "dates in column 1 "),
    "pandas": (pd.DataFrame({"a": np.arange(20), "day": DAYS}), r"dates in column 'day' \(datet"),
    "pandas, objects": (
        pd.DataFrame({"a": np.arange(20), "day": DAYS.astype(object)}),
        r"dates in column 'day' \(object\)",
    ),
    "polars": (pl.DataFrame({"a": range(20), "day": DAYS.tolist()}), r"column 'day' \(Date\)"),
}


@pytest.mark.parametrize("name", DATES)
def test_dates_are_no_numbers(name, gm):
    X, got = DATES[name]
    wanted = f"X must be numbers, but got .*{got}.*Leave the column out, or turn it into a number"
    model = gm.to_model()
    for take in (
        GaussianMixture(2).fit,
        gm.predict,
        gm.score,
        gm.impute,
        model.log_density,
        lambda rows: select_mixture(rows, (1, 2)),
        lambda rows: bootstrap(model, rows, n_resamples=5),
    ):
        with pytest.raises(BadInputError, match=wanted):
            take(X)
