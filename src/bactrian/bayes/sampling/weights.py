"""Priors of weights as what they say of partitions, and draws given a partition."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.special import gammaln

from bactrian.core.arrays import FloatArray
from bactrian.core.values.shares import log_gammas

LEFT = 1e-9  # share of what the empty components of a process have that no stick names


@dataclass(frozen=True)
class PartitionPrior(ABC):
    """A prior of weights whose components are exchangeable: those that hold rows come first.

    Parameters
    ----------
    concentration : float
    """

    concentration: float

    @abstractmethod
    def n_empty(self, n_clusters: int) -> int:
        """How many components without rows rows may go to, if so many hold some."""

    @abstractmethod
    def log_prior(self, sizes: FloatArray) -> float:
        """Log-probability of a partition of the rows into clusters of sizes (n_clusters,)."""

    @abstractmethod
    def log_weights(self, sizes: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Draw log-weights, those of the empty components last, given the clusters' sizes."""


@final
@dataclass(frozen=True)
class FinitePrior(PartitionPrior):
    """``weights ~ Dirichlet(c, ..., c)`` of K components.

    Parameters
    ----------
    concentration : float
        c.
    n_components : int
    """

    n_components: int

    def n_empty(self, n_clusters: int) -> int:
        """The components that hold no row."""
        return self.n_components - n_clusters

    def log_prior(self, sizes: FloatArray) -> float:
        """``K! / (K - k)!  G(cK) / G(cK + n)  prod_j G(c + n_j) / G(c)`` [1]_.

        References
        ----------
        .. [1] Miller, J. W. and Harrison, M. T. (2018). Mixture models with a prior on the number
           of components. J. Am. Stat. Assoc. 113, 340-356, section 2.
        """
        c, K, k = self.concentration, self.n_components, len(sizes)
        if k > K:
            return -np.inf
        whole = gammaln(c * K) - gammaln(c * K + sizes.sum()) + gammaln(K + 1) - gammaln(K - k + 1)
        return float(whole + (gammaln(c + sizes) - gammaln(c)).sum())

    def log_weights(self, sizes: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Draw from ``Dirichlet(c + n_1, ..., c + n_K)``."""
        counts = np.pad(sizes, (0, self.n_components - len(sizes)))
        return _normalised(log_gammas(self.concentration + counts, 1, rng)[0])


@final
@dataclass(frozen=True)
class ProcessPrior(PartitionPrior):
    """A Dirichlet process of concentration c.

    Given the partition, the weights of the clusters and of all else together have the Dirichlet
    distribution ``(n_1, ..., n_k, c)`` [1]_, and sticks name the components of the latter, until
    a share of 1e-9 of it is expected to be left.

    References
    ----------
    .. [1] Pitman, J. (1996). Some developments of the Blackwell-MacQueen urn scheme. IMS Lecture
       Notes 30, 245-267, corollary 20.
    """

    def n_empty(self, n_clusters: int) -> int:
        """Sticks, of which each leaves c / (1 + c) in expectation."""
        kept = np.log1p(1 / self.concentration)
        return max(1, int(np.ceil(-np.log(LEFT) / kept)))

    def log_prior(self, sizes: FloatArray) -> float:
        """``c^k G(c) / G(c + n) prod_j G(n_j)`` (Antoniak 1974)."""
        c = self.concentration
        whole = gammaln(c) - gammaln(c + sizes.sum()) + len(sizes) * np.log(c)
        return float(whole + gammaln(sizes).sum())

    def log_weights(self, sizes: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Draw the clusters' weights, and sticks of what they leave."""
        c, n = self.concentration, self.n_empty(len(sizes))
        shares = _normalised(log_gammas(np.append(sizes, c), 1, rng)[0])
        left = -rng.standard_exponential(n) / c  # log of 1 - v, v ~ Beta(1, c)
        before = shares[-1] + np.append(0.0, np.cumsum(left[:-1]))
        return np.append(shares[:-1], before + np.log(-np.expm1(left)))


def _normalised(logarithms: FloatArray) -> FloatArray:
    """Logs of numbers divided by their sum."""
    shifted = logarithms - logarithms.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))
