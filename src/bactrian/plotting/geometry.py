"""Ellipses, levels and grids: the numbers for drawing a mixture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters
from bactrian.mixture import Mixture
from bactrian.mixture.sampling import draw_samples

CIRCLE = 181  # points on an ellipse, the first again at the end
DRAWS = 20_000
REACH = 5.0  # deviations about each mean within which a grid is fine


def ellipse(mean: FloatArray, covariance: FloatArray, n_sigma: float) -> FloatArray:
    """Points at the Mahalanobis distance `n_sigma` from the mean.

    ``mean + n_sigma V sqrt(L) z`` with z on the unit circle and ``covariance = V L V'``.

    Parameters
    ----------
    mean : (2,)
    covariance : (2, 2)
    n_sigma : float

    Returns
    -------
    (n_points, 2)
    """
    angle = np.linspace(0.0, 2 * np.pi, CIRCLE)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    scale = np.abs(covariance).max()
    values, vectors = np.linalg.eigh(covariance / scale)
    lengths = n_sigma * np.sqrt(scale) * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(mean + (circle * lengths) @ vectors.T)


def deviations(parameters: Parameters) -> FloatArray:
    """Standard deviations of each component, (K, D); for t, square roots of the scales."""
    return np.sqrt(np.diagonal(parameters.dense_covariances(), axis1=1, axis2=2))


def axis_grid(
    window: FloatArray, means: FloatArray, scales: FloatArray, n_even: int, n_own: int
) -> FloatArray:
    """Points on an axis, dense where a component is, so that they miss none.

    Parameters
    ----------
    window : (2,)
        Lowest and highest.
    means, scales : (n_components,)
    n_even : int
        Points at even distances.
    n_own : int
        Points about all means together.

    Returns
    -------
    (n_points,)
        Increasing.
    """
    low, high = window
    steps = np.linspace(-REACH, REACH, max(11, n_own // len(means)) | 1)
    own = (means[:, None] + scales[:, None] * steps).ravel()
    points = np.concatenate([np.linspace(low, high, n_even), own])
    return np.unique(points[(points >= low) & (points <= high)])


def region_levels(parameters: Parameters, shares: Sequence[float]) -> FloatArray:
    """Log-densities above which the given shares of the mixture lie, in rising order.

    Of a share p it is the quantile 1 - p of the log-density of draws [1]_.

    References
    ----------
    .. [1] Hyndman, R. J. (1996). Computing and graphing highest density regions. Am. Stat. 50,
       120-126, section 3.
    """
    drawn, _ = draw_samples(parameters, DRAWS, np.random.RandomState(0))
    densities = Mixture.from_parameters(parameters).log_density(drawn)
    return np.unique(np.quantile(densities, 1 - np.asarray(shares)))


def separation(parameters: Parameters) -> FloatArray:
    """Share of each feature's variance that lies between the components, (n_features,)."""
    weights = parameters.weights / parameters.weights.sum()
    away = parameters.means - parameters.means[weights.argmax()]
    away = away - weights @ away
    scale = deviations(parameters)
    unit = np.maximum(scale.max(axis=0), np.abs(away).max(axis=0))
    between, within = weights @ np.square(away / unit), weights @ np.square(scale / unit)
    return np.asarray(between / (between + within))
