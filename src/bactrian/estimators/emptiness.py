"""How probable it is that a component of a posterior holds none of the rows."""

from __future__ import annotations

import numpy as np

from bactrian.bayes.summary import probability_empty
from bactrian.core.arrays import FloatArray, IntArray
from bactrian.mixture import Mixture
from bactrian.storage import MixtureModel
from bactrian.storage.posterior import posterior_of

ROWS_AT_ONCE = 65_536


def emptiness(
    model: MixtureModel, X: FloatArray, weights: FloatArray | None, y: IntArray | None
) -> FloatArray:
    """Probability that each component holds no row, (K,).

    Parameters
    ----------
    model : MixtureModel
        That has a posterior.
    X : (n_samples, n_features)
        In the units of the fit.
    weights : (n_samples,), optional
    y : (n_samples,), optional
        Known components, -1 for unknown.
    """
    posterior = posterior_of(model.parameters, model.training)
    assert posterior is not None
    judge, found = Mixture.from_parameters(posterior), np.ones(posterior.n_components)
    for first in range(0, len(X), ROWS_AT_ONCE):
        piece = slice(first, first + ROWS_AT_ONCE)
        resp = np.array(judge.evaluate(X[piece], "resp").resp)[:, : posterior.n_components]
        if y is not None:
            known = np.flatnonzero(y[piece] >= 0)
            resp[known] = 0.0
            resp[known, y[piece][known]] = 1.0
        found *= probability_empty(resp, None if weights is None else weights[piece])
    return found
