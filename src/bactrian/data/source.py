"""The protocol of data sources, and the one for arrays in memory (or mapped to it)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.incomplete import certain

CHUNK_ROWS = 8192


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some consecutive rows, as many as the source has at hand.

    Who computes on them cuts them into pieces.

    Parameters
    ----------
    X : (n_rows, n_features)
        float32 or float64.
    sample_weight : (n_rows,) or None
        None for weights of 1.
    plausibility : (n_rows, n_terms) or None
        What is known of each row's component: factors on the weights of the mixture, of which the
        largest in each row is 1. None where nothing is known.
    """

    X: npt.NDArray[np.floating[Any]]
    sample_weight: FloatArray | None
    plausibility: FloatArray | None = None

    def take(self, rows: Any) -> Chunk:
        """Some of the rows: a slice, a mask or indices."""
        weights, known = self.sample_weight, self.plausibility
        return Chunk(
            self.X[rows],
            None if weights is None else weights[rows],
            None if known is None else known[rows],
        )

    @property
    def values(self) -> FloatArray:
        """The rows in float64 and row after row: sums over them come out the same bits.

        A copy, unless they are so already: for pieces.
        """
        return np.ascontiguousarray(self.X, dtype=np.float64)

    def cut(self, rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
        """Consecutive pieces of `rows` rows, the last of fewer. Nothing is copied."""
        for begin in range(0, len(self.X), rows):
            yield self.take(slice(begin, begin + rows))


def pieces(chunks: Iterable[Chunk], rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """All chunks, each cut into pieces of `rows` rows."""
    return (piece for chunk in chunks for piece in chunk.cut(rows))


class DataSource(Protocol):
    """Rows in chunks, which are part of the data: they do not depend on who reads them."""

    @property
    def n_samples(self) -> int:
        """Number of rows."""

    @property
    def n_features(self) -> int:
        """Number of columns."""

    def chunks(self) -> Iterator[Chunk]:
        """All rows, in order, once."""

    def sample(self, limit: int, random_state: np.random.RandomState) -> Chunk:
        """All rows if there are at most `limit`, otherwise that many drawn without replacement."""

    def labelled(self, limit: int, random_state: np.random.RandomState) -> Chunk | None:
        """The same of the rows whose component is known; None if there is none."""


@dataclass(frozen=True, eq=False)
class ArraySource:
    """An array in memory, or a memory map.

    Parameters
    ----------
    X : (n_samples, n_features)
    sample_weight : (n_samples,) or None
        Positive; rows of weight 0 are no part of the data, leave them out.
    plausibility : (n_samples, n_terms) or None
        As in :class:`Chunk`.
    """

    X: npt.NDArray[np.floating[Any]]
    sample_weight: FloatArray | None = None
    plausibility: FloatArray | None = None

    @property
    def n_samples(self) -> int:
        return len(self.X)

    @property
    def n_features(self) -> int:
        return int(self.X.shape[1])

    def chunks(self) -> Iterator[Chunk]:
        yield self._whole

    def only(self, rows: BoolArray) -> ArraySource:
        """Some of the rows."""
        part = self._whole.take(rows)
        return ArraySource(part.X, part.sample_weight, part.plausibility)

    def sample(self, limit: int, random_state: np.random.RandomState) -> Chunk:
        if len(self.X) <= limit:
            return self._whole
        return self._whole.take(distinct_integers(len(self.X), limit, random_state))

    def labelled(self, limit: int, random_state: np.random.RandomState) -> Chunk | None:
        if self.plausibility is None:
            return None
        sure = certain(self.plausibility)
        return self.only(sure).sample(limit, random_state) if sure.any() else None

    @property
    def _whole(self) -> Chunk:
        return Chunk(self.X, self.sample_weight, self.plausibility)


def distinct_integers(below: int, size: int, random_state: np.random.RandomState) -> IntArray:
    """Sorted integers from 0, each subset of that size equally likely.

    Time and memory grow with `size`, not with `below`: what is drawn twice is drawn again, and
    no subset is preferred because no integer is.

    Parameters
    ----------
    below : int
        At least `size`.
    size : int
    random_state : RandomState
    """
    if below < 2 * size:
        return np.sort(random_state.permutation(below)[:size])
    drawn = np.empty(0, dtype=np.int64)
    while len(drawn) < size:
        more = random_state.randint(below, size=size - len(drawn), dtype=np.int64)
        merged = np.sort(np.concatenate((drawn, more)))
        drawn = merged[np.diff(merged, prepend=-1) > 0]
    return drawn
