"""Rows in the memory of this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.estep.drawing import Drawn
from bactrian.core.observation.complete import Complete
from bactrian.core.observation.observation import Kernel
from bactrian.core.observation.sorting import Part, sorted_by_knowledge
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.results import RowResults
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms
from bactrian.data.source import DataSource
from bactrian.errors import BadInputError


@final
class HeldHere:
    """Rows in this process, sorted by what is known of them, for a kernel to work through.

    Parameters
    ----------
    source : DataSource
    kernel : Kernel
    """

    def __init__(self, source: DataSource, kernel: Kernel) -> None:
        self._source, self._kernel = source, kernel
        self._sorted = list(self._read()) if source.resident else None
        self._dtype = source.dtype

    def _read(self) -> Iterator[tuple[int, list[Part]]]:
        return ((len(chunk.X), sorted_by_knowledge(chunk)) for chunk in self._source.chunks())

    @property
    def _chunks(self) -> Iterable[tuple[int, list[Part]]]:
        """Number of rows and sorted rows of each chunk; read anew if they are not in memory."""
        return self._read() if self._sorted is None else self._sorted

    def accumulate(self, terms: Terms, origin: FloatArray | None = None) -> SufficientStats:
        """Sufficient statistics of all rows; as :meth:`Held.accumulate`."""
        origin = terms.means if origin is None else origin
        total: SufficientStats | None = None
        for _, parts in self._chunks:
            for part in parts:
                stats = part.known.accumulate(self._kernel, terms, origin)
                total = stats if total is None else total + stats
        return SufficientStats.zeros(terms.form, origin) if total is None else total

    @cached_property
    def whole(self) -> Chunk | None:
        """All rows, if they are complete, unlabelled and in one place; None otherwise."""
        parts = [part.known for _, parts in self._sorted or () for part in parts]
        if len(parts) == 1 and isinstance(parts[0], Complete):
            return parts[0].chunk
        return None

    def draw(self, terms: Terms, key: int, origin: FloatArray | None = None) -> Drawn:
        """Components drawn for all rows; as :meth:`.Draws.draw`."""
        origin = terms.means if origin is None else origin
        stats, labels, first = SufficientStats.zeros(terms.form, origin), [], 0
        for n, parts in self._chunks:
            for part in parts:
                if not isinstance(part.known, Complete):
                    got = "rows with missing values or known components"
                    raise BadInputError("X", got, "complete, to draw components")
                drawn = self._kernel.draw(part.known.chunk, terms, origin, key, first)
                stats, first = stats + drawn.stats, first + n
                labels.append(drawn.labels)
        return Drawn(stats, np.concatenate(labels))

    def evaluate(self, terms: Terms, *wanted: str) -> RowResults:
        """What the mixture says of each row; as :meth:`Held.evaluate`."""
        of_chunks = []
        for n, parts in self._chunks:
            own = RowResults.empty(n, terms.n_terms, wanted, self._dtype)
            of_chunks.append(own)
            for rows, known in parts:
                if isinstance(rows, slice):
                    known.evaluate(self._kernel, terms, own.part(rows))
                else:
                    found = RowResults.empty(len(rows), terms.n_terms, wanted, self._dtype)
                    known.evaluate(self._kernel, terms, found)
                    own.take_from(found, rows)
        return RowResults.joined(of_chunks)
