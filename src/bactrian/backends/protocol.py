"""The protocol of back ends: one method."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from bactrian.core.arrays import FloatArray
from bactrian.core.parameters import Parameters
from bactrian.core.statistics import SufficientStats
from bactrian.data.source import Chunk


@runtime_checkable
class Backend(Protocol):
    """Turns data and parameters into sufficient statistics."""

    def accumulate(
        self, chunks: Iterable[Chunk], parameters: Parameters, origin: FloatArray | None = None
    ) -> SufficientStats:
        """Sufficient statistics of all chunks, added in their order.

        Parameters
        ----------
        chunks : iterable of Chunk
        parameters : Parameters
        origin : (n_components, n_features), optional
            About which the moments are taken; by default the current means.
        """
