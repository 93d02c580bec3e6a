"""Find columns by their names or positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.errors import BadInputError
from bactrian.phrases import listed

Columns = Sequence[str | int] | str | int


def chosen(name: str, columns: Columns, names: tuple[str, ...], n_features: int) -> IntArray:
    """Positions of columns, in their order.

    Parameters
    ----------
    name : str
        Of the parameter, for errors.
    columns : str, int, or sequence of both
        Names, if there are names, or positions from 0.
    names : tuple of str
        Empty if columns have no names.
    n_features : int

    Raises
    ------
    BadInputError
        If a column is not there, or is there twice, or if there is none.
    """
    one = isinstance(columns, str | int | np.integer)
    given = [columns] if one else list(columns)  # type: ignore[arg-type]
    places = [_place(name, column, names, n_features) for column in given]
    if not places or len(set(places)) < len(places):
        got = "no column" if not places else f"{given!r}"
        raise BadInputError(name, got, "different columns, at least one", code="wrong_columns")
    return np.array(places)


def given_row(
    name: str, values: Mapping[str | int, float], names: tuple[str, ...], n_features: int
) -> FloatArray:
    """A row with the given values, NaN elsewhere.

    Raises
    ------
    BadInputError
        If a column is not there, a value is not finite, or no column is left.
    """
    given: Any = values
    if not isinstance(given, Mapping):
        got = f"a {type(given).__name__}"
        raise BadInputError(name, got, "a mapping of columns to values, such as {'x': 1.5}")
    places = chosen(name, list(values), names, n_features)
    if len(places) == n_features:
        got, wanted = f"values of all {n_features} columns", "values of some of the columns"
        raise BadInputError(name, got, wanted, "Leave out at least one.", code="wrong_columns")
    row = np.full(n_features, np.nan)
    for place, (column, value) in zip(places, values.items(), strict=True):
        try:
            row[place] = float(value)
        except (TypeError, ValueError):
            got = repr(value)
            raise BadInputError(
                f"{name}[{column!r}]", got, "a number", code="not_a_number"
            ) from None
        if not np.isfinite(row[place]):
            raise BadInputError(f"{name}[{column!r}]", repr(value), "finite", code="not_finite")
    return row


def _place(name: str, column: Any, names: tuple[str, ...], n_features: int) -> int:
    if isinstance(column, str) and column in names:
        return names.index(column)
    number = isinstance(column, int | np.integer) and not isinstance(column, bool)
    if number and 0 <= column < n_features:
        return int(column)
    wanted = f"positions from 0 to {n_features - 1}"
    if names:
        wanted = f"among {listed(names)}, or {wanted}"
    raise BadInputError(name, repr(column), wanted, code="wrong_columns")
