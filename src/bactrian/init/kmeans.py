"""k-means with sample weights, as a start for EM."""

from __future__ import annotations

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray

MAX_ITER = 300
TOLERANCE = 1e-4  # squared movement of the centres, relative to the mean variance


def squared_distances(X: FloatArray, centres: FloatArray) -> FloatArray:
    """Squared Euclidean distances, (n_samples, n_centres)."""
    result = np.empty((len(X), len(centres)))
    for k, centre in enumerate(centres):
        difference = X - centre
        np.einsum("ij,ij->i", difference, difference, out=result[:, k])
    return result


def nearest(X: FloatArray, centres: FloatArray) -> IntArray:
    """Which centre each row is nearest to, (n_samples,): the largest ``x'c - c'c / 2``.

    Rows are taken to lie around 0: far out, the products would lose digits.
    """
    heights = X @ centres.T - np.einsum("ij,ij->i", centres, centres) / 2
    return np.asarray(heights.argmax(axis=1))


def draw(mass: FloatArray, size: int, random_state: np.random.RandomState) -> IntArray:
    """Indices drawn in proportion to `mass`.

    A row of weight 2 and the same row twice take the same share of the line from 0 to 1, so that
    one random number leads to the same row.
    """
    cumulative = np.cumsum(mass)
    points = random_state.random_sample(size) * cumulative[-1]
    last = int(np.flatnonzero(mass)[-1])
    return np.minimum(np.searchsorted(cumulative, points, side="right"), last)


def plusplus(
    X: FloatArray, weights: FloatArray, n_clusters: int, random_state: np.random.RandomState
) -> IntArray:
    """Rows spread out as starting centres: greedy k-means++ [1]_.

    Each next row is the best of several drawn in proportion to weight times squared distance
    from those chosen already. If no row is left apart from them, one is drawn by weight.

    References
    ----------
    .. [1] Arthur, D. and Vassilvitskii, S. (2007). k-means++: the advantages of careful seeding.
       Proc. 18th ACM-SIAM Symp. Discrete Algorithms, 1027-1035.
    """
    trials = 2 + int(np.log(n_clusters))
    chosen = [int(draw(weights, 1, random_state)[0])]
    least = squared_distances(X, X[chosen])[:, 0]
    for _ in range(1, n_clusters):
        mass = weights * least
        candidates = draw(mass if mass.any() else weights, trials, random_state)
        closer = np.minimum(squared_distances(X, X[candidates]), least[:, None])
        best = int(np.argmin(weights @ closer))
        chosen.append(int(candidates[best]))
        least = closer[:, best]
    return np.array(chosen)


def kmeans(
    X: FloatArray, weights: FloatArray, n_clusters: int, random_state: np.random.RandomState
) -> tuple[FloatArray, IntArray]:
    """Lloyd's algorithm from a k-means++ start.

    A cluster that loses all its rows moves to the row farthest from its centre.

    Parameters
    ----------
    X : (n_samples, n_features)
        Around 0.
    weights : (n_samples,)
        Positive.

    Returns
    -------
    centres : (n_clusters, n_features)
    labels : (n_samples,)
    """
    centres = X[plusplus(X, weights, n_clusters, random_state)]
    place = weights @ X / weights.sum()
    variances = weights @ np.square(X - place) / weights.sum()
    limit = TOLERANCE * variances.mean()
    for _ in range(MAX_ITER):
        moved = _centres(X, weights, nearest(X, centres), centres)
        shift = np.square(moved - centres).sum()
        centres = moved
        if shift <= limit:
            break
    return centres, nearest(X, centres)


def _centres(X: FloatArray, weights: FloatArray, labels: IntArray, old: FloatArray) -> FloatArray:
    shares = np.zeros((len(X), len(old)))
    shares[np.arange(len(X)), labels] = weights
    mass = shares.sum(axis=0)[:, None]
    centres = np.divide(shares.T @ X, mass, out=old.copy(), where=mass > 0)
    empty = np.flatnonzero(mass == 0)
    if len(empty):
        away = X - old[labels]
        squared = np.einsum("ij,ij->i", away, away)
        farthest = np.argsort(-squared, kind="stable")[: len(empty)]
        apart = squared[farthest] > 0
        centres[empty[: len(farthest)][apart]] = X[farthest[apart]]
    return centres
