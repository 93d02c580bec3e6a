"""Probabilities of the bivariate standard normal distribution, to the last digits."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from bactrian.core.arrays import BoolArray, FloatArray

FARTHEST = 38.5  # deviations beyond which nothing is left
HALF_NODES = 120


def bivariate(h: FloatArray, k: FloatArray, correlation: FloatArray) -> FloatArray:
    """Probability that ``X <= h`` and ``Y <= k``, both standard, of a correlation within (-1, 1).

    Its derivative in the correlation is the density at (h, k) (Plackett 1954, eq. 3). From the
    correlation 1, where it is ``Phi(min(h, k))``, down to ``cos(phi)``::

        Phi(min(h, k)) - 1 / (2 pi) int_0^phi exp(-(h - k)^2 / (2 sin^2 t) - h k / (1 + cos t)) dt

    The integrand has all derivatives 0 at t = 0 and may rise at any distance from there, which
    the double exponential rule (Takahasi & Mori 1974) resolves at all scales. A negative
    correlation is that of ``X`` and ``-Y``.

    Parameters
    ----------
    h, k, correlation : arrays of shapes that broadcast
        Limits may be infinite.

    Returns
    -------
    array
        Within 1e-15 of the truth.
    """
    return _bivariate(h, k, np.abs(correlation), np.asarray(correlation) < 0)


def _bivariate(
    h: FloatArray, k: FloatArray, strength: FloatArray, negative: BoolArray
) -> FloatArray:
    """The same, of the absolute value of a correlation and its sign."""
    h, k = h.clip(-FARTHEST, FARTHEST), k.clip(-FARTHEST, FARTHEST)
    other = np.where(negative, -k, k)
    angle = np.arctan2(np.sqrt((1 - strength) * (1 + strength)), strength)[..., None]
    nodes, weights = _rule()
    half = np.square(np.sin(angle * nodes / 2))
    near, across = -1 / (8 * half * (1 - half)), -1 / (2 - 2 * half)
    gap, product = np.square(h - other)[..., None], (h * other)[..., None]
    integral = (np.exp(gap * near + product * across) @ weights) * angle[..., 0]
    found = ndtr(np.minimum(h, other)) - integral / (2 * np.pi)
    return np.asarray(np.clip(np.where(negative, ndtr(h) - found, found), 0.0, 1.0))


def rectangle(low: FloatArray, high: FloatArray, correlation: FloatArray) -> FloatArray:
    """Probability of a rectangle; its corners are (..., 2), in standard deviations."""
    # A side beyond 0 is mirrored, so that its ends are in the lower tail, which has more digits.
    flip = low + high > 0
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    negative = flip[..., 0] ^ flip[..., 1] ^ (correlation < 0)
    (a, b), (c, d) = np.moveaxis(low, -1, 0), np.moveaxis(high, -1, 0)
    strength = np.abs(correlation)
    total = (
        _bivariate(c, d, strength, negative)
        - _bivariate(a, d, strength, negative)
        - _bivariate(c, b, strength, negative)
        + _bivariate(a, b, strength, negative)
    )
    return np.asarray(np.clip(total, 0.0, 1.0))


@lru_cache
def _rule() -> tuple[FloatArray, FloatArray]:
    """The double exponential rule on (0, 1)."""
    t = np.linspace(-3.5, 3.5, 2 * HALF_NODES + 1)
    u = np.pi / 2 * np.sinh(t)
    nodes = 1 / (1 + np.exp(-2 * u))
    weights = np.cosh(t) / np.cosh(u) ** 2
    return nodes, weights / weights.sum()
