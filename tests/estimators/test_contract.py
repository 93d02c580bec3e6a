"""scikit-learn's estimator checks, without an expected failure."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from bactrian import GaussianMixture, GaussianMixtureSelector


# Some checks fit 30 columns to 15 rows, or a lattice: that such a fit warns is right.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks(
    [
        GaussianMixture(),
        GaussianMixture(n_components=2, covariance_type="tied", n_init=2, random_state=0),
        GaussianMixture(n_components=2, covariance_type="diag", stopping="parameters"),
        GaussianMixture(n_components=2, covariance_type="spherical", init_params="k-means++"),
    ]
)
def test_estimator_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "step",
    [
        GaussianMixture(3, n_init=1, random_state=0),
        GaussianMixtureSelector(3, covariance_type="tied", random_state=0),
    ],
)
def test_probabilities_are_features_of_what_follows(step, faithful):
    longer = faithful[:, 0] > 3
    chain = make_pipeline(step, LogisticRegression()).fit(faithful, longer)
    assert chain.score(faithful, longer) > 0.95
    np.testing.assert_array_equal(chain[:-1].transform(faithful), chain[0].predict_proba(faithful))
    assert chain[:-1].get_feature_names_out().tolist() == [f"gaussianmixture{k}" for k in range(3)]


def test_the_noise_has_a_column_too(faithful):
    gm = GaussianMixture(2, noise=True, random_state=0, n_init=1).set_output(transform="pandas")
    frame = gm.fit_transform(faithful)
    assert list(frame) == ["gaussianmixture0", "gaussianmixture1", "gaussianmixture_noise"]
    np.testing.assert_array_equal(frame, gm.predict_proba(faithful))
    np.testing.assert_allclose(frame.sum(axis=1), 1)
