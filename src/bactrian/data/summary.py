"""What must be known of the columns before a fit: place, spread, range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.covariance import CovarianceStructure, covariance_structure
from bactrian.core.statistics import SufficientStats
from bactrian.data.source import DataSource

SINGULAR = 1e-9  # smallest eigenvalue of a correlation matrix that has none


@dataclass(frozen=True, eq=False)
class Summary:
    """Moments and ranges of the columns, weighted.

    Parameters
    ----------
    n_samples : int
    weight : float
        Sum of the sample weights.
    mean, minimum, maximum : (n_features,)
    variance : (n_features,)
        Mean squared deviation (divided by the weight, not by one less).
    """

    n_samples: int
    weight: float
    mean: FloatArray
    variance: FloatArray
    minimum: FloatArray
    maximum: FloatArray

    @property
    def resolution(self) -> FloatArray:
        """Rounding error of the numbers in each column, (n_features,)."""
        largest = np.maximum(np.abs(self.minimum), np.abs(self.maximum))
        return np.finfo(float).eps * largest

    @property
    def constant(self) -> BoolArray:
        """Which columns hold one value only, (n_features,) of bool."""
        return self.minimum == self.maximum


def summarise(source: DataSource) -> Summary:
    """Summary of all rows, in two passes: the second about the mean of the first."""
    chunks = source.chunks()
    first = next(chunks)
    minimum = first.X.min(axis=0).astype(np.float64)
    maximum = first.X.max(axis=0).astype(np.float64)
    for chunk in chunks:
        minimum = np.minimum(minimum, chunk.X.min(axis=0))
        maximum = np.maximum(maximum, chunk.X.max(axis=0))
    middle = minimum / 2 + maximum / 2
    diag = covariance_structure("diag")
    with np.errstate(over="ignore"):
        mean = overall_moments(source, diag, middle).means[0]
        moments = overall_moments(source, diag, mean)
        variance = moments.second[0] / moments.weight
    variance = np.where(minimum == maximum, 0.0, variance)
    return Summary(source.n_samples, moments.weight, mean, variance, minimum, maximum)


def overall_moments(
    source: DataSource, structure: CovarianceStructure, origin: FloatArray
) -> SufficientStats:
    """Statistics of all rows as one component, about an origin (n_features,)."""
    total = SufficientStats.zeros(structure, origin[None])
    for chunk in source.chunks():
        X = chunk.values
        weights = chunk.sample_weight
        resp = np.ones((len(X), 1)) if weights is None else weights[:, None]
        total = total + SufficientStats.of(structure, X, resp, total.origin)
    return total


def collinear_columns(source: DataSource, summary: Summary) -> list[int]:
    """Columns of which one is a linear function of the others, or none.

    They are those that take part in the direction in which the standardised data do not vary.
    """
    varying = np.flatnonzero(~summary.constant)
    moments = overall_moments(source, covariance_structure("full"), summary.mean)
    deviations = np.sqrt(summary.variance[varying])
    covariance = moments.second[0][np.ix_(varying, varying)] / moments.weight
    values, vectors = np.linalg.eigh(covariance / deviations[:, None] / deviations)
    if values[0] > SINGULAR:
        return []
    part = np.abs(vectors[:, 0])
    return [int(j) for j in varying[part > 0.01 * part.max()]]
