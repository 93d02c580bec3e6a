"""Ours and the peers behind one call: EM from given parameters for a number of iterations.

Each adds nothing to the variances and does not look whether it converged, so that after the same
number of iterations all must be in the same place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import numpy as np

import bactrian
from checking import dense
from simulated import Mixture


@dataclass(frozen=True, eq=False)
class Start:
    """Parameters to start from; covariances in the public shape of their structure."""

    covariance_type: str
    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    @property
    def precisions(self) -> np.ndarray:
        if self.covariance_type in ("diag", "spherical"):
            return 1 / self.covariances
        return np.linalg.inv(self.covariances)

    @property
    def full(self) -> np.ndarray:
        """Covariances as matrices, (n_components, n_features, n_features)."""
        return np.array(dense(self.covariances, self.covariance_type, self.means.shape))


def start_from(mixture: Mixture, covariance_type: str) -> Start:
    """Moments of the components after every second row was given to one at random.

    So each holds many rows, all overlap, and none collapses.
    """
    X, n_components = mixture.X, len(mixture.weights)
    rng = np.random.default_rng(0)
    strays = rng.integers(n_components, size=len(X))
    labels = np.where(rng.random(len(X)) < 0.5, mixture.labels, strays)
    parts = [X[labels == k] for k in range(n_components)]
    weights = np.array([len(part) for part in parts]) / len(X)
    means = np.array([part.mean(axis=0) for part in parts])
    full = np.array([np.atleast_2d(np.cov(part.T, bias=True)) for part in parts])
    variances = np.diagonal(full, axis1=1, axis2=2)
    covariances = {
        "full": full,
        "tied": np.average(full, axis=0, weights=weights),
        "diag": variances.copy(),
        "spherical": variances.mean(axis=1),
    }[covariance_type]
    return Start(covariance_type, weights, means, covariances)


def _given(start: Start, iterations: int) -> dict[str, Any]:
    return {
        "n_components": len(start.weights),
        "covariance_type": start.covariance_type,
        "weights_init": start.weights,
        "means_init": start.means,
        "precisions_init": start.precisions,
        "tol": 0.0,
        "reg_covar": 0.0,
        "max_iter": iterations,
    }


def ours(X: np.ndarray, start: Start, iterations: int, **options: Any) -> Any:
    given = {**_given(start, iterations), "stopping": "log_likelihood", **options}
    return bactrian.GaussianMixture(**given).fit(X)


def scikit_learn(X: np.ndarray, start: Start, iterations: int) -> Any:
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(**_given(start, iterations)).fit(X)


def onedal(X: np.ndarray, start: Start, iterations: int) -> Any:
    import daal4py

    diagonal = start.covariance_type == "diag"
    algorithm = daal4py.em_gmm(
        len(start.weights),
        maxIterations=iterations,
        accuracyThreshold=0.0,
        regularizationFactor=0.0,
        covarianceStorage="diagonal" if diagonal else "full",
    )
    covariances = [c[None] if diagonal else c for c in start.covariances]
    found = algorithm.compute(X, start.weights[None], start.means, covariances)
    return SimpleNamespace(
        weights_=found.weights.ravel(),
        means_=found.means,
        covariances_=np.array([c.ravel() if diagonal else c for c in found.covariances]),
        n_iter_=int(np.ravel(found.nIterations)[0]),
    )


def pomegranate(X: np.ndarray, start: Start, iterations: int) -> Any:
    import torch
    from pomegranate.distributions import Normal
    from pomegranate.gmm import GeneralMixtureModel

    kind = start.covariance_type
    single = [tensor.astype(np.float32) for tensor in (start.means, start.covariances)]
    components = [Normal(m, c, covariance_type=kind) for m, c in zip(*single, strict=True)]
    weights = start.weights.astype(np.float32)
    model = GeneralMixtureModel(components, weights, max_iter=iterations, tol=-np.inf)
    model.fit(torch.as_tensor(X, dtype=torch.float32))
    return SimpleNamespace(
        weights_=model.priors.numpy(),
        means_=np.array([component.means.numpy() for component in model.distributions]),
        covariances_=np.array([component.covs.numpy() for component in model.distributions]),
        n_iter_=iterations,
    )


def tgmm(X: np.ndarray, start: Start, iterations: int) -> Any:
    import torch
    from tgmm import GaussianMixture

    model = GaussianMixture(
        len(start.weights),
        n_features=X.shape[1],
        covariance_type=start.covariance_type,
        max_iter=iterations,
        tol=1e-300,  # 0 is refused
        reg_covar=0.0,
        init_weights=torch.as_tensor(start.weights),
        init_means=torch.as_tensor(start.means),
        init_covariances=torch.as_tensor(start.covariances),
        device="cpu",
    )
    model.fit(torch.as_tensor(X))
    return SimpleNamespace(
        weights_=model.weights_.numpy(),
        means_=model.means_.numpy(),
        covariances_=model.covariances_.numpy(),
        n_iter_=int(model.n_iter_) + 1,  # the number of the last, from 0
    )


@dataclass(frozen=True)
class Peer:
    """Another implementation.

    Parameters
    ----------
    run : callable
        ``run(X, start, iterations)`` gives what has weights_, means_, covariances_ and n_iter_.
    module : str
        What must be installed.
    structures : tuple of str
    rtol : float
        How far its parameters may be from ours after a few iterations.
    slow : bool
        So much slower that one round must do.
    """

    run: Callable[[np.ndarray, Start, int], Any]
    module: str
    structures: tuple[str, ...]
    rtol: float
    slow: bool = False

    @property
    def installed(self) -> bool:
        return find_spec(self.module) is not None


PEERS = {
    "scikit-learn": Peer(scikit_learn, "sklearn", ("full", "tied", "diag", "spherical"), 1e-8),
    "oneDAL": Peer(onedal, "daal4py", ("full", "diag"), 1e-8),
    "pomegranate": Peer(pomegranate, "pomegranate", ("full", "diag"), 1e-2, slow=True),
    "tgmm": Peer(tgmm, "tgmm", ("full", "diag"), 1e-2, slow=True),
}
