"""What is known of clusters' means and precisions, given which rows each holds: closed forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import Form
from bactrian.core.values.family import GAUSSIAN
from bactrian.core.values.posterior import ConjugatePrior
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms
from bactrian.errors import BadInputError

LOG_2PI = float(np.log(2 * np.pi))


@final
@dataclass(frozen=True, eq=False)
class Clusters:
    """The posterior of means and precisions, given the statistics of the rows of each cluster.

    ``mean_k | L_k ~ N(m_k, (b_k L_k)^-1)`` and ``L_k ~ Wishart(v_k, S_k^-1)`` with
    ``b_k = b0 + n_k``, ``v_k = v0 + n_k`` and S_k the scatter of rows and prior about m_k (Bishop
    2006, eqs. 10.60 to 10.63). Where components share a precision, there is one L, of all rows.

    Parameters
    ----------
    prior : ConjugatePrior
    stats : SufficientStats
        With a second moment for each cluster, even if they share a precision.
    """

    prior: ConjugatePrior
    stats: SufficientStats

    @property
    def form(self) -> Form:
        """How the precisions of the clusters are stored, one for each."""
        return self.stats.form

    @cached_property
    def mean_precision(self) -> FloatArray:
        """b, (n_clusters,)."""
        return np.asarray(self.prior.mean_precision + self.stats.resp_sum)

    @cached_property
    def means(self) -> FloatArray:
        """m, (n_clusters, n_features)."""
        pull = self.prior.mean_precision * (self.prior.mean - self.stats.origin)
        step = (self.stats.first + pull) / self.mean_precision[:, None]
        return np.asarray(self.stats.origin + step)

    @cached_property
    def dof(self) -> FloatArray:
        """v, (n_clusters,), or (1,) of a shared precision."""
        counts = self.stats.resp_sum
        held = counts.sum(keepdims=True) if self.prior.shares_precision else counts
        return np.asarray(self.prior.dof + held)

    @cached_property
    def factors(self) -> FloatArray:
        """Factors U of the inverse scatters, ``S^-1 = U U'``; along axis 0.

        Raises
        ------
        BadInputError
            If a scatter is singular to rounding: the prior's is nothing next to the rows.
        """
        apart = np.sqrt(self.prior.mean_precision) * (self.means - self.prior.mean)
        scatter = self.stats.second_about(self.means) + self.form.outer(apart, apart)
        if self.prior.shares_precision:
            scatter = scatter.sum(axis=0, keepdims=True)
        found = self.form.algebra.precisions_cholesky(self.prior.scatter + scatter)
        if not np.isfinite(found).all():
            raise BadInputError(
                "covariance_prior",
                "a scatter that vanishes next to that of the rows",
                "large enough for positive-definite covariances",
            )
        return found

    def log_marginal(self) -> float:
        """Log-density of all rows, given their clusters (Murphy 2007, eq. 266), in nats."""
        prior, law, n = self.prior, self.prior.law, self.prior.n_features
        rows = self.stats.resp_sum.sum()
        means = np.log(prior.mean_precision / self.mean_precision).sum()
        log_dets = -2 * self.form.algebra.log_det(self.factors, n)
        gained = law.log_norm(self.dof, log_dets) - prior.log_norm
        return float(n / 2 * (means - rows * LOG_2PI) + gained.sum())

    def draw(self, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Draw means (n_clusters, n_features) and factors of precisions, one for each."""
        drawn = self.prior.law.draw_factors(self.dof, rng).reshape(self.factors.shape)
        factors = self.factors @ drawn if self.form.correlated else self.factors * drawn
        factors = self._one_each(factors)
        z = rng.standard_normal(self.means.shape) / np.sqrt(self.mean_precision)[:, None]
        return self.means + self.form.algebra.coloured_each(z, factors), factors

    def expected(self) -> Terms:
        """Terms at the expected precisions, with weights of one row more than each cluster has."""
        roots = np.sqrt(self.prior.law.multiple * self.dof)
        factors = self.factors * roots.reshape(-1, *[1] * (self.factors.ndim - 1))
        counts = self.stats.resp_sum + 1
        weights = np.log(counts / counts.sum())
        return gaussian_terms(self.form, self.means, self._one_each(factors), weights)

    def _one_each(self, factors: FloatArray) -> FloatArray:
        return np.broadcast_to(factors, (len(self.means), *factors.shape[1:]))


def gaussian_terms(
    form: Form, means: FloatArray, factors: FloatArray, log_weights: FloatArray
) -> Terms:
    """Terms of Gaussian components."""
    n_features = means.shape[1]
    peaks = form.algebra.log_det(factors, n_features) + GAUSSIAN.log_greatest(n_features)
    return Terms(form, means, factors, log_weights, peaks)


def log_joint(terms: Terms, stats: SufficientStats) -> FloatArray:
    """Sum of ``log(w_k N(x_i | k))`` over the rows of each cluster j, (n_components, n_clusters).

    Parameters
    ----------
    terms : Terms
        Of Gaussians.
    stats : SufficientStats
        Of the clusters.
    """
    means, factors = stats.means, terms.each_factor()
    scatter, apart = stats.second_about(means), means - terms.means[:, None]
    if terms.form.correlated:
        inside = (scatter @ factors[:, None] * factors[:, None]).sum(axis=(2, 3))
        whitened = apart @ factors
    else:
        inside = np.square(factors) @ scatter.T
        whitened = apart * factors[:, None]
    squared = inside + stats.resp_sum * np.square(whitened).sum(axis=2)
    return np.asarray(stats.resp_sum * terms.log_constants[:, None] - squared / 2)


def empty_stats(form: Form, prior: ConjugatePrior, n: int) -> SufficientStats:
    """Statistics of n clusters without rows."""
    return SufficientStats.zeros(form, np.broadcast_to(prior.mean, (n, prior.n_features)))


def picked(stats: SufficientStats, which: Any) -> SufficientStats:
    """The statistics of some of the clusters, by indices or a mask."""
    return SufficientStats(
        stats.form,
        stats.origin[which],
        stats.resp_sum[which],
        stats.first[which],
        stats.second[which],
        stats.log_likelihood,
        float(stats.resp_sum[which].sum()),
        stats.n_samples,
    )


def together(parts: Sequence[SufficientStats]) -> SufficientStats:
    """The statistics of the clusters of all parts, one after another."""
    return SufficientStats(
        parts[0].form,
        np.concatenate([part.origin for part in parts]),
        np.concatenate([part.resp_sum for part in parts]),
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.second for part in parts]),
        parts[0].log_likelihood,
        sum(part.weight for part in parts),
        sum(part.n_samples for part in parts),
    )


def merged(stats: SufficientStats, a: int, b: int) -> SufficientStats:
    """The statistics after cluster b went to cluster a."""
    one, other = picked(stats, [a]), picked(stats, [b])
    left = np.delete(np.arange(len(stats.resp_sum)), [a, b])
    return together([picked(stats, left), one + other])
