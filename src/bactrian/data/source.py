"""The protocol of data sources, and the one for arrays in memory (or mapped to it)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray

CHUNK_ROWS = 8192


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some consecutive rows.

    Parameters
    ----------
    X : (n_rows, n_features)
        float32 or float64.
    sample_weight : (n_rows,) or None
        None for weights of 1.
    """

    X: npt.NDArray[np.floating[Any]]
    sample_weight: FloatArray | None

    @property
    def values(self) -> FloatArray:
        """The rows in float64 and row after row: sums over them come out the same bits."""
        return np.ascontiguousarray(self.X, dtype=np.float64)


class DataSource(Protocol):
    """Rows in chunks. The cut is part of the data: it does not depend on who reads it."""

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


@dataclass(frozen=True, eq=False)
class ArraySource:
    """An array in memory, or a memory map.

    Parameters
    ----------
    X : (n_samples, n_features)
    sample_weight : (n_samples,) or None
        Positive; rows of weight 0 are no part of the data, leave them out.
    """

    X: npt.NDArray[np.floating[Any]]
    sample_weight: FloatArray | None = None

    @property
    def n_samples(self) -> int:
        return len(self.X)

    @property
    def n_features(self) -> int:
        return int(self.X.shape[1])

    def chunks(self) -> Iterator[Chunk]:
        for begin in range(0, len(self.X), CHUNK_ROWS):
            rows = slice(begin, begin + CHUNK_ROWS)
            weights = None if self.sample_weight is None else self.sample_weight[rows]
            yield Chunk(self.X[rows], weights)

    def sample(self, limit: int, random_state: np.random.RandomState) -> Chunk:
        if len(self.X) <= limit:
            return Chunk(self.X, self.sample_weight)
        rows = np.sort(random_state.choice(len(self.X), limit, replace=False))
        weights = None if self.sample_weight is None else self.sample_weight[rows]
        return Chunk(self.X[rows], weights)
