"""Read delimited text (CSV and similar formats) as a numeric table.

Arrow reads what is well formed, at the speed of the disk. What it refuses is read
again, patiently, one row at a time: either the rows turn out to be good, or the
error can name the line and the cell.
"""

from __future__ import annotations

import csv
import io
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from bactrian.errors import DataError
from bactrian.phrases import Parameter, ParameterValue, Part, Phrase, Place, counted
from bactrian.remedies import Act, Advice, Remedy, Say
from bactrian.tables.advice import advice_on
from bactrian.tables.arrow_text import read_grouped, read_plain
from bactrian.tables.cells import is_missing, like_a_number, parse_cell
from bactrian.tables.choice import Choice
from bactrian.tables.content import Content, reading
from bactrian.tables.marks import Marks, Survey, settle, told_by
from bactrian.tables.notes import commas, no_header, thousands, total
from bactrian.tables.offences import Offence, refuse_columns
from bactrian.tables.one_line import Line, as_lines, read_as_column
from bactrian.tables.row_numbers import without_row_numbers
from bactrian.tables.rows import UNDIVIDED, split_rows
from bactrian.tables.sniff import Header, Layout, sniff, unreadable_row
from bactrian.tables.table import Table

_SAMPLE_BYTES = 1 << 16
_SAMPLE_LIMIT = 1 << 26
_SAMPLE_LINES = 3
_FIRST_ROWS = 1000  # that tell of what kind a column is

_FIRST_IS_DATA = Advice(
    Phrase("If the first row is data, say so: ", ParameterValue("header", value=False), ".")
)
_LACKS_A_NAME = Advice(
    "The header lacks one name (row names? R: write.table(..., col.names = NA))."
)
_A_TITLE = Advice(
    "If the lines above are a title, remove them from the file, or put # before them."
)
_A_CELL_AMONG_NUMBERS = Advice(
    "If the column holds numbers: correct the cell, or remove its line from the file if it is not "
    "a row of data, such as a total."
)
_MEND = (
    Act("correct the line"),
    Act("remove it if it is not a row of data, such as a total"),
    Act(Phrase("say how to read the file with ", Parameter("delimiter"))),
)


@dataclass(frozen=True)
class TextOptions:
    """How the text is laid out, as far as the user says.

    Parameters
    ----------
    header : bool or "auto"
    delimiter, decimal, thousands : str
    likely : str
        The delimiter to prefer in doubt.
    line : {"column", "row"}
        What a single line of numbers is.
    """

    header: Header = "auto"
    delimiter: str = "auto"
    decimal: str = "auto"
    thousands: str = "auto"
    likely: str = ","
    line: Line = "row"


def read_delimited(
    content: Content,
    choice: Choice,
    options: TextOptions,
    dtype: npt.DTypeLike,
) -> Table:
    """Read delimited text.

    Parameters
    ----------
    content : Content
    choice : Choice
    options : TextOptions
    dtype : float64 or float32

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If rows differ in length, or a chosen column is not numeric.
    """
    content, layout, said = _laid_out(content, options)
    indices = choice.indices(layout.names, content.label)
    values, marks = _numbers_of(content, layout, indices, dtype)
    if not len(values):
        raise DataError(
            "there are no rows",
            *([_FIRST_IS_DATA] if layout.header else []),
            where=content.label,
            got="a header only" if layout.header else "nothing",
            code="no_rows",
        )
    names = tuple(layout.names[index] for index in indices)
    notes = said
    if not said and not layout.header and options.header == "auto":
        notes.append(no_header(layout.names))
    if options.thousands == "auto":
        notes += thousands(names, marks)
        notes += commas([layout.names[index] for index in indices if index in layout.doubtful])
    notes += total(values)
    table = Table(values, names, tuple(notes))
    if choice.columns is None:
        table = _without_blank(table, choice.last_but(indices), layout)
    if layout.header and choice.takes_first(indices):
        return without_row_numbers(table, "" if 0 in layout.nameless else layout.names[0])
    return table


def read_text_cells(
    content: Content, options: TextOptions
) -> tuple[tuple[str, ...], list[list[str | None]]]:
    """Names and columns of delimited text, unchanged; None where a value is missing.

    Raises
    ------
    DataError
        If rows differ in length.
    """
    content, layout, _ = _laid_out(content, options)
    columns: list[list[str | None]] = [[] for _ in layout.names]
    for line, cells in _rows_of(content, layout):
        if len(cells) != len(columns):
            raise _ragged(content.label, line, len(cells), layout)
        for column, cell in zip(columns, cells, strict=True):
            column.append(None if is_missing(cell) else cell.strip())
    return tuple(layout.names), columns


def worded_columns(
    content: Content, options: TextOptions
) -> tuple[tuple[str, ...], dict[int, Offence]]:
    """Names of all columns, and a text cell of each whose first cells are mostly text.

    Raises
    ------
    DataError
        If rows differ in length.
    """
    content, layout, _ = _laid_out(content, options)
    names = layout.names
    known, strange = [0] * len(names), [0] * len(names)
    offences: dict[int, Offence] = {}
    for line, cells in islice(_rows_of(content, layout), _FIRST_ROWS):
        if len(cells) != len(names):
            raise _ragged(content.label, line, len(cells), layout)
        for j, cell in enumerate(cells):
            known[j] += not is_missing(cell)
            if not like_a_number(cell):
                strange[j] += 1
                offences.setdefault(j, Offence(cell, f"line {line}"))
    mostly = {j: offence for j, offence in offences.items() if 2 * strange[j] > known[j]}
    return tuple(names), mostly


def _laid_out(content: Content, options: TextOptions) -> tuple[Content, Layout, list[Part]]:
    """The text as UTF-8, its layout, and notes; a single line of numbers becomes a column."""
    content = _as_utf8(content)
    layout, complete = _layout_of(content, options)
    if options.line == "row" or layout.header or not complete:
        return content, layout, []
    first, *more = (cells for _, cells in islice(_rows_of(content, layout), 2))
    lines = None if more else as_lines(first)
    if lines is None:
        return content, layout, []
    column = Content(content.label, None, lines)
    decimal = "," if layout.decimal == "," else options.decimal
    told = replace(options, header=False, delimiter=UNDIVIDED, decimal=decimal)
    return column, _layout_of(column, told)[0], [read_as_column(lines.count(b"\n") + 1)]


def _layout_of(content: Content, options: TextOptions) -> tuple[Layout, bool]:
    """The layout, and whether the whole text was looked at."""
    sample, complete = _read_sample(content)
    layout = sniff(
        sample,
        content.label,
        complete=complete,
        header=options.header,
        delimiter=options.delimiter,
        decimal=options.decimal,
        thousands=options.thousands,
        likely=options.likely,
    )
    return layout, complete


def _without_blank(table: Table, indices: Sequence[int], layout: Layout) -> Table:
    """Leave out empty columns that delimiters at the ends of lines make."""
    blank = range(len(layout.names) - layout.blank, len(layout.names))
    empty = [
        target
        for target, index in enumerate(indices)
        if index in blank and np.isnan(table.values[:, target]).all()
    ]
    if not empty or len(empty) == len(table.names):
        return table
    names = tuple(name for j, name in enumerate(table.names) if j not in empty)
    values = np.ascontiguousarray(np.delete(table.values, empty, axis=1))
    return Table(values, names, table.notes)


def _as_utf8(content: Content) -> Content:
    if content.head(2) not in (b"\xff\xfe", b"\xfe\xff"):
        return content
    try:
        text = content.whole().decode("utf-16")
    except UnicodeDecodeError as error:
        said = "the text is not UTF-16, although its byte-order mark says so"
        where, code = content.label, "damaged_file"
        raise DataError(said, where=where, got=str(error), code=code) from error
    return Content(content.label, None, text.encode())


def _read_sample(content: Content) -> tuple[bytes, bool]:
    """Read at least 64 KiB and three lines; say whether that is everything."""
    with reading(content.label), content.open() as stream:
        sample = stream.read(_SAMPLE_BYTES)
        size = _SAMPLE_BYTES
        while _count_ends(sample) < _SAMPLE_LINES and len(sample) == size < _SAMPLE_LIMIT:
            sample += stream.read(size)
            size *= 2
        return sample, not stream.read(1)


def _count_ends(sample: bytes) -> int:
    return max(sample.count(b"\n"), sample.count(b"\r"))


def _numbers_of(
    content: Content, layout: Layout, indices: Sequence[int], dtype: npt.DTypeLike
) -> tuple[npt.NDArray[np.floating[Any]], list[Marks]]:
    """The columns, and how the numbers of each are written."""
    values = read_plain(content, layout, indices, dtype)
    marks: list[Marks] | None = [Marks(layout.decimal)] * len(indices)
    if values is None and layout.thousands:
        marks, values = read_grouped(content, layout, indices, dtype)
    if marks is None:
        marks = _marks_of(content, layout, indices)
    if values is None:
        values = _read_patiently(content, layout, indices, marks, dtype)
    return values, marks


def _marks_of(content: Content, layout: Layout, indices: Sequence[int]) -> list[Marks]:
    """How the numbers of each column are written, found row by row in plain Python."""
    found: list[Survey] = [Counter() for _ in indices]
    for line, cells in _rows_of(content, layout):
        if len(cells) != len(layout.names):
            raise _ragged(content.label, line, len(cells), layout)
        for own, index in zip(found, indices, strict=True):
            told = told_by(cells[index])
            if told is not None:
                own[told] += 1
    decimal = layout.decimal if layout.decimal_told else "auto"
    return settle(found, decimal, layout.thousands, layout.decimal)


def _read_patiently(
    content: Content,
    layout: Layout,
    indices: Sequence[int],
    marks: Sequence[Marks],
    dtype: npt.DTypeLike,
) -> npt.NDArray[np.floating[Any]]:
    """Read row by row in plain Python, and say which cell of which line is wrong."""
    written = dict(zip(indices, marks, strict=True))
    columns = {index: array("d") for index in indices}
    offences: dict[int, Offence] = {}
    among = False
    for line, cells in _rows_of(content, layout):
        if len(cells) != len(layout.names):
            raise _ragged(content.label, line, len(cells), layout)
        for index, numbers in columns.items():
            try:
                numbers.append(parse_cell(cells[index], written[index]))
            except ValueError:
                offences.setdefault(index, Offence(cells[index], f"line {line}"))
                known = np.count_nonzero(~np.isnan(numbers))
                among = among or bool(2 * known > len(numbers) > 2)
        if offences:
            columns = {index: columns[index] for index in columns if index not in offences}
    if offences:
        advice = advice_on(offence.value for offence in offences.values())
        if not advice and among:
            advice = [_A_CELL_AMONG_NUMBERS]
        if not advice and _has_row_of_words(content, layout, list(offences)):
            words = (
                f"Line {layout.first_line + 1} holds no numbers there, but the lines below do: if "
                "it holds units, remove it from the file."
            )
            advice = [Advice(words)]
        refuse_columns(layout.names, indices, offences, content.label, advice)
    return np.column_stack(
        [np.frombuffer(columns[index], dtype=np.float64) for index in indices]
    ).astype(dtype, copy=False)


def _has_row_of_words(content: Content, layout: Layout, indices: Sequence[int]) -> bool:
    """Whether only the first row of these columns holds words, as a row of units does."""
    first, *rest = [cells for _, cells in islice(_rows_of(content, layout), _FIRST_ROWS)]
    return bool(rest) and all(
        not like_a_number(first[j]) and all(like_a_number(row[j]) for row in rest) for j in indices
    )


def _rows_of(content: Content, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    last = layout.first_line
    with reading(content.label), content.open() as stream:
        binary = cast("io.BufferedReader", stream)
        text = io.TextIOWrapper(binary, layout.encoding, "backslashreplace", newline="")
        rows = split_rows(islice(text, layout.first_line, None), layout.delimiter)
        try:
            for number, cells in rows:
                last = layout.first_line + number
                yield last, cells
        except csv.Error as error:
            raise unreadable_row(content.label, last, error) from error


def _ragged(label: str, line: int, got: int, layout: Layout) -> DataError:
    wanted = len(layout.names)
    origin = "header" if layout.header else "first row"
    if layout.header and got == wanted + 1 and line == layout.first_line + 1:
        remedies: tuple[Remedy, ...] = (_LACKS_A_NAME,)
    elif layout.header and wanted == 1 and line <= layout.first_line + 2:
        remedies = (_A_TITLE,)
    else:
        comma = [Say("decimal", ",")] if layout.delimiter == "," else []
        remedies = (*_MEND, *comma)
    return DataError(
        "the rows differ in length",
        *remedies,
        where=Place(label, line=line),
        got=counted(got, "field"),
        wanted=f"{counted(wanted, 'field')} as in the {origin} (delimiter {layout.delimiter!r})",
        code="ragged",
    )
