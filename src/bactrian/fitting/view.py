"""The rows as starts see them: complete, in common units, and not too many."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.values.chunk import Chunk
from bactrian.data.source import DataSource, RandomSource
from bactrian.fitting.machine import Machine
from bactrian.init.filling import Filling
from bactrian.init.viewed import SAMPLE_LIMIT, TRIMMED_LIMIT, ViewedRows


@final
@dataclass(frozen=True, eq=False)
class View:
    """The rows of a source, in units.

    Parameters
    ----------
    source : DataSource
    n_samples : int
        How many rows it has.
    place, units : (n_features,)
        Where the units begin, and how long they are.
    deviations : (n_features,)
        Of the columns, whatever the units.
    machine : Machine
    """

    source: DataSource
    n_samples: int
    place: FloatArray
    units: FloatArray
    deviations: FloatArray
    machine: Machine

    def all_rows(self) -> ViewedRows:
        """All rows, in their order."""
        return self._rows(self.n_samples, 0)

    def valued_rows(self) -> ViewedRows:
        """The rows with a value that is no point mass: all rows, where there are no such values.

        The others do not say where components are.
        """
        return self._rows(self.n_samples, 0, valued=True)

    def ordered(self, random_state: np.random.RandomState) -> ViewedRows:
        """Sorted rows for a start: all of them, or a sample if there are many."""
        if self.n_samples <= SAMPLE_LIMIT:
            return self._all_ordered
        return self._rows(SAMPLE_LIMIT, random_state, valued=True).ordered()

    @cached_property
    def _all_ordered(self) -> ViewedRows:
        return self.valued_rows().ordered()

    @cached_property
    def trimmed(self) -> ViewedRows:
        """Sorted rows for a start, without outliers; a sample if there are many."""
        return self._rows(TRIMMED_LIMIT, 0, valued=True).ordered().trimmed()

    def labelled(self, n_components: int) -> tuple[FloatArray, FloatArray] | None:
        """Rows whose component is known, and their labels times weights; None without any."""
        own = self.source.labelled(SAMPLE_LIMIT, 0)
        own = None if own is None else _valued(own)
        if own is None or own.plausibility is None or len(own.X) == 0:
            return None
        weights = np.ones(len(own.X)) if own.sample_weight is None else own.sample_weight
        labels = own.plausibility[:, :n_components] * weights[:, None]
        return np.asarray(self.filled(own), dtype=np.float64), labels

    @cached_property
    def filled(self) -> Filling:
        """The expected values where values are missing."""
        chunk = self.source.sample(SAMPLE_LIMIT, 0)
        return Filling(chunk, self.place, self.deviations, self.machine.backend)

    def _rows(self, limit: int, random_state: RandomSource, *, valued: bool = False) -> ViewedRows:
        chunk = self.source.sample(limit, random_state)
        chunk = _valued(chunk) if valued else chunk
        X = self.filled(chunk)
        return ViewedRows.of(X, chunk.sample_weight, self.place, self.units, self.machine.n_jobs)


def _valued(chunk: Chunk) -> Chunk:
    """The rows without those that are at point masses in all columns that are observed."""
    if chunk.at_spike is None:
        return chunk
    bare = np.isnan(chunk.X).all(axis=1) & (chunk.at_spike >= 0).any(axis=1)
    return chunk.take(~bare) if bare.any() else chunk
