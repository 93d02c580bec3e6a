"""The component of each row, as a table."""

from __future__ import annotations

from typing import Any

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.mixture import Mixture
from bactrian.mixture.sampling import NOISE


def membership(model: Mixture, X: FloatArray) -> tuple[list[str], list[Any]]:
    """Names and columns for the components of rows; noise has the number -1.

    Parameters
    ----------
    model : Mixture
    X : (n_samples, n_features)

    Returns
    -------
    names : list of str
    columns : list of (n_samples,)
    """
    probabilities, n_components = model.responsibilities(X), model.parameters.n_components
    numbers = [*range(1, n_components + 1), NOISE]
    names = [f"probability_{k if k != NOISE else 'noise'}" for k in numbers]
    components = np.array(numbers)[probabilities.argmax(axis=1)]
    columns = list(probabilities.T.copy())
    return ["component", *names[: len(columns)]], [components, *columns]
