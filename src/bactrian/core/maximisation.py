"""The M-step: from sufficient statistics to parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.covariance import CovarianceStructure
from bactrian.core.errors import DegenerateCovarianceError
from bactrian.core.parameters import Parameters
from bactrian.core.statistics import SufficientStats

BLOCKS = ("weights", "means", "covariances")


@dataclass(frozen=True, eq=False)
class Bounds:
    """What keeps the covariances away from zero.

    Parameters
    ----------
    floor : (n_features,)
        No covariance is below ``diag(floor)``: the likelihood is maximised under this
        constraint, so that it still never falls. 0 for none.
    ridge : float
        Added to every variance, as scikit-learn's ``reg_covar``: not a maximiser, so that the
        likelihood may fall by as much as the ridge matters.
    resolution : (n_features,)
        Variance of the rounding of the data: a covariance below it is none.
    """

    floor: FloatArray
    ridge: float
    resolution: FloatArray

    def apply(self, covariances: FloatArray, structure: CovarianceStructure) -> FloatArray:
        """Covariances within the bounds."""
        if self.ridge > 0:
            covariances = structure.ridged(covariances, self.ridge)
        if self.floor.all():
            covariances = structure.floored(covariances, self.floor)
        return covariances


@dataclass(frozen=True, eq=False)
class MaximumLikelihood:
    """M-step of maximum likelihood (Bishop 2006, eqs. 9.17 to 9.22).

    Parameters
    ----------
    bounds : Bounds
    fixed : frozenset of {"weights", "means", "covariances"}
        Held as they are.
    """

    bounds: Bounds
    fixed: frozenset[str] = frozenset()

    def __call__(self, stats: SufficientStats, current: Parameters) -> Parameters:
        """Parameters that maximise the expected log-likelihood.

        A component that holds less than rounding error dies: it keeps its place with weight 0.

        Raises
        ------
        DegenerateCovarianceError
            If a component has no volume left.
        """
        resp_sum = stats.resp_sum
        resp_sum = np.where(resp_sum > np.finfo(float).eps * stats.weight, resp_sum, 0.0)
        weights, means, covariances = current.weights, current.means, current.covariances
        if "weights" not in self.fixed:
            weights = resp_sum / resp_sum.sum()
        if "means" not in self.fixed:
            means = np.where(resp_sum[:, None] > 0, stats.means, means)
        if "covariances" not in self.fixed:
            covariances = self._covariances(stats.recentred(means), resp_sum, covariances)
        try:
            return Parameters(weights, means, covariances, current.structure)
        except DegenerateCovarianceError as error:
            raise _degenerate(np.array(error.components), stats) from None

    def _covariances(
        self, stats: SufficientStats, resp_sum: FloatArray, current: FloatArray
    ) -> FloatArray:
        structure = stats.structure
        covariances = structure.maximise(stats.second, resp_sum, current)
        covariances = self.bounds.apply(covariances, structure)
        resolved = structure.exceeds(covariances, self.bounds.resolution)
        if not resolved.all():
            raise _degenerate(np.flatnonzero(~resolved), stats)
        return covariances


def _degenerate(components: IntArray, stats: SufficientStats) -> DegenerateCovarianceError:
    n_components, n_features = stats.origin.shape
    resp_sum = stats.resp_sum[components].tolist()
    return DegenerateCovarianceError(components.tolist(), n_components, n_features, resp_sum)
