"""Read a file, or standard input, as a numeric table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bactrian.errors import DataError
from bactrian.phrases import ParameterValue, Phrase
from bactrian.remedies import Advice
from bactrian.tables.choice import Choice
from bactrian.tables.columnar import read_arrow, read_arrow_cells, read_npy, typed_columns
from bactrian.tables.content import Content, Format, Source, locate, recognise
from bactrian.tables.delimited import (
    read_delimited,
    read_text_cells,
    worded_columns,
)
from bactrian.tables.header import Header
from bactrian.tables.markers import Markers
from bactrian.tables.offences import Offence
from bactrian.tables.one_line import Line
from bactrian.tables.table import Table
from bactrian.tables.text import TextOptions

TextColumns = tuple[tuple[str, ...], dict[int, Offence]]
"""Names of all columns of a file, and what is no number in some, by their positions."""

FORMAT_NAMES: dict[str, Format] = {
    "csv": "csv",
    "tsv": "csv",
    "parquet": "parquet",
    "arrow": "arrow",
    "feather": "arrow",
    "npy": "npy",
}


def read_table(
    path: Source,
    *,
    columns: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    last: str | None = None,
    header: Header = "auto",
    delimiter: str = "auto",
    decimal: str = "auto",
    thousands: str = "auto",
    dtype: npt.DTypeLike = np.float64,
    missing_values: Sequence[str | float] = (),
    skip_lines: int = 0,
    format: str = "auto",
    line: Line = "column",
) -> Table:
    """Read a table of numbers: delimited text, Parquet, Arrow (Feather) or ``.npy``.

    The first bytes tell the format, whatever the file is called; any of them may be
    packed with gzip. What cannot be read as numbers is an error, never left out.

    Parameters
    ----------
    path : str, path-like or binary stream
        ``"-"`` for standard input.
    columns : sequence of str, optional
        Names, or positions counted from 1. Only these are read and checked. By default all,
        but not a first column without a name that counts the rows.
    exclude : sequence of str
        Names or positions of columns to leave out of all.
    last : str, optional
        Name or position of a column that is read in any case, and put behind the others.
    header : bool or "auto"
        Whether the first row of a text holds the names. "auto" takes it for names if
        it has words above numbers; a row of numbers is data. Without names the
        columns are ``x1``, ``x2``, ...
    delimiter : str
        One character, "tab", "space" (any run of spaces and tabs) or "auto".
    decimal : {".", ",", "auto"}
        The decimal mark of a text.
    thousands : {"auto", "none", ",", ".", "space", "apostrophe"}
        The mark between thousands in a text. "auto" reads it in a column in which a cell leaves no
        doubt of it, as 1,063.35, 1.234.567 and 1 063 do; 1,063 alone may be another number.
    dtype : float64 or float32
    missing_values : sequence of str or float
        Words and numbers that mean a missing value, besides those below. A number is meant in
        every way of writing it: -200 also as -200.0.
    skip_lines : int
        How many lines to leave out at the beginning of a text, such as a title.
    format : {"auto", "csv", "tsv", "parquet", "arrow", "feather", "npy"}
    line : {"column", "row"}
        What a file of one line of numbers is: the values of one column, as a mixture can be
        fitted to, or a row of many columns.

    Returns
    -------
    Table
        Missing values (an empty cell, NA, N/A, #N/A, <NA>, NaN, null, None, ?, - or .) are NaN.

    Raises
    ------
    DataError
        If there is no such file, if it is damaged, or if it holds no numeric table.
    """
    if format not in ("auto", *FORMAT_NAMES):
        raise DataError(
            "there is no such format",
            got=repr(format),
            wanted=f"'auto' or one of {', '.join(map(repr, FORMAT_NAMES))}",
            code="bad_choice",
        )
    kind = np.dtype(dtype)
    if kind not in (np.float64, np.float32):
        wanted = "float64 or float32"
        raise DataError("there is no such dtype", got=str(kind), wanted=wanted, code="bad_choice")
    choice = Choice(columns, exclude, last)
    content = locate(path)
    form = recognise(content, FORMAT_NAMES.get(format, "auto"))
    markers = Markers.of(missing_values)
    if form == "npy":
        return read_npy(content, choice, kind, line, markers)
    if form != "csv":
        return read_arrow(content, form, choice, kind, markers)
    _check_extension(content, format)
    likely = likely_delimiter(content, format)
    options = TextOptions(header, delimiter, decimal, thousands, likely, line, markers, skip_lines)
    return read_delimited(content, choice, options, kind)


def read_cells(
    path: Source,
    *,
    header: Header = "auto",
    delimiter: str = "auto",
    decimal: str = "auto",
    thousands: str = "auto",
    missing_values: Sequence[str | float] = (),
    skip_lines: int = 0,
    format: str = "auto",
    line: Line = "row",
) -> tuple[tuple[str, ...], list[list[Any]]]:
    """All columns of a file unchanged, of any type.

    Parameters
    ----------
    path, header, delimiter, decimal, thousands, missing_values, skip_lines, format, line
        As in :func:`read_table`, which has read the file already.

    Returns
    -------
    names : tuple of str
    columns : list of list
        Of a text, its cells; None where a value is missing.

    Raises
    ------
    DataError
    """
    content = locate(path)
    form = recognise(content, FORMAT_NAMES.get(format, "auto"))
    if form == "npy":
        table = read_npy(content, Choice(), np.float64, line, Markers.of(missing_values))
        columns = table.values.T.tolist()
        return table.names, [[None if x != x else x for x in column] for column in columns]
    if form != "csv":
        return read_arrow_cells(content, form)
    markers, likely = Markers.of(missing_values), likely_delimiter(content, format)
    options = TextOptions(header, delimiter, decimal, thousands, likely, line, markers, skip_lines)
    return read_text_cells(content, options)


def text_columns(
    path: Source,
    *,
    header: Header = "auto",
    delimiter: str = "auto",
    decimal: str = "auto",
    thousands: str = "auto",
    missing_values: Sequence[str | float] = (),
    skip_lines: int = 0,
    format: str = "auto",
) -> TextColumns:
    """Which columns of a file do not hold numbers, judged by its beginning and its types.

    Parameters
    ----------
    path, header, delimiter, decimal, thousands, missing_values, skip_lines, format
        As in :func:`read_table`, which can then leave them out.

    Returns
    -------
    names : tuple of str
        Of all columns.
    offences : dict of int to Offence
        By column, counted from 0: the first cell that is no number, where most are none.

    Raises
    ------
    DataError
    """
    content = locate(path)
    form = recognise(content, FORMAT_NAMES.get(format, "auto"))
    if form == "npy":
        return (), {}
    if form != "csv":
        return typed_columns(content, form)
    markers, likely = Markers.of(missing_values), likely_delimiter(content, format)
    options = TextOptions(
        header, delimiter, decimal, thousands, likely, "column", markers, skip_lines
    )
    return worded_columns(content, options)


def likely_delimiter(content: Content, format: str) -> str:
    """The delimiter to prefer in doubt."""
    return "\t" if format == "tsv" or _extension(content) in (".tsv", ".tab") else ","


def _extension(content: Content) -> str:
    if content.path is None:
        return ""
    path = content.path.with_suffix("") if content.path.suffix == ".gz" else content.path
    return path.suffix.lower()


def _check_extension(content: Content, format: Literal["auto"] | str) -> None:
    """Refuse a file whose name promises a binary format that it does not have."""
    extension = _extension(content)
    promised = {".parquet": "parquet", ".feather": "arrow", ".arrow": "arrow", ".npy": "npy"}
    if format == "auto" and extension in promised:
        raise DataError(
            f"this is not in {promised[extension]} format",
            Advice(
                Phrase("If it is delimited text, say so: ", ParameterValue("format", "csv"), ".")
            ),
            where=content.label,
            got="text" if content.head(1 << 12).isascii() else "bytes that do not begin as one",
            wanted=promised[extension],
            code="other_format",
        )
