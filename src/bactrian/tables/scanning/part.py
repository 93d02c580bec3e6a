"""A part of a table: a file, a stream, an array; read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.floating[Any]]


class Part(Protocol):
    """Rows with named columns.

    Attributes
    ----------
    label : str
        What errors call it.
    names : tuple of str
        Of all columns.
    hidden : frozenset of str
        Columns that are read only if they are asked for.
    named : bool
        Whether the names are the data's own.
    """

    label: str
    names: tuple[str, ...]
    hidden: frozenset[str]
    named: bool

    def check(self, indices: Sequence[int]) -> None:
        """Refuse columns without a numeric type, as far as this is known before they are read.

        Raises
        ------
        DataError
        """

    def blocks(self, indices: Sequence[int]) -> Iterator[Numbers]:
        """The rows of some columns, (n_rows, n_columns), piece by piece, from the start.

        Raises
        ------
        DataError
        """


def at_once(n_columns: int) -> int:
    """Rows of a piece, so that it takes some 8 MB."""
    return max(1024, (1 << 20) // n_columns)
