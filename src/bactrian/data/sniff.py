"""The layout of delimited text, told from its first lines: no randomness, no locale.

The delimiter is the one under which most rows have equally many cells and most
of these are numbers. The decimal comma is believed only where a comma cannot be
a delimiter and need not be a thousands separator.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from bactrian.data.cells import is_missing, is_number
from bactrian.data.errors import DataError
from bactrian.data.header import has_header, name_columns, nameless
from bactrian.data.rows import SPACES, UNDIVIDED, split_rows

Header = bool | Literal["auto"]

_DELIMITERS = (",", ";", "\t", "|", SPACES)
_SPELLINGS = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "\\t": "\t",
    "pipe": "|",
    "space": SPACES,
    "spaces": SPACES,
}
_SCORED_ROWS = 200
_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_POINT = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


@dataclass(frozen=True)
class Layout:
    """How the text is cut into cells.

    Parameters
    ----------
    encoding : {"utf-8-sig", "latin-1"}
    delimiter : str
        One character; a space stands for any run of spaces and tabs.
    decimal : {".", ","}
    names : tuple of str
        One for each column.
    nameless : frozenset of int
        Columns, counted from 0, that got their names here.
    blank : int
        How many columns at the end have no name and, as far as was looked, no values either: what
        delimiters at the ends of the lines make.
    header : bool
        Whether the names stand in the file.
    first_line : int
        How many lines come before the first row of data.
    quoted : bool
        Whether there are quotes.
    longest : int
        Characters in the longest line seen.
    """

    encoding: str
    delimiter: str
    decimal: str
    names: tuple[str, ...]
    nameless: frozenset[int]
    blank: int
    header: bool
    first_line: int
    quoted: bool
    longest: int


def sniff(
    sample: bytes,
    where: str,
    *,
    complete: bool,
    header: Header = "auto",
    delimiter: str = "auto",
    decimal: str = "auto",
    likely: str = ",",
) -> Layout:
    """Tell the layout from the first bytes of a file.

    Parameters
    ----------
    sample : bytes
        Not UTF-16.
    where : str
        The file, for messages.
    complete : bool
        Whether the sample is the whole file.
    header : bool or "auto"
    delimiter, decimal : str
        As told, or "auto".
    likely : str, default=","
        The delimiter to prefer where two explain the file equally well.

    Returns
    -------
    Layout

    Raises
    ------
    DataError
        If there is no row at all, or an option has no meaning.
    """
    delimiter, decimal = _read_options(delimiter, decimal)
    encoding, text = _decode(sample)
    lines = list(io.StringIO(text, newline=""))
    if not complete and len(lines) > 1:
        del lines[-1]  # cut in the middle
    top = _count_top(lines)
    lines = lines[top:]
    if delimiter == "auto":
        delimiter = _find_delimiter(lines[:_SCORED_ROWS], likely, decimal)
    try:
        rows = list(split_rows(lines, delimiter))
    except csv.Error as error:
        raise unreadable_row(where, top + 1, error) from error
    if not rows:
        raise DataError("there are no rows", where=where, got="blank and comment lines only")
    cells = [row for _, row in rows]
    if decimal == "auto":
        decimal = _find_decimal(cells, delimiter)
    if header == "auto":
        header = has_header(cells, decimal)
    begin = _line_after_first(lines, delimiter, rows) if header else rows[0][0] - 1
    bare = nameless(cells[0], header)
    return Layout(
        encoding=encoding,
        delimiter=delimiter,
        decimal=decimal,
        names=name_columns(cells[0], header),
        nameless=bare,
        blank=_count_blank(cells, bare),
        header=header,
        first_line=top + begin,
        quoted='"' in text,
        longest=max(map(len, lines)),
    )


def unreadable_row(where: str, line: int, error: Exception) -> DataError:
    """Say that the text cannot be split into cells.

    Parameters
    ----------
    where : str
    line : int
        The last one that could be.
    error : Exception

    Returns
    -------
    DataError
    """
    return DataError(
        "the text cannot be split into cells",
        where=f"{where}, from line {line}",
        got=str(error),
        remedy="Look for a quote that is opened and not closed, or name the delimiter.",
    )


def _read_options(delimiter: str, decimal: str) -> tuple[str, str]:
    delimiter = _SPELLINGS.get(delimiter, delimiter)
    if delimiter != "auto" and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise DataError(
            "the delimiter has no meaning",
            got=repr(delimiter),
            wanted=f"one character, 'auto', or one of {', '.join(map(repr, _SPELLINGS))}",
        )
    if decimal not in ("auto", ".", ","):
        raise DataError(
            "the decimal mark has no meaning", got=repr(decimal), wanted="'.', ',' or 'auto'"
        )
    return delimiter, decimal


def _decode(sample: bytes) -> tuple[str, str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        return "utf-8-sig", decoder.decode(sample)  # an unfinished last character is left out
    except UnicodeDecodeError:
        return "latin-1", sample.decode("latin-1")


def _count_top(lines: Sequence[str]) -> int:
    """Count the comments and blank lines above the table."""
    for number, line in enumerate(lines):
        if line.strip() and not line.lstrip().startswith("#"):
            return number
    return len(lines)


def _line_after_first(
    lines: Sequence[str], delimiter: str, rows: Sequence[tuple[int, list[str]]]
) -> int:
    """Count the lines up to the end of the first row, which may hold quoted line ends."""
    if delimiter == SPACES:
        return rows[0][0]
    reader = csv.reader(islice(lines, rows[0][0] - 1, None), delimiter=delimiter)
    next(reader)
    return rows[0][0] - 1 + reader.line_num


def _find_delimiter(lines: Sequence[str], likely: str, decimal: str) -> str:
    """Find the delimiter that gives equal rows of numbers; one column needs none."""
    # Of equals the first is taken: a comma that is told to be the decimal mark comes last.
    candidates = sorted(_DELIMITERS, key=lambda mark: (mark == decimal, mark != likely))
    scores = {mark: _score(lines, mark) for mark in candidates}
    viable = {mark: score for mark, score in scores.items() if score[2] > 1}
    # A mark in the data that the first line lacks is a decimal comma, or part of a text.
    first = lines[0] if lines else ""
    if decimal == "," or not any(_contains(first, mark) for mark in viable):
        viable = {UNDIVIDED: _score(lines, UNDIVIDED), **viable}
    return max(viable, key=lambda mark: viable[mark][:2])


def _contains(line: str, mark: str) -> bool:
    return len(line.split()) > 1 if mark == SPACES else mark in line


def _score(lines: Sequence[str], delimiter: str) -> tuple[float, float, int]:
    """Return numbers times agreement, agreement, and the usual count of cells.

    The first row may hold names, in which a space divides nothing but another mark does.
    """
    try:
        rows = [cells for _, cells in split_rows(lines, delimiter)]
    except csv.Error:
        rows = []
    if not rows:
        return 0.0, 0.0, 0
    body = rows[1:] or rows
    width = Counter(map(len, body)).most_common(1)[0][0]
    agreement = sum(len(row) == width for row in rows) / len(rows)
    known = [cell for row in body if len(row) == width for cell in row if not is_missing(cell)]
    divided = width if delimiter == SPACES else max(width, len(rows[0]))
    if not known:
        return 0.0, agreement, divided
    point = sum(is_number(cell, ".") for cell in known)
    comma = sum(is_number(cell, ",") and not cell.rstrip().endswith(",") for cell in known)
    return max(point, comma) / len(known) * agreement, agreement, divided


def _find_decimal(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """Find the decimal mark; a comma is never guessed between commas."""
    if delimiter == ",":
        return "."
    cells = [cell.strip() for row in rows for cell in row]
    commas = [cell for cell in cells if _COMMA.fullmatch(cell)]
    points = sum(_POINT.fullmatch(cell) is not None for cell in cells)
    if len(commas) <= points:
        return "."
    if delimiter != ";" and all(_THOUSANDS.fullmatch(cell) for cell in commas):
        return "."  # 1,234 may be 1234: the reader then asks
    return ","


def _count_blank(rows: Sequence[Sequence[str]], bare: frozenset[int]) -> int:
    """Count the columns at the end that have neither name nor values."""
    count, width = 0, len(rows[0])
    while count < width - 1 and (last := width - 1 - count) in bare:
        if any(row[last].strip() for row in rows if last < len(row)):
            break
        count += 1
    return count
