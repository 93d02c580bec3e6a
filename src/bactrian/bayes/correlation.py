"""The posterior of one correlation, where the covariance matrix is inverse Wishart."""

from __future__ import annotations

import numpy as np
from scipy.special import hyp2f1

from bactrian.bayes.marginals import Marginals
from bactrian.core.arrays import FloatArray

POINTS = 501
REACH = 9.0  # standard deviations of a normal distribution, or as much of an exponential tail
INNER = 1 - 2.0**-53  # largest correlation in float64
AT_ONCE = 2_000  # correlations, so that the grids stay small


def correlations_of(r: FloatArray, dof: FloatArray, level: float) -> Marginals:
    """Marginal posteriors of correlations.

    If a 2 x 2 covariance matrix is inverse Wishart with m degrees of freedom, and its scatter has
    the correlation r, its density integrated over both variances is proportional to
    ``(1 - rho^2)^((m - 3) / 2) (1 - rho r)^(1/2 - m) 2F1(1/2, 1/2; m + 1/2; (1 + rho r) / 2)``,
    that of Fisher (1915) with the roles of rho and r changed. It is integrated on a grid of
    ``atanh rho``, to about 1e-4 of the standard deviation.

    Parameters
    ----------
    r : (n,)
        Between -1 and 1.
    dof : (n,)
        m, above 1.
    level : float
        Probability of each interval.
    """
    pieces = [slice(i, i + AT_ONCE) for i in range(0, len(r), AT_ONCE)]
    found = [_of_piece(r[piece, None], dof[piece, None], level) for piece in pieces]
    return Marginals(*np.concatenate(found, axis=1)) if found else Marginals(*np.empty((5, 0)))


def _of_piece(r: FloatArray, m: FloatArray, level: float) -> Marginals:
    reach = np.maximum(REACH / np.sqrt(m), REACH**2 / 2 / (m - 1))
    centre = np.arctanh(np.clip(r, -INNER, INNER))
    z = centre + reach * np.linspace(-1, 1, POINTS)
    return Marginals.on_grid(z, _log_density(z, centre, m), np.tanh, 2 * _log_sech(z), level)


def _log_sech(z: FloatArray) -> FloatArray:
    """``log(1 - tanh(z)^2) / 2``, which does not overflow."""
    return np.asarray(np.log(2) - np.logaddexp(z, -z))


def _log_density(z: FloatArray, centre: FloatArray, m: FloatArray) -> FloatArray:
    """Of ``z = atanh rho``, up to a constant, with ``centre = atanh r``."""
    near = _log_sech(z) + _log_sech(centre) - _log_sech(z - centre)  # log(1 - rho r)
    argument = 1 - np.exp(near) / 2
    rest = np.log(hyp2f1(0.5, 0.5, m + 0.5, argument))
    return np.asarray((m - 1) * _log_sech(z) + (0.5 - m) * near + rest)
