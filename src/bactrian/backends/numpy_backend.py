"""The reference back end: the E-step of the core, piece by piece, in float64."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from bactrian.backends.protocol import RowResults, Rows
from bactrian.core.arrays import FloatArray
from bactrian.core.density import expectation, responsibilities
from bactrian.core.parameters import Parameters
from bactrian.core.statistics import SufficientStats
from bactrian.data.source import CHUNK_ROWS, Chunk, pieces


@final
class NumpyBackend:
    """E-step in NumPy. Every other back end must equal it up to rounding."""

    def accumulate(
        self, chunks: Iterable[Chunk], parameters: Parameters, origin: FloatArray | None = None
    ) -> SufficientStats:
        origin = parameters.means if origin is None else origin
        total = SufficientStats.zeros(parameters.structure, origin)
        for piece in pieces(chunks):
            total = total + expectation(
                piece.values, piece.sample_weight, parameters, origin, piece.plausibility
            )
        return total

    def evaluate(self, X: Rows, parameters: Parameters, *wanted: str) -> RowResults:
        results = RowResults.empty(X, parameters.n_terms, wanted)
        for i, piece in enumerate(Chunk(X, None).cut()):
            rows = slice(i * CHUNK_ROWS, (i + 1) * CHUNK_ROWS)
            results.fill(rows, *responsibilities(piece.values, parameters))
        return results
