"""Rows on the disk: a file without a name, that is mapped to memory a window at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, Any, ClassVar, final
from weakref import finalize

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.observation.labelled import certain
from bactrian.core.values.chunk import CHUNK_ROWS, Chunk
from bactrian.core.values.point_masses import PointMasses
from bactrian.core.values.results import Numbers
from bactrian.data.marking import marked
from bactrian.data.source import RandomSource, distinct_integers
from bactrian.errors import DataError

WINDOW_BYTES = 1 << 25  # of rows that are mapped at a time; fixed, for chunks are part of the data


class Unnamed:
    """A temporary file without a name in any directory (where the system allows it).

    The space is free again as soon as nobody reads it any more, whatever ends the program.

    Parameters
    ----------
    directory : str, optional
        Where; by default where the system puts temporary files (TMPDIR).
    """

    def __init__(self, directory: str | None) -> None:
        file = tempfile.TemporaryFile(prefix="bactrian-", dir=directory)  # noqa: SIM115
        finalize(self, file.close)
        self.file: IO[bytes] = file


@final
@dataclass(frozen=True, eq=False)
class Spool:
    """A table of numbers in a temporary file.

    Parameters
    ----------
    place : Unnamed
        The numbers, row after row.
    shape : (n_rows, n_columns)
    dtype : float32 or float64
    """

    place: Unnamed
    shape: tuple[int, int]
    dtype: np.dtype[Any]

    def window(self, begin: int, end: int) -> Numbers:
        """Some consecutive rows, mapped to memory."""
        width = self.shape[1]
        if end <= begin:
            return np.empty((0, width), self.dtype)
        offset = begin * width * self.dtype.itemsize
        shape = (end - begin, width)
        return np.memmap(self.place.file, self.dtype, "r", offset, shape).view(np.ndarray)

    def take(self, rows: IntArray) -> Numbers:
        """Some rows, given by sorted numbers, copied; a window is mapped at a time."""
        taken = np.empty((len(rows), self.shape[1]), self.dtype)
        for begin, end in self.windows():
            first, last = np.searchsorted(rows, (begin, end))
            if first < last:
                taken[first:last] = self.window(begin, end)[rows[first:last] - begin]
        return taken

    def windows(self) -> Iterator[tuple[int, int]]:
        """The first row of each window, and the one after its last."""
        row_bytes = self.shape[1] * self.dtype.itemsize
        rows = CHUNK_ROWS * max(1, WINDOW_BYTES // (CHUNK_ROWS * row_bytes))
        for begin in range(0, self.shape[0], rows):
            yield begin, min(begin + rows, self.shape[0])


@final
class Spooling:
    """A spool while it is written.

    Parameters
    ----------
    n_columns : int
    dtype : float32 or float64
    directory : str, optional
        Where; by default where the system puts temporary files (TMPDIR).

    Raises
    ------
    DataError
        If the place cannot be written to.
    """

    def __init__(self, n_columns: int, dtype: Any, directory: str | None = None) -> None:
        self._n_columns, self._dtype, self._directory = n_columns, np.dtype(dtype), directory
        self._n_rows = 0
        try:
            self._place = Unnamed(directory)
        except OSError as error:
            raise _unwritable(directory, error) from error

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return self._n_columns * self._dtype.itemsize

    def append(self, rows: Numbers) -> None:
        """Write some rows, (n_rows, n_columns).

        Raises
        ------
        DataError
            If there is no room.
        """
        try:
            self._place.file.write(np.ascontiguousarray(rows, dtype=self._dtype).data)
            self._place.file.flush()
        except OSError as error:
            raise _unwritable(self._directory, error) from error
        self._n_rows += len(rows)

    def finished(self) -> Spool:
        """All rows that were written."""
        return Spool(self._place, (self._n_rows, self._n_columns), self._dtype)


@final
@dataclass(frozen=True, eq=False)
class SpooledSource:
    """Rows on the disk, as a source. Each reader maps them again.

    Parameters
    ----------
    X : Spool
    sample_weight : Spool or None
        Of one column; as in :class:`~bactrian.data.source.ArraySource`.
    plausibility : (n_samples, n_terms) or None
    complete : bool
    kept : (n_samples,) of bool, or None
        Which rows are part of the data; None for all.
    most_rows : int
        How many of them there may be in memory.
    spikes : PointMasses or None
        Values that are marked.
    """

    X: Spool
    sample_weight: Spool | None = None
    plausibility: FloatArray | None = None
    complete: bool = False
    kept: BoolArray | None = None
    most_rows: int = 1 << 22
    spikes: PointMasses | None = None

    resident: ClassVar[bool] = False

    @property
    def n_features(self) -> int:
        return self.X.shape[1]

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.X.dtype

    def chunks(self) -> Iterator[Chunk]:
        for begin, end in self.X.windows():
            rows, weights, known = slice(begin, end), self.sample_weight, self.plausibility
            chunk = Chunk(
                self.X.window(begin, end),
                None if weights is None else _column(weights.window(begin, end)),
                None if known is None else known[rows],
                self.complete,
            )
            chunk = chunk if self.kept is None else chunk.take(self.kept[rows])
            yield marked(chunk, self.spikes)

    def checked(self, *, complete: bool) -> SpooledSource:
        return replace(self, complete=complete)

    def only(self, rows: BoolArray) -> SpooledSource:
        kept = rows
        if self.kept is not None:
            kept = self.kept.copy()
            kept[self.kept] = rows
        return replace(self, kept=kept)

    def weighted(self, sample_weight: FloatArray) -> SpooledSource:
        weights = sample_weight[:, None]
        if self.kept is not None:
            weights = np.ones((len(self.kept), 1))
            weights[self.kept, 0] = sample_weight
        spooling = Spooling(1, np.float64)
        spooling.append(weights)
        return replace(self, sample_weight=spooling.finished())

    def told(self, plausibility: FloatArray) -> SpooledSource:
        known = plausibility
        if self.kept is not None:
            known = np.ones((len(self.kept), plausibility.shape[1]))
            known[self.kept] = plausibility
        return replace(self, plausibility=known)

    def marked(self, spikes: PointMasses) -> SpooledSource:
        return replace(self, spikes=spikes)

    def sample(self, limit: int, random_state: RandomSource) -> Chunk:
        numbers = None if self.kept is None else np.flatnonzero(self.kept)
        n_samples = self.X.shape[0] if numbers is None else len(numbers)
        if n_samples > limit:
            if isinstance(random_state, int):
                random_state = np.random.RandomState(random_state)
            drawn = distinct_integers(n_samples, limit, random_state)
            rows = drawn if numbers is None else numbers[drawn]
        else:
            rows = np.arange(n_samples) if numbers is None else numbers
        weights, known = self.sample_weight, self.plausibility
        chunk = Chunk(
            self.X.take(rows),
            None if weights is None else _column(weights.take(rows)),
            None if known is None else known[rows],
            self.complete,
        )
        return marked(chunk, self.spikes)

    def labelled(self, limit: int, random_state: RandomSource) -> Chunk | None:
        if self.plausibility is None:
            return None
        sure = certain(self.plausibility)
        sure = sure if self.kept is None else sure[self.kept]
        return self.only(sure).sample(limit, random_state) if sure.any() else None


def _column(weights: Numbers) -> FloatArray:
    return np.asarray(weights[:, 0], dtype=np.float64)


def _unwritable(directory: str | None, error: OSError) -> DataError:
    return DataError(
        "the rows cannot be written to a temporary file",
        "Make room, or name another place: the environment variable TMPDIR, or spool_directory.",
        where=directory or tempfile.gettempdir(),
        got=error.strerror or str(error),
        code="no_room",
    )
