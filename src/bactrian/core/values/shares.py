"""Posteriors of the weights of a mixture: a Dirichlet distribution, or sticks of a process."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.special import betaln, digamma, gammaln

from bactrian.core.arrays import FloatArray


@dataclass(frozen=True)
class WeightPrior(ABC):
    """A prior on weights whose posterior is of the same kind, given how many rows each holds.

    Parameters
    ----------
    concentration : float
        Above 0: the larger, the more equal the weights, or the more components.
    """

    concentration: float
    kind: ClassVar[str]
    """What scikit-learn calls it."""
    sorts: ClassVar[bool]
    """Whether the order of the components matters: those of more rows come first."""

    @abstractmethod
    def log_weights(self, counts: FloatArray) -> FloatArray:
        """Posterior means of the logarithms of the weights, (n_components,)."""

    @abstractmethod
    def weights(self, counts: FloatArray) -> FloatArray:
        """Posterior means of the weights, (n_components,), divided by their sum."""

    @abstractmethod
    def divergence(self, counts: FloatArray) -> float:
        """Kullback-Leibler divergence of the posterior from the prior, in nats."""

    @abstractmethod
    def shapes(self, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Shapes (a, b) of the beta distribution of each weight, or of each stick."""

    @abstractmethod
    def draw(
        self, counts: FloatArray, size: int, random_state: np.random.RandomState
    ) -> FloatArray:
        """Draw weights from the posterior, (size, n_components)."""


@final
@dataclass(frozen=True)
class Dirichlet(WeightPrior):
    """``weights ~ Dirichlet(concentration, ..., concentration)`` (Bishop 2006, section 10.2.1)."""

    kind = "dirichlet_distribution"
    sorts = False

    def log_weights(self, counts: FloatArray) -> FloatArray:
        """``digamma(a_k) - digamma(sum a)``, with ``a_k = concentration + n_k`` (eq. 10.66)."""
        own = self.concentration + counts
        return np.asarray(digamma(own) - digamma(own.sum()))

    def weights(self, counts: FloatArray) -> FloatArray:
        """``a_k / sum a`` (eq. 10.69, where the components hold all rows)."""
        own = self.concentration + counts
        return np.asarray(own / own.sum())

    def divergence(self, counts: FloatArray) -> float:
        """Kullback-Leibler divergence of the posterior from the prior, in nats."""
        own, before = self.concentration + counts, np.full_like(counts, self.concentration)
        moved = float(counts @ self.log_weights(counts))
        return moved + _log_norm(own) - _log_norm(before)

    def shapes(self, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Each weight by itself has the beta distribution ``(a_k, sum a - a_k)``."""
        own = self.concentration + counts
        return own, own.sum() - own

    def draw(
        self, counts: FloatArray, size: int, random_state: np.random.RandomState
    ) -> FloatArray:
        """Draw weights from the posterior, (size, n_components)."""
        # Gamma variables, in logs: their quotients are finite however small the concentration is.
        own = self.concentration + counts
        logarithms = _log_gammas(own, size, random_state)
        logarithms -= logarithms.max(axis=1, keepdims=True)
        drawn = np.exp(logarithms)
        return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


@final
@dataclass(frozen=True)
class Sticks(WeightPrior):
    """A Dirichlet process: ``weight_k = v_k prod_(j < k) (1 - v_j)``, ``v_k ~ Beta(1, c)`` [1]_.

    The mixture has infinitely many components, of which rows are given to the first K only: K
    truncates the posterior, not the model [2]_. So the evidence bound grows with K, and what the
    sticks leave, ``prod (1 - v_j)``, is the share of all components that hold no row.

    References
    ----------
    .. [1] Blei, D. M. and Jordan, M. I. (2006). Variational inference for Dirichlet process
       mixtures. Bayesian Anal. 1, 121-143, section 3.2.
    .. [2] Kurihara, K., Welling, M. and Teh, Y. W. (2007). Collapsed variational Dirichlet
       process mixture models. IJCAI, section 3.
    """

    kind = "dirichlet_process"
    sorts = True

    def shapes(self, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """``(1 + n_k, c + sum_(j > k) n_j)``, of the sticks (Blei & Jordan 2006, eqs. 18, 19)."""
        after = np.append(np.cumsum(counts[::-1])[-2::-1], 0.0)
        return 1.0 + counts, self.concentration + after

    def log_weights(self, counts: FloatArray) -> FloatArray:
        """``E[log v_k] + sum_(j < k) E[log(1 - v_j)]``."""
        a, b = self.shapes(counts)
        whole = digamma(a + b)
        left = np.cumsum(digamma(b) - whole)
        return np.asarray(digamma(a) - whole + np.append(0.0, left[:-1]))

    def weights(self, counts: FloatArray) -> FloatArray:
        """``E[v_k] prod_(j < k) E[1 - v_j]``, divided by their sum."""
        a, b = self.shapes(counts)
        left = np.cumprod(b / (a + b))
        own = a / (a + b) * np.append(1.0, left[:-1])
        return np.asarray(own / own.sum())

    def divergence(self, counts: FloatArray) -> float:
        """Kullback-Leibler divergence of the posterior from the prior, in nats."""
        a, b = self.shapes(counts)
        whole = digamma(a + b)
        moved = counts * (digamma(a) - whole) + (b - self.concentration) * (digamma(b) - whole)
        return float((betaln(1.0, self.concentration) - betaln(a, b) + moved).sum())

    def draw(
        self, counts: FloatArray, size: int, random_state: np.random.RandomState
    ) -> FloatArray:
        """Draw weights from the posterior, (size, n_components), divided by their sum."""
        a, b = self.shapes(counts)
        v = random_state.beta(a, b, size=(size, len(counts)))
        left = np.cumprod(1 - v, axis=1)
        drawn = v * np.hstack([np.ones((size, 1)), left[:, :-1]])
        return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


SHARES: dict[str, type[WeightPrior]] = {shares.kind: shares for shares in (Sticks, Dirichlet)}


def _log_norm(concentrations: FloatArray) -> float:
    """Log of the constant of a Dirichlet density (Bishop 2006, eq. B.23)."""
    return float(gammaln(concentrations.sum()) - gammaln(concentrations).sum())


def _log_gammas(shapes: FloatArray, size: int, random_state: np.random.RandomState) -> FloatArray:
    """Logs of gamma variables: ``G(a) = G(a + 1) U^(1/a)``, which does not underflow."""
    drawn = np.log(random_state.standard_gamma(shapes + 1, size=(size, len(shapes))))
    uniform = random_state.uniform(size=drawn.shape)
    return np.asarray(drawn + np.log1p(-uniform) / shapes)
