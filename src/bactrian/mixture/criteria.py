"""Criteria to choose a model by. Lower is better for all of them.

All penalise ``-2 log_likelihood``, and take the same four numbers; some use only part of them:

log_likelihood : float
    Sum over samples of weight times log-density, in nats.
n_parameters : int
    Free ones.
weight : float
    The n of the formulas: the sum of the sample weights, which is the number of samples where
    there are none. A weight of 2 counts as the same row twice.
classification : float
    Classification log-likelihood: the sum over samples of weight times the log of weight times
    density of the component that is most probable for the sample.

mclust and some books use the opposite sign, :data:`bactrian.vocabulary.SIGNS`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, log, nan


def bic(
    log_likelihood: float, n_parameters: int, weight: float, classification: float = nan
) -> float:
    """Bayesian information criterion, ``-2 log_likelihood + n_parameters log(weight)`` [1]_.

    Minus twice an approximation of the log of the evidence. (mclust reports it with the
    opposite sign.)

    References
    ----------
    .. [1] Schwarz, G. (1978). Estimating the dimension of a model. Ann. Statist. 6, 461-464.
    """
    return -2 * log_likelihood + n_parameters * log(weight)


def aic(
    log_likelihood: float, n_parameters: int, weight: float = nan, classification: float = nan
) -> float:
    """Akaike information criterion, ``-2 log_likelihood + 2 n_parameters`` [1]_.

    Estimates minus twice the log-likelihood of new data; keeps more components than BIC.

    References
    ----------
    .. [1] Akaike, H. (1974). A new look at the statistical model identification. IEEE Trans.
       Automat. Control 19, 716-723.
    """
    return -2 * log_likelihood + 2 * n_parameters


def aicc(
    log_likelihood: float, n_parameters: int, weight: float, classification: float = nan
) -> float:
    """AIC corrected for few samples, ``aic + 2 k (k + 1) / (n - k - 1)`` [1]_.

    k is `n_parameters`, n is `weight`. Infinite where n is not above k + 1. The correction is
    exact for a linear model with normal errors, and a rule of thumb for mixtures.

    References
    ----------
    .. [1] Hurvich, C. M. and Tsai, C.-L. (1989). Regression and time series model selection in
       small samples. Biometrika 76, 297-307, eq. 4.
    """
    room = weight - n_parameters - 1
    if room <= 0:
        return inf
    return aic(log_likelihood, n_parameters) + 2 * n_parameters * (n_parameters + 1) / room


def caic(
    log_likelihood: float, n_parameters: int, weight: float, classification: float = nan
) -> float:
    """Consistent AIC, ``-2 log_likelihood + n_parameters (log(weight) + 1)`` [1]_.

    References
    ----------
    .. [1] Bozdogan, H. (1987). Model selection and Akaike's information criterion (AIC): the
       general theory and its analytical extensions. Psychometrika 52, 345-370.
    """
    return -2 * log_likelihood + n_parameters * (log(weight) + 1)


def hq(
    log_likelihood: float, n_parameters: int, weight: float, classification: float = nan
) -> float:
    """Hannan-Quinn criterion, ``-2 log_likelihood + 2 n_parameters log(log(weight))`` [1]_.

    The weakest penalty that is still consistent. Infinite where `weight` is not above 1.

    References
    ----------
    .. [1] Hannan, E. J. and Quinn, B. G. (1979). The determination of the order of an
       autoregression. J. R. Stat. Soc. B 41, 190-195.
    """
    if weight <= 1:
        return inf
    return -2 * log_likelihood + 2 * n_parameters * log(log(weight))


def icl(log_likelihood: float, n_parameters: int, weight: float, classification: float) -> float:
    """Integrated completed likelihood: BIC of the classification log-likelihood [1]_.

    ``-2 classification + n_parameters log(weight)``, which is
    ``bic - 2 sum_i w_i log(max_k r_ik)`` with the responsibilities r, and so never below BIC: it
    charges for overlap, and counts clusters rather than components. The labels are the most
    probable ones, as in the paper and in mclust, so that published values hold. (Some put the
    entropy ``-sum_i sum_k r_ik log r_ik`` in place of ``-sum_i log(max_k r_ik)``, which it
    exceeds.)

    References
    ----------
    .. [1] Biernacki, C., Celeux, G. and Govaert, G. (2000). Assessing a mixture model for
       clustering with the integrated completed likelihood. IEEE Trans. Pattern Anal. Mach.
       Intell. 22, 719-725.
    """
    return bic(classification, n_parameters, weight)


CRITERIA: dict[str, Callable[[float, int, float, float], float]] = {
    "bic": bic,
    "aic": aic,
    "aicc": aicc,
    "icl": icl,
    "caic": caic,
    "hq": hq,
}
