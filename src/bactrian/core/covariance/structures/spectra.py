"""Volumes and shapes: M-steps on the variances along known axes, (K, D).

Given the axes of each component, ``tr(cov_k^-1 W_k)`` is a sum over the scatters along them,
omega_kd: the features' own where the orientation is I, those of the eigenvectors of W_k, in the
order of size, where it is free [1]_. All is invariant to the unit of each axis.

References
----------
.. [1] Celeux, G. and Govaert, G. (1995). Gaussian parsimonious clustering models. Pattern
   Recognition 28, 781-793, sections 4.1 and 4.2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bactrian.core.arrays import FloatArray

MOST_STEPS = 200
TINY = 1e-300
ENOUGH = 1e-8  # a step of Newton's method after which the next would be lost in rounding
LONGEST = 4.0  # step of a logarithm
WIDEST = 80.0  # range of logarithms beyond which the smallest volume is none

Parts = Callable[[FloatArray], tuple[float, FloatArray]]


def proportional(spectra: FloatArray, resp_sum: FloatArray, sizes: FloatArray) -> FloatArray:
    """Variances ``lambda_k a_d``: one shape, and a volume for each component.

    Parameters
    ----------
    spectra : (K, D)
        Scatters along the axes, not all 0 in a component.
    resp_sum : (K,)
    sizes : (K,)
        In the ratio of which the volumes are sought first.
    """
    total = spectra.sum(axis=0)
    if not (total > 0).all():  # there is no volume to share
        return spectra / resp_sum[:, None]
    shares = spectra / total

    def parts(logarithms: FloatArray) -> tuple[float, FloatArray]:
        weighted = shares * np.exp(-logarithms)[:, None]
        pooled = weighted.sum(axis=0)
        return float(np.log(pooled).sum()), weighted / pooled

    logarithms = log_volumes(parts, spectra.shape[1], resp_sum, sizes)
    pooled = (shares * np.exp(-logarithms)[:, None]).sum(axis=0) * (total / resp_sum.sum())
    return np.exp(logarithms)[:, None] * pooled


def log_volumes(
    parts: Parts, n_features: int, resp_sum: FloatArray, sizes: FloatArray
) -> FloatArray:
    """Logarithms of volumes l, up to a constant, for covariances ``exp(l_k) C``.

    With ``C = sum_k exp(-l_k) W_k / n`` the M-step minimises the convex function
    ``log|sum_k exp(-l_k) W_k| + D sum_k (n_k / n) l_k``. Newton's method does, and where it goes
    too far, the alternation ``exp(l_k) = tr(C^-1 W_k) / (D n_k)`` of [1]_, which never does.

    Parameters
    ----------
    parts : callable
        Of l, gives the log-determinant, and the share of each component in the sum, as a matrix
        in whitened coordinates: (K, D, D), or (K, D) if it is diagonal.
    n_features : int
    resp_sum, sizes : (K,)
    """
    weights = resp_sum / resp_sum.sum()
    current = np.log(np.maximum(sizes, sizes.max() * np.exp(-WIDEST)))
    current -= current[0]
    log_det, share = parts(current)
    for _ in range(MOST_STEPS):
        if np.ptp(current) > WIDEST:
            break
        trace = share.sum(axis=1) if share.ndim == 2 else np.trace(share, axis1=1, axis2=2)
        trace = np.maximum(trace, TINY)
        gradient = n_features * weights - trace
        flat = share.reshape(len(share), -1)
        hessian = np.diag(trace) - flat @ flat.T
        step = _solved(hessian, -gradient)
        if step is not None and np.abs(step).max() < ENOUGH:
            return current + step
        if step is not None:
            step = step * min(1.0, LONGEST / np.abs(step).max())
            log_det_there, share_there = parts(current + step)
            change = log_det_there - log_det + n_features * float(weights @ step)
            if change < 0:
                current, log_det, share = current + step, log_det_there, share_there
                continue
        step = np.clip(np.log(trace / (n_features * weights)), -LONGEST, LONGEST)
        if np.abs(step).max() < ENOUGH:
            return current
        current = current + (step - step.mean())
        log_det, share = parts(current)
    return current


def _solved(hessian: FloatArray, right: FloatArray) -> FloatArray | None:
    """Solve a system whose matrix is singular along (1, ..., 1); the solution sums to 0."""
    try:
        step = np.linalg.solve(hessian + 1 / len(hessian), right)
    except np.linalg.LinAlgError:
        return None
    step = step - step.mean()
    return step if np.isfinite(step).all() else None


def equal_volumes(spectra: FloatArray, resp_sum: FloatArray) -> FloatArray:
    """Variances ``lambda a_kd``: one volume, and a shape for each component.

    ``a_k = omega_k / g_k`` and ``lambda = sum_k g_k / n``, g_k the geometric mean of omega_k.
    A component that is flat along an axis is flat along all.
    """
    sizes = spectra.max(axis=1)
    relative = spectra / np.where(sizes > 0, sizes, 1.0)[:, None]
    with np.errstate(divide="ignore"):
        logarithms = np.log(relative).mean(axis=1)
    return relative * volume_ratios(logarithms, sizes, resp_sum)[:, None]


def volume_ratios(logarithms: FloatArray, sizes: FloatArray, resp_sum: FloatArray) -> FloatArray:
    """Ratios of ``lambda`` in :func:`equal_volumes` to the g_k of scatters divided by their sizes.

    Parameters
    ----------
    logarithms : (K,)
        Of the g_k of the divided scatters. Where they are -inf, or so low that the result is
        beyond float64, it is 0.
    sizes : (K,)
    resp_sum : (K,)
    """
    with np.errstate(divide="ignore"):
        whole = logarithms + np.log(sizes)
    highest = whole.max()
    if not np.isfinite(highest):
        return np.zeros(len(logarithms))
    volume = np.log(np.exp(whole - highest).sum() / resp_sum.sum()) + highest
    with np.errstate(over="ignore"):
        ratios = np.exp(volume - logarithms)
    return np.where(np.isfinite(ratios), ratios, 0.0)
