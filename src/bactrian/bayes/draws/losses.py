"""How far partitions are from each other, and which is nearest to all draws.

Binder's loss and the variation of information are one formula: with n_k and m_g rows in the
clusters of two partitions, and n_kg in both, ``sum_k f(n_k) + sum_g f(m_g) - 2 sum_kg f(n_kg)``
with ``f(x) = (x / n)^2`` and ``f(x) = x / n log2(x / n)`` (Wade and Ghahramani 2018, eqs. 4
and 5).

Wade, S. and Ghahramani, Z. (2018). Bayesian cluster analysis: point estimation and credible balls.
Bayesian Anal. 13, 559-626.
"""

from __future__ import annotations

from typing import final

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from bactrian.core.arrays import FloatArray, IntArray

Labels = npt.NDArray[np.integer]
CELLS = 2**24  # of tables that are counted at a time
SWEEPS = 100  # over all rows, at most, of which the last changes nothing


@final
class Loss:
    """Expected loss of partitions under draws, (n_draws, n_samples).

    Parameters
    ----------
    name : {"vi", "binder"}
        In bits, or as the share of ordered pairs of rows on which two partitions differ.
    draws : (n_draws, n_samples) of int
        Partitions, each numbered from 0.
    weights : (n_draws,)
        How often each was drawn.
    """

    def __init__(self, name: str, draws: Labels, weights: npt.ArrayLike) -> None:
        self.draws, n = np.asarray(draws, dtype=np.int64), draws.shape[1]
        self.weights = np.asarray(weights, dtype=np.float64) / np.sum(weights)
        share = np.arange(n + 1) / n
        self.f = np.square(share) if name == "binder" else xlogy(share, share) / np.log(2)
        self.widths = self.draws.max(axis=1) + 1
        self.starts = np.concatenate([[0], np.cumsum(self.widths)[:-1]])
        self._columns = self.draws + self.starts[:, None]
        sizes = np.bincount(self._columns.ravel(), minlength=int(self.widths.sum()))
        self._own = np.add.reduceat(self.f[sizes], self.starts)

    def distances(self, labels: Labels) -> FloatArray:
        """Loss between one partition and each draw, (n_draws,)."""
        counts = self.tables(labels)
        both = np.add.reduceat(self.f[counts].sum(axis=0), self.starts)
        return np.asarray(self.f[np.bincount(labels)].sum() + self._own - 2 * both)

    def expected(self, labels: Labels) -> float:
        """Expected loss of a partition."""
        return float(self.weights @ self.distances(labels))

    def tables(self, labels: Labels, n_clusters: int | None = None) -> IntArray:
        """Rows of each cluster in each cluster of each draw, (n_clusters, all clusters)."""
        n, width = n_clusters or int(labels.max()) + 1, int(self.widths.sum())
        counts = np.zeros((n, width), dtype=np.int64)
        for k in np.unique(labels):
            inside = self._columns[:, labels == k].ravel()
            counts[k] = np.bincount(inside, minlength=width)
        return counts

    def expected_of_draws(self) -> FloatArray:
        """Expected loss of each draw, (n_draws,)."""
        n, width = self.draws.shape[1], int(self.widths.sum())
        member = np.zeros((width, n), dtype=np.float32)
        member[self._columns, np.arange(n)] = 1
        found, at, step = np.empty(len(self.draws)), 0, max(1, CELLS // width)
        while at < len(self.draws):
            end = int(np.searchsorted(self.starts, self.starts[at] + step, side="left"))
            end = max(end, at + 1)
            begin, stop = self.starts[at], np.append(self.starts, width)[end]
            counts = (member[begin:stop] @ member.T).astype(np.int64)
            rows = np.add.reduceat(self.f[counts], self.starts[at:end] - begin, axis=0)
            both = np.add.reduceat(rows, self.starts, axis=1) @ self.weights
            found[at:end] = self._own[at:end] + self.weights @ self._own - 2 * both
            at = end
        return found

    def improved(self, labels: Labels, most: int) -> IntArray:
        """A partition from which no single row can be moved to a better cluster.

        Rows go, one after another, to the cluster, or to one of their own, that lowers the
        expected loss most (Dahl, Johnson and Mueller 2022, section 3.2).

        Parameters
        ----------
        labels : (n_samples,) of int
        most : int
            Clusters.
        """
        labels = np.array(labels, dtype=np.int64)
        counts = self.tables(labels, most)
        sizes = np.bincount(labels, minlength=most)
        rise = np.diff(self.f)
        for _ in range(SWEEPS):
            changed = False
            for i, own in enumerate(labels):
                columns = self._columns[:, i]
                counts[own, columns] -= 1
                sizes[own] -= 1
                # How much f rises in clusters, and in the tables, if the row goes there.
                gain = rise[sizes] - 2 * (rise[counts[:, columns]] @ self.weights)
                best = int(np.argmin(gain))
                best = own if gain[own] <= gain[best] + 1e-15 else best
                counts[best, columns] += 1
                sizes[best] += 1
                if best != own:
                    labels[i], changed = best, True
            if not changed:
                break
        return np.unique(labels, return_inverse=True)[1].astype(np.int64)
