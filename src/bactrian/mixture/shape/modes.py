"""All modes of a mixture."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, islice
from typing import final

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distribution.moments import shifted
from bactrian.mixture.shape.derivatives import Local, local

MOST_STARTS = 1024  # of each kind
MOST_IN_TRIPLES = 16
EDGE_POINTS = 9  # between each two components, where there are few
DRAWN = 256  # points of the ridgeline manifold that are drawn besides
MOST_STEPS = 1000
EACH_MERGED = 10  # steps after which ascents that have met go on as one
GRAIN = 1e-3  # of the least deviation: within it they have met
NEAR = 0.5  # standard deviations: a step of Newton's method that is not too long
STILL = 1e-12  # relative to that: the step after which a point rests
SAME = 1e-5  # standard deviations between points that are one mode
EQUAL = 9  # decimals of log-densities: of modes that agree in them the first comes first
PEAKED = 1e-9  # least curvature of a mode, in curvatures of its components


@final
@dataclass(frozen=True, eq=False)
class Mode:
    """A local maximum of the density.

    Parameters
    ----------
    location : (n_features,)
    log_density : float
        In nats.
    components : tuple of int
        Those from whose means the ascent leads here, counted from 0; none for a mode between
        components.
    covariance : (n_features, n_features)
        Of the Gaussian with the mode's curvature: the inverse of minus the Hessian of the
        log-density.
    """

    location: FloatArray
    log_density: float
    components: tuple[int, ...]
    covariance: FloatArray


def modes_of(parameters: Parameters) -> tuple[Mode, ...]:
    """All local maxima that are found, the highest first; each is certified by its Hessian.

    At a mode x is ``(sum_k a_k P_k)^-1 sum_k a_k P_k m_k`` with the precisions P and some
    weights a (Ray & Lindsay 2005, theorem 1). So the ascent starts from points of this manifold:
    the means, points between each two components, centres of each three, and points at random.
    The fixed point of the same formula, with the responsibilities as weights, ascends
    (Carreira-Perpinan 2000); near the top Newton's method takes over.

    Parameters
    ----------
    parameters : Parameters
    """
    kept = np.flatnonzero(parameters.weights > 0)
    if not len(kept):
        return ()
    origin, unit = _units(parameters)
    inner = shifted(parameters.permuted(kept), origin, unit)
    tops = _tops(_starts(inner), inner)
    at = local(tops, inner)
    hessians = at.hessian
    peaked = _is_peak(at, hessians)
    order = np.argsort(-np.round(at.log_density, EQUAL), kind="stable")
    found: list[int] = []
    members: dict[int, list[int]] = {}
    for i in order[peaked[order]]:
        own = next((j for j in found if _together(tops[i], tops[j], hessians[j])), None)
        if own is None:
            found.append(int(i))
            own = int(i)
            members[own] = []
        if i < len(kept):
            members[own].append(int(kept[i]))
    volume = float(np.log(unit).sum())
    return tuple(
        Mode(
            origin + unit * tops[i],
            float(at.log_density[i]) - volume,
            tuple(sorted(members[i])),
            np.linalg.inv(-hessians[i]) * unit[:, None] * unit,
        )
        for i in found
    )


def _units(parameters: Parameters) -> tuple[FloatArray, FloatArray]:
    """Origin and unit of each feature, of the means and scales together."""
    w = parameters.weights / parameters.weights.sum()
    origin = w @ parameters.means
    variances = np.diagonal(parameters.dense_covariances(), axis1=1, axis2=2)
    return origin, np.sqrt(w @ (variances + np.square(parameters.means - origin)))


def _starts(parameters: Parameters) -> FloatArray:
    """Points of the manifold on which all modes lie; first the means, in their order."""
    k = parameters.n_components
    pairs, triples = _groups(k, 2), _groups(min(k, MOST_IN_TRIPLES), 3)
    inner = max(1, min(EDGE_POINTS, MOST_STARTS // max(1, len(pairs))))
    edges = np.arange(1, inner + 1) / (inner + 1)
    parts = [
        np.eye(k),
        *(_shares(k, pairs, [share, 1 - share]) for share in edges),
        _shares(k, triples, [1 / 3] * 3),
    ]
    if k > 2:
        rng = np.random.default_rng(0)
        parts.append(rng.dirichlet(np.full(k, 0.5), DRAWN))
    return _ridgeline(np.concatenate(parts), parameters)


def _groups(k: int, size: int) -> IntArray:
    """All groups of that many components, at most :data:`MOST_STARTS`."""
    some = islice(combinations(range(k), size), MOST_STARTS)
    return np.array(list(some), dtype=np.int64).reshape(-1, size)


def _shares(k: int, groups: IntArray, shares: list[float]) -> FloatArray:
    found = np.zeros((len(groups), k))
    for j, share in enumerate(shares):
        found[np.arange(len(groups)), groups[:, j]] = share
    return found


def _ridgeline(shares: FloatArray, parameters: Parameters) -> FloatArray:
    """Points ``(sum_k a_k P_k)^-1 sum_k a_k P_k m_k`` for weights a, (n_points, n_components)."""
    precisions = np.linalg.inv(parameters.dense_covariances())
    towards = np.einsum("kij,kj->ki", precisions, parameters.means)
    matrices = np.einsum("nk,kij->nij", shares, precisions)
    return np.linalg.solve(matrices, (shares @ towards)[:, :, None])[:, :, 0]


def _tops(X: FloatArray, parameters: Parameters) -> FloatArray:
    """Where the ascents end: those from the means first, of the others only different ones."""
    k = parameters.n_components
    means, others = X[:k], X[k:]
    deviations = np.sqrt(np.diagonal(parameters.dense_covariances(), axis1=1, axis2=2))
    grain = GRAIN * deviations.min(axis=0)
    for _ in range(MOST_STEPS // EACH_MERGED):
        moved = _ascended(others, parameters, EACH_MERGED)
        resting = np.array_equal(moved, others)
        others = moved[np.unique(np.round(moved / grain), axis=0, return_index=True)[1]]
        if resting:
            break
    return np.concatenate([_ascended(means, parameters, MOST_STEPS), others])


def _ascended(X: FloatArray, parameters: Parameters, most_steps: int) -> FloatArray:
    """Points uphill of some points, where the gradient is 0, or on the way there."""
    found, active = X.copy(), np.arange(len(X))
    for _ in range(most_steps):
        if not len(active):
            break
        at = local(found[active], parameters)
        shares = at.resp * at.strengths
        matrices = np.einsum("nk,kij->nij", shares, at.precisions)
        alive = shares.sum(axis=1) > 1e-300
        matrices[~alive] = np.eye(X.shape[1])
        uphill = np.linalg.solve(matrices, at.gradient[:, :, None])[:, :, 0]
        step = _newton(at, matrices, uphill)
        moved = np.sqrt(np.einsum("ni,nij,nj->n", step, matrices, step).clip(0))
        resting = (moved <= STILL * np.sqrt(shares.sum(axis=1).clip(1e-300))) | ~alive
        active, step = active[~resting], step[~resting]
        found[active] += step
    return found


def _newton(at: Local, matrices: FloatArray, uphill: FloatArray) -> FloatArray:
    """The step of Newton's method where the density is concave and the step short; else uphill."""
    minus = -at.hessian
    concave = np.linalg.eigvalsh(minus)[:, 0] > PEAKED * np.linalg.eigvalsh(matrices)[:, 0]
    step = uphill.copy()
    if concave.any():
        direct = np.linalg.solve(minus[concave], at.gradient[concave][:, :, None])[:, :, 0]
        lengths = np.einsum("ni,nij,nj->n", direct, matrices[concave], direct)
        short = lengths <= NEAR**2
        chosen = np.flatnonzero(concave)[short]
        step[chosen] = direct[short]
    return step


def _is_peak(at: Local, hessians: FloatArray) -> BoolArray:
    """Whether the gradient is 0 and the Hessian negative definite, in the components' units."""
    matrices = np.einsum("nk,kij->nij", at.resp * at.strengths, at.precisions)
    alive = np.linalg.eigvalsh(matrices)[:, 0] > 0
    peak = np.zeros(len(hessians), dtype=bool)
    for i in np.flatnonzero(alive):
        inverse = np.linalg.inv(np.linalg.cholesky(matrices[i]))
        curvature = np.linalg.eigvalsh(-inverse @ hessians[i] @ inverse.T)[0]
        slope = np.linalg.norm(inverse @ at.gradient[i])
        peak[i] = curvature > PEAKED and slope < SAME
    return peak


def _together(x: FloatArray, y: FloatArray, hessian: FloatArray) -> bool:
    """Whether two points are one mode, in the deviations of its own curvature."""
    step = x - y
    return bool(-step @ hessian @ step < SAME)
