"""Intervals from resamples, one for each number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, ndtri

from bactrian.core.arrays import FloatArray

Bounds = tuple[FloatArray, FloatArray]
Rule = Callable[[FloatArray, FloatArray, float], Bounds]


def percentile(resamples: FloatArray, estimate: FloatArray, level: float) -> Bounds:
    """Quantiles of the resamples (Efron & Tibshirani 1993, section 13.3).

    They stay within the range of the parameter, and transform with it.

    Parameters
    ----------
    resamples : (n_resamples, ...)
    estimate : (...)
    level : float
        Probability that the interval is meant to have.

    Returns
    -------
    low, high : (...)
    """
    low, high = np.quantile(resamples, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def basic(resamples: FloatArray, estimate: FloatArray, level: float) -> Bounds:
    """Quantiles mirrored about the estimate (Davison & Hinkley 1997, eq. 5.6).

    The error of the estimate is taken to be distributed as that of the resamples; the bounds may
    lie outside the range of the parameter. As :func:`percentile` otherwise.
    """
    low, high = percentile(resamples, estimate, level)
    return 2 * estimate - high, 2 * estimate - low


def bias_corrected(resamples: FloatArray, estimate: FloatArray, level: float) -> Bounds:
    """Quantiles shifted by the share of resamples below the estimate (Efron 1981).

    With z0 the normal quantile of that share, ties counted half, the quantiles are those at
    ``Phi(2 z0 + z)`` rather than ``Phi(z)`` (Efron & Tibshirani 1993, eq. 14.10 with a = 0). As
    :func:`percentile` otherwise.
    """
    share = ((resamples < estimate).mean(axis=0) + (resamples <= estimate).mean(axis=0)) / 2
    ordered = np.sort(resamples, axis=0)
    low, high = (
        _quantiles(ordered, ndtr(2 * ndtri(share) + z))
        for z in ndtri([(1 - level) / 2, (1 + level) / 2])
    )
    return low, high


def _quantiles(ordered: FloatArray, shares: FloatArray) -> FloatArray:
    """A quantile of each column, interpolated as in :func:`numpy.quantile`."""
    place = shares * (len(ordered) - 1)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, len(ordered) - 1)
    low, high = (np.take_along_axis(ordered, at[None], axis=0)[0] for at in (below, above))
    return np.asarray(low + (place - below) * (high - low))


INTERVALS: dict[str, Rule] = {
    "percentile": percentile,
    "basic": basic,
    "bias_corrected": bias_corrected,
}
