"""Sort rows by their values, and into groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray


def lexicographic(columns: Sequence[FloatArray]) -> IntArray:
    """Order by the first column; rows that are equal there by the second, and so on.

    Only rows that are tied so far are sorted again: mostly none are.
    """
    order = np.argsort(columns[0])
    values = columns[0][order]
    tied = np.zeros(len(order) + 1, dtype=bool)  # with the row before
    np.equal(values[1:], values[:-1], out=tied[1:-1])
    for column in columns[1:]:
        places = np.flatnonzero(tied[1:] | tied[:-1])
        if not len(places):
            break
        rows = order[places]
        group = np.cumsum(~tied[places])
        values = column[rows]
        inner = np.argsort(values)
        inner = inner[_stable(group[inner])]
        order[places], values = rows[inner], values[inner]
        tied[places[1:]] &= values[1:] == values[:-1]
    return order


def groups(labels: IntArray, n_groups: int) -> tuple[IntArray, IntArray]:
    """Order that brings equal labels (0 to n_groups - 1) together, and where to cut it."""
    return _stable(labels), np.cumsum(np.bincount(labels, minlength=n_groups))[:-1]


def _stable(labels: IntArray) -> IntArray:
    """Stable order of whole numbers, in linear time if they fit in 16 bits."""
    small = labels.max(initial=0) < 2**16
    return np.argsort(labels.astype(np.uint16) if small else labels, kind="stable")
