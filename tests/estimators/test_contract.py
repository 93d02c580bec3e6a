"""scikit-learn's estimator checks, without an expected failure."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from bactrian import GaussianMixture


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
