"""Degrees of freedom of t distributions: their M-step, and the information on them."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, polygamma

from bactrian.core.arrays import FloatArray

LEAST, MOST = 0.1, 1e4  # degrees of freedom: heavier than any data; Gaussian for all that is seen
BISECTIONS = 60


def degrees_of_freedom(
    log_scale: FloatArray, resp_sum: FloatArray, previous: FloatArray
) -> FloatArray:
    """Degrees of freedom that maximise the expected log-likelihood, within LEAST and MOST.

    The root of ``log(v/2) - digamma(v/2) + 1 + log_scale / resp_sum`` (Peel & McLachlan 2000,
    eq. 30); the left side falls in v.

    Parameters
    ----------
    log_scale : (n_components,)
        Sums of ``r E[log u - u]``.
    resp_sum : (n_components,)
    previous : (n_components,) or (1,)
        One for all is estimated from all; one of a component that holds nothing is kept.
    """
    if len(previous) == 1:
        log_scale, resp_sum = log_scale.sum(keepdims=True), resp_sum.sum(keepdims=True)
    held = resp_sum > 0
    mean = np.divide(log_scale, resp_sum, out=np.full_like(resp_sum, -2.0), where=held)
    low, high = np.full(len(mean), np.log(LEAST)), np.full(len(mean), np.log(MOST))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        half = np.exp(middle) / 2
        above = np.log(half) - digamma(half) + 1 + mean > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(held, np.exp((low + high) / 2), previous)


def information(dof: FloatArray) -> FloatArray:
    """Information of one sample on the logarithm of its degrees of freedom, if u were known.

    ``v^2 (trigamma(v/2) / 4 - 1 / (2 v))``: minus the second derivative of the log-density of u,
    a gamma distribution of shape and rate v/2.
    """
    half = dof / 2
    return np.asarray(np.square(half) * polygamma(1, half) - half)
