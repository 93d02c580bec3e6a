"""Rows that are processed together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from bactrian.core.arrays import CodeArray, FloatArray
from bactrian.core.values.results import Numbers

CHUNK_ROWS = 8192


@final
@dataclass(frozen=True, eq=False)
class Chunk:
    """Some consecutive rows, as many as the source has ready.

    A back end cuts them into pieces.

    Parameters
    ----------
    X : (n_rows, n_features)
        float32 or float64.
    sample_weight : (n_rows,) or None
        None for weights of 1.
    plausibility : (n_rows, n_terms) or None
        What is known of each row's component: factors on the weights of the mixture, of which the
        largest in each row is 1. None where nothing is known.
    complete : bool
        Whether it is known that no value is missing. Where it is not, NaN stands for one.
    at_spike : (n_rows, n_features) or None
        Numbers of the point masses that rows are at, where NaN stands for them too; -1 elsewhere.
    """

    X: Numbers
    sample_weight: FloatArray | None
    plausibility: FloatArray | None = None
    complete: bool = False
    at_spike: CodeArray | None = None

    def take(self, rows: Any) -> Chunk:
        """Select some rows by a slice, a mask or indices."""
        weights, known, spikes = self.sample_weight, self.plausibility, self.at_spike
        return Chunk(
            self.X[rows],
            None if weights is None else weights[rows],
            None if known is None else known[rows],
            self.complete,
            None if spikes is None else spikes[rows],
        )

    @property
    def values(self) -> FloatArray:
        """The rows as C-ordered float64, so that sums over them give the same bits.

        A copy, unless they are so already: for pieces.
        """
        return np.ascontiguousarray(self.X, dtype=np.float64)

    def cut(self, rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
        """Cut into pieces of `rows` consecutive rows; the last may be shorter. Copy nothing."""
        for begin in range(0, len(self.X), rows):
            yield self.take(slice(begin, begin + rows))


def pieces(chunks: Iterable[Chunk], rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """Cut all chunks into pieces of `rows` rows."""
    return (piece for chunk in chunks for piece in chunk.cut(rows))
