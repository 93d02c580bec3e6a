"""One partition out of many: the one that is nearest to all draws, and how far these are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import final

import numpy as np
from scipy.cluster.hierarchy import average, fcluster
from scipy.spatial.distance import squareform

from bactrian.bayes.conjugate import check_level
from bactrian.bayes.draws.losses import Labels, Loss
from bactrian.core.arrays import FloatArray, IntArray

MOST_KEPT = 1000  # draws, evenly spaced, on which losses are expected
MOST_ROWS = 2000  # of which a tree of co-assignments is made
STARTS = 4  # partitions from which the search goes on, the best of all candidates
SPARE = 2  # clusters that the search may have beyond those of the draws


@final
@dataclass(frozen=True, eq=False)
class CredibleBall:
    """Partitions that hold a part of the posterior, around the point partition [1]_.

    Parameters
    ----------
    level : float
        The posterior probability that is asked for.
    radius : float
        In the units of the loss.
    coarsest, finest, farthest : (n_samples,) of int
        Of the draws in the ball: of those with the fewest clusters, with the most, and of all, the
        one that is farthest from the point partition.

    References
    ----------
    .. [1] Wade, S. and Ghahramani, Z. (2018). Bayesian cluster analysis: point estimation and
       credible balls. Bayesian Anal. 13, 559-626, section 4.
    """

    level: float
    radius: float
    coarsest: IntArray
    finest: IntArray
    farthest: IntArray


@final
@dataclass(frozen=True, eq=False)
class PointPartition:
    """The partition of least expected loss.

    Parameters
    ----------
    labels : (n_samples,) of int
        By size, the largest first.
    loss : {"vi", "binder"}
        "vi": variation of information, in bits. "binder": share of the ordered pairs of rows that
        are together in one partition only.
    expected_loss : float
    """

    labels: IntArray
    loss: str
    expected_loss: float
    _under: Loss = field(repr=False)

    @property
    def n_clusters(self) -> int:
        """How many clusters it has."""
        return int(self.labels.max()) + 1

    def credible_ball(self, level: float = 0.95) -> CredibleBall:
        """The smallest ball around it that holds a part of the posterior.

        Parameters
        ----------
        level : float, default=0.95

        Raises
        ------
        BadInputError
        """
        check_level(level)
        draws, weights = self._under.draws, self._under.weights
        distances = self._under.distances(self.labels)
        order = np.argsort(distances, kind="stable")
        held = np.cumsum(weights[order])
        radius = float(distances[order[int(np.searchsorted(held, level - 1e-12))]])
        inside = np.flatnonzero(distances <= radius)
        widths = self._under.widths[inside]

        def farthest(which: np.ndarray) -> IntArray:
            own = inside[which]
            return draws[own[np.argmax(distances[own])]].copy()

        return CredibleBall(
            level,
            radius,
            farthest(widths == widths.min()),
            farthest(widths == widths.max()),
            farthest(widths > 0),
        )


def point_partition(labels: Labels, loss: str) -> PointPartition:
    """Search for the partition of least expected loss.

    Candidates are the draws and, of up to 2,000 rows, the cuts of the average-linkage tree of
    their co-assignment; the best of them are improved row by row. Of more than 1,000 draws,
    1,000 evenly spaced ones count.

    Parameters
    ----------
    labels : (n_draws, n_samples) of int
        Numbered in the order of first rows.
    loss : {"vi", "binder"}
    """
    spaced = np.linspace(0, len(labels) - 1, min(len(labels), MOST_KEPT)).round().astype(int)
    draws, counts = np.unique(labels[spaced], axis=0, return_counts=True)
    under = Loss(loss, draws, counts)
    most = int(under.widths.max()) + SPARE
    losses = under.expected_of_draws()
    best = [draws[i].astype(np.int64) for i in np.argsort(losses, kind="stable")[:STARTS]]
    cuts = sorted(_cuts(draws, counts, most), key=under.expected)[:STARTS]
    found = [under.improved(start, most) for start in (*best, *cuts)]
    chosen = min((*best, *cuts, *found), key=under.expected)
    sizes = np.bincount(chosen)
    number = np.empty(len(sizes), dtype=np.int64)
    number[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return PointPartition(number[chosen], loss, under.expected(chosen), under)


def co_assignment(labels: Labels, weights: np.ndarray | None = None) -> FloatArray:
    """How often two rows are in one cluster, (n_samples, n_samples).

    Parameters
    ----------
    labels : (n_draws, n_samples) of int
    weights : (n_draws,), optional
        How often each was drawn.
    """
    counts = np.ones(len(labels)) if weights is None else np.asarray(weights, dtype=float)
    n = labels.shape[1]
    total = np.zeros((n, n))
    for own, count in zip(labels, counts, strict=True):
        member = (own[:, None] == np.arange(own.max() + 1)).astype(np.float32)
        total += count * (member @ member.T)
    return np.asarray(total / counts.sum())


def _cuts(draws: Labels, counts: np.ndarray, most: int) -> Iterator[IntArray]:
    """Cuts of the average-linkage tree into 1 to `most` clusters."""
    n = draws.shape[1]
    yield np.zeros(n, dtype=np.int64)
    if not 1 < n <= MOST_ROWS:
        return
    apart = np.clip(1 - co_assignment(draws, counts), 0.0, None)
    np.fill_diagonal(apart, 0.0)
    tree = average(squareform((apart + apart.T) / 2, checks=False))
    for k in range(2, min(most, n) + 1):
        yield np.unique(fcluster(tree, k, "maxclust"), return_inverse=True)[1].astype(np.int64)
