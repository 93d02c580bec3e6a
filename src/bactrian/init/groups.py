"""Groups of rows to start from: clusters of k-means, or what is nearest to some rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.init.kmeans import draw, kmeans, plusplus
from bactrian.init.viewed import ViewedRows

REMEMBERED_ROWS = 5_000  # of which groups are remembered: 40 kB each


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of rows.

    Parameters
    ----------
    labels : (n_samples,)
        From 0 to K - 1.
    n_groups : int
        K; some may be empty.
    means : (K, n_features) or None
        In the units of the rows, if they are not those of the groups.
    """

    labels: IntArray
    n_groups: int
    means: FloatArray | None = None


Grouping = Callable[[ViewedRows, int, np.random.RandomState], Groups]


def by_kmeans(rows: ViewedRows, n_components: int, random_state: np.random.RandomState) -> Groups:
    """The clusters of k-means."""
    _, labels = kmeans(rows.X, rows.weights, n_components, random_state, rows.passes)
    return Groups(labels, n_components)


def by_plusplus(
    rows: ViewedRows, n_components: int, random_state: np.random.RandomState
) -> Groups:
    """Rows that k-means++ chooses as means, each with the rows nearest to it."""
    chosen = plusplus(rows.X, rows.weights, n_components, random_state, rows.passes)
    return nearest(rows, rows.X[chosen])


def by_rows(rows: ViewedRows, n_components: int, random_state: np.random.RandomState) -> Groups:
    """Rows drawn at random as means, each with the rows nearest to it."""
    return nearest(rows, rows.X[distinct_rows(rows, n_components, random_state)])


def nearest(rows: ViewedRows, means: FloatArray) -> Groups:
    """Given means (in the units of `rows`), each with the rows nearest to it."""
    labels, _ = rows.passes.nearest(rows.X, means)
    return Groups(labels, len(means), means)


GROUPINGS: dict[str, Grouping] = {
    "kmeans": by_kmeans,
    "k-means++": by_plusplus,
    "random_from_data": by_rows,
}


def grouped(
    rows: ViewedRows,
    kind: str,
    n_components: int,
    seed: int,
    random_state: np.random.RandomState,
) -> Groups:
    """Groups of one of the :data:`GROUPINGS`; of few rows they are remembered.

    So a search forms them once for all structures.

    Parameters
    ----------
    rows : ViewedRows
    kind : str
    n_components : int
    seed : int
        Of `random_state`, from which nothing is drawn yet.
    random_state : RandomState
    """
    key = kind, n_components, seed
    found: Groups | None = rows.remembered.get(key)
    if found is None:
        found = GROUPINGS[kind](rows, n_components, random_state)
        if len(rows.X) <= REMEMBERED_ROWS:
            rows.remembered[key] = found
    return found


def distinct_rows(rows: ViewedRows, size: int, random_state: np.random.RandomState) -> IntArray:
    """Draw `size` row indices by weight without replacement; equal rows only if necessary."""
    chosen: list[int] = []
    mass = rows.weights.copy()
    for _ in range(size):
        if not mass.any():
            mass = rows.weights.copy()
        chosen.append(int(draw(mass, 1, random_state)[0]))
        newest = rows.X[chosen[-1]]
        alike = np.flatnonzero(rows.X[:, 0] == newest[0])
        mass[alike[(rows.X[alike] == newest).all(axis=1)]] = 0.0
    return np.array(chosen)
