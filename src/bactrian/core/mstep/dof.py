"""Degrees of freedom of t distributions: their M-step and their information."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, polygamma

from bactrian.core.arrays import FloatArray

LEAST, MOST = 0.1, 200.0  # heavier than any data; no lighter than Gaussian, for all that is seen
SMALLEST = 1e-4  # of c: the root is beyond MOST
STEPS = 6  # of Newton's method, which starts within 2 % of the root


def degrees_of_freedom(
    log_scale: FloatArray, resp_sum: FloatArray, previous: FloatArray
) -> FloatArray:
    """Maximise the expected log-likelihood over the degrees of freedom, from LEAST to MOST.

    The root of ``log(v/2) - digamma(v/2) = c``, ``c = -1 - log_scale / resp_sum`` (Peel &
    McLachlan 2000, eq. 30). The same equation gives a gamma's shape: from Minka's
    approximation by Newton's method on the reciprocal [1]_.

    Parameters
    ----------
    log_scale : (n_components,)
        Sums of ``r E[log u - u]``.
    resp_sum : (n_components,)
    previous : (n_components,) or (1,)
        One for all is estimated from all; one of a component that holds nothing is kept.

    References
    ----------
    .. [1] Minka, T. P. (2002). Estimating a gamma distribution. Technical report, section 1.
    """
    if len(previous) == 1:
        log_scale, resp_sum = log_scale.sum(keepdims=True), resp_sum.sum(keepdims=True)
    held = resp_sum > 0
    mean = np.divide(log_scale, resp_sum, out=np.full_like(resp_sum, -2.0), where=held)
    c = np.maximum(-1 - mean, SMALLEST)
    half = (3 - c + np.sqrt(np.square(c - 3) + 24 * c)) / (12 * c)
    for _ in range(STEPS):
        excess = np.log(half) - digamma(half) - c
        slope = np.square(half) * (1 / half - polygamma(1, half))
        half = 1 / (1 / half + excess / slope)
    return np.where(held, np.clip(2 * half, LEAST, MOST), previous)


def information(dof: FloatArray) -> FloatArray:
    """Information of one sample on the log of its degrees of freedom, with u known.

    ``v^2 (trigamma(v/2) / 4 - 1 / (2 v))``: minus the second derivative of the log-density of u,
    a gamma distribution of shape and rate v/2.
    """
    half = dof / 2
    return np.asarray(np.square(half) * polygamma(1, half) - half)
