"""Split lines of delimited text into rows of cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

SPACES = " "  # as a delimiter: any run of spaces and tabs
UNDIVIDED = "\x1f"  # the delimiter of a file of one column, as it stands in none

_LINE_ENDS = frozenset(("", "\n", "\r", "\r\n"))
_BETWEEN_SPACES = re.compile(r"[^ \t\r\n]+")
_SPACED_CELL = re.compile(r'"((?:[^"]|"")*)"|[^ \t\r\n]+')


def split_rows(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Split lines into cells. Blank lines are skipped.

    Parameters
    ----------
    lines : iterable of str
        With their line ends.
    delimiter : str
        One character; a space stands for any run of spaces and tabs.

    Yields
    ------
    line : int
        Where the row begins, counted from 1.
    cells : list of str

    Raises
    ------
    csv.Error
        If a cell is longer than 128 KiB, as behind a quote that never ends.
    """
    if delimiter == SPACES:
        yield from _split_spaces(lines)
        return
    unblank = ("" if line.strip(" ") in _LINE_ENDS else line for line in lines)
    reader = csv.reader(unblank, delimiter=delimiter, skipinitialspace=True)
    begin = 1
    for cells in reader:
        if cells:
            yield begin, cells
        begin = reader.line_num + 1


def cells_between_spaces(line: str) -> list[str]:
    """Cells of a line without quotes; a no-break space belongs to a cell."""
    return line.split() if line.isascii() else _BETWEEN_SPACES.findall(line)


def _split_spaces(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, 1):
        if '"' in line:
            cells = [
                match[0] if match[1] is None else match[1].replace('""', '"')
                for match in _SPACED_CELL.finditer(line)
            ]
        else:
            cells = cells_between_spaces(line)
        if cells:
            yield number, cells
