"""Our wording, where scikit-learn's own tests ask for theirs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from bactrian import GaussianMixture


@pytest.fixture
def X() -> np.ndarray:  # noqa: N802
    return np.random.default_rng(0).normal(size=(100, 2))


def fails(X, match, **settings):
    with pytest.raises(ValueError, match=match):
        GaussianMixture(2, **settings).fit(X)


def test_weights(X):
    fails(X, r"weights_init must be an array of shape \(2,\), but got the shape \(2, 1\)",
          weights_init=[[0.5], [0.5]])  # fmt: skip
    fails(X, "weights_init must be numbers from 0 to 1, but got values from 1.2 to 1.5",
          weights_init=[1.5, 1.2])  # fmt: skip
    fails(X, "weights_init must be numbers that sum to 1, but got a sum of 0.5.*Divide",
          weights_init=[0.2, 0.3])  # fmt: skip
    given = np.array([0.3, 0.7])
    gm = GaussianMixture(2, weights_init=given, random_state=0).fit(X)
    np.testing.assert_array_equal(gm.weights_init, [0.3, 0.7])


def test_means(X):
    fails(X, r"means_init must be an array of shape \(2, 2\), but got the shape \(3, 2\)",
          means_init=np.zeros((3, 2)))  # fmt: skip
    given = np.array([[0.0, 1.0], [1.0, 0.0]])
    gm = GaussianMixture(2, means_init=given).fit(X)
    np.testing.assert_array_equal(gm.means_init, [[0, 1], [1, 0]])


@pytest.mark.parametrize(
    ("covariance_type", "shape", "word"),
    [
        ("full", (2, 2, 2), "positive definite"),
        ("tied", (2, 2), "positive definite"),
        ("diag", (2, 2), "positive"),
        ("spherical", (2,), "positive"),
    ],
)
def test_precisions(covariance_type, shape, word, X):
    settings = {"covariance_type": covariance_type}
    shapeless = "precisions_init must be an array of shape"
    fails(X, shapeless, precisions_init=np.ones((5, 5)), **settings)
    fails(X, f"precisions_init must be {word}", precisions_init=np.full(shape, -1.0), **settings)
    good = np.broadcast_to(np.eye(2), shape) if len(shape) > 1 else np.ones(2)
    if covariance_type == "diag":
        good = np.ones((2, 2))
    gm = GaussianMixture(2, precisions_init=good, random_state=0, **settings).fit(X)
    np.testing.assert_array_equal(gm.precisions_init, good)


def test_no_volume():
    X = np.vstack([np.ones((5, 2)), np.zeros((5, 2))])
    fails(X, r"Component 1 of 2 .*no positive-definite covariance.*Lower n_components|collinear",
          reg_covar=0, random_state=0)  # fmt: skip


def test_not_converged(X):
    with pytest.warns(ConvergenceWarning, match=r"did not converge: stopped at the limit of 1 "):
        GaussianMixture(2, max_iter=1, random_state=0).fit(X)


def test_parameters_are_not_estimated_when_all_are_given(X, monkeypatch):
    """Counterpart of a test that counts calls of scikit-learn's private functions."""
    from bactrian.fitting.beginning import Beginning

    def forbidden(*_):
        raise AssertionError("a start was computed")

    monkeypatch.setattr(Beginning, "_start", forbidden)
    gm = GaussianMixture(
        2,
        weights_init=[0.5, 0.5],
        means_init=[[-1, 0], [1, 0]],
        precisions_init=np.stack([np.eye(2)] * 2),
    ).fit(X)
    assert gm.n_iter_ >= 1
