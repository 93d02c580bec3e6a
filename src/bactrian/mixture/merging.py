"""From components to clusters: which components are parts of one group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import final

import numpy as np
from scipy.special import xlogy

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distances.components import TINY, bhattacharyya, moments_of_scales
from bactrian.mixture.sampling import NOISE

Groups = tuple[tuple[int, ...], ...]


@final
@dataclass(frozen=True)
class Merge:
    """One step: two groups become one.

    Parameters
    ----------
    first, second : tuple of int
        Components of each, from 0.
    value : float
        Of the criterion, for the two.
    entropy : float
        Of the memberships of the rows afterwards, in nats.
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    value: float
    entropy: float


@final
@dataclass(frozen=True, eq=False)
class Merging:
    """Components merged one after another, from all of them to a single group.

    The mixture and its density stay as they are; only what is called a group changes.

    Parameters
    ----------
    criterion : {"entropy", "demp", "bhattacharyya"}
    entropy : float
        Of the memberships of the rows in the components, in nats.
    merges : tuple of Merge
        K - 1 of them, in order.
    n_components : int
    advised : int
        Number of groups that the criterion advises.
    """

    criterion: str
    entropy: float
    merges: tuple[Merge, ...]
    n_components: int
    advised: int

    def groups(self, n_groups: int | None = None) -> Groups:
        """The components of each group, (n_groups,); by default as many as are advised.

        Raises
        ------
        ValueError
            If there are fewer components.
        """
        count = self.advised if n_groups is None else n_groups
        if not 1 <= count <= self.n_components:
            raise ValueError(f"n_groups must be from 1 to {self.n_components}, but got {count}.")
        found: list[tuple[int, ...]] = [(k,) for k in range(self.n_components)]
        for merge in self.merges[: self.n_components - count]:
            found.remove(merge.first)
            found.remove(merge.second)
            found.append(tuple(sorted(merge.first + merge.second)))
        return tuple(sorted(found))

    @property
    def entropies(self) -> tuple[float, ...]:
        """Entropy of the memberships with K groups, K - 1, ..., 1, in nats."""
        return (self.entropy, *(merge.entropy for merge in self.merges))


def merged_responsibilities(resp: FloatArray, groups: Groups) -> FloatArray:
    """Probabilities of groups, (n_samples, n_groups), from those of components; noise stays last.

    Parameters
    ----------
    resp : (n_samples, n_terms)
    groups : tuple of tuples of int
    """
    count = sum(map(len, groups))
    joined = [resp[:, list(group)].sum(axis=1) for group in groups]
    return np.column_stack([*joined, *resp[:, count:].T])


def merge_components(
    parameters: Parameters, X: FloatArray, resp: FloatArray, weights: FloatArray, criterion: str
) -> Merging:
    """Merge two groups at a time, those that the criterion names, until there is one.

    * ``"entropy"``: the two whose union lowers the entropy of the memberships most [1]_. The
      advised number is where a line of two pieces, fitted to the entropies, breaks.
    * ``"demp"``: the two between which rows are most often misclassified [2]_. Advised: until no
      such share is above 0.025.
    * ``"bhattacharyya"``: the two whose Gaussians (of a group that of its rows) overlap most,
      by ``exp(-distance)`` [2]_. Advised: until none is above 0.1.

    Parameters
    ----------
    parameters : Parameters
    X : (n_samples, n_features)
    resp : (n_samples, n_terms)
    weights : (n_samples,)
    criterion : str

    References
    ----------
    .. [1] Baudry, J.-P., Raftery, A. E., Celeux, G., Lo, K. and Gottardo, R. (2010). Combining
       mixture components for clustering. J. Comput. Graph. Stat. 19, 332-353.
    .. [2] Hennig, C. (2010). Methods for merging Gaussian mixture components. Adv. Data Anal.
       Classif. 4, 3-34, sections 4.2 and 4.3.
    """
    value_of = CRITERIA[criterion]
    k = parameters.n_components
    groups: list[tuple[int, ...]] = [(one,) for one in range(k)]
    rows = Memberships(parameters, X, resp[:, :k], weights)
    merges: list[Merge] = []
    while len(groups) > 1:
        pairs = list(combinations(groups, 2))
        values = [value_of(rows, pair) for pair in pairs]
        best = int(np.argmax(values))
        first, second = pairs[best]
        groups = [g for g in groups if g not in (first, second)]
        groups.append(tuple(sorted(first + second)))
        entropy = entropy_of(merged_responsibilities(resp, tuple(groups)), weights)
        merges.append(Merge(first, second, float(values[best]), entropy))
    whole = entropy_of(resp, weights)
    found = tuple(merges)
    return Merging(criterion, whole, found, k, _advised(criterion, whole, found))


def entropy_of(resp: FloatArray, weights: FloatArray) -> float:
    """``-sum_i w_i sum_k r_ik log r_ik``, in nats."""
    return float(max(0.0, -(weights @ xlogy(resp, resp).sum(axis=1))))


@final
@dataclass(frozen=True, eq=False)
class Memberships:
    """Rows, and how much each is of each component.

    Parameters
    ----------
    parameters : Parameters
    X : (n_samples, n_features)
    resp : (n_samples, n_components)
    weights : (n_samples,)
    """

    parameters: Parameters
    X: FloatArray
    resp: FloatArray
    weights: FloatArray

    def of(self, group: tuple[int, ...]) -> FloatArray:
        """Memberships of a group, (n_samples,)."""
        return np.asarray(self.resp[:, list(group)].sum(axis=1))

    def share(self, group: tuple[int, ...]) -> float:
        """Weight of a group in the mixture."""
        return float(self.parameters.weights[list(group)].sum())

    def moments(self, group: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
        """Mean and covariance: of a component its own, of several those of their rows."""
        if len(group) == 1:
            k = group[0]
            return self.parameters.means[k], self.parameters.dense_covariances()[k]
        whole = ~np.isnan(self.X).any(axis=1)
        X, shares = self.X[whole], (self.weights * self.of(group))[whole]
        shares = shares / max(shares.sum(), TINY)
        mean = shares @ X
        covariance = (X - mean).T @ ((X - mean) * shares[:, None])
        if np.linalg.matrix_rank(covariance) == X.shape[1]:
            return mean, covariance
        # So few rows say nothing of a covariance.
        own, some = self.parameters, list(group)
        return moments_of_scales(own.weights[some], own.means[some], own.dense_covariances()[some])


Pair = tuple[tuple[int, ...], tuple[int, ...]]


def _entropy_gain(rows: Memberships, pair: Pair) -> float:
    a, b = map(rows.of, pair)
    return float(rows.weights @ (xlogy(a + b, a + b) - xlogy(a, a) - xlogy(b, b)))


def _misclassified(rows: Memberships, pair: Pair) -> float:
    """The larger of the two shares of a group's rows that are put into the other."""
    a, b = map(rows.of, pair)
    taken = [k for group in pair for k in group]
    others = np.delete(rows.resp, taken, axis=1).max(axis=1, initial=0.0)
    into = (a >= b) & (a > others), (b > a) & (b > others)
    total = rows.weights.sum()
    lost = (rows.weights @ (a * into[1]), rows.weights @ (b * into[0]))
    held = (max(total * rows.share(group), TINY) for group in pair)
    return float(max(part / whole for part, whole in zip(lost, held, strict=True)))


def _overlap(rows: Memberships, pair: Pair) -> float:
    """``exp(-d)``, d the Bhattacharyya distance of Gaussians with the moments of the groups."""
    (m, c), (n, s) = map(rows.moments, pair)
    return float(np.exp(-bhattacharyya(m[None], c[None], n[None], s[None])[0, 0]))


CRITERIA: dict[str, Callable[[Memberships, Pair], float]] = {
    "entropy": _entropy_gain,
    "demp": _misclassified,
    "bhattacharyya": _overlap,
}
CUTOFFS = {"demp": 0.025, "bhattacharyya": 0.1}


def _advised(criterion: str, entropy: float, merges: tuple[Merge, ...]) -> int:
    n_components = len(merges) + 1
    if criterion in CUTOFFS:
        stops = [i for i, merge in enumerate(merges) if merge.value < CUTOFFS[criterion]]
        return n_components - (stops[0] if stops else len(merges))
    entropies = np.array([entropy, *(merge.entropy for merge in merges)])[::-1]  # 1 .. K groups
    return elbow(entropies)


def elbow(entropies: FloatArray) -> int:
    """The number of groups at which a line of two pieces breaks, by least squares.

    Parameters
    ----------
    entropies : (K,)
        With 1, ..., K groups. With one or two, there is nothing that could break: K, or 1 if the
        second group adds nothing but entropy.
    """
    count = len(entropies)
    if count < 3:
        return count
    x = np.arange(1.0, count + 1)
    losses = [
        _residual(x[:end], entropies[:end]) + _residual(x[end - 1 :], entropies[end - 1 :])
        for end in range(2, count)
    ]
    return int(np.argmin(losses)) + 2


def _residual(x: FloatArray, y: FloatArray) -> float:
    centred = x - x.mean()
    slope = centred @ y / (centred @ centred)
    return float(np.square(y - y.mean() - slope * centred).sum())


def group_labels(resp: FloatArray, groups: Groups) -> IntArray:
    """The most probable group of each row, from 0; -1 for noise."""
    joined = merged_responsibilities(resp, groups)
    labels = joined.argmax(axis=1)
    labels[labels == len(groups)] = NOISE
    return np.asarray(labels)
