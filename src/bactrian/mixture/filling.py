"""Fill in the missing values of rows, in units of the data."""

from __future__ import annotations

from typing import Any

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.observation.imputation import drawn, expected
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.evaluation import pieces
from bactrian.mixture.scaling import Scaling


def filled(
    chunk: Chunk, parameters: Parameters, scaling: Scaling | None, random_state: Any = None
) -> FloatArray:
    """Fill in the rows; observed values keep their bits.

    Parameters
    ----------
    chunk : Chunk
    parameters : Parameters
        In the units of `scaling`.
    scaling : Scaling or None
    random_state : RandomState or Generator, optional
        From which missing values are drawn; None for their conditional expectations.

    Returns
    -------
    (n_samples, n_features)
    """

    def complete(z: FloatArray) -> FloatArray:
        if random_state is None:
            return expected(z, parameters)
        return drawn(z, parameters, random_state)

    parts = []
    for values in (piece.values for piece in pieces(chunk)):
        if scaling is None:
            found = complete(values)
        else:
            found = scaling.original(complete(scaling.scaled(values)))
        parts.append(np.where(np.isnan(values), found, values))
    return np.concatenate(parts)
