"""Which features are observed in which rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import BoolArray, IntArray
from bactrian.core.values.results import Numbers


def patterns(X: Numbers, *, complete: bool = False) -> list[tuple[slice | IntArray, BoolArray]]:
    """Group rows with the same features observed; complete rows come first.

    If all rows are known to be `complete`, they are not searched.
    """
    if not complete:
        with np.errstate(over="ignore", invalid="ignore"):
            complete = not np.isnan(X.sum())
    if complete or not (missing := np.isnan(X)).any():
        return [(slice(None), np.ones(X.shape[1], dtype=bool))]
    keys = _keys(missing)
    order = np.lexsort(keys.T[::-1])
    keys = keys[order]
    begins = np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1
    return [(rows, ~missing[rows[0]]) for rows in np.split(order, begins)]


def _keys(flags: BoolArray) -> npt.NDArray[np.unsignedinteger[Any]]:
    """Encode each row of flags as one whole number, or several if there are many flags."""
    packed = np.packbits(flags, axis=1)
    size = 2 if packed.shape[1] <= 2 else 8  # two bytes are sorted soonest
    width = -(-packed.shape[1] // size) * size
    words = np.zeros((len(packed), width), dtype=np.uint8)
    words[:, : packed.shape[1]] = packed
    return words.view(f">u{size}").astype(f"u{size}")
