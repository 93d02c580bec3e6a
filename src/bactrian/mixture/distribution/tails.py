"""The tail of a t distribution, also where it is below all float64 numbers."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, stdtr

from bactrian.core.arrays import FloatArray

FAR = 1e100  # beyond it squares overflow
SAFE = 1e-290  # above it, the tail itself has all its digits
LARGE = 30.0
MOST_TERMS = 100_000  # about the root of the degrees of freedom is needed
TINY = 1e-300


def stdtr_anywhere(dof: float, z: FloatArray) -> FloatArray:
    """Probability of at most z under the standard t distribution, where z^2 overflows too."""
    size = np.abs(z)
    tail = np.asarray(stdtr(dof, np.clip(z, -FAR, FAR)))
    far = size > FAR
    if far.any():
        small = np.exp(_log_far_tail(dof, size[far]))
        tail[far] = np.where(z[far] < 0, small, 1 - small)
    return tail


def log_t_kernel(dof: float, z: FloatArray) -> FloatArray:
    """``-(v + 1)/2 log(1 + z^2 / v)``, where z^2 overflows too."""
    root, size = np.sqrt(dof), np.abs(z)
    near = np.log1p((np.minimum(size, FAR) / root) ** 2)
    beyond = 2 * np.log(np.maximum(size / FAR, 1.0))
    return np.asarray(-(dof + 1) / 2 * (near + beyond))


def log_half_step(a: float) -> float:
    """``log G(a + 1/2) - log G(a)``, of which the difference would lose digits where a is large.

    There it is the asymptotic series (Tricomi & Erdelyi 1951).
    """
    if a < LARGE:
        return float(gammaln(a + 0.5) - gammaln(a))
    square = 1 / (a * a)
    series = 1 / 8 - square * (1 / 192 - square * (1 / 640 - square * 17 / 14336))
    return float(np.log(a) / 2 - series / a)


def log_stdtr(dof: float, z: FloatArray) -> FloatArray:
    """Log of the probability of at most z under the standard t distribution.

    Where the probability underflows it is ``I_x(v/2, 1/2) / 2`` with ``x = v / (v + z^2)``, the
    incomplete beta function, by its continued fraction (Abramowitz & Stegun 1964, eq. 26.5.8;
    x is far on the side on which it converges fast).

    Parameters
    ----------
    dof : float
    z : array of any shape
    """
    tail = stdtr_anywhere(dof, z)
    with np.errstate(divide="ignore"):
        found = np.log(tail)
    far = tail < SAFE
    if far.any():
        found[far] = _log_far_tail(dof, np.abs(z[far]))
    return found


def _log_far_tail(dof: float, size: FloatArray) -> FloatArray:
    a, b = dof / 2, 0.5
    root = np.sqrt(dof)
    # log x and log(1 - x) without squares that overflow
    with np.errstate(over="ignore", divide="ignore", under="ignore"):
        ratio = root / size
        log_rest = -np.log1p(ratio**2)
        log_x = np.where(ratio > 1, -np.log1p(ratio**-2), 2 * np.log(ratio) + log_rest)
    fraction = _continued_fraction(np.exp(log_x), a, b)
    front = a * log_x + b * log_rest - np.log(a) + log_half_step(a) - np.log(np.pi) / 2
    return np.asarray(front + np.log(fraction) - np.log(2))


def _continued_fraction(x: FloatArray, a: float, b: float) -> FloatArray:
    """The fraction of the incomplete beta function, by Lentz's method."""
    below = 1.0 - (a + b) * x / (a + 1)
    d = 1 / np.where(np.abs(below) < TINY, TINY, below)
    c, total = np.ones_like(x), d.copy()
    for m in range(1, MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 + term * d
            d = 1 / np.where(np.abs(d) < TINY, TINY, d)
            c = 1 + term / np.where(np.abs(c) < TINY, TINY, c)
            total *= c * d
        if (np.abs(c * d - 1) < 1e-16).all():
            break
    return total
