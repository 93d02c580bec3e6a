"""Expectations under a mixture: by quadrature in one and two dimensions, else by lattices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import gammaincinv, ndtri

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distribution.lattice import lattice_mean
from bactrian.mixture.distribution.quadrature import integrate, panels
from bactrian.mixture.distribution.tails import log_t_kernel

Function = Callable[[FloatArray], FloatArray]

REACH = 10.0  # deviations beyond which a Gaussian holds less than 1e-22
FARTHEST = 690.0  # arsinh of the largest deviation
MARKS = np.array([-8.0, -3.0, 0.0, 3.0, 8.0])  # deviations of each term at which panels begin
TOL = 1e-11
MOST_POINTS = 2**21
LATTICE_POINTS = 2**19


def expectation(
    f: Function,
    parameters: Parameters,
    *others: Parameters,
    tol: float | None = None,
    seed: int = 0,
) -> tuple[FloatArray, FloatArray]:
    """``E[f(X)] = sum_k w_k E_k[f(X)]``, each term in its own coordinates.

    One component's integral is over the arsinh of the distance from its mean, in which tails
    of powers fall like exponentials; in two dimensions over that and the angle.

    Parameters
    ----------
    f : callable
        From points (n, D) to values (n, m), finite.
    parameters : Parameters
    *others : Parameters
        Other mixtures that `f` depends on: panels begin at their components too.
    tol : float, optional
        By default 1e-11 for quadrature, and for lattices as far as 2^19 points lead.
    seed : int
        For lattices.

    Returns
    -------
    values, errors : (m,)
    """
    parts = [
        (float(weight), _of_term(f, parameters, others, k, tol, seed))
        for k, weight in enumerate(parameters.term_weights)
        if weight > 0
    ]
    values = sum(weight * value for weight, (value, _) in parts)
    if by_quadrature(parameters, *others):
        return np.asarray(values), np.asarray(sum(w * error for w, (_, error) in parts))
    squares = sum((weight * error) ** 2 for weight, (_, error) in parts)
    return np.asarray(values), np.sqrt(np.asarray(squares))


def by_quadrature(*mixtures: Parameters) -> bool:
    """Whether expectations are by quadrature: of one feature, or of two without noise."""
    features = mixtures[0].n_features
    return features == 1 or (features == 2 and all(one.noise is None for one in mixtures))


def _of_term(
    f: Function,
    parameters: Parameters,
    others: tuple[Parameters, ...],
    k: int,
    tol: float | None,
    seed: int,
) -> tuple[FloatArray, FloatArray]:
    if not by_quadrature(parameters, *others):
        return _by_lattice(f, parameters, k, tol, seed)
    tol = TOL if tol is None else tol
    if k == parameters.n_components:
        low, high = (float(end) for end in np.asarray(parameters.noise)[:, 0])
        places = _marks((parameters, *others))
        edges = np.concatenate([[low, high], places[(places > low) & (places < high)]])
        values, errors = integrate(f, *panels(edges), tol * (high - low), MOST_POINTS)
        return values / (high - low), errors / (high - low)
    if parameters.n_features == 1:
        return _on_the_line(f, parameters, others, k, tol)
    return _on_the_plane(f, parameters, k, tol)


def _on_the_line(
    f: Function, parameters: Parameters, others: tuple[Parameters, ...], k: int, tol: float
) -> tuple[FloatArray, FloatArray]:
    mean = parameters.means[k, 0]
    deviation = float(np.sqrt(parameters.dense_covariances()[k, 0, 0]))
    end, log_peak = reach_of(parameters, k), _log_peak(parameters, k)
    edges = np.concatenate([np.linspace(-end, end, 9), _arsinh_marks(
        parameters, others, mean, deviation
    )])  # fmt: skip
    edges = edges[np.abs(edges) <= end]

    def g(y: FloatArray) -> FloatArray:
        z = np.sinh(y)
        density = np.exp(log_peak + _log_kernel(parameters, k, z[:, 0]) + _log_cosh(y[:, 0]))
        return density[:, None] * f(mean + deviation * z)

    return integrate(g, *panels(edges), tol, MOST_POINTS)


def _on_the_plane(
    f: Function, parameters: Parameters, k: int, tol: float
) -> tuple[FloatArray, FloatArray]:
    lower = np.linalg.cholesky(parameters.dense_covariances()[k])
    end, log_peak = reach_of(parameters, k), _log_peak(parameters, k)
    across, around = np.linspace(0, end, 6), np.linspace(0, 2 * np.pi, 9)
    low = np.stack(np.meshgrid(across[:-1], around[:-1], indexing="ij"), -1).reshape(-1, 2)
    high = np.stack(np.meshgrid(across[1:], around[1:], indexing="ij"), -1).reshape(-1, 2)

    def g(points: FloatArray) -> FloatArray:
        y, angle = points.T
        r = np.sinh(y)
        density = np.exp(log_peak + _log_kernel(parameters, k, r) + _log_cosh(y)) * r
        z = r[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return density[:, None] * f(parameters.means[k] + z @ lower.T)

    return integrate(g, low, high, tol, MOST_POINTS)


def _by_lattice(
    f: Function, parameters: Parameters, k: int, tol: float | None, seed: int
) -> tuple[FloatArray, FloatArray]:
    tol = 0.0 if tol is None else tol
    d = parameters.n_features
    if k == parameters.n_components:
        low, high = np.asarray(parameters.noise)
        return lattice_mean(lambda u: f(low + (high - low) * u), d, tol, LATTICE_POINTS, seed)
    lower, dof = np.linalg.cholesky(parameters.dense_covariances()[k]), _dof(parameters, k)

    def g(u: FloatArray) -> FloatArray:
        z = ndtri(u[:, :d])
        if dof is not None:
            scale = gammaincinv(dof / 2, u[:, d]) / (dof / 2)
            z /= np.sqrt(np.maximum(scale, 1e-300))[:, None]
        return f(parameters.means[k] + z @ lower.T)

    return lattice_mean(g, d + (dof is not None), tol, LATTICE_POINTS, seed)


def _dof(parameters: Parameters, k: int) -> float | None:
    if parameters.dof is None:
        return None
    return float(np.broadcast_to(parameters.dof, parameters.n_components)[k])


def reach_of(parameters: Parameters, k: int) -> float:
    """Where the arsinh of the distance ends: what is beyond holds less than 1e-18."""
    dof = _dof(parameters, k)
    gaussian = float(np.arcsinh(REACH))
    return gaussian if dof is None else min(gaussian + 45 / dof, FARTHEST)


def _log_peak(parameters: Parameters, k: int) -> float:
    peak = np.asarray(parameters.family.log_greatest(parameters.n_features))
    return float(np.broadcast_to(peak, parameters.n_components)[k])


def _log_kernel(parameters: Parameters, k: int, z: FloatArray) -> FloatArray:
    """Log-density at z deviations less that at the mean."""
    dof = _dof(parameters, k)
    if dof is None:
        return np.asarray(-z * z / 2)
    power = (dof + parameters.n_features) / (dof + 1)
    return power * log_t_kernel(dof, z)


def _log_cosh(y: FloatArray) -> FloatArray:
    size = np.abs(y)
    return np.asarray(size + np.log1p(np.exp(-2 * size)) - np.log(2))


def _marks(mixtures: tuple[Parameters, ...]) -> FloatArray:
    """Places of one feature at which a density changes: about each mean, and ends of noise."""
    found = []
    for one in mixtures:
        deviations = np.sqrt(one.dense_covariances()[:, 0, 0])
        found.append((one.means[:, :1] + deviations[:, None] * MARKS).ravel())
        if one.noise is not None:
            found.append(one.noise[:, 0])
    return np.concatenate(found)


def _arsinh_marks(
    parameters: Parameters, others: tuple[Parameters, ...], mean: float, deviation: float
) -> FloatArray:
    return np.arcsinh((_marks((parameters, *others)) - mean) / deviation)
