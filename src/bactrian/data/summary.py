"""What must be known of the columns before a fit: place, spread, range."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce

import numpy as np

from bactrian.backends.threads import thread_count
from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.covariance import CovarianceStructure, covariance_structure
from bactrian.core.statistics import SufficientStats
from bactrian.data.source import Chunk, DataSource, pieces

CELLS = 65_536  # numbers in a piece, that it stays in the cache
SINGULAR = 1e-9  # smallest eigenvalue of a correlation matrix that has none


@dataclass(frozen=True, eq=False)
class Summary:
    """Moments and ranges of the columns, weighted, of the values that are there.

    Parameters
    ----------
    n_samples : int
    weight : float
        Sum of the sample weights.
    mean, minimum, maximum : (n_features,)
        Of a column that holds no value, the minimum is above the maximum.
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


def summarise(source: DataSource, n_jobs: int | None = None) -> Summary:
    """Summary of all rows, in one pass: pieces are summed about their own means, and added.

    Parameters
    ----------
    source : DataSource
    n_jobs : int or None, default=None
        Threads (see :func:`~bactrian.backends.threads.thread_count`).
    """
    rows = max(1, CELLS // source.n_features)
    threads = thread_count(n_jobs) if source.n_samples > 4 * rows else 1
    with ThreadPoolExecutor(threads) as pool, np.errstate(over="ignore", invalid="ignore"):
        each = map if threads == 1 else pool.map
        parts = (part for chunk in source.chunks() for part in each(_of_piece, chunk.cut(rows)))
        minimum, maximum, total = reduce(_merged, parts)
        mean = total.means
        variance = total.second_about(mean)[:, 0] / total.resp_sum
    variance = np.where(minimum == maximum, 0.0, variance)
    return Summary(source.n_samples, total.weight, mean[:, 0], variance, minimum, maximum)


Part = tuple[FloatArray, FloatArray, SufficientStats]


def _of_piece(piece: Chunk) -> Part:
    """Smallest and largest values, and moments about the mean of the piece."""
    with np.errstate(over="ignore", invalid="ignore"):  # of each thread its own
        return _range_and_moments(piece)


def _range_and_moments(piece: Chunk) -> Part:
    columns = np.array(piece.X.T, dtype=np.float64, order="C")
    weights = np.ones(len(piece.X)) if piece.sample_weight is None else piece.sample_weight
    minimum, maximum = columns.min(axis=1), columns.max(axis=1)
    mass, missing = np.full(len(columns), weights.sum()), None
    if np.isnan(minimum).any():
        missing = np.isnan(columns)
        minimum = np.where(missing, np.inf, columns).min(axis=1)
        maximum = np.where(missing, -np.inf, columns).max(axis=1)
        mass = ~missing @ weights
    known = minimum <= maximum
    middle = np.where(known, minimum / 2 + maximum / 2, 0.0)  # where sums do not overflow
    columns -= middle[:, None]
    if missing is not None:
        columns[missing] = 0.0
    mean = middle + columns @ weights / np.where(known, mass, 1.0)
    columns -= (mean - middle)[:, None]  # not by more digits than the mean itself has
    if missing is not None:
        columns[missing] = 0.0
    first = columns @ weights
    second = np.square(columns, out=columns) @ weights
    moments = SufficientStats(
        covariance_structure("diag"),  # of each column by itself, as a component of one feature
        mean[:, None],
        mass,
        first[:, None],
        second[:, None],
        0.0,
        float(weights.sum()),
        len(weights),
    )
    return minimum, maximum, moments


def _merged(a: Part, b: Part) -> Part:
    return np.minimum(a[0], b[0]), np.maximum(a[1], b[1]), a[2] + b[2]


def overall_moments(
    source: DataSource, structure: CovarianceStructure, origin: FloatArray
) -> SufficientStats:
    """Statistics of all complete rows as one component, about an origin (n_features,)."""
    total = SufficientStats.zeros(structure, origin[None])
    for every in pieces(source.chunks()):
        piece = every.take(~np.isnan(every.X).any(axis=1))
        X = piece.values
        weights = piece.sample_weight
        resp = np.ones((len(X), 1)) if weights is None else weights[:, None]
        total = total + SufficientStats.of(structure, X, resp, total.origin)
    return total


def collinear_columns(source: DataSource, summary: Summary) -> list[int]:
    """Columns of which one is a linear function of the others in the complete rows, or none.

    They are those that take part in the direction in which the standardised data do not vary.
    """
    varying = np.flatnonzero(~summary.constant)
    moments = overall_moments(source, covariance_structure("full"), summary.mean)
    if moments.weight == 0 or not len(varying):
        return []
    deviations = np.sqrt(summary.variance[varying])
    covariance = moments.second[0][np.ix_(varying, varying)] / moments.weight
    values, vectors = np.linalg.eigh(covariance / deviations[:, None] / deviations)
    if values[0] > SINGULAR:
        return []
    part = np.abs(vectors[:, 0])
    return [int(j) for j in varying[part > 0.01 * part.max()]]
