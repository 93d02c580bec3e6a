"""What a posterior says of quantities one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Self

import numpy as np
from scipy import stats

from bactrian.core.arrays import FloatArray


class Marginals(NamedTuple):
    """Of each quantity by itself: mean, mode, standard deviation and central interval."""

    mean: FloatArray
    mode: FloatArray
    deviation: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, law: stats.rv_continuous, mode: FloatArray, level: float) -> Self:
        """Of a frozen distribution; a moment that is infinite is inf."""
        low, high = law.interval(level)
        mean, variance = law.stats("mv")
        spread = np.where(np.isnan(variance), np.inf, variance)
        return cls(*map(np.asarray, (mean, mode, np.sqrt(spread), low, high)))

    @classmethod
    def on_grid(
        cls,
        z: FloatArray,
        log_density: FloatArray,
        value: Callable[[FloatArray], FloatArray],
        log_stretch: FloatArray,
        level: float,
    ) -> Self:
        """Of functions of variables whose densities are known on fine, even grids.

        Parameters
        ----------
        z : (n, n_points)
        log_density : (n, n_points)
            Of z, up to a constant.
        value : callable
            From z to the quantity, which it grows with.
        log_stretch : (n, n_points)
            Log of the derivative of that function.
        level : float
        """
        x = value(z)
        density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
        steps = (density[:, 1:] + density[:, :-1]) / 2
        below = np.concatenate([np.zeros((len(z), 1)), np.cumsum(steps, axis=1)], axis=1)
        below /= below[:, -1:]
        share = density / density.sum(axis=1, keepdims=True)
        mean = (share * x).sum(axis=1)
        deviation = np.sqrt((share * np.square(x - mean[:, None])).sum(axis=1))
        low, high = (
            value(np.array([np.interp(q, *one) for one in zip(below, z, strict=True)]))
            for q in ((1 - level) / 2, (1 + level) / 2)
        )
        return cls(mean, _top(x, log_density - log_stretch), deviation, low, high)


def _top(x: FloatArray, log_density: FloatArray) -> FloatArray:
    """Highest point of each row, by the parabola through the highest three; an end if it is one.

    NaN where both ends are equally high.
    """
    n_points = x.shape[1]
    best = log_density.argmax(axis=1)
    inner = np.clip(best, 1, n_points - 2)[:, None] + np.arange(-1, 2)
    u, y = np.take_along_axis(x, inner, 1), np.take_along_axis(log_density, inner, 1)
    left, right = u[:, 1] - u[:, 0], u[:, 2] - u[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (y[:, 1] - y[:, 0]) / left, (y[:, 2] - y[:, 1]) / right
        bend = (slopes[1] - slopes[0]) / (left + right)
        top = (u[:, 0] + u[:, 1]) / 2 - slopes[0] / (2 * bend)
    equal = np.abs(log_density[:, 0] - log_density[:, -1]) < 1e-9
    end = np.where(equal, np.nan, x[np.arange(len(x)), best])
    return np.where((best == 0) | (best == n_points - 1), end, top)


def beta_mode(a: FloatArray, b: FloatArray) -> FloatArray:
    """Most probable value of beta variables; an end where the density is highest there."""
    inner = (a > 1) & (b > 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(inner, (a - 1) / (a + b - 2), np.where(a <= b, 0.0, 1.0))
