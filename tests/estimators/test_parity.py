"""The same steps as scikit-learn's from the same start, and as SciPy's densities."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.mixture
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.datasets import load_iris

from bactrian import GaussianMixture

STRUCTURES = ("full", "tied", "diag", "spherical")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def shared_start(X, n_components, covariance_type, seed):
    """Weights, means and precisions to start both from."""
    start = sklearn.mixture.GaussianMixture(
        n_components, covariance_type=covariance_type, random_state=seed, max_iter=0
    ).fit(X)
    by_variance = covariance_type in ("diag", "spherical")
    inverse = 1 / start.covariances_ if by_variance else np.linalg.inv(start.covariances_)
    return {
        "weights_init": start.weights_,
        "means_init": start.means_,
        "precisions_init": inverse,
    }


def closeness(ours, theirs):
    """Largest difference, relative to the largest entry."""
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


@pytest.mark.parametrize("reg_covar", [0.0, 1e-6, 1e-3])
@pytest.mark.parametrize("n_iter", [1, 2, 25])
@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_the_same_iterations_as_scikit_learn(covariance_type, n_iter, reg_covar):
    X = load_iris().data
    settings = {
        "n_components": 3,
        "covariance_type": covariance_type,
        "max_iter": n_iter,
        "tol": 0.0,
        "reg_covar": reg_covar,
        **shared_start(X, 3, covariance_type, 0),
    }
    theirs = sklearn.mixture.GaussianMixture(**settings).fit(X)
    ours = GaussianMixture(**settings, acceleration="none").fit(X)
    assert ours.n_iter_ == theirs.n_iter_ == n_iter
    for name in ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_"):
        assert closeness(getattr(ours, name), getattr(theirs, name)) < 1e-9, name
    assert ours.lower_bound_ == pytest.approx(theirs.lower_bound_, rel=1e-9)
    assert ours.lower_bounds_ == pytest.approx(theirs.lower_bounds_, rel=1e-9)
    assert ours.score(X) == pytest.approx(theirs.score(X), rel=1e-9)
    assert ours.bic(X) == pytest.approx(theirs.bic(X), rel=1e-9)
    assert ours.aic(X) == pytest.approx(theirs.aic(X), rel=1e-9)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-9)
    np.testing.assert_allclose(ours.score_samples(X), theirs.score_samples(X), rtol=1e-9)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_each_log_likelihood_is_scipys(covariance_type, faithful):
    seen = []
    GaussianMixture(2, covariance_type=covariance_type, random_state=0, callback=seen.append).fit(
        faithful
    )
    assert len(seen) > 2
    for info in seen:
        p = info.parameters
        parts = [
            np.log(w) + multivariate_normal(mean, covariance).logpdf(faithful)
            for w, mean, covariance in zip(p.weights, p.means, p.dense_covariances(), strict=True)
        ]
        assert info.log_likelihood == pytest.approx(logsumexp(parts, axis=0).sum(), rel=1e-12)


@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_to_the_same_maximum_as_a_patient_scikit_learn(covariance_type, faithful):
    start = shared_start(faithful, 2, covariance_type, 0)
    patient = sklearn.mixture.GaussianMixture(
        2, covariance_type=covariance_type, tol=1e-14, max_iter=10_000, reg_covar=0, **start
    ).fit(faithful)
    ours = GaussianMixture(2, covariance_type=covariance_type, **start).fit(faithful)
    assert ours.converged_
    assert ours.score(faithful) == pytest.approx(patient.score(faithful), abs=1e-6)
