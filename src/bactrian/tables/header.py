"""Find out whether the first row of a text holds names or numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bactrian.tables.cells import is_missing, like_a_number

_LIKE_A_NUMBER = re.compile(r"[+-]?[.,]?\d")


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row holds names: a cell without a number above numbers.

    A cell such as ``1O.5`` or ``12:30`` begins like a number: alone it is taken
    for a mistake in the data, not for a name.

    Parameters
    ----------
    rows : sequence of rows of cells

    Returns
    -------
    bool
    """
    first, body = rows[0], rows[1:]
    if not body:
        return not all(like_a_number(cell) for cell in first)
    numeric = [
        index
        for index in range(len(first))
        if _mostly_numbers([row[index] for row in body if index < len(row)])
    ]
    if not numeric:
        return not any(like_a_number(cell) and not is_missing(cell) for cell in first)
    strange = [
        first[index].strip()
        for index in numeric
        if not (like_a_number(first[index]) and first[index].strip())
    ]
    if any(name and not _LIKE_A_NUMBER.match(name) for name in strange):
        return True
    return len(strange) == len(numeric) and any(strange)


def _mostly_numbers(cells: Sequence[str]) -> bool:
    known = [cell for cell in cells if not is_missing(cell)]
    return bool(known) and 2 * sum(like_a_number(cell) for cell in known) > len(known)


def name_columns(first: Sequence[str], header: bool) -> tuple[str, ...]:
    """Names of the columns: from the first row, or x1, x2, ...

    Parameters
    ----------
    first : sequence of str
        Cells of the first row.
    header : bool
        Whether it holds the names.

    Returns
    -------
    tuple of str
    """
    if not header:
        return tuple(f"x{position}" for position in range(1, len(first) + 1))
    return tuple(
        " ".join(cell.split()) or f"column_{position}" for position, cell in enumerate(first, 1)
    )


def nameless(first: Sequence[str], header: bool) -> frozenset[int]:
    """Columns, counted from 0, without a name in the first row.

    Parameters
    ----------
    first : sequence of str
    header : bool

    Returns
    -------
    frozenset of int
    """
    return frozenset(j for j, cell in enumerate(first) if not (header and cell.strip()))
