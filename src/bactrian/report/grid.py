"""Aligned text: grids in blocks of columns, facts with notes, wrapped lines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

INDENT = "  "
GAP = 3


@dataclass(frozen=True)
class Line:
    """A line of text, and its style on a terminal.

    Parameters
    ----------
    text : str
    style : str
        In rich's words; empty for plain.
    """

    text: str = ""
    style: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a grid: cells aligned to the right, under a title.

    Parameters
    ----------
    title : str
    cells : sequence of str
    group : str, default=""
        Title above those of several columns.
    """

    title: str
    cells: Sequence[str]
    group: str = ""

    @property
    def width(self) -> int:
        """Width of the column, in cells of the terminal."""
        return max(map(cell_len, (self.title, *self.cells)))


def heading(text: str) -> list[Line]:
    """Blank line, and the title of a section."""
    return [Line(), Line(text, "bold")]


def shortened(label: str, most: int = 24) -> str:
    """Shorten a long name, so that tables stay aligned; show unprintable characters as "?"."""
    label = "".join(sign if sign.isprintable() else "?" for sign in label)
    if cell_len(label) <= most:
        return label
    return set_cell_size(label, most - 1).rstrip() + "…"


def grid(corner: str, labels: Sequence[str], columns: Sequence[Column], width: int) -> list[Line]:
    """Lay out labels and columns; columns that do not fit start a new block below.

    Parameters
    ----------
    corner : str
        Title of the labels.
    labels : sequence of str
        One for each row.
    columns : sequence of Column
    width : int

    Returns
    -------
    list of Line
    """
    first = max(map(cell_len, (corner, *labels)))
    lines: list[Line] = []
    for block in _blocks(columns, width - len(INDENT) - first):
        if lines:
            lines.append(Line())
        if any(column.group for column in block):
            lines.append(Line(_groups(first, block), "dim"))
        lines.append(Line(_row(corner, first, [c.title for c in block], block), "dim"))
        lines += [
            Line(_row(label, first, [column.cells[i] for column in block], block))
            for i, label in enumerate(labels)
        ]
    return lines


def facts(rows: Sequence[tuple[str, str, str]], width: int) -> list[Line]:
    """Lay out names, numbers (aligned to the right) and notes."""
    names = max(cell_len(name) for name, _, _ in rows)
    values = max(len(value) for _, value, note in rows)
    lines = []
    for name, value, note in rows:
        begin = f"{INDENT}{_padded(name, names)}{' ' * GAP}{value:>{values}}"
        lines += wrapped(note, width, f"{begin}{' ' * GAP}") if note else [Line(begin)]
    return lines


def wrapped(text: str, width: int, begin: str = INDENT, style: str = "") -> list[Line]:
    """Break a text into lines with the same indentation.

    Parameters
    ----------
    text : str
    width : int
    begin : str, optional
        What stands before the first line.
    style : str, optional

    Returns
    -------
    list of Line
    """
    under = " " * cell_len(begin)
    parts = textwrap.wrap(text, max(width, len(under) + 20), initial_indent=begin,
                          subsequent_indent=under, break_on_hyphens=False)  # fmt: skip
    return [Line(part, style) for part in parts]


def _blocks(columns: Sequence[Column], room: int) -> Iterator[list[Column]]:
    block: list[Column] = []
    used = 0
    for i, column in enumerate(columns):
        need = column.width + _gap(columns[i - 1] if block else None, column)
        if column.group and (not block or block[-1].group != column.group):
            fits = used + _group_width(columns[i:], column.group) <= room
        else:
            fits = used + need <= room
        if block and not fits:
            yield block
            block, used = [], 0
            need = column.width + GAP
        block.append(column)
        used += need
    if block:
        yield block


def _group_width(columns: Sequence[Column], group: str) -> int:
    """The width that the columns of a group need, as they stay together if possible."""
    total = 2 * GAP
    for column in columns:
        if column.group != group:
            break
        total += column.width + GAP
    return total - GAP


def _gap(before: Column | None, column: Column) -> int:
    return 2 * GAP if before is not None and before.group != column.group else GAP


def _row(label: str, first: int, cells: Sequence[str], block: Sequence[Column]) -> str:
    text = f"{INDENT}{_padded(label, first)}"
    before: Column | None = None
    for cell, column in zip(cells, block, strict=True):
        text += " " * (_gap(before, column) + column.width - cell_len(cell)) + cell
        before = column
    return text


def _groups(first: int, block: Sequence[Column]) -> str:
    """Titles of groups; each ends where its last column ends."""
    text = " " * (len(INDENT) + first)
    position = len(text)
    before: Column | None = None
    for i, column in enumerate(block):
        position += _gap(before, column) + column.width
        before = column
        if i + 1 == len(block) or block[i + 1].group != column.group:
            text += f"{column.group:>{position - cell_len(text)}}"
    return text


def _padded(label: str, width: int) -> str:
    return label + " " * (width - cell_len(label))
