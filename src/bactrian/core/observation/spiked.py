"""Rows at the same point masses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.estep.density import responsibilities
from bactrian.core.estep.expectation import sums
from bactrian.core.observation.observation import Kernel, Observation
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.point_masses import PointMasses
from bactrian.core.values.results import RowResults
from bactrian.core.values.statistics import SpikeStats, SufficientStats
from bactrian.core.values.terms import Terms

NO_COLUMNS = np.empty(0, dtype=np.int64)


@final
@dataclass(frozen=True, eq=False)
class AtSpikes(Observation):
    """Rows that are at the same point masses, or at none, and in which the same is observed.

    They are rows of the mixture of their other columns, in which each weight is times the
    probability to be at these values, and off the values of the columns that are left.

    Parameters
    ----------
    at : (n_features,)
        The number of the value in each column, from 0; -1 where they are at none.
    seen : (n_features,)
        Which columns are observed and not at a value.
    rows : Observation
        The rows as if the columns at values were missing.
    told : bool
        Whether anything is known of them besides these values.
    """

    at: IntArray
    seen: BoolArray
    rows: Observation
    told: bool

    def accumulate(self, kernel: Kernel, terms: Terms, origin: FloatArray) -> SufficientStats:
        spikes = terms.spikes
        if spikes is None:  # to a mixture without such values they are missing ones
            return self.rows.accumulate(kernel, terms, origin)
        own, possible = self._terms(terms, spikes)
        stats = self.rows.accumulate(kernel, own, origin)
        stats = replace(stats, spikes=self._counts(spikes, stats))
        if not possible:
            stats = replace(stats, log_likelihood=-np.inf)
        return self._bare(stats) if self._silent(spikes) else stats

    def evaluate(self, kernel: Kernel, terms: Terms, results: RowResults) -> None:
        spikes = terms.spikes
        if spikes is None:
            self.rows.evaluate(kernel, terms, results)
            return
        own, possible = self._terms(terms, spikes)
        self.rows.evaluate(kernel, own, results)
        if results.log_density is not None and not possible:
            results.log_density[...] = -np.inf

    def _terms(self, terms: Terms, spikes: PointMasses) -> tuple[Terms, bool]:
        """Terms of rows at these values, and whether there are such rows.

        If no term has any, all that is known are the other columns.
        """
        factors = spikes.log_factors(self.at, self.seen)
        weights = terms.background.marginal(NO_COLUMNS).joined(terms.log_weights)
        possible = bool(np.isfinite(weights + factors).any())
        return terms.at(factors if possible else np.zeros(1)), possible

    def _silent(self, spikes: PointMasses) -> bool:
        """Whether the rows say nothing of the components."""
        return spikes.common and not self.told

    def _bare(self, stats: SufficientStats) -> SufficientStats:
        """The statistics of silent rows: only how likely they are, and how many at each value."""
        return replace(
            SufficientStats.zeros(stats.form, stats.origin),
            log_likelihood=stats.log_likelihood,
            weight=stats.weight,
            n_samples=stats.n_samples,
            spikes=stats.spikes,
        )

    def _counts(self, spikes: PointMasses, stats: SufficientStats) -> SpikeStats:
        """Weights of the rows at each value, and of those in which its column is observed."""
        held = np.array([stats.weight])
        if not spikes.common:
            n_others = len(spikes.shares) - len(stats.resp_sum)  # 1 for noise
            left = max(stats.weight - float(stats.resp_sum.sum()), 0.0)
            held = np.append(stats.resp_sum, [left] * n_others)
        here = self.at[spikes.columns] == np.arange(len(spikes))
        known = self.seen[spikes.columns] | (self.at[spikes.columns] >= 0)
        silent = stats.weight if self._silent(spikes) else 0.0
        return SpikeStats(held[:, None] * here, held[:, None] * known, silent)


@final
@dataclass(frozen=True, eq=False)
class Featureless(Observation):
    """Rows of which only the weights of the components are left: no feature has a density.

    Parameters
    ----------
    chunk : Chunk
        Rows without columns.
    """

    chunk: Chunk

    def accumulate(self, kernel: Kernel, terms: Terms, origin: FloatArray) -> SufficientStats:
        return sums(self.chunk, terms, origin)

    def evaluate(self, kernel: Kernel, terms: Terms, results: RowResults) -> None:
        results.fill(slice(None), *responsibilities(self.chunk.values[:1], terms))
