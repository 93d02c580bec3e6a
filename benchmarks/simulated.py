"""Simulated mixtures, from seeds, and how much their components overlap."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from checking import weighted_log_densities


@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture and rows drawn from it.

    Parameters
    ----------
    X : (n_samples, n_features)
    labels : (n_samples,)
    weights : (n_components,)
    means : (n_components, n_features)
    covariances : (n_components, n_features, n_features)
    """

    X: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def misassigned(self) -> float:
        """Share of (20,000) rows that the true mixture itself assigns to another component."""
        densities = weighted_log_densities(
            self.X[:20_000], self.weights, self.means, self.covariances
        )
        return float(np.mean(densities.argmax(axis=1) != self.labels[:20_000]))

    def closest_pair(self) -> float:
        """Largest Bhattacharyya coefficient of two components: 0 far apart, 1 the same."""
        pairs = combinations(range(len(self.weights)), 2)
        return max(self._coefficient(i, j) for i, j in pairs)

    def _coefficient(self, i: int, j: int) -> float:
        a, b, step = self.covariances[i], self.covariances[j], self.means[i] - self.means[j]
        middle = (a + b) / 2
        log_det = [np.linalg.slogdet(matrix)[1] for matrix in (a, b, middle)]
        distance = step @ np.linalg.solve(middle, step) / 8
        return float(np.exp(-distance - log_det[2] / 2 + (log_det[0] + log_det[1]) / 4))


def mixture(
    n_samples: int, n_features: int, n_components: int, separation: float, seed: int
) -> Mixture:
    """Mixture with random weights, shapes and orientations.

    `separation` is the standard deviation of the means in units of that of the components. What
    overlap that is depends on the number of features and components: see ``misassigned``.
    """
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(n_components, 5.0))
    labels = rng.choice(n_components, size=n_samples, p=weights)
    means = rng.standard_normal((n_components, n_features)) * separation
    X = np.empty((n_samples, n_features))
    covariances = np.empty((n_components, n_features, n_features))
    for k in range(n_components):
        own = labels == k
        rotation, _ = np.linalg.qr(rng.standard_normal((n_features, n_features)))
        deviations = np.exp(rng.uniform(-0.7, 0.7, n_features))
        z = rng.standard_normal((int(own.sum()), n_features)) * deviations
        X[own] = means[k] + z @ rotation
        covariances[k] = (rotation.T * deviations**2) @ rotation
    return Mixture(X, labels, weights, means, covariances)


def simulated(
    n_samples: int, n_features: int, n_components: int, separation: float, seed: int
) -> np.ndarray:
    """Rows of such a mixture."""
    return mixture(n_samples, n_features, n_components, separation, seed).X
