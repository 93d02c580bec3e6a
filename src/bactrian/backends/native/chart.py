"""The coordinates of mixtures in C++, for few features: there it is the calls that cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from bactrian import _native
from bactrian.core.arrays import FloatArray, seal
from bactrian.core.mstep.chart import Chart
from bactrian.core.values.parameters import Parameters
from bactrian.errors import DegenerateCovarianceError

FREE = frozenset({"full", "tied", "diag", "spherical"})
SHARING = frozenset(_native.SHARING)
HELD = frozenset({"weights"})  # what may be held


def shared_by(parameters: Parameters) -> str:
    """The compiled code's name of what the components share; empty if they share nothing."""
    name = parameters.structure.name
    return name if name in SHARING else ""


def is_compiled(parameters: Parameters, fixed: frozenset[str]) -> bool:
    """Whether compiled code knows the mixture: Gaussians alone, all free except the weights."""
    known = parameters.structure.name in FREE | SHARING
    return known and parameters.plain and fixed <= HELD


def is_charted(base: Parameters, fixed: frozenset[str]) -> bool:
    """Whether a compiled chart can be laid out there: for Gaussians of few features alone."""
    few = base.n_features <= _native.MOST_CHARTED
    alive = not shared_by(base) or bool((base.weights > 0).all())
    return few and alive and is_compiled(base, fixed)


@final
@dataclass(frozen=True, eq=False)
class NativeChart:
    """The coordinates of :class:`~bactrian.core.mstep.chart.Chart`, up to rounding.

    Parameters
    ----------
    base : Parameters
        Such that :func:`is_charted`.
    fixed : frozenset of str
        What does not move, the weights or nothing.
    """

    base: Parameters
    fixed: frozenset[str] = frozenset()

    @cached_property
    def _base(self) -> tuple[str, str, bool, FloatArray, FloatArray, FloatArray]:
        base = self.base
        return (
            base.form.name,
            shared_by(base),
            not self.fixed,
            base.weights,
            base.means,
            base.precisions_cholesky,
        )

    @property
    def size(self) -> int:
        """How many coordinates there are."""
        base = self.base
        moving = 0 if self.fixed else base.weights.size
        return moving + base.means.size + base.covariances.size

    def vector(self, other: Parameters) -> FloatArray:
        """Coordinates of other parameters."""
        vector = np.empty(self.size)
        _native.locate(*self._base, other.weights, other.means, other.covariances, vector)
        return vector

    def point(self, vector: FloatArray) -> Parameters:
        """Parameters at these coordinates.

        Raises
        ------
        DegenerateCovarianceError
            If a covariance leaves the range of float64.
        """
        base = self.base
        weights, means = np.empty_like(base.weights), np.empty_like(base.means)
        covariances, factors = np.empty_like(base.covariances), np.empty_like(base.covariances)
        if not _native.point(*self._base, vector, weights, means, covariances, factors):
            if np.isfinite(vector).all():
                return Chart(base, self.fixed).point(vector)
            raise DegenerateCovarianceError(list(range(len(means))), *means.shape)
        seal(weights, means, covariances, factors)
        return Parameters(weights, means, covariances, base.structure, factors)
