"""Mixtures seen along lines: no divergence is larger there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import covariance_structure
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distances.components import moments_of_scales

MOST = 24  # directions


def directions(p: Parameters, q: Parameters) -> Iterator[FloatArray]:
    """Directions in which the mixtures may differ most: of columns, means, and spreads."""
    (m, own), (n, other) = (
        moments_of_scales(one.weights, one.means, one.dense_covariances()) for one in (p, q)
    )
    within, steps = own + other, m - n
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
