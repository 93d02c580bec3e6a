"""A delimited text: its layout, and its rows of cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import cast

from bactrian.errors import DataError
from bactrian.phrases import Parameter, Part, Phrase, Place, counted, is_are
from bactrian.remedies import Act, Advice, Remedy, Say
from bactrian.tables.comments import without_comments
from bactrian.tables.content import Content, reading
from bactrian.tables.header import Header
from bactrian.tables.markers import ALWAYS, Markers
from bactrian.tables.one_line import Line, as_lines, read_as_column
from bactrian.tables.rows import UNDIVIDED, split_rows
from bactrian.tables.sniff import Layout, sniff, unreadable_row

_SAMPLE_BYTES = 1 << 16
_SAMPLE_LIMIT = 1 << 26
_SAMPLE_LINES = 3

_LACKS_A_NAME = Advice(
    "The header lacks one name (row names? R: write.table(..., col.names = NA))."
)
_A_TITLE = Advice(
    Phrase("If the lines above are a title, leave them out with ", Parameter("skip_lines"), ".")
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
    markers : Markers
        What means a missing value.
    skip_lines : int
        How many lines to leave out first.
    """

    header: Header = "auto"
    delimiter: str = "auto"
    decimal: str = "auto"
    thousands: str = "auto"
    likely: str = ","
    line: Line = "row"
    markers: Markers = ALWAYS
    skip_lines: int = 0


@dataclass(frozen=True, eq=False)
class Text:
    """A text, and how it is laid out.

    Parameters
    ----------
    content : Content
    layout : Layout
    markers : Markers
    notes : tuple of Part
        What is left out.
    is_column : bool
        Whether it was a single line of numbers.
    """

    content: Content
    layout: Layout
    markers: Markers
    notes: tuple[Part, ...]
    is_column: bool = False

    @classmethod
    def of(cls, content: Content, options: TextOptions) -> Text:
        """Find the layout; a single line of numbers becomes a column.

        Raises
        ------
        DataError
        """
        content = _as_utf8(content)
        layout, complete = _layout_of(content, options)
        content, comments = without_comments(content, layout.first_line)
        notes = layout.notes
        if comments:
            told = f"{counted(comments, 'line')} among the rows {is_are(comments)} left out: "
            notes = (*notes, f"{told}{'it begins' if comments == 1 else 'they begin'} with #")
        text = cls(content, layout, options.markers, notes)
        if options.line == "column" and complete and not layout.header:
            return text._as_column(options)
        return text

    def _as_column(self, options: TextOptions) -> Text:
        first, *more = (cells for _, cells in islice(self.rows(), 2))
        lines = None if more else as_lines(first)
        if lines is None:
            return self
        column = Content(self.content.label, None, lines)
        decimal = "," if self.layout.decimal == "," else options.decimal
        told = replace(options, header=False, delimiter=UNDIVIDED, decimal=decimal, skip_lines=0)
        note = read_as_column(lines.count(b"\n") + 1)
        layout = _layout_of(column, told)[0]
        return Text(column, layout, self.markers, (*self.notes, note), is_column=True)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Lines, counted from 1, and their cells; those that mean a missing value are empty.

        Raises
        ------
        DataError
            If rows differ in length.
        """
        content, layout = self.content, self.layout
        last = layout.first_line
        with reading(content.label), content.open() as stream:
            binary = cast("io.BufferedReader", stream)
            text = io.TextIOWrapper(binary, layout.encoding, "backslashreplace", newline="")
            rows = split_rows(islice(text, layout.first_line, None), layout.delimiter)
            try:
                for number, cells in self.markers.emptied(rows):
                    last = layout.first_line + number
                    if len(cells) != len(layout.names):
                        raise self._ragged(last, len(cells))
                    yield last, cells
            except csv.Error as error:
                raise unreadable_row(content.label, last, error) from error

    def _ragged(self, line: int, got: int) -> DataError:
        layout = self.layout
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
            where=Place(self.content.label, line=line),
            got=counted(got, "field"),
            wanted=f"{counted(wanted, 'field')} as in the {origin} "
            f"(delimiter {layout.delimiter!r})",
            code="ragged",
        )


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
        markers=options.markers,
        skip_lines=options.skip_lines,
    )
    return layout, complete


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
