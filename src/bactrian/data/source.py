"""The protocol of data sources, and a source for arrays in memory (or mapped to memory)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, Self, final

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import BoolArray, CodeArray, FloatArray, IntArray
from bactrian.core.observation.labelled import certain
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.point_masses import PointMasses
from bactrian.data.marking import marked

RandomSource = np.random.RandomState | int
"""A generator, or the seed of one."""


class DataSource(Protocol):
    """Rows in chunks. The chunks are part of the data: they are the same for every reader.

    How many rows there are, and whether values are missing, is known once they were summarised
    (:func:`~bactrian.data.summary.summarise`), which also checks them.
    """

    @property
    def n_features(self) -> int:
        """Number of columns."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the numbers, float32 or float64."""

    @property
    def resident(self) -> bool:
        """Whether the rows are in memory; if not, a chunk is, while it is read."""

    @property
    def most_rows(self) -> int | None:
        """How many rows a sample of them may have; None for any number."""

    def chunks(self) -> Iterator[Chunk]:
        """All rows, in order, once."""

    def checked(self, *, complete: bool) -> Self:
        """The same rows, after checking whether any value is missing."""

    def only(self, rows: BoolArray) -> Self:
        """Some of the rows."""

    def weighted(self, sample_weight: FloatArray) -> Self:
        """The same rows with other weights, (n_samples,), all positive."""

    def told(self, plausibility: FloatArray) -> Self:
        """The same rows with what is known of their components, (n_samples, n_terms)."""

    def marked(self, spikes: PointMasses) -> Self:
        """The same rows with the values marked that are point masses."""

    def sample(self, limit: int, random_state: RandomSource) -> Chunk:
        """All rows if there are at most `limit`; otherwise `limit` of them, each drawn once."""

    def labelled(self, limit: int, random_state: RandomSource) -> Chunk | None:
        """The rows whose component is known; None if there are no such rows."""


@final
@dataclass(frozen=True, eq=False)
class ArraySource:
    """An array in memory, or a memory map.

    Parameters
    ----------
    X : (n_samples, n_features)
    sample_weight : (n_samples,) or None
        Positive; rows of weight 0 are no part of the data, leave them out.
    plausibility : (n_samples, n_terms) or None
        As in :class:`~bactrian.core.values.chunk.Chunk`.
    complete : bool
        Whether it is known that no value is missing.
    at_spike : (n_samples, n_features) or None
        As in :class:`~bactrian.core.values.chunk.Chunk`.
    """

    X: npt.NDArray[np.floating[Any]]
    sample_weight: FloatArray | None = None
    plausibility: FloatArray | None = None
    complete: bool = False
    at_spike: CodeArray | None = None

    resident: ClassVar[bool] = True
    most_rows: ClassVar[int | None] = None

    @classmethod
    def of(cls, chunk: Chunk) -> ArraySource:
        """The rows of a chunk."""
        return cls(
            chunk.X, chunk.sample_weight, chunk.plausibility, chunk.complete, chunk.at_spike
        )

    @property
    def n_features(self) -> int:
        return int(self.X.shape[1])

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.X.dtype.newbyteorder("=")

    def chunks(self) -> Iterator[Chunk]:
        yield self._whole

    def checked(self, *, complete: bool) -> ArraySource:
        return replace(self, complete=complete)

    def only(self, rows: BoolArray) -> ArraySource:
        return ArraySource.of(self._whole.take(rows))

    def weighted(self, sample_weight: FloatArray) -> ArraySource:
        return replace(self, sample_weight=sample_weight)

    def told(self, plausibility: FloatArray) -> ArraySource:
        return replace(self, plausibility=plausibility)

    def marked(self, spikes: PointMasses) -> ArraySource:
        return ArraySource.of(marked(self._whole, spikes))

    def sample(self, limit: int, random_state: RandomSource) -> Chunk:
        if len(self.X) <= limit:
            return self._whole
        if isinstance(random_state, int):  # to make a generator takes longer than a small fit
            random_state = np.random.RandomState(random_state)
        return self._whole.take(distinct_integers(len(self.X), limit, random_state))

    def labelled(self, limit: int, random_state: RandomSource) -> Chunk | None:
        if self.plausibility is None:
            return None
        sure = certain(self.plausibility)
        return self.only(sure).sample(limit, random_state) if sure.any() else None

    @property
    def _whole(self) -> Chunk:
        return Chunk(self.X, self.sample_weight, self.plausibility, self.complete, self.at_spike)


def distinct_integers(below: int, size: int, random_state: np.random.RandomState) -> IntArray:
    """Draw sorted integers from 0; each subset of that size is equally likely.

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
