"""The M-step of maximum likelihood in C++, for few features: there it is the calls that cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from bactrian import _native
from bactrian.backends.native.chart import NativeChart, is_charted
from bactrian.core.arrays import FloatArray, seal
from bactrian.core.mstep.bounds import SMALLEST_TOLERANCE, Bounds
from bactrian.core.mstep.chart import Coordinates
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.mstep.pseudo import PriorStatistics
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats

COMPILED = frozenset({"full", "tied", "diag", "spherical"})


@final
@dataclass(frozen=True, eq=False)
class NativeMaximumLikelihood:
    """The reference's M-step, up to rounding, wherever nothing is in its way.

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
        """Parameters held as they are."""
        return self.reference.fixed

    @cached_property
    def _bound(self) -> FloatArray:
        """What covariances must surely be above for the bounds to have no say."""
        bounds = self.bounds
        return np.ascontiguousarray(bounds.floor if bounds.floored else bounds.resolution)

    @cached_property
    def _tolerance(self) -> float:
        return 0.0 if self.bounds.ridge > 0 else SMALLEST_TOLERANCE

    @property
    def prior(self) -> PriorStatistics:
        """What is known before: nothing."""
        return self.reference.prior

    def chart(self, parameters: Parameters, weight: float) -> Coordinates:
        """Coordinates around parameters, compiled where they can be."""
        if not self.fixed and is_charted(parameters):
            return NativeChart(parameters)
        return self.reference.chart(parameters, weight)

    def _compiled(self, stats: SufficientStats, current: Parameters) -> bool:
        """Whether it is compiled: for Gaussians of few features alone, all of them free."""
        few = len(self._bound) <= _native.MOST_FEATURES
        plain = current.plain and stats.tails is None and not self.fixed
        return few and plain and current.structure.name in COMPILED

    def __call__(self, stats: SufficientStats, current: Parameters) -> Parameters:
        """Next parameters; errors are the reference's."""
        if not self._compiled(stats, current):
            return self.reference(stats, current)
        structure = current.structure
        weights, means = np.empty_like(stats.resp_sum), np.empty_like(stats.first)
        covariances, factors = np.empty_like(stats.second), np.empty_like(stats.second)
        plain = _native.maximise(
            structure.name,
            stats.origin,
            stats.resp_sum,
            stats.first,
            stats.second,
            stats.weight,
            self._bound,
            self.bounds.ridge,
            self._tolerance,
            weights,
            means,
            covariances,
            factors,
        )
        if not plain:
            return self.reference(stats, current)
        seal(weights, means, covariances, factors)
        return Parameters(weights, means, covariances, structure, factors)
