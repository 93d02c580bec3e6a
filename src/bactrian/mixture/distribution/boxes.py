"""Probability of a box under a mixture: exact, by quadrature, or by quasi-Monte Carlo."""

from __future__ import annotations

import numpy as np
from scipy.special import gammainccinv, gammaincinv, gammaln, ndtr, ndtri

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distribution.estimate import Estimate
from bactrian.mixture.distribution.lattice import lattice_mean
from bactrian.mixture.distribution.line import Line
from bactrian.mixture.distribution.normal_boxes import rectangle
from bactrian.mixture.distribution.quadrature import integrate, panels

EXACT = 3  # features up to which quadrature is used
QUADRATURE_TOL, PLANE_TOL, LATTICE_TOL = 1e-12, 1e-10, 1e-5
PLANE_POINTS = 400_000
MOST_POINTS = 4_000_000
REACH = 9.0  # deviations beyond which less than 1e-18 is left
LEAST = 1e-18  # probability of the scales that are left out


def box_probability(
    parameters: Parameters, low: FloatArray, high: FloatArray, seed: int = 0
) -> Estimate:
    """Probability of a box, with its error.

    Of one feature exact; of two a closed form and one integral; of three quadrature; of more
    features randomised quasi-Monte Carlo after Genz (1992). Features that the box does not limit
    are left out first, so that only those count that it does limit.

    Parameters
    ----------
    parameters : Parameters
    low, high : (n_features,)
        May be infinite.
    seed : int
        For the shifts of the lattices.
    """
    if (low >= high).any():
        return Estimate(0.0, 0.0)
    limited = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
    if not len(limited):
        return Estimate(1.0, 0.0)
    parameters, low, high = parameters.marginal(limited), low[limited], high[limited]
    if len(limited) == 1:
        return Estimate(_interval(Line.of(parameters), low[0], high[0]), 0.0)
    value = _share_of_noise(parameters, low, high)
    error = 0.0
    covariances = parameters.dense_covariances()
    for k in np.flatnonzero(parameters.weights > 0):
        units = np.sqrt(np.diagonal(covariances[k]))
        ends = (low - parameters.means[k]) / units, (high - parameters.means[k]) / units
        correlations = covariances[k] / units[:, None] / units
        dof = None
        if parameters.dof is not None:
            dof = float(np.broadcast_to(parameters.dof, parameters.n_components)[k])
        part = _of_component(*ends, correlations, dof, seed)
        value += float(parameters.weights[k]) * part.value
        error += float(parameters.weights[k]) * part.error
    return Estimate(min(max(value, 0.0), 1.0), error)


def _interval(line: Line, low: float, high: float) -> float:
    """Probability of an interval, from the tail in which it has more digits."""
    ends = np.array([low, high])
    lower, upper = line.cdf(ends), line.ccdf(ends)
    return float(lower[1] - lower[0] if lower[0] < upper[1] else upper[0] - upper[1])


def _share_of_noise(parameters: Parameters, low: FloatArray, high: FloatArray) -> float:
    if parameters.noise is None:
        return 0.0
    sides = parameters.noise[1] - parameters.noise[0]
    common = np.minimum(high, parameters.noise[1]) - np.maximum(low, parameters.noise[0])
    return float(parameters.term_weights[-1] * np.prod(common.clip(0) / sides))


def _of_component(
    low: FloatArray, high: FloatArray, correlations: FloatArray, dof: float | None, seed: int
) -> Estimate:
    """Probability of a box under one standardised Gaussian or t distribution."""
    if len(low) > EXACT:
        return _by_lattice(low, high, correlations, dof, seed)
    if dof is None:
        return _gaussian(low, high, correlations)
    return _student(low, high, correlations, dof)


def _gaussian(low: FloatArray, high: FloatArray, correlations: FloatArray) -> Estimate:
    if len(low) == 2:
        return Estimate(float(rectangle(low, high, correlations[0, 1])), 1e-15)
    inner = _Inner(low, high, correlations)
    begin, end = inner.ends
    if begin >= end:
        return Estimate(0.0, LEAST)
    edges = np.concatenate([np.linspace(begin, end, 7), inner.turns])
    edges = edges[(edges >= begin) & (edges <= end)]
    one = np.ones(1)
    values, errors = integrate(
        lambda x: inner(x[:, 0], one)[:, None], *panels(edges), QUADRATURE_TOL
    )
    return Estimate(float(values[0]), float(errors[0]))


def _student(low: FloatArray, high: FloatArray, correlations: FloatArray, dof: float) -> Estimate:
    """Expectation of a Gaussian's probability over the scale u of the precision, in log u."""
    shape = dof / 2
    least, most = gammaincinv(shape, LEAST) / shape, gammainccinv(shape, LEAST) / shape
    begin, end = max(np.log(max(least, 1e-300)), -600.0), np.log(most)
    edges = np.linspace(begin, end, 9)

    def density(y: FloatArray) -> FloatArray:
        return np.exp(shape * (np.log(shape) + y - np.exp(y)) - gammaln(shape))

    if len(low) == 2:

        def of_scales(y: FloatArray) -> FloatArray:
            root = np.exp(y / 2)
            return (
                density(y[:, 0])[:, None]
                * rectangle(low * root, high * root, correlations[0, 1])[:, None]
            )

        values, errors = integrate(of_scales, *panels(edges), QUADRATURE_TOL)
        return Estimate(float(values[0]), float(errors[0]) + LEAST)
    inner = _Inner(low, high, correlations)

    def of_both(points: FloatArray) -> FloatArray:
        root = np.exp(points[:, 0] / 2)
        begin, end = inner.ends_of(root)
        width = np.maximum(end - begin, 0.0)
        heights = inner(begin + width * points[:, 1], root) * width
        return (density(points[:, 0]) * heights)[:, None]

    across = np.linspace(0, 1, 5)
    corners = np.stack(np.meshgrid(edges[:-1], across[:-1], indexing="ij"), -1).reshape(-1, 2)
    others = np.stack(np.meshgrid(edges[1:], across[1:], indexing="ij"), -1).reshape(-1, 2)
    values, errors = integrate(of_both, corners, others, PLANE_TOL, PLANE_POINTS)
    return Estimate(float(values[0]), float(errors[0]) + LEAST)


class _Inner:
    """Of three features: density of one times the probability of the others given it.

    The one is that which is least correlated with the others.

    Parameters
    ----------
    low, high : (3,)
    correlations : (3, 3)
    """

    def __init__(self, low: FloatArray, high: FloatArray, correlations: FloatArray) -> None:
        first = int(np.argmin(np.abs(correlations - np.eye(3)).max(axis=1)))
        rest = [j for j in range(3) if j != first]
        self.slopes = correlations[first, rest]
        residuals = correlations[np.ix_(rest, rest)] - np.outer(self.slopes, self.slopes)
        self.deviations = np.sqrt(np.diagonal(residuals))
        self.correlation = residuals[0, 1] / self.deviations.prod()
        self.low, self.high = low[rest], high[rest]
        self.first = low[first], high[first]

    @property
    def ends(self) -> tuple[float, float]:
        """Where the first feature begins and ends."""
        return max(self.first[0], -REACH), min(self.first[1], REACH)

    def ends_of(self, root: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The same where all limits are multiplied."""
        return np.maximum(self.first[0] * root, -REACH), np.minimum(self.first[1] * root, REACH)

    @property
    def turns(self) -> FloatArray:
        """Values of the first feature at which the others' limits pass their expectations."""
        with np.errstate(divide="ignore", invalid="ignore"):
            places = np.concatenate([self.low / self.slopes, self.high / self.slopes])
        return places[np.isfinite(places)]

    def __call__(self, x: FloatArray, root: FloatArray) -> FloatArray:
        centres = x[:, None] * self.slopes
        low, high = (
            (limit * root[:, None] - centres) / self.deviations for limit in (self.low, self.high)
        )
        heights = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
        return np.asarray(heights * rectangle(low, high, self.correlation))


def _by_lattice(
    low: FloatArray, high: FloatArray, correlations: FloatArray, dof: float | None, seed: int
) -> Estimate:
    """Probability of a box as an integral over the unit cube (Genz 1992, eqs. 3 to 6)."""
    lower, low, high = _ordered(low, high, correlations)
    size = len(low)

    def heights(u: FloatArray) -> FloatArray:
        scale = 1.0
        if dof is not None:
            scale = np.sqrt(gammaincinv(dof / 2, u[:, size - 1]) / (dof / 2))
        product, y = np.ones(len(u)), np.empty((len(u), size))
        for i in range(size):
            before = y[:, :i] @ lower[i, :i]
            begin = ndtr((low[i] * scale - before) / lower[i, i])
            end = ndtr((high[i] * scale - before) / lower[i, i])
            product *= end - begin
            if i + 1 < size:
                y[:, i] = ndtri((begin + u[:, i] * (end - begin)).clip(1e-300, 1 - 1e-16))
        return product[:, None]

    dimensions = size - 1 + (dof is not None)
    values, errors = lattice_mean(heights, dimensions, LATTICE_TOL / 2, MOST_POINTS, seed)
    return Estimate(float(values[0]), float(errors[0]))


def _ordered(
    low: FloatArray, high: FloatArray, correlations: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The factor and limits, with the most restricted variable first (Genz & Bretz 2009, 4.1.3).

    At each step it is the one whose interval is the least probable, given the expectations of
    those before it.
    """
    matrix, low, high = correlations.copy(), low.copy(), high.copy()
    size = len(low)
    lower, y = np.zeros((size, size)), np.zeros(size)
    for i in range(size):
        spread = np.sqrt(np.maximum(
            np.diagonal(matrix)[i:] - np.square(lower[i:, :i]).sum(axis=1), 1e-300
        ))  # fmt: skip
        before = lower[i:, :i] @ y[:i]
        begin, end = (low[i:] - before) / spread, (high[i:] - before) / spread
        j = i + int(np.argmin(ndtr(end) - ndtr(begin)))
        swapped = np.arange(size)
        swapped[[i, j]] = j, i
        matrix, lower = matrix[np.ix_(swapped, swapped)], lower[swapped]
        low, high = low[swapped], high[swapped]
        lower[i, i] = spread[j - i]
        lower[i + 1 :, i] = (matrix[i + 1 :, i] - lower[i + 1 :, :i] @ lower[i, :i]) / lower[i, i]
        a, b = begin[j - i], end[j - i]
        mass = ndtr(b) - ndtr(a)
        heights = np.exp(-np.square([a, b]) / 2) / np.sqrt(2 * np.pi)
        y[i] = (heights[0] - heights[1]) / mass if mass > 1e-12 else np.clip(0.0, a, b)
    return lower, low, high
