"""What a variational posterior says of each weight, mean and variance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from bactrian.core.arrays import FloatArray
from bactrian.core.values.posterior import Posterior

DRAWS = 100_000  # of the weights of a process, of which no quantiles are known


class Marginals(NamedTuple):
    """Posterior mean, standard deviation and central interval of each quantity by itself."""

    mean: FloatArray
    deviation: FloatArray
    low: FloatArray
    high: FloatArray


class PosteriorSummary(NamedTuple):
    """Marginal posteriors of weights (K,), means (K, D) and variances (K, D)."""

    weights: Marginals
    means: Marginals
    variances: Marginals


def summary_of(posterior: Posterior, level: float) -> PosteriorSummary:
    """Marginal posteriors of the parameters.

    A mean has a t distribution, a variance an inverse gamma one (Gelman and others 2013, section
    3.6), a weight of a Dirichlet distribution a beta one. Weights of a process, divided by their
    sum, are drawn, always the same.

    Parameters
    ----------
    posterior : Posterior
    level : float
        Probability of each interval.
    """
    law, dof = posterior.prior.law, posterior.degrees_of_freedom
    tails = (law.multiple * dof - (law.order - 1))[:, None]
    form, shape = posterior.form, posterior.means.shape
    variances = np.diagonal(form.algebra.dense(posterior.covariances, *shape), axis1=1, axis2=2)
    scatter = law.multiple * dof[:, None] * variances
    scale = np.sqrt(scatter / (tails * posterior.mean_precision[:, None]))
    tails = np.broadcast_to(tails, shape)
    return PosteriorSummary(
        _weights(posterior, level),
        _marginals(stats.t(tails, posterior.means, scale), level),
        _marginals(stats.invgamma(tails / 2, scale=scatter / 2), level),
    )


def _weights(posterior: Posterior, level: float) -> Marginals:
    shares, counts = posterior.prior.shares, posterior.counts
    if not shares.sorts and posterior.noise is None:
        return _marginals(stats.beta(*shares.shapes(counts)), level)
    random_state = np.random.RandomState(0)
    drawn = shares.draw(counts, DRAWS, random_state)
    if posterior.noise is not None:
        own = 1 + counts.sum(), 1 + posterior.noise_count
        drawn *= random_state.beta(*own, size=(DRAWS, 1))
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Marginals(drawn.mean(axis=0), drawn.std(axis=0), low, high)


def _marginals(law: stats.rv_continuous, level: float) -> Marginals:
    """Of a frozen distribution; a moment that is infinite is inf."""
    low, high = law.interval(level)
    mean, variance = law.stats("mv")
    spread = np.where(np.isnan(variance), np.inf, variance)
    return Marginals(np.asarray(mean), np.sqrt(spread), np.asarray(low), np.asarray(high))
