"""Find out whether the first row of a text holds names or numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from bactrian.tables.cells import is_missing, is_number, like_a_number, parse_cell

Header = bool | Literal["auto"]

_LIKE_A_NUMBER = re.compile(r"[+-]?[.,]?\d")


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row holds names: a cell without a number above numbers.

    A cell such as ``1O.5`` or ``12:30`` begins like a number: alone it is taken
    for a mistake in the data, not for a name. So is a word beside a number that lies
    among the numbers of its column, as in ``5,120,M``; ``site,1990,2000`` are names.

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
        if mostly_numbers([row[index] for row in body if index < len(row)])
    ]
    if not numeric:
        return not any(like_a_number(cell) and not is_missing(cell) for cell in first)
    strange = [
        first[index].strip()
        for index in numeric
        if not (like_a_number(first[index]) and first[index].strip())
    ]
    if any(name and not begins_like_a_number(name) for name in strange):
        return not any(_fits(first[j], [row[j] for row in body if j < len(row)]) for j in numeric)
    return len(strange) == len(numeric) and any(strange)


def _fits(cell: str, others: Sequence[str]) -> bool:
    """Whether a cell is a number about as great as the others of its column."""
    if is_missing(cell) or not is_number(cell):
        return False
    values = [parse_cell(other) for other in others if is_number(other) and not is_missing(other)]
    if not values:
        return False
    low, high, value = min(values), max(values), parse_cell(cell)
    return low - (high - low) <= value <= high + (high - low)


def numbers_among(names: Sequence[str]) -> list[str]:
    """Those of some names that are numbers."""
    return [name for name in names if name.strip() and like_a_number(name)]


def begins_like_a_number(cell: str) -> bool:
    """Whether a cell begins with a digit, perhaps behind a sign."""
    return _LIKE_A_NUMBER.match(cell) is not None


def mostly_numbers(cells: Sequence[str]) -> bool:
    """Whether most cells that are not missing are numbers."""
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
