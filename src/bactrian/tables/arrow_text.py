"""Read delimited text with Arrow, at the speed of the disk: completely, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.tables.arrow_source import arrow_file, arrow_source, single_spaced
from bactrian.tables.cells import MISSING
from bactrian.tables.content import reading
from bactrian.tables.marks import SIGNS, TELLING, Marks, Survey, settle
from bactrian.tables.rows import SPACES
from bactrian.tables.text import Text

_BLOCK_BYTES = 1 << 20
_PLAIN = r"^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"

Values = npt.NDArray[np.floating[Any]]


def read_plain(text: Text, indices: Sequence[int], dtype: npt.DTypeLike) -> Values | None:
    """Read numbers without marks between thousands.

    Returns
    -------
    (n_rows, n_columns) or None
        None if Arrow is not there or finds anything amiss.
    """
    table = _read(text, indices, "float64")
    return None if table is None else _filled(list(table.itercolumns()), dtype)


def read_grouped(
    text: Text, indices: Sequence[int], dtype: npt.DTypeLike
) -> tuple[list[Marks] | None, Values | None]:
    """Read numbers with marks between thousands, in as many passes as they need.

    Returns
    -------
    marks : list of Marks or None
        Of each column; None if Arrow is not there or cannot split the text into cells.
    values : (n_rows, n_columns) or None
        None if a cell is no number.
    """
    table = _read(text, indices, "large_string")
    if table is None:
        return None, None
    import pyarrow as pa

    missing, layout = [*MISSING, *text.markers.words], text.layout
    texts = [_bare(column.combine_chunks(), missing) for column in table.itercolumns()]
    told = layout.decimal if layout.decimal_told else "auto"
    marks = settle([_survey(cells) for cells in texts], told, layout.thousands, layout.decimal)
    try:
        columns = [_numbers(cells, own) for cells, own in zip(texts, marks, strict=True)]
    except pa.ArrowInvalid:
        return marks, None
    return marks, _filled(columns, dtype)


def _read(text: Text, indices: Sequence[int], kind: str) -> Any:
    """Read the chosen columns as an Arrow table, or return None."""
    content, layout = text.content, text.layout
    spaced = layout.delimiter == SPACES
    if spaced and layout.quoted:
        return None
    try:
        import pyarrow as pa
    except ImportError:
        return None
    try:
        if not spaced:
            return _parsed(arrow_source(content), text, indices, kind, layout.first_line)
        with reading(content.label), content.open() as stream:
            pieces = single_spaced(stream, layout.first_line)
            tables = [_parsed(piece, text, indices, kind) for piece in pieces]
        return pa.concat_tables(tables) if tables else None
    except pa.ArrowInvalid:
        return None


def _parsed(source: Any, text: Text, indices: Sequence[int], kind: str, skipped: int = 0) -> Any:
    """Parse text as an Arrow table.

    Raises
    ------
    pyarrow.ArrowInvalid
    """
    from pyarrow import csv as arrow_csv

    return arrow_csv.read_csv(source, *_options(text, indices, kind, skipped))


def stream_plain(text: Text, indices: Sequence[int]) -> Iterator[Values]:
    """Read numbers without marks between thousands, piece by piece; only a piece is in memory.

    Raises
    ------
    pyarrow.ArrowInvalid
        If Arrow finds anything amiss.
    """
    from pyarrow import csv as arrow_csv

    options = _options(text, indices, "float64", text.layout.first_line)
    for batch in arrow_csv.open_csv(arrow_file(text.content), *options):
        yield _filled(batch.columns, np.float64)


def _options(text: Text, indices: Sequence[int], kind: str, skipped: int) -> tuple[Any, Any, Any]:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    layout = text.layout
    chosen = [str(index) for index in indices]
    return (
        arrow_csv.ReadOptions(
            column_names=[str(index) for index in range(len(layout.names))],
            skip_rows=skipped,
            block_size=max(_BLOCK_BYTES, 8 * layout.longest),
        ),
        arrow_csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=layout.quoted),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(chosen, pa.type_for_alias(kind)),
            include_columns=chosen,
            null_values=[*MISSING, *text.markers.words],
            strings_can_be_null=True,
            decimal_point=layout.decimal,
        ),
    )


def _filled(columns: Sequence[Any], dtype: npt.DTypeLike) -> Values:
    values = np.empty((len(columns[0]), len(columns)), dtype)
    for target, column in enumerate(columns):
        begin = 0
        for chunk in getattr(column, "chunks", [column]):
            values[begin : begin + len(chunk), target] = chunk.to_numpy(zero_copy_only=False)
            begin += len(chunk)
    return values


def _bare(text: Any, markers: Sequence[str]) -> Any:
    """Cells without spaces around them, and with an ASCII minus sign; null if missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(text)
    if pc.any(pc.match_substring_regex(text, "^[\u2212\u2013]")).as_py():
        text = pc.replace_substring_regex(text, "^[\u2212\u2013]([0-9.,])", r"-\1")
    missing = pc.is_in(text, value_set=pa.array(markers, text.type))
    return pc.if_else(missing, pa.scalar(None, text.type), text)


def _survey(text: Any) -> Survey:
    """What :func:`~bactrian.tables.marks.survey` finds."""
    import pyarrow.compute as pc

    marked = text.filter(pc.match_substring_regex(text, SIGNS))
    found: Survey = Counter()
    for marks, like in TELLING.items():
        count = pc.sum(pc.match_substring_regex(marked, f"^(?:{like})$")).as_py()
        if count:
            found[marks] = count
    return found


def _numbers(text: Any, marks: Marks) -> Any:
    """Cells as numbers, rounded correctly.

    Raises
    ------
    pyarrow.ArrowInvalid
        If a cell is no number.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if marks.thousands:
        grouped = pc.match_substring_regex(text, f"^(?:{marks.grouped})$")
        text = pc.if_else(grouped, pc.replace_substring_regex(text, marks.between, ""), text)
    if marks.decimal == ",":
        text = pc.replace_substring_regex(text, r"^[^,]*\.", "x")  # a point is no mark then
        text = pc.replace_substring(text, ",", ".")
    text = pc.replace_substring_regex(text, r"^\+", "")
    if not pc.all(pc.match_substring_regex(text, _PLAIN)).as_py():
        raise pa.ArrowInvalid("a cell is no number")
    return text.cast(pa.float64())
