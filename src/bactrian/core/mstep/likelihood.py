"""The M-step: from sufficient statistics to parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, final

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.mstep.chart import Chart, Coordinates
from bactrian.core.mstep.dof import degrees_of_freedom
from bactrian.core.mstep.point_masses import shares_of
from bactrian.core.mstep.pseudo import FLAT, PriorStatistics
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats
from bactrian.errors import DegenerateCovarianceError

EPS, TINY = float(np.finfo(float).eps), float(np.finfo(float).tiny)


class Maximise(Protocol):
    """An M-step, as the EM loop calls it."""

    @property
    def bounds(self) -> Bounds:
        """What keeps the covariances away from zero."""

    @property
    def fixed(self) -> frozenset[str]:
        """Names of the parameters that are held fixed."""

    @property
    def can_collapse(self) -> bool:
        """Whether a component can die or lose its volume."""

    @property
    def support(self) -> float:
        """How many rows that nobody observed spread in all directions in each covariance."""

    def log_prior(self, parameters: Parameters) -> float:
        """What the objective has besides the sum over the rows, in nats."""

    def begin(self, start: Parameters) -> Parameters:
        """What the first E-step takes, from parameters to start at."""

    def chart(self, parameters: Parameters, weight: float) -> Coordinates:
        """Coordinates, around parameters, of all that it moves, for data of that weight."""

    def within_structure(self, start: Parameters) -> Parameters:
        """The start with the nearest covariances of its structure, unless they are held."""

    def __call__(self, stats: SufficientStats, current: Parameters) -> Parameters:
        """Return the next parameters, given the statistics at the current ones.

        Raises
        ------
        DegenerateCovarianceError
            If a component has no volume left.
        """


@final
@dataclass(frozen=True, eq=False)
class MaximumLikelihood:
    """M-step of maximum likelihood (Bishop 2006, eqs. 9.17 to 9.22), or with a prior.

    Parameters
    ----------
    bounds : Bounds
    fixed : frozenset of {"weights", "noise", "means", "covariances", "dof"}
        Held as they are: of the noise its weight; without it, weights are shares of the rest.
    prior : PriorStatistics
        Flat by default. Any other makes it maximum a posteriori.
    """

    bounds: Bounds
    fixed: frozenset[str] = frozenset()
    prior: PriorStatistics = FLAT
    can_collapse = True

    @property
    def support(self) -> float:
        """How many rows of the prior spread in all directions in each covariance."""
        return self.prior.support

    def log_prior(self, parameters: Parameters) -> float:
        """Log-density of the prior up to a constant, in nats."""
        return self.prior.log_density(parameters)

    def begin(self, start: Parameters) -> Parameters:
        """The parameters themselves."""
        return start

    def chart(self, parameters: Parameters, weight: float) -> Coordinates:
        """Coordinates, around parameters, of all that is not held, for data of that weight."""
        return Chart(parameters, self.fixed, self.prior.rows_beside(weight))

    def within_structure(self, start: Parameters) -> Parameters:
        """The start with the nearest covariances of its structure, unless they are held."""
        if "covariances" in self.fixed:
            return start
        near = start.structure.projected(start.covariances, start.weights, start.n_features)
        return start if near is start.covariances else start.replaced(covariances=near)

    def __call__(self, stats: SufficientStats, current: Parameters) -> Parameters:
        """Return the parameters that maximise the expected log-likelihood, with the prior's part.

        A component that holds less than rounding error dies: it keeps its place with weight 0.

        Raises
        ------
        DegenerateCovarianceError
            If a component has no volume left.
        """
        resp_sum = np.where(stats.resp_sum > EPS * stats.weight, stats.resp_sum, 0.0)
        prior, weights, means = self.prior, current.weights, current.means
        if "weights" not in self.fixed:
            counts = resp_sum + prior.weights
            # What is not the components' is the noise's.
            noisy = current.noise is not None
            whole = stats.weight_of_terms + np.sum(prior.weights) if noisy else counts.sum()
            weights = counts / whole
        elif current.noise is not None and "noise" not in self.fixed:
            # They are shares of what the noise leaves.
            left = resp_sum.sum() / stats.weight_of_terms
            weights = weights * (left / max(weights.sum(), TINY))
        if "means" not in self.fixed:
            told = (resp_sum + prior.means)[:, None] > 0
            means = np.where(told, prior.means_of(stats), means)
        covariances, factors = current.covariances, current.precisions_cholesky
        if "covariances" not in self.fixed:
            covariances, factors = self._covariances(stats, means, resp_sum, current)
        dof = current.dof
        if dof is not None and "dof" not in self.fixed:
            dof = degrees_of_freedom(stats.log_scale, stats.resp_sum, dof)
        return replace(
            current,
            weights=weights,
            means=means,
            covariances=covariances,
            precisions_cholesky=factors,
            dof=dof,
            spikes=None if current.spikes is None else shares_of(stats, current.spikes),
        )

    def _covariances(
        self, stats: SufficientStats, means: FloatArray, resp_sum: FloatArray, current: Parameters
    ) -> tuple[FloatArray, FloatArray]:
        structure, previous = current.structure, current.covariances
        with np.errstate(over="ignore", invalid="ignore"):
            second = stats.second_about(means) + self.prior.second_about(means)
        if not np.isfinite(second).all():  # so far from the origin that squares overflow
            raise _degenerate(np.arange(len(resp_sum)), stats)
        counts = resp_sum + self.prior.covariances
        unbounded = structure.maximise(second, counts, previous, means.shape[1])
        covariances, factors = self.bounds.apply(unbounded, structure, counts)
        held = self.bounds.held(covariances, factors, structure.form)
        if not held.all():
            raise _degenerate(np.flatnonzero(np.broadcast_to(~held, len(resp_sum))), stats)
        return covariances, factors


def _degenerate(components: IntArray, stats: SufficientStats) -> DegenerateCovarianceError:
    n_components, n_features = stats.origin.shape
    resp_sum = stats.resp_sum[components].tolist()
    return DegenerateCovarianceError(components.tolist(), n_components, n_features, resp_sum)
