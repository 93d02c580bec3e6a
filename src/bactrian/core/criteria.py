"""Criteria to choose a model by. Lower is better for all of them."""

from __future__ import annotations

from collections.abc import Callable
from math import log


def bic(log_likelihood: float, n_parameters: int, weight: float) -> float:
    """Bayesian information criterion, ``-2 log_likelihood + n_parameters log(weight)`` [1]_.

    Minus twice an approximation of the log of the evidence. (mclust reports it with the
    opposite sign.)

    Parameters
    ----------
    log_likelihood : float
        Sum over samples, in nats.
    n_parameters : int
        Free ones.
    weight : float
        Number of samples, or the sum of their weights.

    References
    ----------
    .. [1] Schwarz, G. (1978). Estimating the dimension of a model. Ann. Statist. 6, 461-464.
    """
    return -2 * log_likelihood + n_parameters * log(weight)


def aic(log_likelihood: float, n_parameters: int, weight: float) -> float:
    """Akaike information criterion, ``-2 log_likelihood + 2 n_parameters`` [1]_.

    Estimates minus twice the log-likelihood of new data; keeps more components than BIC.

    Parameters
    ----------
    log_likelihood : float
        Sum over samples, in nats.
    n_parameters : int
        Free ones.
    weight : float
        Takes no part.

    References
    ----------
    .. [1] Akaike, H. (1974). A new look at the statistical model identification. IEEE Trans.
       Automat. Control 19, 716-723.
    """
    return -2 * log_likelihood + 2 * n_parameters


CRITERIA: dict[str, Callable[[float, int, float], float]] = {"bic": bic, "aic": aic}
