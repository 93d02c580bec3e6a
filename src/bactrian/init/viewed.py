"""The rows that a start looks at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.init.hierarchical import thinned
from bactrian.init.order import lexicographic
from bactrian.init.passes import Passes, passes_for

SMALLEST_VARIANCE = 1e-6  # of a start, relative to the columns'
SAMPLE_LIMIT = 65_536  # rows that a start looks at
NEIGHBOURS, TRIMMED = 10, 0.1  # by which outliers are told; share of the rows taken for such
TRIMMED_LIMIT = 10_000  # rows of which the neighbours are sought


@dataclass(frozen=True, eq=False)
class ViewedRows:
    """Rows that a start looks at, in the units of the structure.

    Parameters
    ----------
    X : (n_samples, n_features)
        Centred on `place`, divided by `units`.
    weights : (n_samples,)
    place, units : (n_features,)
        To go back: ``X * units + place``.
    passes : Passes
        What goes over the rows.
    """

    X: FloatArray
    weights: FloatArray
    place: FloatArray
    units: FloatArray
    passes: Passes = field(default_factory=passes_for)

    @classmethod
    def of(
        cls,
        X: npt.ArrayLike,
        weights: FloatArray | None,
        place: FloatArray,
        units: FloatArray,
        n_jobs: int | None = None,
    ) -> ViewedRows:
        """Rows from data in their own units; `n_jobs` threads will pass over them."""
        scaled = np.asarray(X, dtype=np.float64) - place
        scaled /= units
        own = np.ones(len(scaled)) if weights is None else weights
        return cls(scaled, own, place, units, passes_for(n_jobs))

    @cached_property
    def lowest(self) -> FloatArray:
        """Smallest variances of a start, (n_features,), in proportion to those of the rows."""
        mean = np.average(self.X, axis=0, weights=self.weights)
        variances = np.average(np.square(self.X - mean), axis=0, weights=self.weights)
        return SMALLEST_VARIANCE * np.where(variances > 0, variances, 1.0)

    def ordered(self) -> ViewedRows:
        """The rows, sorted, so that a start does not depend on their order."""
        return self._taken(lexicographic([*self.X.T, self.weights]))

    def distinct(self) -> ViewedRows:
        """The distinct rows, with the weight that equal ones have together: see `thinned`."""
        X, weights = thinned(self.X, self.weights)
        return replace(self, X=X, weights=weights)

    def trimmed(self) -> ViewedRows:
        """The rows without those far from their neighbours: these may be outliers.

        The distance to the tenth neighbour tells clutter (Byers & Raftery 1998, section 2).
        """
        count = min(NEIGHBOURS, len(self.X) - 1)
        distances = cKDTree(self.X).query(self.X, k=[count + 1])[0][:, 0]
        return self._taken(np.flatnonzero(distances <= np.quantile(distances, 1 - TRIMMED)))

    @cached_property
    def remembered(self) -> dict[Any, Any]:
        """What was found of these rows, for those who look for it again."""
        return {}

    def _taken(self, rows: IntArray) -> ViewedRows:
        return replace(self, X=self.X.take(rows, axis=0), weights=self.weights.take(rows))
