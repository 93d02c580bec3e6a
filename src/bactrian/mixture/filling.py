"""Fill in the missing values of rows, in units of the data."""

from __future__ import annotations

from typing import Any

import numpy as np

from bactrian.core.arrays import CodeArray, FloatArray
from bactrian.core.observation.imputation import drawn, expected
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.data.marking import marked
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
    own = parameters if scaling is None else _in_its_units(parameters, scaling)

    def complete(z: FloatArray, at_spike: CodeArray | None) -> FloatArray:
        if random_state is None:
            return expected(z, own, at_spike)
        return drawn(z, own, random_state, at_spike)

    parts = []
    for piece in pieces(chunk):
        values, known = piece.values, marked(piece, parameters.spikes)
        if scaling is None:
            found = complete(known.values, known.at_spike)
        else:
            z = complete(scaling.scaled(known.values), known.at_spike)
            found = _at_values(scaling.original(z), z, own, parameters)
        parts.append(np.where(np.isnan(values), found, values))
    return np.concatenate(parts)


def _in_its_units(parameters: Parameters, scaling: Scaling) -> Parameters:
    """The parameters, with the values of point masses in their units as well."""
    return parameters.replaced(spikes=scaling.scaled_spikes(parameters.spikes))


def _at_values(
    X: FloatArray, z: FloatArray, own: Parameters, parameters: Parameters
) -> FloatArray:
    """The rows, with the exact value where a point mass was drawn."""
    if own.spikes is None or parameters.spikes is None:
        return X
    for column, scaled, value in zip(
        own.spikes.columns, own.spikes.values, parameters.spikes.values, strict=True
    ):
        X[z[:, column] == scaled, column] = value
    return X
