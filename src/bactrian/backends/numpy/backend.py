"""The reference back end: the E-step of the core, piece by piece, in float64."""

from __future__ import annotations

from typing import final

from bactrian.backends.here import HeldHere
from bactrian.core.arrays import FloatArray
from bactrian.core.estep.density import responsibilities
from bactrian.core.estep.drawing import Drawn, drawn
from bactrian.core.estep.expectation import sums
from bactrian.core.values.chunk import CHUNK_ROWS, Chunk
from bactrian.core.values.results import Numbers, RowResults
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms
from bactrian.data.source import DataSource


@final
class NumpyBackend:
    """The E-step in NumPy. Every other back end must equal it up to rounding."""

    def hold(self, source: DataSource) -> HeldHere:
        """The rows of a source."""
        return HeldHere(source, NumpyKernel())


@final
class NumpyKernel:
    """The reference."""

    def accumulate(self, chunk: Chunk, terms: Terms, origin: FloatArray) -> SufficientStats:
        return sums(chunk, terms, origin)

    def draw(self, chunk: Chunk, terms: Terms, origin: FloatArray, key: int, first: int) -> Drawn:
        return drawn(chunk, terms, origin, key, first)

    def evaluate(self, X: Numbers, terms: Terms, results: RowResults) -> None:
        for i, piece in enumerate(Chunk(X, None).cut()):
            rows = slice(i * CHUNK_ROWS, (i + 1) * CHUNK_ROWS)
            results.fill(rows, *responsibilities(piece.values, terms))
