"""What keeps covariances away from zero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.covariance import CovarianceStructure, Form
from bactrian.core.values.parameters import Parameters

SMALLEST_TOLERANCE = 1e-11  # where squared rounding errors of the factors reach 1e-10


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
        """Return covariances within the bounds, and the factors of their precisions.

        `resp_sum` (n_components,) says how many rows stand for each.
        """
        if self.floored:
            return structure.floored(covariances, self.floor)
        form = structure.form
        covariances = form.limits.ridged(covariances, self.ridge)
        if self.ridge > 0:
            covariances = structure.projected(covariances, resp_sum, len(self.floor))
        return covariances, form.algebra.precisions_cholesky(covariances)

    @cached_property
    def lowest(self) -> FloatArray:
        """The bound that every covariance from :meth:`apply` satisfies."""
        return np.ascontiguousarray(np.maximum(self.floor, self.ridge))

    def admit(self, parameters: Parameters) -> bool:
        """Whether :meth:`apply` could return these: all are at least the floor or the ridge."""
        covariances, factors = parameters.covariances, parameters.precisions_cholesky
        return bool(parameters.form.limits.exceeds(covariances, self.lowest, factors).all())

    def refactored(self, parameters: Parameters) -> Parameters:
        """The parameters with factors that follow exactly from the covariances.

        Not so at the floor, where the factors are more exact than the covariances.
        """
        form, factors = parameters.form, parameters.precisions_cholesky
        follow = form.algebra.precisions_cholesky(parameters.covariances)
        above = form.limits.exceeds(parameters.covariances, self.collapsed, factors)
        above = above.reshape(-1, *[1] * (factors.ndim - 1))
        return replace(parameters, precisions_cholesky=np.where(above, follow, factors))

    def confine(self, parameters: Parameters) -> Parameters:
        """Move starting values within the bounds; otherwise the first step could fall."""
        if not self.floored or self.admit(parameters):
            return parameters
        covariances, factors = parameters.structure.floored(parameters.covariances, self.floor)
        return replace(parameters, covariances=covariances, precisions_cholesky=factors)

    def held(self, covariances: FloatArray, factors: FloatArray, form: Form) -> BoolArray:
        """Whether each covariance is larger than the rounding of the data and its own.

        With a ridge the latter is the user's choice; on a floor the former is certain.
        """
        whole = np.isfinite(factors).reshape(len(factors), -1).all(axis=1)
        if self.ridge > 0:
            return whole & form.limits.exceeds(covariances, self.resolution, factors)
        with np.errstate(over="ignore", invalid="ignore"):
            held = whole & (form.limits.tolerances(covariances, factors) > SMALLEST_TOLERANCE)
        if not self.floored:
            held &= form.limits.exceeds(covariances, self.resolution, factors)
        return held
