"""Rows for which some components are more plausible than others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from bactrian.core.arrays import FloatArray
from bactrian.core.estep.expectation import sums
from bactrian.core.observation.observation import Kernel, Observation
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.results import RowResults
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms


@final
@dataclass(frozen=True, eq=False)
class Plausible(Observation):
    """Rows with all features observed, for which some components are more plausible.

    The reference sums them up, whatever the kernel. What the mixture says of them
    leaves out how plausible the components are.

    Parameters
    ----------
    chunk : Chunk
        With plausibilities.
    """

    chunk: Chunk

    def accumulate(self, kernel: Kernel, terms: Terms, origin: FloatArray) -> SufficientStats:
        return sums(self.chunk, terms, origin)

    def evaluate(self, kernel: Kernel, terms: Terms, results: RowResults) -> None:
        kernel.evaluate(self.chunk.X, terms, results)
