"""What kind of column numbers are: measurements, or a counter, an id, a date, a code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bactrian.phrases import counted

KindName = Literal["number", "counter", "id", "date", "code", "constant", "empty", "text"]

_LOOKED_AT = 1000  # values that tell whether it is worth to look at all
_FEWEST = 5  # rows that count themselves rather than by chance
_MOST_CODES, _OF_EACH = 10, 3  # different values of a code, and rows with each on average
_SHOWN_CODES = 5
_NAMING = re.compile(r"(?:.*[ _.-])?(?:id|Id|ID)|.*[a-z](?:Id|ID)")
_PARTS = {
    "year": (1000, 2999), "yyyy": (1000, 2999), "yr": (0, 2999), "yy": (0, 2999),
    "month": (1, 12), "mm": (1, 12), "mo": (1, 12), "day": (1, 366), "dd": (1, 31),
    "dayofweek": (0, 7), "dayofyear": (1, 366), "doy": (1, 366), "weekday": (0, 7),
    "week": (0, 53), "quarter": (1, 4), "hour": (0, 24), "hh": (0, 24), "hr": (0, 24),
    "minute": (0, 60), "second": (0, 61),
}  # fmt: skip
_SECONDS = (631_152_000, 4_102_444_800)  # of Unix time, from 1990 to 2100
_TIME = re.compile(r"time|date|epoch|unix|stamp|\bts\b", re.IGNORECASE)

Values = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Kind:
    """What a column is, and why.

    Parameters
    ----------
    name : str
    why : str
        A clause whose subject is the column, such as ``"counts the rows from 1"``.
    """

    name: KindName
    why: str = ""

    @property
    def measured(self) -> bool:
        """Whether a mixture may describe the column."""
        return self.name == "number"


NUMBER = Kind("number")


def kind_of(values: Values, name: str) -> Kind:
    """Judge a column of numbers.

    Parameters
    ----------
    values : (n_rows,)
        NaN where missing.
    name : str
        Of the column, which may tell that it names rows or is a part of a date.

    Returns
    -------
    Kind
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return Kind("empty", "has no value")
    if known.min() == known.max():
        return Kind("constant", f"is always {known[0]:g}") if len(known) > 1 else NUMBER
    if not (_are_whole(known[:_LOOKED_AT]) and _are_whole(known)):
        return NUMBER
    return _counter(values) or _date(known, name) or _id(known, name) or _code(known) or NUMBER


def _are_whole(values: Values) -> bool:
    return bool((values == np.rint(values)).all())


def _counter(values: Values) -> Kind | None:
    if len(values) < _FEWEST or not (values == values[0] + np.arange(len(values))).all():
        return None
    return Kind("counter", f"counts the rows from {values[0]:.0f}")


def _date(known: Values, name: str) -> Kind | None:
    """A date written as one number, or a part of one."""
    low, high = known.min(), known.max()
    if low >= 180001 and high <= 210012 and _between(known % 100, 1, 12):
        return Kind("date", "holds months as numbers, such as 202401")
    days, months = known % 100, known // 100 % 100
    if low >= 18000101 and high <= 21001231 and _between(days, 1, 31) and _between(months, 1, 12):
        return Kind("date", "holds days as numbers, such as 20240131")
    for unit, word in ((1, "seconds"), (1000, "milliseconds")):
        within = _SECONDS[0] * unit <= low and high <= _SECONDS[1] * unit
        if within and (_TIME.search(name) or (np.diff(known) > 0).all()):
            return Kind("date", f"holds Unix time in {word}")
    first, last = _PARTS.get(re.sub("[ _.-]", "", name.lower()).removesuffix("s"), (1, 0))
    if first <= low and high <= last:
        return Kind("date", "is a part of a date")
    return None


def _between(values: Values, low: float, high: float) -> bool:
    return bool(((values >= low) & (values <= high)).all())


def _id(known: Values, name: str) -> Kind | None:
    if _NAMING.fullmatch(name) and len(np.unique(known)) == len(known):
        return Kind("id", "has another whole number in each row")
    return None


def _code(known: Values) -> Kind | None:
    """A column with few different whole numbers, such as the number of cylinders."""
    if len(np.unique(known[:_LOOKED_AT])) > _MOST_CODES:
        return None
    different = np.unique(known)
    if len(different) > _MOST_CODES or len(known) < _OF_EACH * len(different):
        return None
    shown = [f"{value:g}" for value in different]
    if len(shown) > _SHOWN_CODES:
        span = f"from {shown[0]} to {shown[-1]}"
        return Kind("code", f"has only {counted(len(shown), 'different value')}, {span}")
    return Kind("code", f"takes only the values {', '.join(shown[:-1])} and {shown[-1]}")
