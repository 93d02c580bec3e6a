"""Regions of highest density: the level that holds a given probability."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distribution.density import log_pdf
from bactrian.mixture.distribution.estimate import Estimate
from bactrian.mixture.distribution.line import Line
from bactrian.mixture.sampling import draw_samples

DRAWS = 2**18
STANDARD_ERRORS = 3.0
LEAST = 1e-12  # probability of a tail at which the search for turns of the density ends
HALVINGS = 200
STEPS = np.linspace(-8, 8, 129)  # deviations from each mean at which slopes are looked at


def density_level(parameters: Parameters, probability: float, seed: int = 0) -> Estimate:
    """Log-density above which rows lie with a probability (Hyndman 1996).

    Of one feature from the intervals, by roots. Of more, from the densities of rows that are
    drawn; the error is three standard errors of their quantile.

    Parameters
    ----------
    parameters : Parameters
    probability : float
        Within (0, 1).
    seed : int
    """
    if parameters.n_features == 1:
        landscape = _Landscape(Line.of(parameters))
        return Estimate(float(np.log(landscape.level(probability))), 1e-10)
    X, _ = draw_samples(parameters, DRAWS, np.random.RandomState(seed))
    densities = np.sort(log_pdf(X, parameters))
    share = 1 - probability
    spread = STANDARD_ERRORS * np.sqrt(share * probability / DRAWS)
    low, middle, high = np.quantile(
        densities, np.clip([share - spread, share, share + spread], 0, 1)
    )
    return Estimate(float(middle), float(max(high - middle, middle - low)))


def density_intervals(parameters: Parameters, probability: float) -> FloatArray:
    """Intervals of one feature that hold a probability and are the shortest, (n_intervals, 2)."""
    landscape = _Landscape(Line.of(parameters))
    return landscape.intervals(landscape.level(probability))


class _Landscape:
    """A density of one feature, cut where it turns, so that each piece is monotone."""

    def __init__(self, line: Line) -> None:
        self.line = line
        ends = line.quantile(np.array([LEAST])), line.upper_quantile(np.array([LEAST]))
        places = (line.means[:, None] + line.deviations[:, None] * STEPS).ravel()
        edges = np.array([line.low, line.high] if line.noise > 0 else [])
        beside = np.concatenate([np.nextafter(edges, way) for way in (-np.inf, np.inf)])
        grid = np.unique(np.concatenate([places, *ends, edges, beside]))
        grid = grid[(grid >= ends[0][0]) & (grid <= ends[1][0])]
        self.grid = np.unique(np.concatenate([grid, self._turns(grid)]))
        self.heights = line.pdf(self.grid)

    def _turns(self, grid: FloatArray) -> FloatArray:
        """Where the density turns, from its slopes on a grid."""
        signs = np.sign(self.line.slope(grid))
        turning = np.flatnonzero(signs[:-1] * signs[1:] < 0)
        return np.array([brentq(self._slope_at, grid[i], grid[i + 1]) for i in turning])

    def _slope_at(self, x: float) -> float:
        return float(self.line.slope(np.array([x]))[0])

    def intervals(self, level: float) -> FloatArray:
        """Where the density is above a level, (n_intervals, 2)."""
        above = self.heights >= level
        changes = np.flatnonzero(above[:-1] != above[1:])
        low, high = self.grid[changes], self.grid[changes + 1]
        rising = above[changes + 1]
        for _ in range(HALVINGS):
            middle = low + (high - low) / 2
            if not ((middle > low) & (middle < high)).any():
                break
            up = (self.line.pdf(middle) >= level) == rising
            low, high = np.where(up, low, middle), np.where(up, middle, high)
        crossings = np.where(rising, high, low)
        ends = [*([self.grid[0]] if above[0] else []), *crossings]
        ends += [self.grid[-1]] if above[-1] else []
        return np.array(ends).reshape(-1, 2)

    def held(self, level: float) -> float:
        """Probability of the region above a level."""
        low, high = self.intervals(level).T
        lower, upper = self.line.cdf(low), self.line.ccdf(high)
        inner = np.minimum(self.line.cdf(high) - lower, 1.0)
        tail = self.line.ccdf(low) - upper
        return float(np.where(lower < 0.5, inner, tail).sum())

    def level(self, probability: float) -> float:
        """The level above which a probability lies."""
        top = float(self.heights.max())
        low = float(self.heights[self.heights > 0].min())
        found = brentq(
            lambda log_level: self.held(float(np.exp(log_level))) - probability,
            np.log(low),
            np.log(top),
            xtol=1e-14,
        )
        return float(np.exp(found))
