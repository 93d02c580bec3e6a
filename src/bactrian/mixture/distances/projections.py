"""Mixtures seen along lines: no divergence is larger there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import covariance_structure
from bactrian.core.values.parameters import Parameters

MOST = 24  # directions


def directions(p: Parameters, q: Parameters) -> Iterator[FloatArray]:
    """Directions in which the mixtures may differ most: of columns, means, and spreads."""
    own, other = _covariance(p), _covariance(q)
    within = own + other
    steps = p.weights @ p.means / p.weights.sum() - q.weights @ q.means / q.weights.sum()
    inverse = np.linalg.inv(np.linalg.cholesky(other))
    _, vectors = np.linalg.eigh(inverse @ own @ inverse.T)
    back = inverse.T @ vectors
    found = [np.linalg.solve(within, steps), back[:, 0], back[:, -1], *np.eye(p.n_features)]
    for direction in found[:MOST]:
        length = float(np.sqrt(direction @ within @ direction))
        if length > 0:
            yield direction / length


def projected(parameters: Parameters, direction: FloatArray) -> Parameters:
    """The mixture of ``direction' x``, without noise: the projection of a box is not uniform."""
    variances = np.einsum("a,kab,b->k", direction, parameters.dense_covariances(), direction)
    return Parameters(
        parameters.weights,
        (parameters.means @ direction)[:, None],
        variances[:, None, None],
        covariance_structure("full"),
        dof=parameters.dof,
    )


def _covariance(parameters: Parameters) -> FloatArray:
    """Scatter of the components and of their means; of t distributions, of the scales."""
    weights = parameters.weights / parameters.weights.sum()
    centred = parameters.means - weights @ parameters.means
    between = (centred * weights[:, None]).T @ centred
    return np.asarray(np.einsum("k,kab->ab", weights, parameters.dense_covariances()) + between)
