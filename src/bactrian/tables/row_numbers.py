"""A first column that only numbers the rows: row names in R, the index in pandas."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from bactrian.phrases import Column, ParameterValue, Part, Phrase
from bactrian.tables.table import Table, columns_at

_UNNAMED = ("", "Unnamed: 0")
_NAMING = re.compile(r"(?:.*[ _.-])?(?:id|Id|ID)|.*[a-z](?:Id|ID)")
_NUMBERING = frozenset(("index", "rownames", "row.names", "row_names", "rowid", "row", "id"))


def without_row_numbers(table: Table, name: str) -> Table:
    """Leave out a first column without a name that counts the rows; add a note.

    One that has a name stays, and one without a name that does not count them: the note says
    how to leave it out.

    Parameters
    ----------
    table : Table
    name : str
        Of the first column in the file; empty if there it has none.

    Returns
    -------
    Table
    """
    if len(table.names) == 1:
        return table
    first = _counted_from(table)
    unnamed = name in _UNNAMED
    if unnamed and first is not None:
        told: Part = Phrase(
            f"the first column, without a name, counts the rows from {first} and is left out; "
            "to use it, name it by its position: ",
            ParameterValue("columns", (Column(None, 1),)),
        )
        rest = np.ascontiguousarray(table.values[:, 1:])
        return Table(rest, table.names[1:], (*table.notes, told))
    leave_out = ParameterValue("exclude", columns_at(table.names, [0]))
    if unnamed:
        told = Phrase(
            f"the first column has no name and is used as {table.names[0]!r}; "
            "if it only numbers the rows, leave it out: ",
            leave_out,
        )
    elif first is not None and name.lower() in _NUMBERING:
        told = Phrase(
            f"the first column, {name!r}, counts the rows from {first} and is used like any "
            "other; if it only numbers them, leave it out: ",
            leave_out,
        )
    elif _NAMING.fullmatch(name) and _differs(table):
        told = Phrase(
            f"the first column, {name!r}, has another whole number in each row and is used like "
            "any other; if it only names them, leave it out: ",
            leave_out,
        )
    else:
        return table
    return replace(table, notes=(*table.notes, told))


def _counted_from(table: Table) -> int | None:
    """0 or 1 if the first column counts the rows from there; None otherwise."""
    numbers, n_rows = table.values[:, 0], len(table.values)
    first = numbers[0]
    if n_rows < 2 or first not in (0, 1) or numbers[-1] != first + n_rows - 1:
        return None
    return int(first) if np.array_equal(numbers, np.arange(n_rows) + int(first)) else None


def _differs(table: Table) -> bool:
    """Whether the first column holds whole numbers that are all different."""
    numbers = table.values[:, 0]
    with np.errstate(invalid="ignore"):
        whole = bool((numbers == np.rint(numbers)).all())
    return whole and len(numbers) > 1 and len(np.unique(numbers)) == len(numbers)
