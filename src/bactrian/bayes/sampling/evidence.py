"""The evidence, from how probable one partition is.

``log p(X) = log p(X | z) + log p(z) - log p(z | X)`` for each partition z (Chib 1995). The last
term is the mean, over draws of the parameters, of the probability that rows go to components as
in z, whichever components these are: it is summed over all ways to match clusters with components
(so that what Neal (1999) objects to Chib's method does not hold of it).

Chib, S. (1995). Marginal likelihood from the Gibbs output. J. Am. Stat. Assoc. 90, 1313-1321.
Neal, R. M. (1999). Erroneous results in "Marginal likelihood from the Gibbs output".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from bactrian.bayes.draws.diagnostics import carriers
from bactrian.bayes.sampling.clusters import Clusters, log_joint
from bactrian.bayes.sampling.state import State
from bactrian.core.arrays import FloatArray
from bactrian.core.estep.drawing import Drawn
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms

STEPS = 50  # towards a mode, at most
MOST_MATCHED = 12  # clusters of a partition, of which all subsets are gone through


@final
@dataclass(frozen=True, eq=False)
class KnownPartition:
    """A partition whose posterior probability is estimated.

    Parameters
    ----------
    state : State
    """

    state: State

    @property
    def log_joint(self) -> float:
        """``log p(X | z) + log p(z)``."""
        return self.state.log_joint

    def log_probability(self, terms: Terms, log_likelihood: float) -> float:
        """Log-probability of the partition, given parameters; NaN with too many clusters.

        Parameters
        ----------
        terms : Terms
        log_likelihood : float
            Of these.
        """
        if len(self.state.sizes) > MOST_MATCHED:
            return np.nan
        return log_permanent(log_joint(terms, self.state.stats)) - log_likelihood


def best_known(states: Sequence[State], given: Sequence[tuple[Terms, float]]) -> KnownPartition:
    """The partition whose probability varies least with the parameters.

    Candidates are partitions near the tops around some states; of those that most parameters make
    probable, not one alone, the mean says most.

    Parameters
    ----------
    states : sequence of State
    given : sequence of (Terms, float)
        Drawn parameters, and their log-likelihoods.
    """
    tops = {state.log_joint: state for state in map(climbed, states)}
    candidates = [KnownPartition(state) for state in (*tops.values(), *states)]

    def carried(known: KnownPartition) -> float:
        """Effective number of the parameters that carry the mean."""
        logs = np.array([known.log_probability(*one) for one in given])
        return float(np.nan_to_num(carriers(logs)))

    return max(candidates, key=carried)


def climbed(state: State) -> State:
    """The partition after rows went to their most probable clusters, as long as that is better.

    Of a partition nearer to the mode the probabilities, given parameters, vary less.
    """
    for _ in range(STEPS):
        terms = Clusters(state.target.prior, state.stats).expected()
        labels = np.asarray(state.target.held.evaluate(terms, "labels").labels, dtype=np.int32)
        certain = np.eye(terms.n_components)[labels]
        stats = SufficientStats.of(terms.form, state.target.X, certain, terms.means)
        found = state.target.state(Drawn(stats, labels))
        if not found.log_joint > state.log_joint:
            break
        state = found
    return state


def log_permanent(logarithms: FloatArray) -> float:
    """Log of the sum, over all ways to give each column a row of its own, of the products.

    Column by subsets: the sum over the first i rows and each set of columns follows from that over
    the first i - 1.

    Parameters
    ----------
    logarithms : (n, m)
        Logs of the entries, n >= m.
    """
    highest = logarithms.max(axis=0)
    m = logarithms.shape[1]
    sums = np.zeros(2**m)
    sums[0] = 1.0
    sets = np.arange(2**m)
    without = [sets[sets & 1 << j == 0] for j in range(m)]
    for row in np.exp(logarithms - highest):
        before = sums.copy()
        for j in np.flatnonzero(row):
            sums[without[j] | 1 << j] += row[j] * before[without[j]]
    with np.errstate(divide="ignore"):
        return float(np.log(sums[-1]) + highest.sum())
