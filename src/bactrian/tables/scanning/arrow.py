"""Parquet and Arrow files, and whatever else gives batches of Arrow, in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np

from bactrian.errors import DataError
from bactrian.tables.columnar import (
    hidden_columns,
    is_numeric,
    numbers_of,
    offences_of,
    opened,
    translated,
)
from bactrian.tables.content import Content
from bactrian.tables.offences import Offence, refuse_columns
from bactrian.tables.scanning.part import Numbers, at_once


@final
class ArrowFile:
    """A Parquet or an Arrow file.

    Parameters
    ----------
    content : Content
    form : {"parquet", "arrow"}
    """

    named = True

    def __init__(self, content: Content, form: Literal["parquet", "arrow"]) -> None:
        self.label, self._content, self._form = content.label, content, form
        with translated(self.label, form):
            schema = opened(content, form, whole=False).schema
        self.names = tuple(str(name) for name in schema.names)
        self.hidden = hidden_columns(schema)

    def check(self, indices: Sequence[int]) -> None:
        with translated(self.label, self._form):
            offences = offences_of(opened(self._content, self._form, whole=False), indices)
        if offences:
            refuse_columns(self.names, indices, offences, self.label)

    def blocks(self, indices: Sequence[int]) -> Iterator[Numbers]:
        with translated(self.label, self._form):
            file = opened(self._content, self._form, whole=False)
            for batch in file.batches(indices, at_once(len(indices))):
                yield _filled(batch, range(len(indices)))


@final
@dataclass
class ArrowStream:
    """Batches of Arrow from elsewhere: a dataset, a query, a lazy frame.

    Parameters
    ----------
    label : str
    open : callable
        Gives a reader of batches, from the start.
    """

    label: str
    open: Callable[[Sequence[str] | None], Any]

    hidden, named = frozenset[str](), True

    def __post_init__(self) -> None:
        schema = self.open(None).schema
        self.names = tuple(str(name) for name in schema.names)
        self._types = schema.types

    def check(self, indices: Sequence[int]) -> None:
        offences = {
            index: Offence(None, "", str(self._types[index]))
            for index in indices
            if not is_numeric(self._types[index])
        }
        if offences:
            refuse_columns(self.names, indices, offences, self.label)

    def blocks(self, indices: Sequence[int]) -> Iterator[Numbers]:
        with translated(self.label, "arrow"):
            wanted = [self.names[index] for index in indices]
            for batch in self.open(wanted):
                places = [batch.schema.get_field_index(name) for name in wanted]
                yield _filled(batch, places)


def stream_of(source: Any) -> ArrowStream | None:
    """An object that gives batches of Arrow; None if it does not.

    Parameters
    ----------
    source : object
        A pyarrow Dataset, a lazy frame of Polars, or anything with the Arrow stream protocol
        (a DuckDB relation, a table, a reader).
    """
    label = f"the {type(source).__name__}"
    if hasattr(source, "scanner") and hasattr(source, "schema"):

        def scanned(columns: Sequence[str] | None) -> Any:
            wanted = None if columns is None else list(columns)
            few = {"batch_readahead": 2, "fragment_readahead": 1}
            return source.scanner(columns=wanted, **few).to_reader()

        return ArrowStream(label, scanned)
    if hasattr(source, "collect_batches"):  # a lazy frame
        return ArrowStream(label, lambda columns: _Lazy(source, columns))
    if hasattr(source, "__arrow_c_stream__"):
        return ArrowStream(label, lambda columns: _reader(source))
    return None


def _reader(source: Any) -> Any:
    import pyarrow as pa

    try:
        return pa.RecordBatchReader.from_stream(source)
    except (pa.ArrowInvalid, ValueError) as error:
        raise DataError(
            "the stream cannot be read",
            "A reader gives its batches once: make a new one for each scan.",
            where=f"the {type(source).__name__}",
            got=str(error),
            code="damaged_file",
        ) from error


class _Lazy:
    """A lazy frame of Polars, which is computed batch by batch."""

    def __init__(self, frame: Any, columns: Sequence[str] | None) -> None:
        self._frame = frame if columns is None else frame.select(list(columns))

    @property
    def schema(self) -> Any:
        return self._frame.head(0).collect().to_arrow().schema

    def __iter__(self) -> Iterator[Any]:
        for frame in self._frame.collect_batches(maintain_order=True):
            yield from frame.to_arrow().to_batches()


def _filled(batch: Any, places: Sequence[int]) -> Numbers:
    values = np.empty((batch.num_rows, len(places)))
    for target, place in enumerate(places):
        values[:, target] = numbers_of(batch.column(place))
    return values
