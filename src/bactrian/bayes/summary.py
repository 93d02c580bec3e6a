"""What a variational posterior says of each parameter, and of each component."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from scipy import stats

from bactrian.bayes.correlation import correlations_of
from bactrian.bayes.marginals import Marginals, beta_mode
from bactrian.core.arrays import FloatArray
from bactrian.core.values.posterior import Posterior
from bactrian.core.values.shares import Sticks
from bactrian.mixture.scaling import Scaling

DRAWS = 100_000  # of the weights of a process, of which no quantiles are known


@final
@dataclass(frozen=True, eq=False)
class PosteriorSummary:
    """Marginal posteriors of the parameters, each quantity by itself.

    A mean has a t distribution, a variance an inverse gamma one (Gelman and others 2013, section
    3.6), a weight of a Dirichlet distribution a beta one. Weights of a process, divided by their
    sum, and weights besides noise are drawn, always the same; their mode is that of the beta
    distribution of the same mean and deviation. Means and modes differ where a distribution is
    skew.

    Parameters
    ----------
    posterior : Posterior
    level : float
        Probability of each interval.
    scaling : Scaling, optional
        Of the columns before the fit; the summary is in the units of the data.
    """

    posterior: Posterior
    level: float
    scaling: Scaling | None = None

    @cached_property
    def weights(self) -> Marginals:
        """Of the weights, (K,) each."""
        shares, counts = self.posterior.prior.shares, self.posterior.counts
        if not shares.sorts and self.posterior.noise is None:
            a, b = shares.shapes(counts)
            return Marginals.of(stats.beta(a, b), beta_mode(a, b), self.level)
        random_state = np.random.RandomState(0)
        drawn = shares.draw(counts, DRAWS, random_state)
        if self.posterior.noise is not None:
            own = 1 + counts.sum(), 1 + self.posterior.noise_count
            drawn *= random_state.beta(*own, size=(DRAWS, 1))
        mean, deviation = drawn.mean(axis=0), drawn.std(axis=0)
        low, high = np.quantile(drawn, [(1 - self.level) / 2, (1 + self.level) / 2], axis=0)
        return Marginals(mean, _mode_of_shares(mean, deviation), deviation, low, high)

    @cached_property
    def concentration(self) -> Marginals:
        """Of the concentration, () each; one that is not learned is known exactly."""
        shares = self.posterior.prior.shares
        if not isinstance(shares, Sticks) or shares.hyperprior is None:
            known = np.array(shares.concentration)
            return Marginals(known, known, np.array(0.0), known, known)
        values, logs = shares.concentrations(self.posterior.counts)
        z = np.log(values)[None]
        told = Marginals.on_grid(z, logs[None], np.exp, z, self.level)
        return Marginals(*(part[0] for part in told))

    @cached_property
    def means(self) -> Marginals:
        """Of the means, (K, D) each."""
        means, unit = self.posterior.means, np.ones(self.posterior.n_features)
        precision = self.posterior.mean_precision[:, None]
        scale = np.sqrt(self._scatter / (self._tails * precision))
        if self.scaling is not None:
            means, unit = self.scaling.centre + self.scaling.scale * means, self.scaling.scale
        return Marginals.of(stats.t(self._tails, means, unit * scale), means, self.level)

    @property
    def mean_scales(self) -> tuple[FloatArray, FloatArray] | None:
        """Scale matrices of the t distributions of the means, (K, D, D), and their freedom, (K,).

        None where the variances of several features are independent: then each mean has a t
        distribution of its own.
        """
        posterior = self.posterior
        law = posterior.prior.law
        if law.blocks > 1:
            return None
        tails = self._tails[:, 0]
        rows = law.multiple * posterior.degrees_of_freedom / (tails * posterior.mean_precision)
        units = np.ones(posterior.n_features) if self.scaling is None else self.scaling.scale
        return rows[:, None, None] * self._covariances * np.outer(units, units), tails

    @cached_property
    def variances(self) -> Marginals:
        """Of the variances, (K, D) each."""
        scatter = self._scatter
        if self.scaling is not None:
            scatter = scatter * np.square(self.scaling.scale)
        law = stats.invgamma(self._tails / 2, scale=scatter / 2)
        return Marginals.of(law, scatter / (self._tails + 2), self.level)

    @cached_property
    def correlations(self) -> Marginals:
        """Of the correlations, (K, D, D) each; 0 where the structure has none."""
        n_components, n_features = self.posterior.means.shape
        found = Marginals(*np.zeros((5, n_components, n_features, n_features)))
        if self.posterior.form.correlated:
            rows, columns = np.triu_indices(n_features, 1)
            spread = np.sqrt(np.diagonal(self._covariances, axis1=1, axis2=2))
            shares = self._covariances / spread[:, :, None] / spread[:, None, :]
            r = shares[:, rows, columns]
            own = np.broadcast_to(self._tails[:, :1] + 1, r.shape)
            told = correlations_of(r.ravel(), own.ravel(), self.level)
            for whole, part in zip(found, told, strict=True):
                whole[:, rows, columns] = whole[:, columns, rows] = part.reshape(r.shape)
        for whole in (found.mean, found.mode, found.low, found.high):
            whole[:, range(n_features), range(n_features)] = 1.0
        return found

    @cached_property
    def _covariances(self) -> FloatArray:
        posterior = self.posterior
        return posterior.form.algebra.dense(posterior.covariances, *posterior.means.shape)

    @property
    def _tails(self) -> FloatArray:
        """Degrees of freedom of each mean and each variance, (K, D)."""
        law, dof = self.posterior.prior.law, self.posterior.degrees_of_freedom
        tails = law.multiple * dof - (law.order - 1)
        return np.broadcast_to(tails[:, None], self.posterior.means.shape)

    @property
    def _scatter(self) -> FloatArray:
        """Of each feature, (K, D)."""
        rows = self.posterior.prior.law.multiple * self.posterior.degrees_of_freedom
        variances = np.diagonal(self._covariances, axis1=1, axis2=2)
        return np.asarray(rows[:, None] * variances)


def probability_empty(resp: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Probability that each component holds no row, (K,), if rows are independent.

    Parameters
    ----------
    resp : (n_samples, K)
        Probabilities of the components for each row.
    weights : (n_samples,), optional
        How often each row counts.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        others = np.log1p(-np.minimum(resp, 1.0))
        each = others if weights is None else np.where(resp > 0, weights[:, None] * others, 0.0)
    kept = each if weights is None else each[weights > 0]
    return np.asarray(np.exp(kept.sum(axis=0)))


def _mode_of_shares(mean: FloatArray, deviation: FloatArray) -> FloatArray:
    """Mode of the beta distributions that have these means and deviations."""
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = mean * (1 - mean) / np.square(deviation) - 1
    modes = beta_mode(mean * whole, (1 - mean) * whole)
    return np.where(deviation > 0, modes, mean)
