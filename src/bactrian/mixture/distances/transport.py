"""Optimal transport between mixtures by way of their components (MW2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.special import log_softmax

from bactrian.core.arrays import FloatArray
from bactrian.core.estep.density import weighted_log_prob
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distances.plan import plan_of


@final
@dataclass(frozen=True, eq=False)
class Transport:
    """The best transport between mixtures that moves components as Gaussians [1]_.

    Parameters
    ----------
    distance : float
        MW2, in units of the data: no smaller than the Wasserstein distance W2.
    plan : (K_p, K_q)
        Weight that goes from each component to each other.
    costs : (K_p, K_q)
        Squared Wasserstein distances of the components.
    source, target : Parameters

    References
    ----------
    .. [1] Delon, J. and Desolneux, A. (2020). A Wasserstein-type distance in the space of Gaussian
       mixture models. SIAM J. Imaging Sci. 13, 936-970.
    """

    distance: float
    plan: FloatArray
    costs: FloatArray
    source: Parameters
    target: Parameters

    def move(self, X: FloatArray) -> FloatArray:
        """Where rows go: the mean of the maps of components, by the probabilities of the rows.

        ``sum_ij p(i | x) plan_ij / w_i T_ij(x)``, finite everywhere.

        Parameters
        ----------
        X : (n_samples, D)

        Returns
        -------
        (n_samples, D)
        """
        resp = np.exp(log_softmax(weighted_log_prob(X, self.source.terms()), axis=1))
        weights = self.source.weights
        shares = np.divide(
            self.plan, weights[:, None], out=np.zeros_like(self.plan), where=weights[:, None] > 0
        )
        moved = np.zeros_like(X)
        for i, j in zip(*np.nonzero(shares > 0), strict=True):
            step = (X - self.source.means[i]) @ self._matrix(int(i), int(j))
            moved += (shares[i, j] * resp[:, i])[:, None] * (self.target.means[j] + step)
        return moved

    def _matrix(self, i: int, j: int) -> FloatArray:
        """Of the map between two Gaussians, ``C^-1/2 (C^1/2 S C^1/2)^1/2 C^-1/2``."""
        values, vectors = np.linalg.eigh(self.source.dense_covariances()[i])
        root, inverse = _of_roots(values, vectors, 0.5), _of_roots(values, vectors, -0.5)
        inner = root @ self.target.dense_covariances()[j] @ root
        return np.asarray(inverse @ _of_roots(*np.linalg.eigh(inner), 0.5) @ inverse)


def transport(p: Parameters, q: Parameters) -> Transport:
    """The best transport from p to q."""
    costs = wasserstein_squares(p, q)
    plan = plan_of(costs, p.weights, q.weights)
    return Transport(float(np.sqrt(max(0.0, (plan * costs).sum()))), plan, costs, p, q)


def wasserstein_squares(p: Parameters, q: Parameters) -> FloatArray:
    """Squared Wasserstein distances of the components, (K_p, K_q) (Dowson and Landau 1982).

    ``|m - n|^2 + tr(C + S - 2 (C^1/2 S C^1/2)^1/2)``.
    """
    own, other = p.dense_covariances(), q.dense_covariances()
    values, vectors = np.linalg.eigh(own)
    roots = vectors * np.sqrt(np.maximum(values, 0))[:, None] @ vectors.transpose(0, 2, 1)
    steps = np.square(p.means[:, None] - q.means[None]).sum(axis=2)
    traces = np.trace(own, axis1=1, axis2=2)[:, None] + np.trace(other, axis1=1, axis2=2)[None]
    cross = np.empty_like(traces)
    for i, root in enumerate(roots):
        inner = np.linalg.eigvalsh(root @ other @ root)
        cross[i] = np.sqrt(np.maximum(inner, 0)).sum(axis=1)
    return np.asarray(np.maximum(steps + traces - 2 * cross, 0.0))


def _of_roots(values: FloatArray, vectors: FloatArray, power: float) -> FloatArray:
    return np.asarray(vectors * np.maximum(values, 1e-300) ** power @ vectors.T)
