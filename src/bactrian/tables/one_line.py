"""Numbers in one line: a row of many columns, or the values of one column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bactrian.phrases import Part, counted
from bactrian.tables.cells import like_a_number

Line = Literal["column", "row"]


def as_lines(cells: Sequence[str]) -> bytes | None:
    """The cells of the only line of a text below one another; None if they are no numbers.

    Parameters
    ----------
    cells : sequence of str
        An empty one behind the last is what a delimiter at the end makes.
    """
    whole = [cell.strip() for cell in cells]
    while whole and not whole[-1]:
        del whole[-1]
    if len(whole) < 2 or not all(map(like_a_number, whole)):
        return None
    return "\n".join(cell or "NA" for cell in whole).encode()


def read_as_column(count: int) -> Part:
    """A note on numbers in one line."""
    return f"its one line is read as one column of {counted(count, 'value')}"
