"""Coordinates of mixtures in C++, for few features, where calls cost the most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from bactrian import _native
from bactrian.core.arrays import FloatArray, seal
from bactrian.core.values.parameters import Parameters
from bactrian.errors import DegenerateCovarianceError

CHARTED = frozenset({"full", "tied"})  # the others have no matrices, and cost little


def is_charted(base: Parameters) -> bool:
    """Whether a compiled chart exists: only for Gaussians with few features."""
    few = base.n_features <= _native.MOST_CHARTED
    return few and base.structure.name in CHARTED and base.plain


@final
@dataclass(frozen=True, eq=False)
class NativeChart:
    """The coordinates of :class:`~bactrian.core.mstep.chart.Chart`, up to rounding, all free.

    Parameters
    ----------
    base : Parameters
        Such that :func:`is_charted`.
    """

    base: Parameters

    def vector(self, other: Parameters) -> FloatArray:
        """Coordinates of other parameters."""
        base = self.base
        vector = np.empty(base.weights.size + base.means.size + base.covariances.size)
        _native.locate(
            base.weights,
            base.means,
            base.precisions_cholesky,
            other.weights,
            other.means,
            other.covariances,
            vector,
        )
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
        whole = _native.point(
            base.weights,
            base.means,
            base.precisions_cholesky,
            vector,
            weights,
            means,
            covariances,
            factors,
        )
        if not whole:
            broken = ~np.isfinite(base.form.algebra.precisions_cholesky(covariances))
            lost = np.flatnonzero(broken.any(axis=(1, 2))).tolist()
            raise DegenerateCovarianceError(lost, *means.shape)
        seal(weights, means, covariances, factors)
        return Parameters(weights, means, covariances, base.structure, factors)
