"""Adaptive quadrature over boxes of one or two dimensions, many points in one call."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.special import roots_legendre

from bactrian.core.arrays import FloatArray

FEW, MANY = 10, 15  # nodes of the two Gauss-Legendre rules whose difference is the error
MOST_POINTS = 8_000_000
POINTS_AT_ONCE = 400_000

Integrand = Callable[[FloatArray], FloatArray]


def integrate(
    f: Integrand, low: FloatArray, high: FloatArray, tol: float, most_points: int = MOST_POINTS
) -> tuple[FloatArray, FloatArray]:
    """Integrate over some boxes; those that contribute the most to the error are cut.

    Parameters
    ----------
    f : callable
        From points (n, d), d of 1 or 2, to values (n, m).
    low, high : (n_boxes, d)
        Their corners, finite.
    tol : float
        Of the sum of the errors, absolute.
    most_points : int
        After so many the errors are what they are.

    Returns
    -------
    values, errors : (m,)
        The error is the sum of the differences of two Gauss-Legendre rules, which is far above
        the true one where the integrand is smooth.
    """
    values, errors = _rules(f, low, high)
    spent = len(low) * _points(low.shape[1])
    while errors.sum(axis=0).max() > tol and spent < most_points:
        worst = errors.max(axis=1)
        # All boxes above their share of the tolerance, at least the worst.
        cut = worst > min(tol / (2 * len(low)), worst.max() / 2)
        parts = _halves(low[cut], high[cut])
        more, their = _rules(f, *parts)
        spent += len(parts[0]) * _points(low.shape[1])
        kept = ~cut
        low, high = (np.concatenate([a[kept], b]) for a, b in zip((low, high), parts, strict=True))
        values = np.concatenate([values[kept], more])
        errors = np.concatenate([errors[kept], their])
    return values.sum(axis=0), errors.sum(axis=0)


def panels(edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Boxes of one dimension between neighbouring edges, which are put in order."""
    places = np.unique(edges)
    return places[:-1, None], places[1:, None]


def _points(d: int) -> int:
    return int(FEW**d + MANY**d)


def _halves(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cut each box in two along each axis."""
    for j in range(low.shape[1]):
        middle = low[:, j] + (high[:, j] - low[:, j]) / 2
        ends, begins = high.copy(), low.copy()
        ends[:, j], begins[:, j] = middle, middle
        low, high = np.concatenate([low, begins]), np.concatenate([ends, high])
    return low, high


@lru_cache
def _rule(n: int, d: int) -> tuple[FloatArray, FloatArray]:
    """Nodes (n^d, d) and weights (n^d,) on the unit box."""
    x, w = roots_legendre(n)
    nodes = np.stack(np.meshgrid(*[(x + 1) / 2] * d, indexing="ij"), axis=-1).reshape(-1, d)
    weights = np.stack(np.meshgrid(*[w / 2] * d, indexing="ij"), axis=-1).reshape(-1, d)
    return nodes, np.asarray(weights.prod(axis=1))


def _rules(f: Integrand, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Integral over each box by the larger rule, (n_boxes, m), and its distance to the other."""
    step = max(1, POINTS_AT_ONCE // _points(low.shape[1]))
    found = [
        _both(f, low[i : i + step], high[i : i + step]) for i in range(0, max(len(low), 1), step)
    ]
    return np.concatenate([v for v, _ in found]), np.concatenate([e for _, e in found])


def _both(f: Integrand, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    d = low.shape[1]
    rules = [_rule(FEW, d), _rule(MANY, d)]
    nodes = np.concatenate([nodes for nodes, _ in rules])
    points = low[:, None, :] + (high - low)[:, None, :] * nodes
    heights = f(points.reshape(-1, d)).reshape(len(low), len(nodes), -1)
    volumes = (high - low).prod(axis=1)[:, None]
    small = np.einsum("bnm,n->bm", heights[:, : len(rules[0][1])], rules[0][1])
    large = np.einsum("bnm,n->bm", heights[:, len(rules[0][1]) :], rules[1][1])
    return large * volumes, np.abs(large - small) * volumes
