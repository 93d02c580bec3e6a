"""What stands above the rows of a text: titles, names of columns, units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bactrian.phrases import ParameterValue, Part, Phrase, listed
from bactrian.tables.cells import is_missing, like_a_number
from bactrian.tables.header import (
    Header,
    begins_like_a_number,
    has_header,
    mostly_numbers,
    name_columns,
    nameless,
    numbers_among,
)
from bactrian.tables.rows import split_rows

_MOST_TITLES, _MOST_UNITS = 20, 2
_LOGGER = "TOA5"
_UNIT = re.compile("[/%°^]")
_SHOWN_CHARACTERS = 40

Rows = Sequence[tuple[int, list[str]]]


@dataclass(frozen=True)
class Top:
    """The first rows of a text, as far as they are no data.

    Parameters
    ----------
    names : tuple of str
        One for each column.
    nameless : frozenset of int
        Columns, counted from 0, that got their names here.
    header : bool
        Whether the names stand in the file.
    count : int
        How many rows they are.
    notes : tuple of Part
        What is left out, and what is doubtful about the names.
    """

    names: tuple[str, ...]
    nameless: frozenset[int]
    header: bool
    count: int
    notes: tuple[Part, ...]


def read_top(rows: Rows, comments: Sequence[str], header: Header, delimiter: str) -> Top:
    """Read what stands above the data.

    Parameters
    ----------
    rows : sequence of (line, cells)
        At least one; lines are counted in the file, from 1.
    comments : sequence of str
        The comments above them.
    header : bool or "auto"
    delimiter : str

    Returns
    -------
    Top
    """
    titles = _count_titles(rows) if header == "auto" else 0
    cells = [row for _, row in rows[titles:]]
    notes = [_title_note(rows[:titles])] if titles else []
    found = has_header(cells) if header == "auto" else header
    if header == "auto" and not found:
        commented = _names_in(comments, len(cells[0]), delimiter)
        if commented is not None:
            names, bare = name_columns(commented, header=True), nameless(commented, header=True)
            return Top(names, bare, True, titles, (*notes, _comment_note(names)))
    names, bare = name_columns(cells[0], found), nameless(cells[0], found)
    if header == "auto" and found and (numbers := numbers_among(cells[0])):
        notes.append(_number_note(numbers))
    units = _count_units(cells[1:]) if found else 0
    if units:
        notes.append(_units_note(rows[titles + 1 : titles + 1 + units]))
    return Top(names, bare, found, titles + found + units, tuple(notes))


def _count_titles(rows: Rows) -> int:
    """Count the rows above the names of columns that are too short for the table."""
    if rows[0][1][0].strip() == _LOGGER and len(rows) > 1:
        return 1
    widths = [len(cells) for _, cells in rows]
    width = max(set(widths[1:]), key=widths[1:].count, default=0)
    count = 0
    while count < min(_MOST_TITLES, len(rows) - 1) and _is_short(rows[count][1], width):
        count += 1
    below = [cells for _, cells in rows[count:]]
    table = len(below) > 1 and len(below[0]) == width
    return count if table and has_header(below) else 0


def _is_short(cells: Sequence[str], width: int) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    if len(cells) < width:
        return len(filled) == 1 or 2 * len(filled) < width
    return len(cells) == width > 2 and len(filled) == 1 and bool(cells[0].strip())


def _count_units(rows: Sequence[Sequence[str]]) -> int:
    """Count the rows below the names that hold words above numbers in all columns of numbers."""
    for count in range(min(_MOST_UNITS, len(rows) - 1), 0, -1):
        body = rows[count:]
        columns = range(len(body[0]))
        numeric = [j for j in columns if mostly_numbers([row[j] for row in body if j < len(row)])]
        words = [_words_above(row, numeric) for row in rows[:count]]
        # One word may be a mistake among the data.
        if all(words) and (len(words[0]) > 1 or len(rows[0]) == 1):
            return count
    return 0


def _words_above(cells: Sequence[str], numeric: Sequence[int]) -> list[str]:
    """What a row holds where columns of numbers are; empty if it holds a number there."""
    own = [cells[j].strip() for j in numeric if j < len(cells)]
    words = [cell for cell in own if not is_missing(cell)]
    numbers = (like_a_number(word) or begins_like_a_number(word) for word in words)
    return [] if any(numbers) else words


def _names_in(comments: Sequence[str], width: int, delimiter: str) -> list[str] | None:
    """Names of columns in the comments above a table without other names; units may follow."""
    found: list[list[str]] = []
    for comment in comments:
        line = comment.strip(" \t\r\n\ufeff").removeprefix("#")
        rows = [cells for _, cells in split_rows([line], delimiter)]
        cells = [cell.strip() for cell in rows[0]] if rows else []
        words = cells[1:] if cells and not cells[0] else cells
        if len(cells) == width > 1 and all(words) and not any(map(like_a_number, words)):
            found.append(cells)
    if len(found) > 1 and _UNIT.search(" ".join(found[-1])):
        del found[-1]
    return found[-1] if found and len(set(found[-1])) == width else None


def _shown(cells: Sequence[str]) -> str:
    text = " ".join(cell.strip() for cell in cells if cell.strip())
    return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}...")


def _lines(rows: Rows) -> str:
    first, last = rows[0][0], rows[-1][0]
    return f"line {first} is" if first == last else f"lines {first} to {last} are"


def _title_note(rows: Rows) -> Part:
    if rows[0][1][0].strip() == _LOGGER:
        return f"a {_LOGGER} file of a data logger: its first line is left out"
    return f"{_lines(rows)} left out as a title: {_shown(rows[0][1])}"


def _units_note(rows: Rows) -> Part:
    words = "; ".join(_shown(cells) for _, cells in rows)
    return f"{_lines(rows)} left out, with words above numbers, as units are: {words}"


def _comment_note(names: Sequence[str]) -> Part:
    told = f"the names of columns are taken from a comment: {listed(names)}; if they are none, "
    return Phrase(told, "say so: ", ParameterValue("header", value=False))


def _number_note(numbers: Sequence[str]) -> Part:
    told = f"the first row is taken for names, also {listed(numbers)}; if it is data, say so: "
    return Phrase(told, ParameterValue("header", value=False))
