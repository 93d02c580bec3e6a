"""Arrays, and functions that give tables, in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from bactrian.data.frames import to_array
from bactrian.errors import DataError
from bactrian.tables.content import Content, reading
from bactrian.tables.scanning.part import Numbers, at_once


@final
@dataclass
class ArrayPart:
    """An array of numbers in memory, or mapped to memory.

    Parameters
    ----------
    label : str
    array : (n_rows, n_columns) or (n_rows,)
    """

    label: str
    array: Any

    hidden, named = frozenset[str](), False

    def __post_init__(self) -> None:
        array = self.array[:, None] if self.array.ndim == 1 else self.array
        if array.ndim != 2 or array.dtype.kind not in "biuf":
            raise DataError(
                "the array is not a table of numbers",
                where=self.label,
                got=f"shape {self.array.shape} of {self.array.dtype}",
                wanted="one or two dimensions of real numbers",
                code="not_a_table",
            )
        self.array = array
        self.names = _numbered(array.shape[1])

    def check(self, indices: Sequence[int]) -> None:
        """All columns are numbers."""

    def blocks(self, indices: Sequence[int]) -> Iterator[Numbers]:
        rows = at_once(self.array.shape[1])
        for begin in range(0, len(self.array), rows):
            yield np.asarray(self.array[begin : begin + rows][:, list(indices)], dtype=np.float64)


def npy_part(content: Content) -> ArrayPart:
    """A ``.npy`` file, mapped to memory if it is a plain file; pickles are never opened."""
    mapped = content.path is not None and not content.packed
    try:
        with reading(content.label):
            if mapped:
                array = np.load(str(content.path), mmap_mode="r", allow_pickle=False)
            else:
                with content.open() as stream:
                    array = np.lib.format.read_array(stream, allow_pickle=False)
    except ValueError as error:
        raise DataError(
            "the .npy file cannot be read",
            where=content.label,
            got=(str(error).splitlines() or [""])[0].rstrip("."),
            wanted="a whole array of numbers (pickled objects are never opened)",
            code="damaged_file",
        ) from error
    return ArrayPart(content.label, array)


@final
@dataclass
class Called:
    """A function that gives the pieces, from the first, each time it is called.

    Parameters
    ----------
    call : callable
        Returns an iterable of arrays or data frames with the same columns.
    """

    call: Callable[[], Iterable[Any]]

    hidden = frozenset[str]()

    def __post_init__(self) -> None:
        self.label = getattr(self.call, "__name__", "the function")
        first = next(iter(self._pieces()), None)
        if first is None:
            raise DataError("there are no rows", where=self.label, code="no_rows")
        self.names, self.named = first[1], first[2]

    def check(self, indices: Sequence[int]) -> None:
        """Each piece is checked as it comes."""

    def blocks(self, indices: Sequence[int]) -> Iterator[Numbers]:
        for number, (values, names, _) in enumerate(self._pieces(), 1):
            if names != self.names:
                raise DataError(
                    "the pieces differ in their columns",
                    where=f"{self.label}, piece {number}",
                    got=", ".join(names),
                    wanted=f"{', '.join(self.names)} as in the first",
                    code="wrong_columns",
                )
            yield np.asarray(values[:, list(indices)], dtype=np.float64)

    def _pieces(self) -> Iterator[tuple[Numbers, tuple[str, ...], bool]]:
        for piece in self.call():
            values, names = to_array(piece)
            values = np.asarray(values)
            values = values[:, None] if values.ndim == 1 else values
            yield values, names or _numbered(values.shape[1]), bool(names)


def _numbered(n_columns: int) -> tuple[str, ...]:
    return tuple(f"x{position}" for position in range(1, n_columns + 1))
