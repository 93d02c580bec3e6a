"""Find values that stand out of a column because many rows equal them exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.values.chunk import Chunk, pieces
from bactrian.core.values.point_masses import PointMasses
from bactrian.core.values.spike import Spike
from bactrian.data.source import DataSource

LEAST_ROWS = 10
LEAST_SHARE = 0.01
STANDS_OUT = 8  # times as many rows as any value near to it: rounding makes equal rows too
LEAST_VALUES = 10  # besides the spikes, that a density is of
NEAR = 3  # values on each side that are near


def spikes_of(chunk: Chunk) -> tuple[Spike, ...]:
    """Find the spikes of all columns.

    A value is a spike if it has at least ten rows and 1 % of all, and eight times as many as
    each of the three values next to it on either side. Rounding makes many rows equal, but then
    their neighbours are as frequent; and among the few values of a code none stands out.

    Parameters
    ----------
    chunk : Chunk
        Weights count rows; where they are shares, their mean stands for one.
    """
    X, weights = chunk.values, chunk.sample_weight
    rows = np.ones(len(X)) if weights is None else weights * max(1.0, len(X) / weights.sum())
    return tuple(
        spike for column, values in enumerate(X.T) for spike in _of_column(column, values, rows)
    )


def separate_spikes_of(chunk: Chunk) -> tuple[Spike, ...]:
    """The spikes of those columns that have enough other values to hold a density."""
    found = groupby(spikes_of(chunk), key=lambda spike: spike.column)
    each = ((column, tuple(spikes)) for column, spikes in found)
    return tuple(
        spike
        for column, spikes in each
        if _n_distinct(chunk.values[:, column]) >= len(spikes) + LEAST_VALUES
        for spike in spikes
    )


def _n_distinct(values: FloatArray) -> int:
    return len(np.unique(values[~np.isnan(values)]))


def _of_column(column: int, values: FloatArray, rows: FloatArray) -> Iterator[Spike]:
    observed = ~np.isnan(values)
    distinct, place_of = np.unique(values[observed], return_inverse=True)
    if len(distinct) < 2:
        return
    counts = np.bincount(place_of, rows[observed])
    total = counts.sum()
    for place in np.flatnonzero(counts >= max(LEAST_ROWS, LEAST_SHARE * total)).tolist():
        around = counts[max(0, place - NEAR) : place + NEAR + 1]
        if counts[place] > STANDS_OUT * np.delete(around, min(place, NEAR)).max():
            yield Spike(column, float(distinct[place]), float(counts[place] / total))


def shares_in(source: DataSource, spikes: PointMasses) -> PointMasses:
    """The point masses with their shares of the rows of a marked source.

    Of the rows in which the column is observed, by weight.
    """
    at, observed = np.zeros((2, len(spikes)))
    for piece in pieces(source.chunks()):
        weights = np.ones(len(piece.X)) if piece.sample_weight is None else piece.sample_weight
        numbers = np.asarray(piece.at_spike)[:, spikes.columns]
        at += weights @ (numbers == np.arange(len(spikes)))
        observed += weights @ ((numbers >= 0) | ~np.isnan(piece.X[:, spikes.columns]))
    shares = np.divide(at, observed, out=np.zeros_like(at), where=observed > 0)
    return replace(spikes, shares=shares[None])
