"""Parameters of the same cluster in all draws: one rule that names components.

A draw does not say which of its components is which. They are matched with the clusters of one
partition, the pivot, so that the number of rows that are in matched ones is largest (Papastamoulis
and Iliopoulos 2010, whose pivot is a draw; here it is the point partition).

Papastamoulis, P. and Iliopoulos, G. (2010). An artificial allocations based solution to the label
switching problem in Bayesian analysis of mixtures of distributions. J. Comput. Graph. Stat. 19,
313-331.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from bactrian.bayes.draws.diagnostics import bulk_size, mean_error, r_hat, tail_size
from bactrian.bayes.draws.losses import Labels
from bactrian.core.arrays import FloatArray, IntArray


class DrawSummary(NamedTuple):
    """What draws say of a quantity, each of the shape of one draw.

    Parameters
    ----------
    mean, deviation : ndarray
    low, high : ndarray
        Central interval.
    error : ndarray
        Monte Carlo standard error of the mean.
    r_hat, bulk_size, tail_size : ndarray
        Whether chains agree, and effective numbers of draws.
    """

    mean: FloatArray
    deviation: FloatArray
    low: FloatArray
    high: FloatArray
    error: FloatArray
    r_hat: FloatArray
    bulk_size: FloatArray
    tail_size: FloatArray


def draw_summary(values: FloatArray, level: float) -> DrawSummary:
    """Summarise draws, (n_chains, n_draws, ...), with intervals of that probability."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=(0, 1))
    return DrawSummary(
        values.mean(axis=(0, 1)),
        values.std(axis=(0, 1), ddof=1),
        low,
        high,
        mean_error(values),
        r_hat(values),
        bulk_size(values),
        tail_size(values),
    )


class Relabelled(NamedTuple):
    """Parameters of the clusters of a pivot, in the draws in which each of them has its match.

    Parameters
    ----------
    weights : (n_chains, n_kept, K)
    means : (n_chains, n_kept, K, n_features)
    covariances : (n_chains, n_kept, K, ...)
        As the structure has them for one component.
    pivot : (n_samples,) of int
    kept : float
        Share of the draws that are among these: each chain gives as many as the one with the
        fewest.
    """

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    pivot: IntArray
    kept: float

    @property
    def variances(self) -> FloatArray:
        """(n_chains, n_kept, K, n_features)."""
        shape = self.means.shape
        if self.covariances.shape == (*shape, shape[-1]):
            return np.diagonal(self.covariances, axis1=-2, axis2=-1)
        own = self.covariances if self.covariances.ndim == 4 else self.covariances[..., None]
        return np.broadcast_to(own, shape)

    def summary(self, level: float = 0.95) -> dict[str, DrawSummary]:
        """What the draws say of `weights`, `means` and `variances`.

        Parameters
        ----------
        level : float, default=0.95
            Probability of the intervals.
        """
        return {
            name: draw_summary(getattr(self, name), level)
            for name in ("weights", "means", "variances")
        }


def matches(labels: Labels, pivot: IntArray) -> IntArray:
    """The cluster of a partition that is matched with each of the pivot's; -1 without one.

    Parameters
    ----------
    labels, pivot : (n_samples,) of int
    """
    n, own = int(pivot.max()) + 1, int(labels.max()) + 1
    table = np.bincount(pivot * own + labels, minlength=n * own).reshape(n, own)
    found = np.full(n, -1, dtype=np.int64)
    rows, columns = linear_sum_assignment(table, maximize=True)
    found[rows] = np.where(table[rows, columns] > 0, columns, -1)
    return found
