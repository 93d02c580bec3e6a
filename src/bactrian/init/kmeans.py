"""k-means with sample weights, as a start for EM."""

from __future__ import annotations

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.init.passes import Passes

MAX_ITER = 300
TOLERANCE = 1e-4  # squared movement of the centres, relative to the mean variance


def draw(mass: FloatArray, size: int, random_state: np.random.RandomState) -> IntArray:
    """Draw indices in proportion to `mass`.

    A row of weight 2 and the same row twice take the same share of the line from 0 to 1, so that
    one random number leads to the same row.
    """
    cumulative = np.cumsum(mass)
    total = cumulative[-1]
    points = random_state.random_sample(size) * total
    last = np.searchsorted(cumulative, total)  # of those with mass
    return np.minimum(np.searchsorted(cumulative, points, side="right"), last)


def plusplus(
    X: FloatArray,
    weights: FloatArray,
    n_clusters: int,
    random_state: np.random.RandomState,
    passes: Passes,
) -> IntArray:
    """Choose rows that are spread out as starting centres: greedy k-means++ [1]_.

    Each next row is the best of several drawn in proportion to weight times squared distance
    from those chosen already. If no row is left apart from them, one is drawn by weight.

    References
    ----------
    .. [1] Arthur, D. and Vassilvitskii, S. (2007). k-means++: the advantages of careful seeding.
       Proc. 18th ACM-SIAM Symp. Discrete Algorithms, 1027-1035.
    """
    trials = 2 + int(np.log(n_clusters))
    chosen = [int(draw(weights, 1, random_state)[0])]
    everywhere = np.full(len(X), np.inf)
    closer, potential = passes.closer(X, weights, X[chosen], everywhere)
    squared, best = closer[0], 0
    for _ in range(1, n_clusters):
        mass = weights * squared if potential[best] > 0 else weights
        candidates = draw(mass, trials, random_state)
        closer, potential = passes.closer(X, weights, X[candidates], squared)
        best = int(np.argmin(potential))
        chosen.append(int(candidates[best]))
        squared = closer[best]
    return np.array(chosen)


def kmeans(
    X: FloatArray,
    weights: FloatArray,
    n_clusters: int,
    random_state: np.random.RandomState,
    passes: Passes,
) -> tuple[FloatArray, IntArray]:
    """Run Lloyd's algorithm from a k-means++ start.

    Parameters
    ----------
    X : (n_samples, n_features)
        Around 0.
    weights : (n_samples,)
        Positive.
    passes : Passes
        What goes over the rows.

    Returns
    -------
    centres : (n_clusters, n_features)
    labels : (n_samples,)
    """
    centres = X[plusplus(X, weights, n_clusters, random_state, passes)]
    return lloyd(X, weights, centres, passes)


def lloyd(
    X: FloatArray, weights: FloatArray, centres: FloatArray, passes: Passes
) -> tuple[FloatArray, IntArray]:
    """Run Lloyd's algorithm: each centre moves to the mean of the rows nearest to it.

    A centre to which no row is nearest moves to the row farthest from its own.
    """
    limit = TOLERANCE * _mean_variance(X, weights, passes)
    for _ in range(MAX_ITER):
        mass, first, _ = passes.moments(X, weights, centres)
        held = mass > 0
        moved = centres.copy()
        moved[held] += first[held] / mass[held, None]
        if not held.all():
            _move_apart(moved, np.flatnonzero(~held), X, passes.nearest(X, centres)[1])
        shift = np.square(moved - centres).sum()
        centres = moved
        if shift <= limit:
            break
    return centres, passes.nearest(X, centres)[0]


def _mean_variance(X: FloatArray, weights: FloatArray, passes: Passes) -> float:
    """Mean of the features' variances; inexact if the first row is far from the others."""
    mass, first, inertia = passes.moments(X, weights, X[:1])
    return (inertia - float(np.square(first).sum() / mass[0])) / float(mass[0]) / X.shape[1]


def _move_apart(centres: FloatArray, empty: IntArray, X: FloatArray, squared: FloatArray) -> None:
    """Move centres to the rows with the largest squared distances, unless these are 0."""
    farthest = np.argsort(-squared, kind="stable")[: len(empty)]
    apart = squared[farthest] > 0
    centres[empty[: len(farthest)][apart]] = X[farthest[apart]]
