"""All ways to split a few rows into groups."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bactrian.core.arrays import IntArray


def n_splits(n_rows: int, n_groups: int) -> int:
    """How many splits there are, none of their groups empty.

    Stirling's number of the second kind: a further row joins one of the groups, or is one.
    """
    counts = [1, *[0] * n_groups]
    for _ in range(n_rows):
        counts = [0, *(k * counts[k] + counts[k - 1] for k in range(1, n_groups + 1))]
    return counts[n_groups]


def splits(n_rows: int, n_groups: int) -> Iterator[IntArray]:
    """Each split once, as labels (n_rows,): groups are numbered by their first rows."""

    def extended(labels: tuple[int, ...], used: int) -> Iterator[IntArray]:
        left = n_rows - len(labels)
        if left == 0:
            yield np.array(labels)
            return
        for group in range(used):
            if n_groups - used < left:
                yield from extended((*labels, group), used)
        if used < n_groups:
            yield from extended((*labels, used), used + 1)

    return extended((), 0) if n_groups <= n_rows else iter(())
