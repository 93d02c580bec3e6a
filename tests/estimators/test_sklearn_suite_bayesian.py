"""scikit-learn's own tests of its Bayesian mixture and its estimator checks, run against ours.

Left out are tests of scikit-learn's private functions, and the parts that ask for its wording or
call its private methods: what these say of the numbers is asked here in public ones.
"""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import sklearn.mixture
from sklearn.utils.estimator_checks import parametrize_with_checks

from bactrian import BayesianGaussianMixture

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

LEFT_OUT = {
    "test_log_dirichlet_norm": "tests a private function",
    "test_log_wishart_norm": "tests a private function",
    "test_compare_covar_type": "calls private methods; asks for degrees of freedom of N / K",
    "test_bayesian_mixture_precisions_prior_initialisation": "asks for scikit-learn's wording",
}


def one_start(**settings: object) -> BayesianGaussianMixture:
    """Ours with scikit-learn's default of one start."""
    return BayesianGaussianMixture(**{"n_init": 1, **settings})


def theirs() -> dict[str, object]:
    """scikit-learn's tests of our class."""
    spec = importlib.util.find_spec("sklearn.mixture.tests.test_bayesian_mixture")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sklearn.mixture, "BayesianGaussianMixture", one_start)
        spec.loader.exec_module(module)
    return {name: value for name, value in vars(module).items() if name.startswith("test_")}


LONG = (
    "test_monotonic_likelihood",
    "test_invariant_translation",
    "test_bayesian_mixture_fit_predict",
)

_found = theirs()
globals().update({name: test for name, test in _found.items() if name not in LEFT_OUT})
globals().update({name: pytest.mark.slow(_found[name]) for name in LONG})


def test_nothing_is_left_out_that_is_not_there():
    assert set(LEFT_OUT) <= set(_found)
    assert len(_found) > 2 * len(LEFT_OUT)


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag", "spherical"])
def test_the_prior_of_the_precisions(covariance_type):
    X = np.random.RandomState(0).rand(10, 2)
    default = {
        "full": np.cov(X.T),
        "tied": np.cov(X.T),
        "diag": np.var(X, axis=0, ddof=1),
        "spherical": np.var(X, axis=0, ddof=1).mean(),
    }[covariance_type]
    own = one_start(covariance_type=covariance_type, random_state=0).fit(X)
    np.testing.assert_allclose(own.covariance_prior_, default, rtol=1e-12)
    assert own.degrees_of_freedom_prior_ == 2
    given = one_start(
        covariance_type=covariance_type, covariance_prior=default + 3, degrees_of_freedom_prior=1.3
    ).fit(X)
    np.testing.assert_allclose(given.covariance_prior_, default + 3)
    assert given.degrees_of_freedom_prior_ == 1.3


CHECKED = [
    BayesianGaussianMixture(n_init=1),
    BayesianGaussianMixture(n_components=2, covariance_type="tied", n_init=2, random_state=0),
    BayesianGaussianMixture(
        3, covariance_type="diag", weight_concentration_prior_type="dirichlet_distribution"
    ),
    BayesianGaussianMixture(2, covariance_type="spherical"),
]


@parametrize_with_checks(CHECKED[:1])
def test_estimator_checks(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(CHECKED[1:])
def test_estimator_checks_of_others(estimator, check):
    check(estimator)
