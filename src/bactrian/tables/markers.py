"""The words and numbers that a table uses for a missing value, as the user tells them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.errors import DataError
from bactrian.tables.cells import is_number, parse_cell

Rows = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True)
class Markers:
    """What means a missing value, besides the words that always do.

    Parameters
    ----------
    words : tuple of str
        As they stand in cells.
    """

    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, missing_values: Sequence[str | float]) -> Markers:
        """Make markers from words and numbers.

        Raises
        ------
        DataError
            If they are no list.
        """
        if isinstance(missing_values, str):
            raise DataError(
                "missing values must be a list",
                f"Write missing_values={[missing_values]!r}.",
                got=repr(missing_values),
                wanted="a sequence of words and numbers",
                code="bad_choice",
            )
        return cls(tuple(str(value).strip() for value in missing_values))

    @property
    def numbers(self) -> tuple[float, ...]:
        """The numbers among them, which are meant however a file writes them."""
        return tuple(parse_cell(word) for word in self.words if is_number(word))

    def emptied(self, rows: Iterable[tuple[int, list[str]]]) -> Rows:
        """Rows of cells, with an empty cell for each marker."""
        words = frozenset(self.words)
        if not words:
            yield from rows
            return
        for line, cells in rows:
            yield line, ["" if cell.strip() in words else cell for cell in cells]

    def cleared(self, values: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.floating[Any]]:
        """Numbers, with NaN for each marker; the same array if none is a marker."""
        for number in self.numbers:
            marked = values == values.dtype.type(number)
            if marked.any():
                values = np.where(marked, values.dtype.type(np.nan), values)
        return values


ALWAYS = Markers()  # only the words that always mean it
