"""Find the layout of delimited text from its first lines: no randomness, no locale.

The delimiter is the one under which most rows have equally many cells and most
of these are numbers. The decimal mark is that of most cells that leave no doubt.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bactrian.errors import DataError
from bactrian.phrases import Parameter, Part, Phrase, Place
from bactrian.remedies import Act
from bactrian.tables.cells import is_missing, is_number
from bactrian.tables.comments import blanked, count_top, is_comment
from bactrian.tables.header import Header
from bactrian.tables.markers import ALWAYS, Markers
from bactrian.tables.marks import (
    COMMA,
    POINT,
    Marks,
    commonest_decimal,
    is_doubtful,
    is_grouped,
    read_thousands,
    settle,
    survey,
)
from bactrian.tables.rows import SPACES, UNDIVIDED, cells_between_spaces, split_rows
from bactrian.tables.top import read_top

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
_TOLD_BY_EXCEL = re.compile(r'"?sep=([^\s"]|\t)"?\s*')
_SPLIT_NUMBER = re.compile(r"[, ]0\d\d[.,]\d")


@dataclass(frozen=True)
class Layout:
    """How the text is split into cells.

    Parameters
    ----------
    encoding : {"utf-8-sig", "latin-1"}
    delimiter : str
        One character; a space stands for any run of spaces and tabs.
    decimal : {".", ","}
        As told, or as most of what was looked at has it.
    decimal_told : bool
    doubtful : frozenset of int
        Columns whose commas, read as decimal marks unless told otherwise, may part thousands.
    thousands : {"auto", "", ",", ".", " ", "'"}
        As told.
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
    notes : tuple of Part
        What is left out above the rows, and what is doubtful about the names.
    """

    encoding: str
    delimiter: str
    decimal: str
    decimal_told: bool
    doubtful: frozenset[int]
    thousands: str
    names: tuple[str, ...]
    nameless: frozenset[int]
    blank: int
    header: bool
    first_line: int
    quoted: bool
    longest: int
    notes: tuple[Part, ...]


def sniff(
    sample: bytes,
    where: str,
    *,
    complete: bool,
    header: Header = "auto",
    delimiter: str = "auto",
    decimal: str = "auto",
    thousands: str = "auto",
    likely: str = ",",
    markers: Markers = ALWAYS,
    skip_lines: int = 0,
) -> Layout:
    """Find the layout from the first bytes of a file.

    Parameters
    ----------
    sample : bytes
        Not UTF-16.
    where : str
        The file, for messages.
    complete : bool
        Whether the sample is the whole file.
    header : bool or "auto"
    delimiter, decimal, thousands : str
        As told, or "auto".
    likely : str, default=","
        The delimiter to prefer where two explain the file equally well.
    markers : Markers, optional
        What means a missing value.
    skip_lines : int, default=0
        How many lines to leave out first.

    Returns
    -------
    Layout

    Raises
    ------
    DataError
        If there is no row at all, or an option has no meaning.
    """
    delimiter, decimal = _read_options(delimiter, decimal)
    thousands, decimal = read_thousands(thousands, decimal)
    decimal_told = decimal != "auto"
    encoding, text = _decode(sample)
    lines = list(io.StringIO(text, newline=""))
    if not complete and len(lines) > 1:
        del lines[-1]  # cut in the middle
    top = skip_lines + count_top(lines[skip_lines:])
    told = _TOLD_BY_EXCEL.fullmatch(lines[top]) if top < len(lines) else None
    if told is not None:
        top += 1
        delimiter = told[1] if delimiter == "auto" else delimiter
    comments = [line for line in lines[skip_lines:top] if is_comment(line)]
    lines = list(blanked(lines[top:]))
    if delimiter == "auto":
        delimiter = _find_delimiter(lines[:_SCORED_ROWS], likely, decimal, thousands)
    try:
        rows = [(top + line, row) for line, row in markers.emptied(split_rows(lines, delimiter))]
    except csv.Error as error:
        raise unreadable_row(where, top + 1, error) from error
    if not rows:
        raise DataError(
            "there are no rows", where=where, got="blank and comment lines only", code="no_rows"
        )
    cells = [row for _, row in rows]
    above = read_top(rows, comments, header, delimiter)
    if decimal == "auto":
        decimal = _find_decimal(cells, delimiter)
    body = rows[above.count :]
    begin = body[0][0] - 1 if body else top + len(lines)
    return Layout(
        encoding=encoding,
        delimiter=delimiter,
        decimal=decimal,
        decimal_told=decimal_told,
        doubtful=_doubtful(cells) if decimal == "," and not decimal_told else frozenset(),
        thousands=thousands,
        names=above.names,
        nameless=above.nameless,
        blank=_count_blank(body, len(above.names), above.nameless),
        header=above.header,
        first_line=begin,
        notes=above.notes,
        quoted='"' in text,
        longest=max(map(len, lines)),
    )


def unreadable_row(where: str, line: int, error: Exception) -> DataError:
    """Make the error that says that the text cannot be split into cells.

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
        Act("look for a quote that is opened and not closed"),
        Act(Phrase("give ", Parameter("delimiter"))),
        where=Place(where, line=line),
        got=str(error),
        code="ragged",
    )


def _read_options(delimiter: str, decimal: str) -> tuple[str, str]:
    delimiter = _SPELLINGS.get(delimiter, delimiter)
    if delimiter != "auto" and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise DataError(
            "the delimiter is unknown",
            got=repr(delimiter),
            wanted=f"one character, 'auto', or one of {', '.join(map(repr, _SPELLINGS))}",
            code="bad_choice",
        )
    if decimal not in ("auto", ".", ","):
        said, wanted = "the decimal mark is unknown", "'.', ',' or 'auto'"
        raise DataError(said, got=repr(decimal), wanted=wanted, code="bad_choice")
    return delimiter, decimal


def _decode(sample: bytes) -> tuple[str, str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        return "utf-8-sig", decoder.decode(sample)  # an unfinished last character is left out
    except UnicodeDecodeError:
        return "latin-1", sample.decode("latin-1")


def _find_delimiter(lines: Sequence[str], likely: str, decimal: str, thousands: str) -> str:
    """Find the delimiter that gives equal rows of numbers; one column needs none."""
    told = Marks("." if decimal == "auto" else decimal, "" if thousands == "auto" else thousands)
    if thousands == "auto" and _is_one_column(lines, decimal):
        return UNDIVIDED
    # Of equals the first is taken: a comma that is told to be a mark in numbers comes last.
    inside = (decimal, thousands)
    candidates = sorted(_DELIMITERS, key=lambda mark: (mark in inside, mark != likely))
    scores = {mark: _score(lines, mark, told) for mark in candidates}
    viable = {mark: score for mark, score in scores.items() if score[2] > 1}
    # A mark in the data that the first line lacks is a decimal comma, or part of a text.
    first = lines[0] if lines else ""
    if "," in inside or " " in inside or not any(_contains(first, mark) for mark in viable):
        viable = {UNDIVIDED: _score(lines, UNDIVIDED, told), **viable}
    return max(viable, key=lambda mark: viable[mark][:2])


def _is_one_column(lines: Sequence[str], decimal: str) -> bool:
    """Whether each line is a number with marks between thousands, not delimiters.

    They cannot be delimiters if lines have more or fewer of them; 063.35 is no number of a row.
    """
    whole = [line.strip() for line in lines if line.strip()]
    for body in (whole, whole[1:]):
        (marks,) = settle([survey(body)], decimal, "auto", ".")
        sign = marks.thousands
        if sign not in (",", " ") or not all(is_number(line, marks) for line in body):
            continue
        if len({line.count(sign) for line in body}) > 1 or any(map(_SPLIT_NUMBER.search, body)):
            return True
    return False


def _contains(line: str, mark: str) -> bool:
    return len(cells_between_spaces(line)) > 1 if mark == SPACES else mark in line


def _score(lines: Sequence[str], delimiter: str, told: Marks) -> tuple[float, float, int]:
    """Return numbers times agreement, agreement, and the most common number of cells.

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
    sure = [_is_grouped_in(cell, delimiter, told) for cell in known]
    point = sum(is_number(cell, POINT) or so for cell, so in zip(known, sure, strict=True))
    comma = sum(
        (is_number(cell, COMMA) and not cell.rstrip().endswith(",")) or so
        for cell, so in zip(known, sure, strict=True)
    )
    return max(point, comma) / len(known) * agreement, agreement, divided


def _is_grouped_in(cell: str, delimiter: str, told: Marks) -> bool:
    """Whether a cell between such delimiters is a number with marks between thousands."""
    if told.thousands:
        return is_number(cell, told)
    # A space in a line that nothing else divides may divide it, as behind the row names of R.
    return is_grouped(cell) and not (delimiter == UNDIVIDED and " " in cell.strip())


def _find_decimal(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """Find the decimal mark; between commas, guess a comma only beside marks of thousands."""
    cells = [cell for row in rows for cell in row]
    found = survey(cells)
    if delimiter == "," and not any(marks.thousands for marks in found):
        return "."
    doubtful = [cell for cell in cells if is_doubtful(cell)]
    commas = sum("," in cell for cell in doubtful)
    # Who parts cells by semicolons needs the comma; otherwise 1,234 may be 1234: the reader asks.
    usual = "," if delimiter == ";" and 2 * commas > len(doubtful) else "."
    return commonest_decimal([found], usual)


def _doubtful(rows: Sequence[Sequence[str]]) -> frozenset[int]:
    """Columns in which all commas are as in 1,063."""
    columns = [[row[j] for row in rows if j < len(row)] for j in range(len(rows[0]))]
    return frozenset(
        j
        for j, cells in enumerate(columns)
        if any("," in cell and is_doubtful(cell) for cell in cells) and not survey(cells)
    )


def _count_blank(
    body: Sequence[tuple[int, Sequence[str]]], width: int, bare: frozenset[int]
) -> int:
    """Count the columns at the end without name and values."""
    count = 0
    while count < width - 1 and (last := width - 1 - count) in bare:
        if any(row[last].strip() for _, row in body if last < len(row)):
            break
        count += 1
    return count
