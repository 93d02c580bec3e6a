"""Which mixtures are considered: their size, and what is shared, fixed or known before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.covariance import CovarianceStructure
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.mstep.likelihood import Maximise, MaximumLikelihood
from bactrian.core.mstep.pseudo import FLAT, PriorStatistics
from bactrian.core.mstep.ratio import RatioBounds
from bactrian.data.summary import Summary
from bactrian.fitting.conjugate import ConjugateChoice
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.family import FamilyChoice
from bactrian.fitting.measure import Measure
from bactrian.fitting.prior import PriorChoice

GRAINS = 0.1  # deviation, in distances between neighbouring values, that tells of rounding only
RELATIVE_FLOOR = 1e-9  # smallest variance of a component, relative to the columns'


@final
@dataclass(frozen=True, eq=False)
class Model:
    """What to fit.

    Parameters
    ----------
    n_components : int
    structure : CovarianceStructure
    family : FamilyChoice
        Tails and background.
    fixed : frozenset of {"weights", "noise", "means", "covariances", "dof"}
        Parameters held at what they start from; of the noise its weight.
    prior : PriorChoice, ConjugateChoice or None
        What is known before; None for maximum likelihood. A conjugate one asks for a posterior.
    reg_covar : float or None
        Added to all variances; None for a floor relative to the columns'.
    eigenvalue_ratio : float or None
        Bound on the ratio of the eigenvalues of all covariances.
    """

    n_components: int
    structure: CovarianceStructure
    family: FamilyChoice = field(default_factory=FamilyChoice)
    fixed: frozenset[str] = frozenset()
    prior: PriorChoice | ConjugateChoice | None = None
    reg_covar: float | None = None
    eigenvalue_ratio: float | None = None

    def measure(self, summary: Summary) -> Measure:
        """How the features are measured."""
        key = self.structure.name, self.reg_covar or 0.0
        found: Measure | None = summary.remembered.get(key)
        if found is None:
            found = summary.remembered[key] = Measure.of(summary, self.structure, key[1])
        return found

    def maximise(self, data: DataSet) -> Maximise:
        """The M-step for a data set."""
        if isinstance(self.prior, ConjugateChoice):
            units = self.measure(data.summary).units
            return self.prior.maximise(
                data, units, self.structure, self.n_components, self.reg_covar or 0.0
            )
        return MaximumLikelihood(self.bounds(data), self.fixed, self.prior_statistics(data))

    def bounds(self, data: DataSet) -> Bounds:
        """What keeps the covariances away from zero."""
        measure, ridge = self.measure(data.summary), self.reg_covar
        rounding, square, measured = measure.rounding, np.square(measure.units), measure.measured
        if ridge is None:
            lowest, rounded = RELATIVE_FLOOR * square, 4 * rounding * measured
            nominal = square if self.prior is None else lowest
            floor = self.structure.floor(np.where(measured, lowest, nominal), rounded)
            grains = np.square(GRAINS * data.grain)
            telling = np.where(grains < square, grains, 0.0)  # not of a column that is all thinner
            collapsed = np.maximum(4 * np.maximum(lowest, rounded), telling) * measured
            bounds = Bounds(floor, 0.0, rounding * measured, collapsed)
        else:
            measured = ~data.summary.constant
            collapsed = np.maximum(1.01 * ridge, 4 * rounding) * measured
            bounds = Bounds(np.zeros_like(rounding), ridge, rounding, collapsed)
        return self._with_ratio(bounds, measure.lengths, measured)

    def _with_ratio(self, bounds: Bounds, units: FloatArray, measured: BoolArray) -> Bounds:
        """The bounds, with a bound on the ratio of the eigenvalues if one is wanted."""
        if self.eigenvalue_ratio is None:
            return bounds
        square = np.square(units)
        low = (bounds.floor / square)[measured].max(initial=0.0)
        return RatioBounds(
            low * square,
            bounds.ridge,
            bounds.resolution,
            bounds.collapsed,
            ratio=self.eigenvalue_ratio,
            units=units,
        )

    def prior_statistics(self, data: DataSet) -> PriorStatistics:
        """The prior, as the M-step takes it.

        Of a sample the prior counts by its share of the rows, so that it weighs as much against
        the data.

        Raises
        ------
        BadInputError
            If a part of the prior cannot be what it shall be.
        """
        if not isinstance(self.prior, PriorChoice):
            return FLAT
        units = self.measure(data.summary).units
        prior = self.prior.completed(
            data, units, self.structure, self.n_components, weighted="weights" not in self.fixed
        )
        share = data.n_samples / data.summary.n_samples
        return prior.statistics(self.structure, self.n_components, data.n_features, share)
