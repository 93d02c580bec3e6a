"""Fitted mixtures for the tests of storage."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from bactrian import GaussianMixture

STRUCTURES = ("full", "tied", "diag", "spherical")
SHARING = (*STRUCTURES, "EII", "VEI", "EVV", "VEV")


def two_groups(seed: int = 0) -> np.ndarray:
    rng = np.random.RandomState(seed)
    near = rng.randn(120, 2) @ [[1.0, 0.6], [0.0, 0.5]]
    return np.r_[near, rng.randn(60, 2) + np.array([6.0, 4.0])]


def fitted(X, covariance_type: str = "full", n_components: int = 2, **settings) -> GaussianMixture:
    settings = {"random_state": 0, "max_iter": 200, **settings}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return GaussianMixture(n_components, covariance_type=covariance_type, **settings).fit(X)
