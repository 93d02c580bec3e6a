"""The M-step of maximum likelihood in C++, for few features, where calls cost the most."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, final

import numpy as np

from bactrian import _native
from bactrian.backends.native.chart import (
    NativeChart,
    is_charted,
    is_compiled,
    shared_by,
)
from bactrian.core.arrays import FloatArray, seal
from bactrian.core.covariance.forms.form import along
from bactrian.core.mstep.bounds import SMALLEST_TOLERANCE, Bounds
from bactrian.core.mstep.chart import Coordinates
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats


class Model(NamedTuple):
    """What the compiled M-step takes, except the moments; see native/mstep.hpp."""

    form: str
    sharing: str
    bound: FloatArray
    ridge: float
    tolerance: float
    held_weights: FloatArray | None


@final
@dataclass(frozen=True, eq=False)
class NativeMaximumLikelihood:
    """The reference's M-step, up to rounding, where it can be compiled.

    Where a component is dead or near its bounds, a parameter is held, or there is more than
    Gaussians, the reference itself decides.

    Parameters
    ----------
    reference : MaximumLikelihood
    """

    reference: MaximumLikelihood

    @property
    def bounds(self) -> Bounds:
        """What keeps the covariances away from zero."""
        return self.reference.bounds

    @property
    def fixed(self) -> frozenset[str]:
        """Names of the parameters that are held fixed."""
        return self.reference.fixed

    @cached_property
    def _bound(self) -> FloatArray:
        """A bound: the limits surely do not change covariances above it."""
        bounds = self.bounds
        return np.ascontiguousarray(bounds.floor if bounds.floored else bounds.resolution)

    can_collapse = True

    @property
    def support(self) -> float:
        """Rows of the prior: nothing is known before."""
        return self.reference.support

    def log_prior(self, parameters: Parameters) -> float:
        """Log-density of the prior."""
        return self.reference.log_prior(parameters)

    def begin(self, start: Parameters) -> Parameters:
        """The parameters themselves."""
        return start

    def chart(self, parameters: Parameters, weight: float) -> Coordinates:
        """Coordinates around parameters, compiled if possible."""
        if is_charted(parameters, self.fixed):
            return NativeChart(parameters, self.fixed)
        return self.reference.chart(parameters, weight)

    def within_structure(self, start: Parameters) -> Parameters:
        """The start with the nearest covariances of its structure, unless they are held."""
        sharing, weights = shared_by(start), start.weights
        compiled = sharing and start.n_features <= _native.MOST_FEATURES
        if not compiled or "covariances" in self.fixed or not (weights > 0).all():
            return self.reference.within_structure(start)
        form, given, d = start.form, start.covariances, start.n_features
        near = form.multiplicity(d) * along(weights, given) * given
        if not _native.share(form.name, sharing, d, weights, given, near):
            return self.reference.within_structure(start)
        return start.replaced(covariances=near)

    def model(self, current: Parameters) -> Model | None:
        """What the compiled M-step needs for this mixture; None if it cannot do it.

        It does for Gaussians of few features, all of whose parameters but the weights are free.
        """
        sharing, ridge = shared_by(current), self.bounds.ridge
        if len(self._bound) > _native.MOST_FEATURES or (sharing and ridge):
            return None
        if not is_compiled(current, self.fixed):
            return None
        return Model(
            current.form.name,
            sharing,
            self._bound,
            ridge,
            0.0 if ridge > 0 else SMALLEST_TOLERANCE,
            current.weights if self.fixed else None,
        )

    def __call__(self, stats: SufficientStats, current: Parameters) -> Parameters:
        """Return the next parameters; errors are the reference's."""
        model = None if stats.tails is not None else self.model(current)
        if model is None:
            return self.reference(stats, current)
        weights, means = np.empty_like(stats.resp_sum), np.empty_like(stats.first)
        covariances, factors = np.empty_like(stats.second), np.empty_like(stats.second)
        plain = _native.maximise(
            model.form,
            model.sharing,
            stats.origin,
            stats.resp_sum,
            stats.first,
            stats.second,
            stats.weight,
            model.bound,
            model.ridge,
            model.tolerance,
            current.covariances,
            model.held_weights,
            weights,
            means,
            covariances,
            factors,
        )
        if not plain:
            return self.reference(stats, current)
        seal(weights, means, covariances, factors)
        return Parameters(weights, means, covariances, current.structure, factors)
