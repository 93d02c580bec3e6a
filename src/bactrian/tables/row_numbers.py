"""A first column without a name that numbers the rows: row names in R, the index in pandas."""

from __future__ import annotations

import numpy as np

from bactrian.phrases import Column, ParameterValue, Part, Phrase
from bactrian.tables.table import Table, columns_at

_UNNAMED = ("", "Unnamed: 0")


def without_row_numbers(table: Table, name: str) -> Table:
    """Leave out a first column without a name that counts the rows; add a note.

    One without a name that does not count them stays: the note says how to leave it out.

    Parameters
    ----------
    table : Table
    name : str
        Of the first column in the file; empty if there it has none.

    Returns
    -------
    Table
    """
    if len(table.names) == 1 or name not in _UNNAMED:
        return table
    first = _counted_from(table)
    if first is None:
        told: Part = Phrase(
            f"the first column has no name and is used as {table.names[0]!r}; "
            "if it only numbers the rows, leave it out: ",
            ParameterValue("exclude", columns_at(table.names, [0])),
        )
        return Table(table.values, table.names, (*table.notes, told))
    told = Phrase(
        f"the first column, without a name, counts the rows from {first} and is left out; "
        "to use it, name it by its position: ",
        ParameterValue("columns", (Column(None, 1),)),
    )
    rest = np.ascontiguousarray(table.values[:, 1:])
    return Table(rest, table.names[1:], (*table.notes, told))


def _counted_from(table: Table) -> int | None:
    """0 or 1 if the first column counts the rows from there; None otherwise."""
    numbers, n_rows = table.values[:, 0], len(table.values)
    first = numbers[0]
    if n_rows < 2 or first not in (0, 1) or numbers[-1] != first + n_rows - 1:
        return None
    return int(first) if np.array_equal(numbers, np.arange(n_rows) + int(first)) else None
