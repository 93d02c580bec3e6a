"""What is known of rows, and what works through them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

from bactrian.core.arrays import FloatArray
from bactrian.core.estep.drawing import Drawn
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.results import Numbers, RowResults
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms


class Kernel(Protocol):
    """Works through rows with all features observed: the E-step itself."""

    def accumulate(self, chunk: Chunk, terms: Terms, origin: FloatArray) -> SufficientStats:
        """Sufficient statistics of the rows.

        Parameters
        ----------
        chunk : Chunk
            Without plausibilities.
        terms : Terms
        origin : (n_components, n_features)
            About which the moments are taken.
        """

    def draw(self, chunk: Chunk, terms: Terms, origin: FloatArray, key: int, first: int) -> Drawn:
        """Components drawn for rows; as :func:`~bactrian.core.estep.drawing.drawn`."""

    def evaluate(self, X: Numbers, terms: Terms, results: RowResults) -> None:
        """Write what the mixture says of each row into `results`.

        Parameters
        ----------
        X : (n_samples, n_features)
        terms : Terms
        results : RowResults
            Of as many rows, in numbers of the type of X.
        """


class Observation(ABC):
    """Rows about which the same is known."""

    @abstractmethod
    def accumulate(self, kernel: Kernel, terms: Terms, origin: FloatArray) -> SufficientStats:
        """Expected sufficient statistics of all features and components.

        Parameters
        ----------
        kernel : Kernel
        terms : Terms
            Of all features.
        origin : (n_components, n_features)
        """

    @abstractmethod
    def evaluate(self, kernel: Kernel, terms: Terms, results: RowResults) -> None:
        """Write what the mixture says of each row, by the features observed, into `results`."""
