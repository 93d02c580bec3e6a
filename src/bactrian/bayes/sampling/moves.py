"""Moves between partitions: one cluster as two, or two as one.

A sweep that gives rows to components one by one rarely empties a cluster, or founds one. A move
does so at once, with means and precisions integrated out, and is accepted by Metropolis and
Hastings (Green 1995). What it proposes comes from a *launch*: a mixture of two, of some steps
of EM from two of the rows at random. It depends on the rows of both clusters alone, not on how
they are divided, so that it is the same for a split and for the merge that takes it back (Jain
and Neal 2004, section 3). Given the launch rows are divided independently, and what that costs
is known from statistics of the rows.
"""

from __future__ import annotations

import numpy as np

from bactrian.backends.protocol import Draws
from bactrian.bayes.sampling.clusters import (
    Clusters,
    gaussian_terms,
    log_joint,
    merged,
    picked,
    together,
)
from bactrian.bayes.sampling.state import State, Target
from bactrian.core.arrays import FloatArray
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms

STEPS = 4  # of EM, in a launch
SHARPNESS = 4.0  # by how much rows are nearer to the two they begin with than the cluster is wide


def random_key(rng: np.random.Generator) -> int:
    """A key of numbers for rows."""
    return int(rng.integers(2**64, dtype=np.uint64))


def moved(state: State, rng: np.random.Generator) -> State:
    """Try to split a cluster or to merge two, each with probability one half."""
    return _split(state, rng) if rng.random() < 0.5 else _merged(state, rng)


def _split(state: State, rng: np.random.Generator) -> State:
    """Propose to split a cluster, each with the same probability."""
    target, n = state.target, len(state.sizes)
    k = int(rng.integers(n))
    if state.sizes[k] < 2 or target.partitions.n_empty(n) == 0:
        return state
    rows = np.flatnonzero(state.labels == k)
    held = target.hold(rows)
    terms = _launch(target, rows, held, picked(state.stats, [k]), rng)
    drawn = held.draw(terms, random_key(rng))
    if not drawn.stats.resp_sum.all():
        return state
    left = np.delete(np.arange(n), k)
    number = np.empty(n, dtype=np.int32)
    number[left] = np.arange(n - 1)
    labels = number[state.labels]
    labels[rows] = n - 1 + drawn.labels
    found = State(target, labels, together([picked(state.stats, left), drawn.stats]))
    gain = found.log_joint - state.log_joint - _log_pairs(n + 1) + np.log(n)
    accepted = gain - _log_divided(terms, drawn.stats, drawn.stats.log_likelihood)
    return found if -rng.standard_exponential() < accepted else state


def _merged(state: State, rng: np.random.Generator) -> State:
    """Propose to merge two clusters, each pair with the same probability.

    The launch is made only if the merge is not rejected whatever it is.
    """
    target, n = state.target, len(state.sizes)
    if n < 2:
        return state
    a, b = np.sort(rng.choice(n, 2, replace=False))
    number = np.empty(n, dtype=np.int32)
    number[np.delete(np.arange(n), [a, b])] = np.arange(n - 2)
    number[[a, b]] = n - 2
    found = State(target, number[state.labels], merged(state.stats, a, b))
    gain = found.log_joint - state.log_joint + _log_pairs(n) - np.log(n - 1)
    level = -rng.standard_exponential()
    if level >= gain:
        return state
    rows = np.flatnonzero(found.labels == n - 2)
    held = target.hold(rows)
    terms = _launch(target, rows, held, picked(found.stats, [n - 2]), rng)
    log_likelihood = held.accumulate(terms).log_likelihood
    divided = _log_divided(terms, picked(state.stats, [a, b]), log_likelihood)
    return found if level < gain + divided else state


def _log_pairs(n: int) -> float:
    return float(np.log(n * (n - 1) / 2))


def _log_divided(terms: Terms, stats: SufficientStats, log_likelihood: float) -> float:
    """Log-probability that a launch divides its rows into two clusters, in either order."""
    joint = log_joint(terms, stats)
    return float(np.logaddexp(np.trace(joint), np.trace(joint[::-1])) - log_likelihood)


def _launch(
    target: Target,
    rows: np.ndarray,
    held: Draws,
    whole: SufficientStats,
    rng: np.random.Generator,
) -> Terms:
    """A mixture of two, from two of the rows at random."""
    means: FloatArray = target.X[rng.choice(rows, 2, replace=False)]
    around = Clusters(target.prior, whole).expected()
    factors = np.repeat(SHARPNESS * around.factors, 2, axis=0)
    terms = gaussian_terms(target.form, means, factors, np.log([0.5, 0.5]))
    for _ in range(STEPS):
        terms = Clusters(target.prior, held.accumulate(terms)).expected()
    return terms
