"""Read Parquet, Arrow (Feather) and ``.npy`` files as a numeric table."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from bactrian.errors import DataError
from bactrian.phrases import Part
from bactrian.tables.arrow_source import arrow_source
from bactrian.tables.choice import Choice
from bactrian.tables.content import Content, reading
from bactrian.tables.doubtful import with_doubts
from bactrian.tables.markers import ALWAYS, Markers
from bactrian.tables.offences import Offence, refuse_columns
from bactrian.tables.one_line import Line, read_as_column
from bactrian.tables.row_numbers import without_row_numbers
from bactrian.tables.table import Table

_INSTALL = 'pip install "bactrian[cli]"'
_BUFFER_BYTES = 1 << 20
_INDEX = re.compile(r"__index_level_\d+__")


class _ArrowFile(Protocol):
    """A file that knows its columns before they are read."""

    @property
    @abstractmethod
    def schema(self) -> Any:
        """The Arrow schema."""

    def read(self, indices: Sequence[int]) -> Any:
        """Read some columns, as an Arrow table."""

    def peek(self, index: int) -> Any:
        """Read the first piece of one column."""

    def batches(self, indices: Sequence[int], rows: int) -> Iterator[Any]:
        """Read some columns in batches of at most that many rows."""


class _ParquetFile:
    def __init__(self, source: Any, *, whole: bool) -> None:
        from pyarrow import parquet

        # Arrow keeps what it reads ahead until the file is closed.
        sparing = {} if whole else {"pre_buffer": False, "buffer_size": _BUFFER_BYTES}
        self._file = parquet.ParquetFile(source, **sparing)
        self.schema = self._file.schema_arrow

    def read(self, indices: Sequence[int]) -> Any:
        names = self.schema.names
        if len(set(names)) < len(names):  # they can be told apart only once they are read
            return self._file.read().select(list(indices))
        return self._file.read([names[index] for index in indices]).select(
            [names[index] for index in indices]
        )

    def peek(self, index: int) -> Any:
        if not self._file.num_row_groups:
            return self.schema.empty_table().column(index)
        return self._file.read_row_group(0).column(index)

    def batches(self, indices: Sequence[int], rows: int) -> Iterator[Any]:
        names = [self.schema.names[index] for index in indices]
        for batch in self._file.iter_batches(rows, columns=names):
            yield batch.select(names)


class _IpcFile:
    def __init__(self, source: Any, *, stream: bool) -> None:
        from pyarrow import ipc

        self._reader = ipc.open_stream(source) if stream else ipc.open_file(source)
        self._streamed = stream
        self.schema = self._reader.schema

    @cached_property
    def _table(self) -> Any:
        return self._reader.read_all()  # of a mapped file: no copy yet

    def read(self, indices: Sequence[int]) -> Any:
        return self._table.select(list(indices))

    def peek(self, index: int) -> Any:
        return self._table.column(index)

    def batches(self, indices: Sequence[int], rows: int) -> Iterator[Any]:
        reader = self._reader
        numbers = range(0 if self._streamed else reader.num_record_batches)
        whole = reader if self._streamed else (reader.get_batch(number) for number in numbers)
        for batch in whole:
            for begin in range(0, batch.num_rows, rows):
                yield batch.slice(begin, rows).select(list(indices))


def read_arrow(
    content: Content,
    form: Literal["parquet", "arrow"],
    choice: Choice,
    dtype: npt.DTypeLike,
    markers: Markers = ALWAYS,
) -> Table:
    """Read a Parquet or an Arrow file.

    Parameters
    ----------
    content : Content
    form : {"parquet", "arrow"}
    choice : Choice
        All means all except the index that pandas wrote with them.
    dtype : float64 or float32
    markers : Markers, optional
        Which of its numbers mean a missing value.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If the file is damaged or a chosen column is not numeric.
    """
    with translated(content.label, form):
        file = opened(content, form)
        names = [str(name) for name in file.schema.names]
        indices = _choose(names, choice, file.schema, content.label)
        _check_types(file, names, indices, content.label)
        table = file.read(indices)
        if not table.num_rows:
            raise DataError(
                "there are no rows", where=content.label, got="a schema only", code="no_rows"
            )
        values = np.empty((table.num_rows, len(indices)), dtype)
        for target in range(len(indices)):
            begin = 0
            for chunk in table.column(target).chunks:
                values[begin : begin + len(chunk), target] = numbers_of(chunk)
                begin += len(chunk)
    table = Table(markers.cleared(values), tuple(names[index] for index in indices))
    if choice.takes_first(indices):
        table = without_row_numbers(table, names[0])
    return with_doubts(table, choice)


def read_arrow_cells(
    content: Content, form: Literal["parquet", "arrow"]
) -> tuple[tuple[str, ...], list[list[Any]]]:
    """Names and columns of a Parquet or Arrow file, of any type; None where missing."""
    with translated(content.label, form):
        file = opened(content, form)
        names = [str(name) for name in file.schema.names]
        indices = _choose(names, Choice(), file.schema, content.label)
        table = file.read(indices)
        columns = [table.column(target).to_pylist() for target in range(len(indices))]
    missing = [[None if cell != cell else cell for cell in column] for column in columns]
    return tuple(names[index] for index in indices), missing


def typed_columns(
    content: Content, form: Literal["parquet", "arrow"]
) -> tuple[tuple[str, ...], dict[int, Offence]]:
    """Names of all columns, and those without a numeric type, with a cell of each."""
    with translated(content.label, form):
        file = opened(content, form)
        names = tuple(str(name) for name in file.schema.names)
        return names, offences_of(file, range(len(names)))


@contextmanager
def translated(label: str, form: str) -> Iterator[None]:
    """Turn an error of Arrow into a `DataError`."""
    try:
        import pyarrow as pa
    except ImportError as error:
        said = f"reading {form} files needs pyarrow"
        raise DataError(
            said, f"Install it: {_INSTALL}", where=label, code="not_installed"
        ) from error
    try:
        yield
    except (DataError, MemoryError):  # Arrow's own is both
        raise
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise DataError(
            f"the {form} file is cut short or damaged",
            "Fetch or make it again.",
            where=label,
            got=(str(error).splitlines() or [""])[0].rstrip("."),
            code="damaged_file",
        ) from error


def opened(content: Content, form: str, *, whole: bool = True) -> _ArrowFile:
    """Open a Parquet or an Arrow file, to be read whole or in batches."""
    source = arrow_source(content, mapped=whole)
    if form == "parquet":
        return _ParquetFile(source, whole=whole)
    return _IpcFile(source, stream=not content.head(6).startswith(b"ARROW1"))


def _choose(names: Sequence[str], choice: Choice, schema: Any, label: str) -> list[int]:
    return choice.indices(names, label, hidden_columns(schema))


def hidden_columns(schema: Any) -> frozenset[str]:
    """Columns of an Arrow schema that are read only if they are asked for: an index."""
    beside = {str(name) for name in schema.names if _INDEX.fullmatch(str(name))}
    return frozenset(beside | _pandas_index(schema))


def _pandas_index(schema: Any) -> set[str]:
    """Columns that pandas wrote as an index; empty if its metadata has another form."""
    try:
        return {name for name in schema.pandas_metadata["index_columns"] if isinstance(name, str)}
    except (TypeError, ValueError, LookupError):
        return set()


def _check_types(
    file: _ArrowFile, names: Sequence[str], indices: Sequence[int], label: str
) -> None:
    offences = offences_of(file, indices)
    if offences:
        refuse_columns(names, indices, offences, label)


def offences_of(file: _ArrowFile, indices: Sequence[int]) -> dict[int, Offence]:
    """A cell of each column without a numeric type."""
    kinds = {index: file.schema.field(index).type for index in indices}
    return {
        index: _first_value(file.peek(index), str(kind))
        for index, kind in kinds.items()
        if not is_numeric(kind)
    }


def is_numeric(kind: Any) -> bool:
    """Whether an Arrow type is one of numbers."""
    from pyarrow import types

    if types.is_dictionary(kind):
        return is_numeric(kind.value_type)
    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_decimal(kind)
        or types.is_boolean(kind)
        or types.is_null(kind)
    )


def _first_value(column: Any, kind: str) -> Offence:
    for row, value in enumerate(column, 1):
        if value.is_valid:
            return Offence(value.as_py(), f"row {row}", kind)
    return Offence(None, "", kind)


def numbers_of(chunk: Any) -> npt.NDArray[Any]:
    """Values of one Arrow array, with NaN where missing."""
    import pyarrow as pa

    kind = chunk.type
    if pa.types.is_dictionary(kind):
        return numbers_of(chunk.dictionary_decode())
    if pa.types.is_decimal(kind):  # by way of text, which is rounded correctly
        chunk = chunk.cast(pa.string()).cast(pa.float64())
    elif pa.types.is_boolean(kind) or pa.types.is_null(kind):
        chunk = chunk.cast(pa.float64())
    values: npt.NDArray[Any] = chunk.to_numpy(zero_copy_only=False)
    return values


def read_npy(
    content: Content,
    choice: Choice,
    dtype: npt.DTypeLike,
    line: Line = "row",
    markers: Markers = ALWAYS,
) -> Table:
    """Read an array that ``numpy.save`` wrote. Pickled objects are never opened.

    Parameters
    ----------
    content : Content
    choice : Choice
        Of ``x1``, ``x2``, ...
    dtype : float64 or float32
    line : {"column", "row"}
        What a single row is.
    markers : Markers, optional
        Which of its numbers mean a missing value.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If the array is not one of numbers, in one or two dimensions.
    """
    with reading(content.label), content.open() as stream:
        try:
            array = np.lib.format.read_array(stream, allow_pickle=False)
        except (ValueError, TypeError, OverflowError) as error:  # as its header leads to
            raise DataError(
                "the .npy file cannot be read",
                "Save it again: numpy.save(path, array.astype(float)).",
                where=content.label,
                got=(str(error).splitlines() or [""])[0].rstrip("."),
                wanted="a whole array of numbers (pickled objects are never opened)",
                code="damaged_file",
            ) from error
    if array.ndim not in (1, 2) or array.dtype.kind not in "biuf" or not array.size:
        raise DataError(
            "the array is not a table of numbers",
            where=content.label,
            got=f"shape {array.shape} of {array.dtype}",
            wanted="one or two dimensions of real numbers, not empty",
            code="not_a_table",
        )
    rows = array[:, None] if array.ndim == 1 else array
    notes: tuple[Part, ...] = ()
    if line == "column" and len(rows) == 1 < rows.shape[1]:
        rows, notes = rows.T, (read_as_column(rows.size),)
    names = tuple(f"x{position}" for position in range(1, rows.shape[1] + 1))
    indices = choice.indices(names, content.label)
    if indices != list(range(len(names))):
        rows = rows[:, indices]
    values = markers.cleared(np.ascontiguousarray(rows, dtype=dtype))
    table = Table(values, tuple(names[index] for index in indices), notes)
    return with_doubts(table, choice)
