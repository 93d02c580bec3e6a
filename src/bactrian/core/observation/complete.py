"""Rows with all features observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from bactrian.core.arrays import FloatArray
from bactrian.core.observation.observation import Kernel, Observation
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.results import RowResults
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms


@final
@dataclass(frozen=True, eq=False)
class Complete(Observation):
    """Rows with all features observed and nothing known of the component.

    Parameters
    ----------
    chunk : Chunk
        Without plausibilities.
    """

    chunk: Chunk

    def accumulate(self, kernel: Kernel, terms: Terms, origin: FloatArray) -> SufficientStats:
        return kernel.accumulate(self.chunk, terms, origin)

    def evaluate(self, kernel: Kernel, terms: Terms, results: RowResults) -> None:
        kernel.evaluate(self.chunk.X, terms, results)
