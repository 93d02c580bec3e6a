"""Shares of point masses: their M-step and their coordinates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.point_masses import PointMasses
from bactrian.core.values.statistics import SufficientStats


def shares_of(stats: SufficientStats, current: PointMasses) -> PointMasses:
    """Maximise the expected log-likelihood over the shares of the point masses.

    Of the rows of a term in which the column is observed, those at the value: the maximum of a
    multinomial likelihood. A term that holds no such row keeps its shares.
    """
    found = stats.spikes
    if found is None:
        return current
    held = found.observed > 0
    shares = np.divide(found.at, found.observed, out=current.shares.copy(), where=held)
    return replace(current, shares=shares)


def categories(parameters: Parameters) -> FloatArray:
    """Shares of the values, then what they leave in each column, (n, n_spikes + n_columns)."""
    spikes = parameters.spikes
    if spikes is None:
        return np.empty((0, 0))
    return np.hstack([spikes.shares, spikes.rest])


def rows_behind(parameters: Parameters) -> FloatArray:
    """Share of all rows behind each row of shares, (n, 1)."""
    spikes = parameters.spikes
    if spikes is None:
        return np.empty((0, 1))
    return np.ones((1, 1)) if spikes.common else parameters.term_weights[:, None]


def from_categories(current: PointMasses, values: FloatArray) -> PointMasses:
    """The point masses whose categories are in proportion to these values."""
    n_spikes = len(current)
    shares, rest = values[:, :n_spikes], values[:, n_spikes:]
    totals = current.summed(shares) + rest
    return replace(current, shares=shares / totals[:, current.place])
