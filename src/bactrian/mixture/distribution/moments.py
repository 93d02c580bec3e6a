"""Moments of a mixture, in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import comb

import numpy as np
from scipy.special import gammaln

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import FULL, free
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError

EXCESS_OF_UNIFORM = -1.2  # excess kurtosis of one uniform variable


def mean(parameters: Parameters) -> FloatArray:
    """``sum_k w_k m_k``, with the middle of the noise's box, (n_features,)."""
    check_dof(parameters, 1, "mean")
    return np.asarray(parameters.term_weights @ _centres(parameters))


def covariance(parameters: Parameters) -> FloatArray:
    """``sum_k w_k (S_k + (m_k - m)(m_k - m)')``, (n_features, n_features)."""
    steps = _centres(parameters) - mean(parameters)
    between = np.einsum("k,ki,kj->ij", parameters.term_weights, steps, steps)
    within = np.einsum("k,kij->ij", parameters.term_weights, term_covariances(parameters))
    return np.asarray(within + between)


def term_covariances(parameters: Parameters) -> FloatArray:
    """Covariance of each term, (n_terms, D, D): of t distributions ``v / (v - 2)`` times scale.

    Raises
    ------
    BadInputError
        If degrees of freedom are 2 or less.
    """
    check_dof(parameters, 2, "covariance")
    found = parameters.dense_covariances()
    if parameters.dof is not None:
        found = found * (parameters.dof / (parameters.dof - 2))[:, None, None]
    if parameters.noise is None:
        return found
    return np.concatenate([found, np.diag(_box_variances(parameters))[None]])


def skewness(parameters: Parameters) -> float:
    """Mardia's skewness ``E[((X - m)' S^-1 (Y - m))^3]``, X and Y independent [1]_.

    It is the sum of the squares of all third moments of the standardised vector.

    References
    ----------
    .. [1] Mardia, K. V. (1970). Measures of multivariate skewness and kurtosis with applications.
       Biometrika 57, 519-530, eq. 2.13.
    """
    check_dof(parameters, 3, "skewness")
    steps, own, _ = _standardised(parameters)
    w = parameters.term_weights
    cubes = np.einsum("k,ki,kj,kl->ijl", w, steps, steps, steps)
    mixed = np.einsum("k,ki,kjl->ijl", w, steps, own)
    third = cubes + mixed + mixed.transpose(1, 0, 2) + mixed.transpose(1, 2, 0)
    return float(np.square(third).sum())


def kurtosis(parameters: Parameters) -> float:
    """Mardia's kurtosis ``E[((X - m)' S^-1 (X - m))^2]``; of a Gaussian ``D (D + 2)`` [1]_.

    References
    ----------
    .. [1] Mardia (1970), eq. 3.3.
    """
    check_dof(parameters, 4, "kurtosis")
    steps, own, sides = _standardised(parameters)
    squares = np.square(steps).sum(axis=1)
    traces = np.trace(own, axis1=1, axis2=2)
    fourth = traces**2 + 2 * np.square(own).sum(axis=(1, 2))
    if parameters.dof is not None:
        ratio = np.ones(len(fourth))
        ratio[: parameters.n_components] = (parameters.dof - 2) / (parameters.dof - 4)
        fourth = fourth * ratio
    if parameters.noise is not None:
        fourth[-1] += EXCESS_OF_UNIFORM * np.square(np.square(sides).sum(axis=0)).sum()
    across = np.einsum("ki,kij,kj->k", steps, own, steps)
    total = squares**2 + 4 * across + 2 * squares * traces + fourth
    return float(parameters.term_weights @ total)


def moment(parameters: Parameters, orders: Sequence[int]) -> float:
    """``E[prod_j x_j^orders_j]`` in closed form.

    For Gaussians by the recursion of Stein's identity,
    ``E[x_j g(x)] = m_j E[g] + sum_i S_ji E[dg / dx_i]``; the moment of a t distribution is the
    expectation of a Gaussian's, a polynomial in the scale, over that scale.

    Parameters
    ----------
    parameters : Parameters
    orders : (n_features,) of int, at least 0
    """
    degree = sum(orders)
    if degree:
        check_dof(parameters, degree, f"moment of order {degree}")
    covariances, total = parameters.dense_covariances(), 0.0
    dof = parameters.dof
    for k, weight in enumerate(parameters.weights):
        powers = _polynomial(parameters.means[k], covariances[k], tuple(orders))
        scales = np.ones(len(powers))
        if dof is not None:
            v = float(np.broadcast_to(dof, parameters.n_components)[k])
            scales = _inverse_scale_moments(v, len(powers))
        total += float(weight) * float(powers @ scales)
    if parameters.noise is not None:
        parts = [
            _uniform_moment(float(low), float(high), order)
            for low, high, order in zip(*parameters.noise, orders, strict=True)
        ]
        total += float(parameters.term_weights[-1]) * float(np.prod(parts))
    return total


def shifted(parameters: Parameters, origin: FloatArray, unit: FloatArray) -> Parameters:
    """The mixture of ``(x - origin) / unit``, feature by feature, with full covariances."""
    covariances = parameters.dense_covariances() / unit[:, None] / unit
    return Parameters(
        parameters.weights,
        (parameters.means - origin) / unit,
        covariances,
        free(FULL),
        noise=None if parameters.noise is None else (parameters.noise - origin) / unit,
        dof=parameters.dof,
    )


def check_dof(parameters: Parameters, above: float, what: str) -> None:
    """Refuse a moment that a t distribution of these degrees of freedom does not have.

    Raises
    ------
    BadInputError
    """
    if parameters.dof is None:
        return
    dof = np.broadcast_to(parameters.dof, parameters.n_components)
    short = (dof <= above) & (parameters.weights > 0)
    if short.any():
        k = int(np.flatnonzero(short)[0])
        raise BadInputError(
            f"dof[{k}]",
            f"{dof[k]:g}",
            f"above {above:g}, for the {what} to exist",
            "Quantiles and densities exist for all degrees of freedom.",
            code="out_of_range",
        )


def _centres(parameters: Parameters) -> FloatArray:
    if parameters.noise is None:
        return parameters.means
    return np.concatenate([parameters.means, parameters.noise.mean(axis=0, keepdims=True)])


def _box_variances(parameters: Parameters) -> FloatArray:
    box = parameters.noise
    assert box is not None
    return np.asarray(np.square(box[1] - box[0]) / 12)


def _standardised(parameters: Parameters) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Terms after standardising by mean and covariance: steps (T, D), covariances (T, D, D).

    Last the sides of the box, as columns, each with the variance of the noise along it.
    """
    whole = covariance(parameters)
    units = np.sqrt(np.diagonal(whole))
    lower = np.linalg.cholesky(whole / units[:, None] / units)
    inverse = np.linalg.solve(lower, np.diag(1 / units))
    steps = (_centres(parameters) - mean(parameters)) @ inverse.T
    own = inverse @ term_covariances(parameters) @ inverse.T
    noise = parameters.noise is not None
    sides = inverse * np.sqrt(_box_variances(parameters)) if noise else np.empty((0, 0))
    return steps, own, sides


def _polynomial(centre: FloatArray, scale: FloatArray, orders: tuple[int, ...]) -> FloatArray:
    """Coefficients of a Gaussian's moment in powers of s, for the covariance ``s scale``."""
    size = sum(orders) // 2 + 1

    @cache
    def of(left: tuple[int, ...]) -> tuple[float, ...]:
        j = next((j for j, order in enumerate(left) if order), None)
        if j is None:
            return (1.0, *[0.0] * (size - 1))
        less = _lowered(left, j)
        found = centre[j] * np.array(of(less))
        for i, order in enumerate(less):
            if order and scale[j, i]:
                found[1:] += order * scale[j, i] * np.array(of(_lowered(less, i)))[:-1]
        return tuple(float(value) for value in found)

    return np.array(of(orders))


def _lowered(orders: tuple[int, ...], j: int) -> tuple[int, ...]:
    return (*orders[:j], orders[j] - 1, *orders[j + 1 :])


def _inverse_scale_moments(dof: float, size: int) -> FloatArray:
    """``E[u^-p]`` for p from 0, u of the gamma distribution with shape and rate ``v / 2``."""
    p = np.arange(size)
    exists = dof / 2 > p
    half = np.where(exists, dof / 2 - p, 1.0)
    moments = np.exp(p * np.log(dof / 2) + gammaln(half) - gammaln(dof / 2))
    return np.where(exists, moments, 0.0)


def _uniform_moment(low: float, high: float, order: int) -> float:
    """``E[x^order]`` of a uniform variable, about its middle, without cancellation."""
    middle, half = low + (high - low) / 2, (high - low) / 2
    return sum(
        comb(order, r) * middle ** (order - r) * half**r / (r + 1) for r in range(0, order + 1, 2)
    )
