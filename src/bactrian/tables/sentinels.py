"""Numbers that may be codes for a missing value: -999, 9999, -200."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_FEWEST = 2  # rows with a code: one alone is an outlier
_KNOWN = 8  # other values that are needed to tell what is usual
_ANSWERS = 3  # other values beside which one digit may be a code
_MOST = 6  # codes of one column
_CODE = re.compile(r"-?([789])\1+(\.\1*)?|-[1-9]0{2,}|-[1-9]|[789]|-?1e\+[2-9][0-9]")


@dataclass(frozen=True)
class Sentinel:
    """A number that repeats far outside the other values of a column, and looks like a code.

    Parameters
    ----------
    value : float
    count : int
        How many rows hold it.
    """

    value: float
    count: int


def sentinels(values: npt.NDArray[np.floating[Any]]) -> tuple[Sentinel, ...]:
    """Find numbers of a column that may mean a missing value.

    Such a number repeats, is the smallest or the greatest of all, is farther from the others
    than these are from each other, and is written like a code: 9s, 8s or 7s (-999, 99.9, 8888)
    or a negative number of hundreds (-200). One negative digit among whole numbers that are not
    negative, such as -1 among counts, need not be far from them.

    Parameters
    ----------
    values : (n_rows,)
        NaN where missing.

    Returns
    -------
    tuple of Sentinel
    """
    rest = values[np.isfinite(values)]
    found: list[Sentinel] = []
    while len(found) < _MOST and (one := _outermost(rest)) is not None:
        found.append(one)
        rest = rest[rest != one.value]
    return tuple(one for one in found if len(rest) >= _KNOWN and _is_apart(one.value, rest))


def _outermost(known: npt.NDArray[np.floating[Any]]) -> Sentinel | None:
    """The smallest or greatest value, if it repeats and is written like a code."""
    if len(known) < _KNOWN:
        return None
    for value in (known.min(), known.max()):
        # float32 spells 99.9 with fewer digits than float64 does.
        digits = 6 if known.dtype == np.float32 else 15
        told = float(f"{value:.{digits}g}")
        if _CODE.fullmatch(f"{told:.15g}") is not None:
            count = int(np.count_nonzero(known == value))
            if count >= _FEWEST:
                return Sentinel(float(value), count)
    return None


def _is_apart(value: float, others: npt.NDArray[np.floating[Any]]) -> bool:
    """Whether a value lies farther from the others than these do from each other."""
    low, high = float(others.min()), float(others.max())
    gap = max(low - value, value - high)
    if -10 < value < 0 <= low:  # -1 among counts
        return bool((others == np.rint(others)).all()) or 2 * gap > high - low > 0
    if abs(value) < 10 and len(np.unique(others)) < _ANSWERS:
        return False  # 8 is one of 4, 6 and 8
    return gap >= high - low > 0
