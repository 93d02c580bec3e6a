"""Randomised quasi-Monte Carlo: shifted lattices of points in the unit cube."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bactrian.core.arrays import FloatArray

SHIFTS = 12
FIRST = 512  # points of a lattice at first
DEVIATIONS = 3.0  # standard errors that are told as the error


def lattice_mean(
    f: Callable[[FloatArray], FloatArray], d: int, tol: float, most: int, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Mean of a function over the unit cube, with its error.

    Points ``frac(i sqrt(p_j) + shift_j)`` with the primes p_j (Richtmyer 1951), folded so that
    the integrand is periodic; the shifts are drawn, and the spread of their means is the error
    (Genz & Bretz 2009, section 4.2).

    Parameters
    ----------
    f : callable
        From points (n, d) within the cube to values (n, m).
    d : int
    tol : float
        The number of points is doubled until the error is at most this.
    most : int
        Number of points, of all shifts, at which it ends.
    seed : int
        The same seed gives the same numbers.

    Returns
    -------
    values, errors : (m,)
        The error is three standard errors.
    """
    shifts = np.random.default_rng(seed).random((SHIFTS, d))
    step = np.sqrt(_primes(d)) % 1
    n, totals = FIRST, np.zeros(1)
    begin = 0
    while True:
        i = np.arange(begin + 1, n + 1)[:, None]
        sums = np.stack([f(_folded(i * step + shift)).sum(axis=0) for shift in shifts])
        totals = totals + sums
        means = totals / n
        errors = DEVIATIONS * means.std(axis=0, ddof=1) / np.sqrt(SHIFTS)
        if errors.max() <= tol or 2 * n * SHIFTS > most:
            return means.mean(axis=0), errors
        begin, n = n, 2 * n


def _folded(points: FloatArray) -> FloatArray:
    folded = np.abs(2 * (points % 1) - 1)
    tiny = np.finfo(np.float64).eps / 2
    return np.asarray(folded.clip(tiny, 1 - tiny))


def _primes(count: int) -> FloatArray:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % p for p in found):
            found.append(number)
        number += 1
    return np.array(found, dtype=np.float64)
