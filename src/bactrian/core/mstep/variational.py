"""The M-step of variational Bayes: from sufficient statistics to a posterior.

It is the M-step with pseudo-rows: with v0 rows of scatter ``W0^-1`` and b0 rows at the prior's
mean, the means and covariances that maximise are the posterior's expectations.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.mstep.chart import Chart, Coordinates
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.mstep.pseudo import PseudoStatistics
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.posterior import ConjugatePrior, Posterior
from bactrian.core.values.statistics import SufficientStats

SPARE = 1.0  # rows by which coordinates take each component to hold more, so that 0 is no end


@final
@dataclass(frozen=True, eq=False)
class VariationalBayes:
    """M-step of variational Bayes (Bishop 2006, section 10.2.1).

    With the posterior's terms, the sum of the log-sums of the rows less the divergence is a lower
    bound of the log evidence (eq. 10.70, the responsibilities eliminated): no step lowers it.

    Parameters
    ----------
    prior : ConjugatePrior
    n_components : int
    bounds : Bounds
        A ridge, or nothing: the prior keeps the covariances away from zero.
    weight : float
        Of all rows.
    share : float, default=1
        Of a sample of the rows, its share of all: each of its rows stands for more than one.
    """

    prior: ConjugatePrior
    n_components: int
    bounds: Bounds
    weight: float
    share: float = 1.0
    can_collapse = False
    fixed: frozenset[str] = frozenset()

    @cached_property
    def _step(self) -> MaximumLikelihood:
        """The M-step with the prior's rows."""
        prior, n_components = self.prior, self.n_components
        own = 1 / n_components if prior.shares_precision else 1.0
        rows = PseudoStatistics(
            prior.structure.form,
            np.broadcast_to(prior.mean, (n_components, prior.n_features)),
            prior.mean_precision,
            np.sqrt(own) * prior.deviations,
            own * prior.dof,
            np.full(n_components, SPARE),
        )
        return MaximumLikelihood(self.bounds, frozenset(), rows)

    @property
    def support(self) -> float:
        """How many rows of the prior spread in all directions in each covariance."""
        return self.prior.dof

    def log_prior(self, parameters: Parameters) -> float:
        """Minus the divergence of the posterior; of a sample its share."""
        assert isinstance(parameters, Posterior)
        return -self.share * parameters.divergence()

    def begin(self, start: Parameters) -> Posterior:
        """The posterior around a start: as many rows for each component as its weight says."""
        if isinstance(start, Posterior) and (start.noise is None or start.noise_count > 0):
            return Posterior.of(start, start.counts, start.noise_count, self.prior)
        counts = self.weight * start.weights
        noise_count = self.weight * max(0.0, 1 - float(start.weights.sum()))
        return Posterior.of(start, counts, noise_count, self.prior)

    def chart(self, parameters: Parameters, weight: float) -> Coordinates:
        """Coordinates around a posterior."""
        assert isinstance(parameters, Posterior)
        rows = self._step.prior.rows_beside(self.weight)
        return PosteriorChart(parameters, Chart(_spared(parameters), frozenset(), rows))

    def within_structure(self, start: Parameters) -> Parameters:
        """The start with the nearest covariances of its structure."""
        return self._step.within_structure(start)

    def __call__(self, stats: SufficientStats, current: Parameters) -> Posterior:
        """Return the posterior that maximises the bound, given the responsibilities.

        Raises
        ------
        DegenerateCovarianceError
            If the prior's scale is nearly singular.
        """
        stats = stats if self.share == 1 else stats * (1 / self.share)
        found = self._step(stats, current)
        counts, noise_count = stats.resp_sum, 0.0
        if found.noise is not None:
            noise_count = max(0.0, stats.weight - float(counts.sum()))
        return Posterior.of(found, counts, noise_count, self.prior)


@final
@dataclass(frozen=True, eq=False)
class PosteriorChart:
    """Coordinates of posteriors: those of mixtures whose weights are shares of the rows.

    Each component counts :data:`SPARE` rows more, so that the logarithm of none is finite.

    Parameters
    ----------
    base : Posterior
    chart : Chart
    """

    base: Posterior
    chart: Chart

    def vector(self, other: Parameters) -> FloatArray:
        """Coordinates of another posterior."""
        assert isinstance(other, Posterior)
        return self.chart.vector(_spared(other))

    def point(self, vector: FloatArray) -> Posterior:
        """The posterior at these coordinates; counts below 0 are cut off.

        Raises
        ------
        DegenerateCovarianceError
            If a covariance leaves the range of float64.
        """
        found, base = self.chart.point(vector), self.base
        rows = _rows(base)
        counts = np.maximum(found.weights * rows - SPARE, 0.0)
        noise_count = 0.0
        if base.noise is not None:
            noise_count = max(0.0, float(found.term_weights[-1]) * rows - SPARE)
        return Posterior.of(found, counts, noise_count, base.prior)


def _rows(posterior: Posterior) -> float:
    """All rows, with the spare ones."""
    return float(posterior.counts.sum()) + posterior.noise_count + SPARE * posterior.n_terms


def _spared(posterior: Posterior) -> Parameters:
    """The mixture whose weights are the shares of the rows, with the spare ones."""
    return Parameters(
        (posterior.counts + SPARE) / _rows(posterior),
        posterior.means,
        posterior.covariances,
        posterior.structure,
        posterior.precisions_cholesky,
        posterior.noise,
    )
