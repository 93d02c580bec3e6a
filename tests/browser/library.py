"""What the library makes of the same data, in the process of the test."""

from __future__ import annotations

import warnings

import numpy as np
from driving import WEIGHTS, Calculator

from bactrian import GaussianMixture

SIX = np.array([[1.0, 1.1], [1.5, 1.4], [5.0, 4.8], [5.5, 5.2], [1.2, 0.9], [5.1, 5.0]])
SAMPLE = {"n_components": 2, "max_iter": 100, "tol": 1e-4, "random_state": 0}


def fit(X: np.ndarray, **parameters) -> GaussianMixture:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the page tells of it in its own words
        return GaussianMixture(**{**SAMPLE, "acceleration": "none", **parameters}).fit(X)


def check_numbers(calculator: Calculator, model: GaussianMixture, X: np.ndarray) -> None:
    """What is shown is the library's to the digits shown, and what is copied to the last one."""
    weights, means = calculator.parameters()
    np.testing.assert_array_equal(weights, model.weights_)
    np.testing.assert_array_equal(means, model.means_)
    covariances = calculator.covariances(len(weights))
    np.testing.assert_array_equal(covariances, model.covariances_)
    facts = {
        "Log-likelihood": model.score(X) * len(X),
        "BIC": model.bic(X),
        "AIC": model.aic(X),
        "ICL": model.icl(X),
        "Iterations": model.n_iter_,
    }
    shown = {name: calculator.fact(name) for name in facts}
    for name, expected in facts.items():
        np.testing.assert_allclose(shown[name].value, expected, rtol=1e-12, err_msg=name)
    tables = [WEIGHTS, *(f"Covariance, component {k + 1}" for k in range(len(weights)))]
    figures = [one for name in tables for row in calculator.table(name) for one in row]
    assert all(figure.agrees() for figure in [*figures, *shown.values()])
