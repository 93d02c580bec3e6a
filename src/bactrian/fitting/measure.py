"""How features are measured, and how finely they are recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.covariance import CovarianceStructure
from bactrian.data.summary import Summary

RESOLVED = 1e4  # smallest variance, relative to the squared rounding error of the data


@final
@dataclass(frozen=True, eq=False)
class Measure:
    """Lengths in which the features are measured.

    Parameters
    ----------
    own : (n_features,)
        Deviation of each, or one of all where components are spheres; 0 where a column has none,
        being constant.
    units : (n_features,)
        The same; a column that has none is taken to be known to a thousandth of its value, or
        of 1.
    lengths : (n_features,)
        By which the structure measures them: one for all where it has a common unit.
    rounding : (n_features,)
        Variance below which there is only rounding.
    """

    own: FloatArray
    units: FloatArray
    lengths: FloatArray
    rounding: FloatArray

    @classmethod
    def of(cls, summary: Summary, structure: CovarianceStructure, ridge: float) -> Measure:
        """The measure of a structure; `ridge` is a variance that all columns have at least."""
        variance, value = np.maximum(summary.variance, ridge), np.abs(summary.mean)
        known = 1e-3 * np.where(value > 0, value, 1.0)
        own, lengths = structure.form.deviations(variance), structure.units(variance)
        units, lengths = (np.where(some > 0, some, known) for some in (own, lengths))
        with np.errstate(under="ignore", over="ignore"):
            rounding = RESOLVED * np.square(summary.resolution)
        return cls(own, units, lengths, rounding)

    @property
    def measured(self) -> BoolArray:
        """Which columns have their own length, (n_features,)."""
        return self.own > 0
