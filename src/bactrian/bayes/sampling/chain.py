"""A Markov chain whose states are draws from a posterior."""

from __future__ import annotations

from typing import NamedTuple, final

import numpy as np

from bactrian.bayes.sampling.clusters import Clusters, empty_stats, gaussian_terms
from bactrian.bayes.sampling.moves import SHARPNESS, moved, random_key
from bactrian.bayes.sampling.state import State, Target
from bactrian.core.arrays import FloatArray
from bactrian.core.estep.drawing import DrawnLabels
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms

MOST_FIRST = 10  # clusters that a chain begins with


class Draw(NamedTuple):
    """One draw: parameters, and the partition of the rows that goes with them.

    Parameters
    ----------
    labels : (n_samples,) of int
        Numbered in the order of their first rows.
    weights : (n_clusters,)
        Components without rows have what is left.
    means : (n_clusters, n_features)
    factors : (n_clusters, ...)
        Of the precisions, in the form of the structure.
    log_likelihood : float
        Of the parameters, in nats.
    log_joint : float
        Log of the density of the rows times the probability of the partition, in nats.
    terms : Terms
        All components, those without rows too.
    """

    labels: DrawnLabels
    weights: FloatArray
    means: FloatArray
    factors: FloatArray
    log_likelihood: float
    log_joint: float
    terms: Terms


@final
class Chain:
    """A chain of draws: moves between partitions, then a sweep of blocked Gibbs sampling [1]_.

    Parameters
    ----------
    target : Target
    seed : SeedSequence
    alone : bool
        Whether it begins with all rows in one cluster; else in several, around rows at random.

    References
    ----------
    .. [1] Ishwaran, H. and James, L. F. (2001). Gibbs sampling methods for stick-breaking priors.
       J. Am. Stat. Assoc. 96, 161-173, section 5.
    """

    def __init__(self, target: Target, seed: np.random.SeedSequence, *, alone: bool) -> None:
        self.target, self.rng = target, np.random.default_rng(seed)
        self.state = _first(target, self.rng, alone=alone)

    def step(self) -> Draw:
        """Take a step, and return what it drew."""
        state = moved(self.state, self.rng)
        log_weights = self.target.partitions.log_weights(state.sizes, self.rng)
        means, factors = state.components.draw(self.rng)
        terms = gaussian_terms(self.target.form, means, factors, log_weights)
        drawn = self.target.held.draw(terms, random_key(self.rng))
        self.state = self.target.state(drawn)
        return self._draw(terms, drawn.stats)

    def _draw(self, terms: Terms, stats: SufficientStats) -> Draw:
        """The draw, its clusters in the order of their first rows."""
        order, labels = by_first_row(self.state.labels, len(self.state.sizes))
        own = np.flatnonzero(stats.resp_sum > 0)[order]
        return Draw(
            labels,
            np.exp(terms.log_weights[own]),
            terms.means[own],
            terms.factors[own],
            stats.log_likelihood,
            self.state.log_joint,
            terms,
        )


def by_first_row(labels: DrawnLabels, n: int) -> tuple[np.ndarray, DrawnLabels]:
    """The order of n clusters by their first rows, and labels that count them in that order."""
    first = np.full(n, len(labels))
    first[labels[::-1]] = np.arange(len(labels))[::-1]
    order = np.argsort(first)
    number = np.empty(n, dtype=np.int32)
    number[order] = np.arange(n)
    return order, number[labels]


def _first(target: Target, rng: np.random.Generator, *, alone: bool) -> State:
    """A partition to begin with: rows by the nearest of some rows at random."""
    n = len(target.X)
    most = min(n, MOST_FIRST, 1 + target.partitions.n_empty(1))
    k = 1 if alone or most < 2 else int(rng.integers(2, most + 1))
    means = target.X[rng.choice(n, k, replace=False)]
    nothing = Clusters(target.prior, empty_stats(target.form, target.prior, 1)).expected()
    around = Clusters(target.prior, target.held.accumulate(nothing)).expected()
    factors = np.repeat(SHARPNESS * around.factors, k, axis=0)
    terms = gaussian_terms(target.form, means, factors, np.zeros(k))
    return target.state(target.held.draw(terms, random_key(rng)))
