"""The array type of the core: float64, read-only where it is part of a value."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def frozen(values: npt.ArrayLike) -> FloatArray:
    """Read-only float64 copy, row after row, or the same array if nobody can write to it."""
    array = np.asarray(values, dtype=np.float64)
    flags = array.flags
    if flags.writeable or not flags.owndata or not flags.c_contiguous:
        array = array.copy()
        array.flags.writeable = False
    return array


def seal(*arrays: FloatArray) -> None:
    """Make arrays read-only that nobody else holds, so that :func:`frozen` need not copy them."""
    for array in arrays:
        array.flags.writeable = False
