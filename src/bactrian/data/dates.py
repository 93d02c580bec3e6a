"""Find dates and durations, and refuse them: they are not numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np

from bactrian.errors import BadInputError
from bactrian.remedies import Act

DAY = "np.timedelta64(1, 'D')"
_DATES = (date, np.datetime64)
_DURATIONS = (timedelta, np.timedelta64)


def refuse_dates(X: Any) -> None:
    """Refuse an array or a list that holds dates or durations.

    Raises
    ------
    BadInputError
    """
    try:
        values = np.asarray(X) if isinstance(X, list | tuple) else X
    except ValueError:  # rows that differ in length: said by whoever makes an array of them
        return
    dtype = getattr(values, "dtype", None)
    kind = getattr(dtype, "kind", "")
    if kind in ("m", "M"):
        raise not_numbers(f" ({dtype})", dates=kind == "M")
    if kind != "O":
        return
    for place, value in enumerate(values.flat):
        if (dates := is_date(value)) is not None:
            column = f" in column {place % values.shape[-1]}" if values.ndim == 2 else ""
            raise not_numbers(f"{column} ({value!r})", dates=dates)


def is_date(value: Any) -> bool | None:
    """True for a date (with or without a time), False for a duration, None for anything else.

    NaT gives None: it is a missing value.
    """
    if isinstance(value, _DATES + _DURATIONS) and value == value:
        return isinstance(value, _DATES)
    return None


def kind_of_column(values: Iterable[Any]) -> bool | None:
    """Say what the first date or duration of a column is, as :func:`is_date` does."""
    return next((kind for kind in map(is_date, values) if kind is not None), None)


def not_numbers(where: str, *, dates: bool, day: str = DAY) -> BadInputError:
    """Make the error that says what to do with dates or durations.

    Parameters
    ----------
    where : str
        Columns and types, with a space before.
    dates : bool
    day : str
        How a program writes the duration of a day; empty if it is not known.
    """
    unit = "days since the first" if dates else "days"
    code = f"{'(x - x.min())' if dates else 'x'} / {day}"
    example = f"{unit}: {code}" if day else unit
    return BadInputError(
        "X",
        f"{'dates' if dates else 'durations'}{where}",
        "numbers",
        Act("leave the column out"),
        Act(f"turn it into a number such as {example}"),
        code="not_a_number",
    )
