"""The array type of the core: float64, and read-only where an array is part of a value."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.errors import BadInputError

FloatArray = npt.NDArray[np.float64]
RealArray = npt.NDArray[np.floating[Any]]
"""float32 or float64, as the user has them."""
IntArray = npt.NDArray[np.int64]
CodeArray = npt.NDArray[np.int16]
BoolArray = npt.NDArray[np.bool_]


def frozen(values: npt.ArrayLike) -> FloatArray:
    """Return a read-only, C-ordered float64 copy, or the same array if nobody can write to it."""
    array = np.asarray(values, dtype=np.float64)
    flags = array.flags
    if flags.writeable or not flags.owndata or not flags.c_contiguous:
        array = array.copy()
        array.flags.writeable = False
    return array


def seal(*arrays: FloatArray) -> None:
    """Make arrays that nobody else holds read-only, so that :func:`frozen` need not copy them."""
    for array in arrays:
        array.flags.writeable = False


def is_masked(values: Any) -> bool:
    """Whether the values are a masked array of NumPy."""
    return isinstance(values, np.ma.MaskedArray)


def refuse_hidden(name: str, values: Any, remedy: str) -> None:
    """Refuse a masked array that hides a value: every value must be known here.

    Raises
    ------
    BadInputError
    """
    hidden = int(np.ma.getmaskarray(values).sum()) if is_masked(values) else 0
    if hidden:
        got = f"a masked array that hides {hidden} of {values.size} values"
        raise BadInputError(name, got, "known everywhere", remedy)
