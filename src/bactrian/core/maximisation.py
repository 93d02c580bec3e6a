"""The M-step: from sufficient statistics to parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.chart import Chart, Coordinates
from bactrian.core.covariance import CovarianceStructure
from bactrian.core.dof import degrees_of_freedom
from bactrian.core.errors import DegenerateCovarianceError
from bactrian.core.parameters import Parameters
from bactrian.core.pseudo import FLAT, PriorStatistics
from bactrian.core.statistics import SufficientStats

if TYPE_CHECKING:
    from bactrian.core.steps import EMState

EPS = float(np.finfo(float).eps)
SMALLEST_TOLERANCE = 1e-11  # where squared rounding errors of the factors reach 1e-10

BLOCKS = ("weights", "means", "covariances")


@dataclass(frozen=True, eq=False)
class Bounds:
    """What keeps the covariances away from zero.

    Parameters
    ----------
    floor : (n_features,)
        No covariance is below ``diag(floor)``: the likelihood is maximised under this
        constraint, so that it still never falls. 0 for none; otherwise above `resolution`.
    ridge : float
        Added to every variance, as scikit-learn's ``reg_covar``: not a maximiser, so that the
        likelihood may fall by as much as the ridge matters.
    resolution : (n_features,)
        Variance of the rounding of the data: a covariance below it is none.
    collapsed : (n_features,)
        A covariance that is not above this has collapsed.
    """

    floor: FloatArray
    ridge: float
    resolution: FloatArray
    collapsed: FloatArray

    @cached_property
    def floored(self) -> bool:
        """Whether there is a floor."""
        return bool(self.floor.all())

    def apply(
        self, covariances: FloatArray, structure: CovarianceStructure, resp_sum: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Covariances within the bounds, and the factors of their precisions.

        `resp_sum` (n_components,) says how many rows stand for each.
        """
        if self.floored:
            return structure.floored(covariances, self.floor)
        covariances = structure.ridged(covariances, self.ridge)
        if self.ridge > 0:
            covariances = structure.projected(covariances, resp_sum, len(self.floor))
        return covariances, structure.precisions_cholesky(covariances)

    @cached_property
    def _lowest(self) -> FloatArray:
        """What no covariance that comes out of :meth:`apply` is below."""
        return np.maximum(self.floor, self.ridge)

    def admit(self, parameters: Parameters) -> bool:
        """Whether these could come out of :meth:`apply`: none is below the floor or the ridge."""
        structure, factors = parameters.structure, parameters.precisions_cholesky
        return bool(structure.exceeds(parameters.covariances, self._lowest, factors).all())

    def refactored(self, parameters: Parameters) -> Parameters:
        """The parameters with the factors that follow from the covariances to the last bit.

        Not so at the floor, where the factors are more exact than the covariances.
        """
        structure, factors = parameters.structure, parameters.precisions_cholesky
        follow = structure.precisions_cholesky(parameters.covariances)
        above = structure.exceeds(parameters.covariances, self.collapsed, factors)
        above = above.reshape(-1, *[1] * (factors.ndim - 1))
        return replace(parameters, precisions_cholesky=np.where(above, follow, factors))

    def confine(self, parameters: Parameters) -> Parameters:
        """Parameters within the bounds: starts, without which the first step could fall."""
        if not self.floored or self.admit(parameters):
            return parameters
        covariances, factors = parameters.structure.floored(parameters.covariances, self.floor)
        return replace(parameters, covariances=covariances, precisions_cholesky=factors)

    def held(
        self, covariances: FloatArray, factors: FloatArray, structure: CovarianceStructure
    ) -> BoolArray:
        """Whether each covariance is one: above the rounding of the data, and of its own.

        With a ridge the latter is the user's choice; on a floor the former is certain.
        """
        whole = np.isfinite(factors).reshape(len(factors), -1).all(axis=1)
        if self.ridge > 0:
            return whole & structure.exceeds(covariances, self.resolution, factors)
        with np.errstate(over="ignore", invalid="ignore"):
            held = whole & (structure.tolerances(covariances, factors) > SMALLEST_TOLERANCE)
        if not self.floored:
            held &= structure.exceeds(covariances, self.resolution, factors)
        return held


class Maximise(Protocol):
    """An M-step: what the EM loop asks of one."""

    @property
    def bounds(self) -> Bounds:
        """What keeps the covariances away from zero."""

    @property
    def fixed(self) -> frozenset[str]:
        """Parameters held as they are."""

    @property
    def prior(self) -> PriorStatistics:
        """What is known before."""

    def chart(self, state: EMState) -> Coordinates:
        """Coordinates, around the parameters of a state, of what it moves."""

    def __call__(self, stats: SufficientStats, current: Parameters) -> Parameters:
        """Next parameters, given the statistics at the current ones.

        Raises
        ------
        DegenerateCovarianceError
            If a component has no volume left.
        """


@dataclass(frozen=True, eq=False)
class MaximumLikelihood:
    """M-step of maximum likelihood (Bishop 2006, eqs. 9.17 to 9.22), or of the posterior.

    Parameters
    ----------
    bounds : Bounds
    fixed : frozenset of {"weights", "means", "covariances", "dof"}
        Held as they are.
    prior : PriorStatistics
        Flat by default. Any other makes it maximum a posteriori.
    """

    bounds: Bounds
    fixed: frozenset[str] = frozenset()
    prior: PriorStatistics = FLAT

    def chart(self, state: EMState) -> Coordinates:
        """Coordinates, around the parameters of a state, of what is not held."""
        prior = self.prior.rows_beside(state.stats.weight)
        return Chart(state.parameters, self.fixed, prior)

    def __call__(self, stats: SufficientStats, current: Parameters) -> Parameters:
        """Parameters that maximise the expected log-likelihood, and the prior's.

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
            whole = stats.weight + np.sum(prior.weights) if noisy else counts.sum()
            weights = counts / whole
        if "means" not in self.fixed:
            told = (resp_sum + prior.means)[:, None] > 0
            means = np.where(told, prior.means_of(stats), means)
        covariances, factors = current.covariances, current.precisions_cholesky
        if "covariances" not in self.fixed:
            covariances, factors = self._covariances(stats, means, resp_sum, covariances)
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
        )

    def _covariances(
        self, stats: SufficientStats, means: FloatArray, resp_sum: FloatArray, current: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        structure = stats.structure
        with np.errstate(over="ignore", invalid="ignore"):
            second = stats.second_about(means) + self.prior.second_about(means)
        if not np.isfinite(second).all():  # so far from the origin that squares overflow
            raise _degenerate(np.arange(len(resp_sum)), stats)
        counts = resp_sum + self.prior.covariances
        unbounded = structure.maximise(second, counts, current, means.shape[1])
        covariances, factors = self.bounds.apply(unbounded, structure, counts)
        held = self.bounds.held(covariances, factors, structure)
        if not held.all():
            raise _degenerate(np.flatnonzero(np.broadcast_to(~held, len(resp_sum))), stats)
        return covariances, factors


def _degenerate(components: IntArray, stats: SufficientStats) -> DegenerateCovarianceError:
    n_components, n_features = stats.origin.shape
    resp_sum = stats.resp_sum[components].tolist()
    return DegenerateCovarianceError(components.tolist(), n_components, n_features, resp_sum)
