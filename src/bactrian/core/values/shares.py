"""Posteriors of the weights of a mixture: a Dirichlet distribution, or sticks of a process."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple, final

import numpy as np
from scipy.special import (
    betaln,
    digamma,
    gammainc,
    gammainccinv,
    gammaincinv,
    gammaln,
    logsumexp,
)

from bactrian.core.arrays import FloatArray

NODES = 200  # at which a concentration that is not known is looked at
TAIL = 1e-14  # of its prior, on either side, which is left out
LEAST = 1e-12  # smallest of them, of the mean


class Gamma(NamedTuple):
    """A gamma distribution, of mean ``shape / rate``."""

    shape: float
    rate: float

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.shape / self.rate

    @property
    def nodes(self) -> tuple[FloatArray, FloatArray]:
        """Values, evenly apart in their logarithm, and the logs of their probabilities.

        The trapezoidal rule on these has as many digits as float64, for whatever is multiplied
        to the density and is as smooth. What lies below the first counts at the first.
        """
        least = self.mean * LEAST
        low = max(float(gammaincinv(self.shape, TAIL)) / self.rate, least)
        high = float(gammainccinv(self.shape, TAIL)) / self.rate
        logs = np.linspace(np.log(low), np.log(max(high, 2 * low)), NODES)
        values = np.exp(logs)
        step = logs[1] - logs[0]
        masses = self.shape * np.log(self.rate * values) - self.rate * values
        masses += np.log(step) - gammaln(self.shape)
        masses[0] = np.logaddexp(
            masses[0] - np.log(2), np.log(gammainc(self.shape, self.rate * low))
        )
        return values, np.asarray(masses - logsumexp(masses))


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

    @property
    def hyperprior(self) -> Gamma | None:
        """Of the concentration, if that is learned."""
        return None

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

    @abstractmethod
    def expected_groups(self, n: float, n_components: int) -> float:
        """How many components n rows are expected to be of, before they are seen."""


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
        logarithms = log_gammas(own, size, random_state)
        logarithms -= logarithms.max(axis=1, keepdims=True)
        drawn = np.exp(logarithms)
        return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))

    def expected_groups(self, n: float, n_components: int) -> float:
        """How many of the components n rows are expected to be of, before they are seen."""
        c, others = self.concentration, self.concentration * (n_components - 1)
        if n_components == 1:
            return float(n > 0)
        none = (
            gammaln(others + n) - gammaln(others) + gammaln(others + c) - gammaln(others + c + n)
        )
        return float(-n_components * np.expm1(none))


@final
@dataclass(frozen=True)
class Sticks(WeightPrior):
    """A Dirichlet process: ``weight_k = v_k prod_(j < k) (1 - v_j)``, ``v_k ~ Beta(1, c)`` [1]_.

    The mixture has infinitely many components, of which rows are given to the first K only: K
    truncates the posterior, not the model [2]_. So the evidence bound grows with K, and what the
    sticks leave, ``prod (1 - v_j)``, is the share of all components that hold no row.

    If c is learned, it is integrated out on the nodes of its prior: given c, the sticks are beta
    variables, and the probability of c is that of the prior times the factor by which the rows
    speak for it. A component without rows costs nothing.

    Parameters
    ----------
    concentration : float
        c, above 0.
    hyperprior : Gamma, optional
        Of c, which is learned then; `concentration` is its mean.

    References
    ----------
    .. [1] Blei, D. M. and Jordan, M. I. (2006). Variational inference for Dirichlet process
       mixtures. Bayesian Anal. 1, 121-143, section 3.2.
    .. [2] Kurihara, K., Welling, M. and Teh, Y. W. (2007). Collapsed variational Dirichlet
       process mixture models. IJCAI, section 3.
    """

    hyperprior: Gamma | None = None
    kind = "dirichlet_process"
    sorts = True

    @cached_property
    def _nodes(self) -> tuple[FloatArray, FloatArray]:
        """Values of c, (n_nodes, 1), and the logs of their prior probabilities."""
        if self.hyperprior is None:
            return np.full((1, 1), self.concentration), np.zeros(1)
        values, logs = self.hyperprior.nodes
        return values[:, None], logs

    def concentrations(self, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Values of c and the logs of what they weigh, which sum to the factor of the rows."""
        c, prior = self._nodes
        a, b = 1.0 + counts, c + _after(counts)
        return c[:, 0], prior + (betaln(a, b) + np.log(c)).sum(axis=1)

    def _each(self, counts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Shapes of the sticks for each c, (n_nodes, n_components), and how probable c is."""
        c, logs = self.concentrations(counts)
        b = c[:, None] + _after(counts)
        return np.broadcast_to(1.0 + counts, b.shape), b, np.exp(logs - logsumexp(logs))

    def shapes(self, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """``(1 + n_k, c + sum_(j > k) n_j)``, of the sticks (Blei & Jordan 2006, eqs. 18, 19).

        If c is learned, c is its expectation.
        """
        a, b, probable = self._each(counts)
        return a[0].copy(), probable @ b

    def log_weights(self, counts: FloatArray) -> FloatArray:
        """``E[log v_k] + sum_(j < k) E[log(1 - v_j)]``."""
        a, b, probable = self._each(counts)
        whole = digamma(a + b)
        left = np.cumsum(probable @ (digamma(b) - whole))
        return np.asarray(probable @ (digamma(a) - whole) + np.append(0.0, left[:-1]))

    def weights(self, counts: FloatArray) -> FloatArray:
        """``E[v_k prod_(j < k) (1 - v_j)]``, divided by their sum."""
        a, b, probable = self._each(counts)
        left = np.cumprod(b / (a + b), axis=1)
        before = np.hstack([np.ones((len(left), 1)), left[:, :-1]])
        own = probable @ (a / (a + b) * before)
        return np.asarray(own / own.sum())

    def divergence(self, counts: FloatArray) -> float:
        """Kullback-Leibler divergence of the posterior from the prior, in nats."""
        _, logs = self.concentrations(counts)
        return float(counts @ self.log_weights(counts) - logsumexp(logs))

    def draw(
        self, counts: FloatArray, size: int, random_state: np.random.RandomState
    ) -> FloatArray:
        """Draw weights from the posterior, (size, n_components), divided by their sum."""
        a, b, probable = self._each(counts)
        which = np.zeros(size, int)
        if len(probable) > 1:
            which = random_state.choice(len(probable), size=size, p=probable)
        v = random_state.beta(a[0], b[which])
        left = np.cumprod(1 - v, axis=1)
        drawn = v * np.hstack([np.ones((size, 1)), left[:, :-1]])
        return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))

    def expected_groups(self, n: float, n_components: int) -> float:
        """``sum_(i < n) c / (c + i)`` (Antoniak 1974), however many components may hold rows."""
        c, logs = self._nodes
        return float(np.exp(logs) @ (c * (digamma(c + n) - digamma(c)))[:, 0])


SHARES: dict[str, type[WeightPrior]] = {shares.kind: shares for shares in (Sticks, Dirichlet)}


def weight_prior(kind: str, concentration: float, hyperprior: Gamma | None = None) -> WeightPrior:
    """The prior of that kind; only a process can learn its concentration."""
    if hyperprior is None:
        return SHARES[kind](concentration)
    return Sticks(concentration, hyperprior)


def _after(counts: FloatArray) -> FloatArray:
    """Rows that the later components hold, for each."""
    return np.append(np.cumsum(counts[::-1])[-2::-1], 0.0)


def _log_norm(concentrations: FloatArray) -> float:
    """Log of the constant of a Dirichlet density (Bishop 2006, eq. B.23)."""
    return float(gammaln(concentrations.sum()) - gammaln(concentrations).sum())


def log_gammas(
    shapes: FloatArray, size: int, random_state: np.random.RandomState | np.random.Generator
) -> FloatArray:
    """Logs of gamma variables: ``G(a) = G(a + 1) U^(1/a)``, which does not underflow."""
    drawn = np.log(random_state.standard_gamma(shapes + 1, size=(size, len(shapes))))
    uniform = random_state.uniform(size=drawn.shape)
    return np.asarray(drawn + np.log1p(-uniform) / shapes)
