"""Starts that one mixture takes from others of the same rows, of any structure.

What EM does not find from its own starts, it often found for another structure, or with a
component more or fewer. Only responsibilities are taken over: they mean the same for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from scipy.optimize import linear_sum_assignment

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.init.regrouping import fewer, more
from bactrian.init.viewed import ViewedRows

MERGED, SPLIT = 3, 2  # starts from a mixture with a component more, and from one with fewer
ALIKE = 0.98  # share of the rows that two groupings put together in the same way


def borrowed(
    rows: ViewedRows, own: FloatArray | None, others: Iterable[FloatArray], n_components: int
) -> Iterator[FloatArray]:
    """Responsibilities to start from, (n_samples, K), no two nearly alike, nor like one's own.

    Parameters
    ----------
    rows : ViewedRows
    own : (n_samples, K) or None
        Those of the mixture that is to become better.
    others : iterable of (n_samples, K - 1), (n_samples, K) or (n_samples, K + 1)
        Of other mixtures: with a component more, two of them are merged; with one fewer, one is
        split.
    n_components : int
        K.
    """
    known = [] if own is None else [own.argmax(axis=1)]
    for resp in others:
        for start in _of_as_many(rows, resp, n_components):
            labels = start.argmax(axis=1)
            if not any(_alike(labels, other, rows.weights) for other in known):
                known.append(labels)
                yield start


def _of_as_many(rows: ViewedRows, resp: FloatArray, n_components: int) -> Iterable[FloatArray]:
    if resp.shape[1] > n_components:
        return islice(fewer(rows, resp), MERGED)
    if resp.shape[1] < n_components:
        return islice(more(rows, resp), SPLIT)
    return [resp]


def _alike(one: IntArray, other: IntArray, weights: FloatArray) -> bool:
    """Whether two groupings are the same but for a few rows, and the numbers of the groups."""
    size = max(one.max(), other.max()) + 1
    shared = np.bincount(one * size + other, weights, size * size).reshape(size, size)
    matched = linear_sum_assignment(shared, maximize=True)
    return bool(shared[matched].sum() >= ALIKE * weights.sum())
