"""Mark the values of rows that are point masses of a mixture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bactrian.core.values.chunk import Chunk
from bactrian.core.values.point_masses import PointMasses


def marked(chunk: Chunk, spikes: PointMasses | None) -> Chunk:
    """The rows, with NaN and a number in place of each value that is a point mass.

    Parameters
    ----------
    chunk : Chunk
        In units of the data. If it is marked already, or there are no point masses, it is
        returned as it is.
    spikes : PointMasses or None
        A value counts for all that rounds to it in numbers of the type of the rows.
    """
    if spikes is None or chunk.at_spike is not None:
        return chunk
    X = np.array(chunk.X)
    at = np.full(X.shape, -1, dtype=np.int16)
    for number, (column, value) in enumerate(zip(spikes.columns, spikes.values, strict=True)):
        at[chunk.X[:, column] == X.dtype.type(value), column] = number
    X[at >= 0] = np.nan
    return replace(chunk, X=X, complete=chunk.complete and not (at >= 0).any(), at_spike=at)
