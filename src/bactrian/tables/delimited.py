"""Read delimited text (CSV and similar formats) as a numeric table.

Arrow reads what is well formed, at the speed of the disk. What it refuses is read
again, patiently, one row at a time: either the rows turn out to be good, or the
error can name the line and the cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.errors import DataError
from bactrian.phrases import ParameterValue, Phrase
from bactrian.remedies import Advice
from bactrian.tables.arrow_text import read_grouped, read_plain
from bactrian.tables.cells import is_missing, like_a_number
from bactrian.tables.choice import Choice
from bactrian.tables.content import Content
from bactrian.tables.doubtful import with_doubts
from bactrian.tables.marks import Marks
from bactrian.tables.notes import commas, no_header, thousands, total
from bactrian.tables.offences import Offence
from bactrian.tables.patient import find_marks, read_patiently
from bactrian.tables.row_numbers import without_row_numbers
from bactrian.tables.sniff import Layout
from bactrian.tables.table import Table
from bactrian.tables.text import Text, TextOptions

_FIRST_ROWS = 1000  # that tell of what kind a column is

_FIRST_IS_DATA = Advice(
    Phrase("If the first row is data, say so: ", ParameterValue("header", value=False), ".")
)


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
    text = Text.of(content, options)
    layout = text.layout
    indices = choice.indices(layout.names, content.label)
    values, marks = _numbers_of(text, indices, dtype)
    if not len(values):
        raise DataError(
            "there are no rows",
            *([_FIRST_IS_DATA] if layout.header else []),
            where=content.label,
            got="a header only" if layout.header else "nothing",
            code="no_rows",
        )
    names = tuple(layout.names[index] for index in indices)
    notes = list(text.notes)
    if not text.is_column and not layout.header and options.header == "auto":
        notes.append(no_header(layout.names))
    if options.thousands == "auto":
        notes += thousands(names, marks)
        notes += commas([layout.names[index] for index in indices if index in layout.doubtful])
    notes += total(values)
    table = Table(values, names, tuple(notes))
    if choice.columns is None:
        table = _without_blank(table, choice.last_but(indices), layout)
    if layout.header and choice.takes_first(indices):
        table = without_row_numbers(table, "" if 0 in layout.nameless else layout.names[0])
    return with_doubts(table, choice)


def read_text_cells(
    content: Content, options: TextOptions
) -> tuple[tuple[str, ...], list[list[str | None]]]:
    """Names and columns of delimited text, unchanged; None where a value is missing.

    Raises
    ------
    DataError
        If rows differ in length.
    """
    text = Text.of(content, options)
    columns: list[list[str | None]] = [[] for _ in text.layout.names]
    for _, cells in text.rows():
        for column, cell in zip(columns, cells, strict=True):
            column.append(None if is_missing(cell) else cell.strip())
    return text.layout.names, columns


def worded_columns(
    content: Content, options: TextOptions
) -> tuple[tuple[str, ...], dict[int, Offence]]:
    """Names of all columns, and a text cell of each whose first cells are mostly text.

    Raises
    ------
    DataError
        If rows differ in length.
    """
    text = Text.of(content, options)
    names = text.layout.names
    known, strange = [0] * len(names), [0] * len(names)
    offences: dict[int, Offence] = {}
    for line, cells in islice(text.rows(), _FIRST_ROWS):
        for j, cell in enumerate(cells):
            known[j] += not is_missing(cell)
            if not like_a_number(cell):
                strange[j] += 1
                offences.setdefault(j, Offence(cell, f"line {line}"))
    mostly = {j: offence for j, offence in offences.items() if 2 * strange[j] > known[j]}
    return names, mostly


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


def _numbers_of(
    text: Text, indices: Sequence[int], dtype: npt.DTypeLike
) -> tuple[npt.NDArray[np.floating[Any]], list[Marks]]:
    """The columns, and how the numbers of each are written."""
    values = read_plain(text, indices, dtype)
    marks: list[Marks] | None = [Marks(text.layout.decimal)] * len(indices)
    if values is None and text.layout.thousands:
        marks, values = read_grouped(text, indices, dtype)
    if marks is None:
        marks = find_marks(text, indices)
    if values is None:
        values = read_patiently(text, indices, marks, dtype)
    return text.markers.cleared(values), marks
