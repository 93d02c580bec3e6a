"""Rows for fitting mixtures, checked and summarised once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, final

import numpy as np

from bactrian.backends import Held
from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.covariance import FULL
from bactrian.core.observation.labelled import told_of
from bactrian.core.values.point_masses import PointMasses
from bactrian.core.values.spike import Spike
from bactrian.core.values.statistics import SufficientStats
from bactrian.data.source import ArraySource, DataSource
from bactrian.data.spikes import shares_in, spikes_of
from bactrian.data.summary import Span, Summary, overall_moments, span_of, summarise
from bactrian.fitting.machine import Machine
from bactrian.fitting.view import View
from bactrian.machine.blas import one_blas_thread

GRAIN_ROWS = 4096  # of which the distances between values are looked at
SPIKE_ROWS = 65_536  # of which equal values are counted


@final
@dataclass(frozen=True, eq=False)
class DataSet:
    """Rows, what is known of them, and the machine that holds them.

    What is found out about the rows (how they are sorted, what is missing) is found out once, for
    all mixtures that are fitted to them.

    Parameters
    ----------
    source : DataSource
        Rows of weight above 0.
    summary : Summary
        Of the rows; of all of them, if these are a sample.
    machine : Machine
    feature_names : tuple of str
        Empty if the columns have no names.
    given : tuple of int
        Number of the rows and columns that were given, rows of weight 0 among them.
    kept : (n_given,) of bool, or None
        Which of these are in it; None for all.
    sampled : int or None
        How many rows there are, if they are a sample.
    spikes : PointMasses or None
        Those that the source marks, with their shares of the rows; None without any.
    """

    source: DataSource
    summary: Summary
    machine: Machine
    feature_names: tuple[str, ...] = ()
    given: tuple[int, int] = (0, 0)
    kept: BoolArray | None = None
    sampled: int | None = None
    spikes: PointMasses | None = None

    @classmethod
    def of(
        cls,
        source: DataSource,
        machine: Machine,
        *,
        feature_names: Sequence[str] = (),
        missing: bool = True,
        given: tuple[int, int] | None = None,
        kept: BoolArray | None = None,
        spikes: PointMasses | None = None,
    ) -> DataSet:
        """Take the rows of a source, checked and summarised in one pass.

        Parameters
        ----------
        source : DataSource
        machine : Machine
        feature_names : sequence of str
        missing : bool
            Whether values may be missing.
        given : tuple of int, optional
            By default the rows of the source are all that were given.
        kept : (n_given,) of bool, optional
            By default all.
        spikes : PointMasses, optional
            Those that the source marks.

        Raises
        ------
        BadInputError
            If a value is infinite, or missing where it may not be.
        """
        names = tuple(feature_names)
        with one_blas_thread():
            summary = summarise(source, machine.n_jobs, names=names or None, missing=missing)
        if spikes is not None:
            spikes = shares_in(source, spikes)
        source = source.checked(complete=summary.incomplete == 0 and spikes is None)
        shape = given or (summary.n_samples, source.n_features)
        return cls(source, summary, machine, names, shape, kept, spikes=spikes)

    def __getstate__(self) -> dict[str, Any]:
        """The fields only: what was computed is computed again where it is needed."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return self.summary.n_samples if self.sampled is None else self.sampled

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return self.source.n_features

    @property
    def names(self) -> list[str]:
        """What messages call the columns."""
        return [repr(name) for name in self.feature_names] or [
            str(j) for j in range(self.n_features)
        ]

    def sample(self, rows: int) -> DataSet:
        """A sample of that many rows; always the same sample."""
        if rows not in self._samples:
            source = ArraySource.of(self.source.sample(rows, rows))
            self._samples[rows] = self._part(source, len(source.X))
        return self._samples[rows]

    def told(self, plausibility: FloatArray | None) -> DataSet:
        """The same rows with what is known of their components; None if nothing is.

        Parameters
        ----------
        plausibility : (n_given, n_terms) or None
        """
        if plausibility is None:
            return self
        own = plausibility if self.kept is None else plausibility[self.kept]
        summary = replace(self.summary, labelled=told_of(own))
        return replace(self, source=self.source.told(own), summary=summary)

    def only(self, rows: BoolArray) -> DataSet:
        """Some of the rows; the same is known of them as of all rows."""
        return self._part(self.source.only(rows), int(rows.sum()))

    def _part(self, source: DataSource, n_samples: int) -> DataSet:
        given = n_samples, self.n_features
        return replace(self, source=source, sampled=n_samples, given=given, kept=None)

    @cached_property
    def _samples(self) -> dict[int, DataSet]:
        return {}

    @cached_property
    def held(self) -> Held:
        """The rows, held where the back end works."""
        return self.machine.backend.hold(self.source)

    @cached_property
    def grain(self) -> FloatArray:
        """Smallest distance between different values of each column, (n_features,).

        Rounding to a multiple of it has a deviation of 0.29 of it: a component that is much
        thinner has been fitted to the rounding.
        """
        rows = self.source.sample(GRAIN_ROWS, 0).values
        gaps = np.diff(np.sort(rows, axis=0), axis=0)
        smallest = np.where(gaps > 0, gaps, np.inf).min(axis=0, initial=np.inf)
        return np.where(np.isfinite(smallest), smallest, 0.0)

    def found_spikes(self) -> tuple[Spike, ...]:
        """Values of the columns that many rows equal exactly, and that are not marked."""
        return self._found_spikes

    @cached_property
    def _found_spikes(self) -> tuple[Spike, ...]:
        return spikes_of(self.source.sample(SPIKE_ROWS, 0))

    @cached_property
    def moments(self) -> SufficientStats:
        """Statistics of all complete rows as one component of the full structure."""
        return overall_moments(self.source, FULL, self.summary.mean)

    @cached_property
    def span(self) -> Span:
        """Directions in which the complete rows vary."""
        return span_of(self.moments, self.summary)

    @cached_property
    def distinct(self) -> int:
        """How many different rows there are in a sample."""
        return len(np.unique(self.source.sample(SPIKE_ROWS, 0).values, axis=0))

    def view(self, units: FloatArray) -> View:
        """The rows as starts see them, in units; the same view for all callers.

        Parameters
        ----------
        units : (n_features,)
        """
        key = units.tobytes()
        if key not in self._views:
            variance = self.summary.variance
            deviations = np.where(variance > 0, np.sqrt(variance), units)
            self._views[key] = View(
                self.source, self.n_samples, self.summary.mean, units, deviations, self.machine
            )
        return self._views[key]

    @cached_property
    def _views(self) -> dict[bytes, View]:
        return {}
