"""Drawing rows from a mixture."""

from __future__ import annotations

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.parameters import Parameters


def draw_samples(
    parameters: Parameters,
    n_samples: int,
    random_state: np.random.RandomState,
    *,
    sort: bool = True,
) -> tuple[FloatArray, IntArray]:
    """Draw components by their weights, then rows as mean plus ``z U^-1``, ``cov^-1 = U U'``.

    Parameters
    ----------
    parameters : Parameters
    n_samples : int
    random_state : RandomState
    sort : bool
        Whether rows come in the order of their components, or at random.

    Returns
    -------
    X : (n_samples, n_features)
    y : (n_samples,)
        Component of each row.
    """
    counts = random_state.multinomial(n_samples, parameters.weights / parameters.weights.sum())
    labels = np.repeat(np.arange(parameters.n_components), counts)
    if not sort:
        labels = random_state.permutation(labels)
    z = random_state.standard_normal((n_samples, parameters.n_features))
    X = np.empty_like(z)
    for k, factor in enumerate(parameters.factors()):
        own = labels == k
        X[own] = parameters.means[k] + parameters.structure.coloured(z[own], factor)
    return X, labels
