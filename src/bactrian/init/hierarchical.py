"""Model-based hierarchical agglomeration: one dendrogram serves every number of components."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, final

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.errors import BadInputError
from bactrian.init.order import lexicographic

LIMIT = 2000  # distinct rows that are agglomerated
WORK = 4e8  # most of rows squared times axes, for EII; for VVV ten times that, of axes cubed
KEPT = 8  # dendrograms, of the latest data


@dataclass(frozen=True, eq=False)
class Dendrogram:
    """The order in which groups were merged, from one group per row to one for all rows.

    A group is known by the first of its rows.

    Parameters
    ----------
    merges : (n_rows - 1, 2)
        The two groups of each merge; the first is the name of both together from then on.
    costs : (n_rows - 1,)
        By how much each merge raised the criterion. They need not increase.
    """

    merges: IntArray
    costs: FloatArray

    def labels(self, n_clusters: int) -> IntArray:
        """Group of each row, (n_rows,), numbered from 0 in the order of first rows.

        Where there are fewer rows than `n_clusters`, each is a group.

        Raises
        ------
        BadInputError
            If `n_clusters` is below 1.
        """
        if n_clusters < 1:
            raise BadInputError("n_clusters", repr(n_clusters), "at least 1", code="out_of_range")
        n_rows = len(self.merges) + 1
        group = np.arange(n_rows)
        for kept, gone in self.merges[: max(n_rows - n_clusters, 0)][::-1]:
            group[gone] = group[kept]
        return np.unique(group, return_inverse=True)[1].reshape(-1)


class Groups(Protocol):
    """A partition of the rows, with the cost of merging two of its groups."""

    def __len__(self) -> int: ...

    def costs(self, one: int, others: IntArray) -> FloatArray:
        """How much the criterion rises if a group is merged with each of the others, (m,)."""

    def merge(self, kept: int, gone: int) -> None:
        """Merge two groups under the name of the first."""


@final
class SphericalGroups:
    """Criterion EII, ``tr(sum_k W_k)`` with W_k the scatter of group k: Ward's method [1]_.

    A merge costs ``n_i n_j / (n_i + n_j) |m_i - m_j|^2``.

    Parameters
    ----------
    X : (n_rows, n_features)
    mass : (n_rows,)
        What each row counts.

    References
    ----------
    .. [1] Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. J. Am.
       Stat. Assoc. 58, 236-244.
    """

    def __init__(self, X: FloatArray, mass: FloatArray) -> None:
        self._means, self._mass = X.T.copy(), mass.astype(np.float64)

    def __len__(self) -> int:
        return len(self._mass)

    def costs(self, one: int, others: IntArray) -> FloatArray:
        difference, factor = _apart(self._means, self._mass, one, others)
        return factor * np.einsum("dj,dj->j", difference, difference)

    def merge(self, kept: int, gone: int) -> None:
        _merge_means(self._means, self._mass, kept, gone)


@final
class UnconstrainedGroups:
    r"""Criterion VVV, ``sum_k n_k log |S_k|``, with S_k the covariance of group k [1]_.

    A group of few rows has a singular W_k, and a logarithm without bound. So one row's worth of
    the unit matrix is added to each, ``S_k = (W_k + I) / (n_k + 1)``, as a conjugate prior would:
    the criterion is defined for a single row, and where rows are many it goes over into the
    likelihood's. (Fraley [2]_ adds terms in the trace of W_k to the determinant instead, which
    has another unit.) The rows must come in such a unit that I is their covariance, roughly.

    ``|W_i + W_j + I + a d d'| = |W_i + I| (1 + a d' (W_i + I)^-1 d)`` where W_j is 0.

    Parameters
    ----------
    X : (n_rows, n_features)
    mass : (n_rows,)
        What each row counts.

    References
    ----------
    .. [1] Banfield, J. D. and Raftery, A. E. (1993). Model-based Gaussian and non-Gaussian
       clustering. Biometrics 49, 803-821.
    .. [2] Fraley, C. (1998). Algorithms for model-based Gaussian hierarchical clustering. SIAM J.
       Sci. Comput. 20, 270-281, section 3.
    """

    def __init__(self, X: FloatArray, mass: FloatArray) -> None:
        n_rows, n_features = X.shape
        self._means, self._mass = X.T.copy(), mass.astype(np.float64)
        self._scatter = np.zeros((n_features, n_features, n_rows))  # W
        self._single = np.ones(n_rows, dtype=bool)
        self._whitening = np.tile(np.eye(n_features), (n_rows, 1, 1))  # L^-1, L L' = W + I
        self._log_det = np.zeros(n_rows)  # of W + I

    def __len__(self) -> int:
        return len(self._mass)

    def costs(self, one: int, others: IntArray) -> FloatArray:
        difference, factor = _apart(self._means, self._mass, one, others)
        single = self._single[others]
        log_det = np.empty(len(others))
        log_det[single] = self._with_rows(one, difference[:, single], factor[single])
        log_det[~single] = self._with_groups(
            one, others[~single], difference[:, ~single], factor[~single]
        )
        mass = self._mass[others]
        together = self._criterion(self._mass[one] + mass, log_det)
        apart = self._criterion(self._mass[one], self._log_det[one])
        return together - apart - self._criterion(mass, self._log_det[others])

    def merge(self, kept: int, gone: int) -> None:
        difference, factor = _apart(self._means, self._mass, kept, np.array([gone]))
        outer = factor * difference * difference.T
        self._scatter[:, :, kept] += self._scatter[:, :, gone] + outer
        _merge_means(self._means, self._mass, kept, gone)
        self._single[kept] = False
        root = np.linalg.cholesky(self._scatter[:, :, kept] + np.eye(len(self._means)))
        self._whitening[kept] = np.linalg.inv(root)
        self._log_det[kept] = 2 * np.log(np.diagonal(root)).sum()

    def _criterion(self, mass: FloatArray, log_det: FloatArray) -> FloatArray:
        return mass * (log_det - len(self._means) * np.log1p(mass))

    def _with_rows(self, one: int, difference: FloatArray, factor: FloatArray) -> FloatArray:
        """Log-determinants of a group merged with single rows."""
        whitened = self._whitening[one] @ difference
        squared = np.einsum("dj,dj->j", whitened, whitened)
        return self._log_det[one] + np.log1p(factor * squared)

    def _with_groups(
        self, one: int, others: IntArray, difference: FloatArray, factor: FloatArray
    ) -> FloatArray:
        """Log-determinants of a group merged with other groups."""
        matrices = self._scatter[:, :, others]
        matrices += (self._scatter[:, :, one] + np.eye(len(difference)))[:, :, None]
        matrices += (factor * difference)[:, None] * difference
        return _log_det(matrices)


CRITERIA: dict[str, Callable[[FloatArray, FloatArray], Groups]] = {
    "VVV": UnconstrainedGroups,
    "EII": SphericalGroups,
}


def agglomerate(groups: Groups) -> Dendrogram:
    """Merge the cheapest pair of groups until one group is left.

    Of merges that cost the same, it is that of the first rows. Costs are kept for all pairs, and
    the nearest of each group, so that a merge takes time linear in the number of groups.
    """
    size = len(groups)
    table = np.full((size, size), np.inf)
    for i in range(size - 1):
        table[i, i + 1 :] = table[i + 1 :, i] = groups.costs(i, np.arange(i + 1, size))
    nearest = table.argmin(axis=1)
    least = table[np.arange(size), nearest]
    merges, costs = np.empty((size - 1, 2), dtype=np.int64), np.empty(size - 1)
    alive = np.arange(size)
    for step in range(size - 1):
        first = int(least.argmin())
        kept, gone = sorted((first, int(nearest[first])))
        merges[step], costs[step] = (kept, gone), least[first]
        groups.merge(kept, gone)
        alive = np.delete(alive, np.searchsorted(alive, gone))
        others = alive[alive != kept]
        own = groups.costs(kept, others)
        table[gone] = table[:, gone] = least[gone] = np.inf
        table[kept, others] = table[others, kept] = own
        before = nearest[others]
        closer = (own < least[others]) | ((own == least[others]) & (kept < before))
        nearest[others[closer]], least[others[closer]] = kept, own[closer]
        stale = ~closer & ((before == kept) | (before == gone))
        for i in [kept, *others[stale]]:
            nearest[i] = table[i].argmin()
            least[i] = table[i, nearest[i]]
    return Dendrogram(merges, costs)


def dendrogram(X: FloatArray, weights: FloatArray, criterion: str) -> Dendrogram:
    """The dendrogram of distinct rows from :func:`thinned`; units do not matter.

    The same rows, in a fit with another number of components or in another fit altogether, have
    theirs by now, and are not agglomerated again.

    Parameters
    ----------
    X : (n_rows, n_features)
        At most 2000, sorted.
    weights : (n_rows,)
        A row of weight 2 counts as two that are equal; but all together count no more than 2000,
        and no less than one each.
    criterion : {"VVV", "EII"}
    """
    mass = weights * min(LIMIT, max(weights.sum(), len(X))) / weights.sum()
    most = WORK / len(X) ** 2
    axes = int(np.cbrt(10 * most) if criterion == "VVV" else most)
    scores = _scores(X, mass)[:, :axes]
    return _remembered(scores.tobytes(), mass.tobytes(), len(X), criterion)


@lru_cache(maxsize=KEPT)
def _remembered(X: bytes, mass: bytes, n_rows: int, criterion: str) -> Dendrogram:
    rows = np.frombuffer(X).reshape(n_rows, -1)
    return agglomerate(CRITERIA[criterion](rows, np.frombuffer(mass)))


def thinned(X: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The distinct rows, sorted, with their total weights; at most 2000 of them.

    Of more, as many are drawn by weight, one from each of equal parts of the sorted rows: the
    same at any time, and for a row of weight 2 as for the same row twice.
    """
    order = lexicographic(list(X.T))
    X, weights = X[order], weights[order]
    first = np.ones(len(X), dtype=bool)
    np.any(X[1:] != X[:-1], axis=1, out=first[1:])
    mass = np.add.reduceat(weights, np.flatnonzero(first))
    X = X[first]
    if len(X) <= LIMIT:
        return X, mass
    cumulative = np.cumsum(mass)
    places = (np.arange(LIMIT) + np.random.RandomState(0).uniform(size=LIMIT)) / LIMIT
    drawn = np.searchsorted(cumulative, places * cumulative[-1], side="right")
    chosen, times = np.unique(np.minimum(drawn, len(X) - 1), return_counts=True)
    return X[chosen], times * (cumulative[-1] / LIMIT)


def _scores(X: FloatArray, mass: FloatArray) -> FloatArray:
    """Rows along their principal axes, each divided by the square root of its deviation [1]_.

    That is half of the way to the same spread in all directions, and did better than none or all
    of it. The mean variance is 1.

    References
    ----------
    .. [1] Scrucca, L. and Raftery, A. E. (2015). Improved initialisation of model-based
       clustering using Gaussian hierarchical partitions. Adv. Data Anal. Classif. 9, 447-460.
    """
    centred = X - np.average(X, axis=0, weights=mass)
    weighted = np.sqrt(mass / mass.sum())[:, None] * centred
    _, deviations, axes = np.linalg.svd(weighted, full_matrices=False)
    resolved = np.maximum(deviations, np.finfo(float).eps * max(X.shape) * deviations[0])
    spread = np.sqrt(resolved * resolved.mean())
    return centred @ axes.T / np.where(spread > 0, spread, 1.0)


def _apart(
    means: FloatArray, mass: FloatArray, one: int, others: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Differences of the means, (D, m), and the factors by which they enter the scatter."""
    factor = mass[one] * mass[others] / (mass[one] + mass[others])
    return means[:, others] - means[:, one, None], factor


def _merge_means(means: FloatArray, mass: FloatArray, kept: int, gone: int) -> None:
    together = mass[kept] + mass[gone]
    means[:, kept] += mass[gone] / together * (means[:, gone] - means[:, kept])
    mass[kept] = together


def _log_det(matrices: FloatArray) -> FloatArray:
    """Log-determinants of positive-definite matrices (D, D, m); overwrites the matrices.

    By Gauss's elimination, each step on all of them.
    """
    result = np.zeros(matrices.shape[2])
    for j in range(len(matrices)):
        pivot, below = matrices[j, j], matrices[j + 1 :, j]
        result += np.log(pivot)
        matrices[j + 1 :, j + 1 :] -= (below / pivot)[:, None] * below
    return result
