"""The regressor: scikit-learn's contract, linear regression, and its intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from bactrian import BadInputError, GaussianMixture, GaussianMixtureRegressor


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # of collinear data
@parametrize_with_checks([GaussianMixtureRegressor()])
def test_scikit_learns_contract(estimator, check):
    if check.func.__name__ == "check_sample_weight_equivalence_on_dense_data":
        # 15 rows in 31 columns: without a ridge, rounding times the condition is above 1e-7.
        estimator.set_params(reg_covar=1e-3)
    check(estimator)


def bent(n=600, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-3, 3, n)
    return x[:, None], np.abs(x) + rng.normal(0, 0.1 + 0.1 * (x > 0), n)


def test_one_gaussian_is_linear_regression():
    X, y = load_diabetes(return_X_y=True)
    ours = GaussianMixtureRegressor().fit(X, y)
    theirs = LinearRegression().fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-5)
    _, spread = ours.predict(X, return_std=True)
    residuals = y - theirs.predict(X)
    np.testing.assert_allclose(spread, residuals.std(), rtol=1e-5)
    assert ours.score(X, y) == pytest.approx(theirs.score(X, y))
    expected = -0.5 * (residuals / spread) ** 2 - np.log(spread * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(ours.log_score(X, y), expected, rtol=1e-4)


def test_it_bends_and_its_intervals_hold():
    X, y = bent()
    model = GaussianMixtureRegressor(4, random_state=0).fit(X, y)
    new, truth = bent(4000, 1)
    assert model.score(new, truth) > 0.95
    low, high = model.predict_quantiles(new, [0.05, 0.95])
    assert ((truth >= low) & (truth <= high)).mean() == pytest.approx(0.9, abs=0.02)
    _, spread = model.predict(np.array([[-2.0], [2.0]]), return_std=True)
    assert spread[1] > 1.5 * spread[0]
    draws = model.sample_y(np.array([[2.0]]), 3000, 0)
    assert draws.shape == (1, 3000)
    assert draws.mean() == pytest.approx(model.predict([[2.0]])[0], abs=0.02)


def test_targets_names_missing_values_and_weights():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(200, 2)), columns=["a", "b"])
    Y = pd.DataFrame({"y": X.a + X.b, "z": X.a - X.b}) + rng.normal(0, 0.1, (200, 2))
    model = GaussianMixtureRegressor(random_state=0).fit(X, Y)
    assert model.mixture_.feature_names == ("a", "b", "y", "z")
    assert model.predict(X).shape == (200, 2)
    assert model.predict(X, return_cov=True)[1].shape == (200, 2, 2)
    assert model.predict_quantiles(X, [0.1, 0.5, 0.9]).shape == (3, 200, 2)
    assert model.sample_y(X, 7).shape == (200, 2, 7)
    holes = X.copy()
    holes.loc[5, "a"] = np.nan
    mean, spread = model.predict(holes, return_std=True)
    assert np.isfinite(mean).all()
    assert spread[5, 0] > 3 * spread[4, 0]
    again = GaussianMixtureRegressor(random_state=0).fit(holes, Y.y)
    assert again.mixture_.feature_names == ("a", "b", "y")
    weighted = GaussianMixtureRegressor().fit(X, Y.y, sample_weight=np.arange(200) < 50)
    few = GaussianMixtureRegressor().fit(X[:50], Y.y[:50])
    np.testing.assert_allclose(weighted.predict(X), few.predict(X))


def test_settings_are_those_of_the_mixture():
    X, y = bent(200)
    model = GaussianMixtureRegressor(2, family="t", noise=True, random_state=0)
    assert model.get_params().keys() == GaussianMixture().get_params().keys()
    copy = clone(model).fit(X, y)
    assert copy.estimator_.family == "t"
    assert cross_val_score(copy, X, y, cv=3).shape == (3,)
    search = GridSearchCV(GaussianMixtureRegressor(random_state=0), {"n_components": [1, 2]}, cv=3)
    assert search.fit(X, y).best_params_ == {"n_components": 2}
    with pytest.raises(BadInputError, match="n_components"):
        GaussianMixtureRegressor(0).fit(X, y)
