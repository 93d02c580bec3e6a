"""The estimator that chooses its model: scikit-learn's contract, and that it is its best model."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from bactrian import BadInputError, FitInterrupted, GaussianMixture, GaussianMixtureSelector


# Some checks fit 30 columns to 15 rows, or a lattice: that such a fit is odd does not matter.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks(
    [
        GaussianMixtureSelector(
            (1, 2), covariance_type="diag", estimator=GaussianMixture(n_init=1)
        ),
        GaussianMixtureSelector(
            2, covariance_type=("tied", "spherical"), criterion="icl",
            estimator=GaussianMixture(n_init=1), random_state=0,
        ),
    ]
)  # fmt: skip
def test_estimator_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def fitted(faithful) -> GaussianMixtureSelector:
    return GaussianMixtureSelector(
        (1, 2, 3), covariance_type=("tied", "full"), random_state=0
    ).fit(faithful)


def test_it_is_its_best_model(fitted, faithful):
    best = GaussianMixture(3, covariance_type="tied", random_state=0).fit(faithful)
    assert (fitted.n_components_, fitted.covariance_type_) == (3, "tied")
    for method in ("predict", "predict_proba", "score_samples", "score", "bic", "icl"):
        np.testing.assert_array_equal(getattr(fitted, method)(faithful),
                                      getattr(best, method)(faithful))  # fmt: skip
    for name in ("weights_", "means_", "covariances_", "precisions_", "log_likelihood_",
                 "converged_", "n_iter_", "n_features_in_"):  # fmt: skip
        np.testing.assert_array_equal(getattr(fitted, name), getattr(best, name))
    np.testing.assert_array_equal(fitted.sample(5)[0], best.sample(5)[0])
    assert fitted.best_estimator_ is fitted.selection_.best_estimator
    assert len(fitted.selection_.candidates) == 6


def test_fit_predict_labels_the_rows(faithful):
    selector = GaussianMixtureSelector(2, covariance_type="diag", random_state=0)
    np.testing.assert_array_equal(selector.fit_predict(faithful), selector.predict(faithful))


def test_labels_reach_the_fits_as_those_of_one_mixture_do(faithful):
    y = np.where(np.arange(len(faithful)) % 5 == 0, (faithful[:, 0] < 3).astype(int), -1)
    best = GaussianMixture(2, covariance_type="tied", random_state=0).fit(faithful, y)
    selector = GaussianMixtureSelector((1, 2), covariance_type="tied", random_state=0)
    labels = selector.fit_predict(faithful, y)
    np.testing.assert_array_equal(selector.means_, best.means_)
    np.testing.assert_array_equal(labels[y >= 0], y[y >= 0])
    assert selector.selection_.best.bic == pytest.approx(best.fit_report_.bic, rel=1e-12)
    assert "components from 0 to 0" in selector.selection_.candidates[0].failure
    known = (y == 1).astype(int)  # all known: classes, which are ignored as one mixture does
    blind = selector.fit(faithful, known).selection_
    assert blind.best.bic == selector.fit(faithful).selection_.best.bic


def test_the_estimator_gives_the_other_settings(faithful):
    template = GaussianMixture(7, reg_covar=0.5, n_init=1, random_state=3, max_iter=50)
    selector = GaussianMixtureSelector(2, covariance_type="full", estimator=template)
    best = selector.fit(faithful).best_estimator_
    assert (best.n_components, best.reg_covar, best.max_iter) == (2, 0.5, 50)
    assert best.random_state == 3
    assert selector.set_params(random_state=4).fit(faithful).best_estimator_.random_state == 4
    assert selector.get_params()["estimator__reg_covar"] == 0.5
    assert template.n_components == 7


def test_weights_and_names_reach_the_fits(faithful):
    weights = np.random.RandomState(0).randint(1, 4, len(faithful))
    frame = pd.DataFrame(faithful, columns=["eruptions", "waiting"])
    settings = {"covariance_type": "full", "random_state": 0}
    selector = GaussianMixtureSelector((1, 2), **settings).fit(frame, sample_weight=weights)
    assert selector.fit_report_.weight == weights.sum()
    assert list(selector.feature_names_in_) == ["eruptions", "waiting"]


def test_before_the_fit_there_is_nothing(faithful):
    selector = GaussianMixtureSelector()
    assert not hasattr(selector, "means_")
    with pytest.raises(NotFittedError):
        selector.predict(faithful)
    with pytest.raises(AttributeError, match="no attribute 'meens_'"):
        _ = selector.meens_


def test_copies_and_pipelines(fitted, faithful):
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(faithful), fitted.predict(faithful))
    assert not hasattr(clone(fitted), "means_")
    pipeline = make_pipeline(StandardScaler(), clone(fitted)).fit(faithful)
    assert pipeline[-1].n_components_ == 3


def test_interrupt_leaves_it_as_it_was(faithful):
    def press(row):
        if row.n_components == 2:
            raise KeyboardInterrupt

    selector = GaussianMixtureSelector((1, 2), covariance_type="diag", observe=press)
    with pytest.raises(FitInterrupted) as caught:
        selector.fit(faithful)
    assert len(caught.value.result.candidates) == 2
    assert not hasattr(selector, "selection_")


def test_other_estimators_are_refused(faithful):
    with pytest.raises(BadInputError, match="estimator must be None or a GaussianMixture"):
        GaussianMixtureSelector(estimator=StandardScaler()).fit(faithful)
