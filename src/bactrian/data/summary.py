"""What must be known of the columns before a fit: location, spread, range, missing values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import Any, final

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.covariance import DIAG, Form
from bactrian.core.observation.labelled import told_of
from bactrian.core.values.chunk import Chunk, pieces
from bactrian.core.values.statistics import SufficientStats
from bactrian.data.finite import check_finite
from bactrian.data.source import DataSource
from bactrian.machine.threads import thread_count

CELLS = 65_536  # numbers in a piece, that it stays in the cache
SINGULAR = 1e-9  # smallest eigenvalue of a correlation matrix that has none


@final
@dataclass(frozen=True, eq=False)
class Summary:
    """Weighted moments and ranges of the columns, over the values that are present. They add.

    Values that are point masses are left out of moments and ranges, but they are not missing.

    Parameters
    ----------
    minimum, maximum : (n_features,)
        Of a column that holds no value, the minimum is above the maximum.
    moments : SufficientStats
        Of each column by itself, as a component of one feature.
    missing : (n_features,)
        Values that are missing of each column.
    incomplete, empty : int
        Rows with some value missing, and rows with all values missing.
    labelled : int
        Rows of whose component something is known.
    lightest, heaviest : float
        Smallest and largest weight of a row.
    """

    minimum: FloatArray
    maximum: FloatArray
    moments: SufficientStats
    missing: IntArray
    incomplete: int
    empty: int
    labelled: int
    lightest: float
    heaviest: float

    def __add__(self, other: Summary) -> Summary:
        return Summary(
            np.minimum(self.minimum, other.minimum),
            np.maximum(self.maximum, other.maximum),
            self.moments + other.moments,
            self.missing + other.missing,
            self.incomplete + other.incomplete,
            self.empty + other.empty,
            self.labelled + other.labelled,
            min(self.lightest, other.lightest),
            max(self.heaviest, other.heaviest),
        )

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return self.moments.n_samples

    @property
    def weight(self) -> float:
        """Sum of the sample weights."""
        return self.moments.weight

    @property
    def observed(self) -> FloatArray:
        """Total weight of the rows in which each column is observed, (n_features,)."""
        return self.moments.resp_sum

    @cached_property
    def mean(self) -> FloatArray:
        """Mean of each column, (n_features,)."""
        return self.moments.means[:, 0]

    @cached_property
    def variance(self) -> FloatArray:
        """Mean squared deviation (divided by the weight, not weight - 1), (n_features,)."""
        with np.errstate(over="ignore", invalid="ignore"):
            second = self.moments.second_about(self.moments.means)[:, 0]
            return np.where(self.constant, 0.0, second / self.observed)

    @property
    def resolution(self) -> FloatArray:
        """Rounding error of the numbers in each column, (n_features,)."""
        largest = np.maximum(np.abs(self.minimum), np.abs(self.maximum))
        return np.finfo(float).eps * largest

    @cached_property
    def remembered(self) -> dict[Any, Any]:
        """What was computed from this summary, for those who ask again."""
        return {}

    @property
    def constant(self) -> BoolArray:
        """Which columns hold only one value, (n_features,) of bool."""
        return self.minimum == self.maximum


def summarise(
    source: DataSource,
    n_jobs: int | None = None,
    *,
    names: Sequence[str] | None = None,
    missing: bool = True,
) -> Summary:
    """Summarise all rows in one pass: sum pieces about their own means, then add.

    Parameters
    ----------
    source : DataSource
    n_jobs : int or None, default=None
        Threads (see :func:`~bactrian.machine.threads.thread_count`).
    names : sequence of str, optional
        Of the columns, for messages.
    missing : bool, default=True
        Whether values may be missing.

    Raises
    ------
    BadInputError
        If a number is infinite, or missing where it may not be.
    """
    rows = max(1, CELLS // source.n_features)
    threads = thread_count(n_jobs)
    with ThreadPoolExecutor(threads) as pool, np.errstate(over="ignore", invalid="ignore"):

        def parts(chunk: Chunk) -> Iterable[Summary]:
            each = pool.map if threads > 1 and len(chunk.X) > 4 * rows else map
            return each(_of_piece, chunk.cut(rows))

        found = reduce(add, (part for chunk in source.chunks() for part in parts(chunk)))
    infinite = np.isneginf(found.minimum).any() or np.isposinf(found.maximum).any()
    if infinite or (found.incomplete and not missing):
        first = 0
        for chunk in source.chunks():
            check_finite(chunk.X, names, missing=missing, first=first)
            first += len(chunk.X)
    return found


def _of_piece(piece: Chunk) -> Summary:
    """Summarise a piece, with moments about its own mean."""
    with np.errstate(over="ignore", invalid="ignore"):  # of each thread its own
        return _summed(piece)


def _summed(piece: Chunk) -> Summary:
    columns = np.array(piece.X.T, dtype=np.float64, order="C")
    weights = np.ones(len(piece.X)) if piece.sample_weight is None else piece.sample_weight
    minimum, maximum = columns.min(axis=1), columns.max(axis=1)
    mass, missing = np.full(len(columns), weights.sum()), None
    counts, incomplete, empty = np.zeros(len(columns), dtype=np.int64), 0, 0
    if np.isnan(minimum).any():
        missing = np.isnan(columns)
        unknown = missing if piece.at_spike is None else missing & (piece.at_spike.T < 0)
        counts = unknown.sum(axis=1)
        of_row = unknown.sum(axis=0)
        incomplete, empty = int((of_row > 0).sum()), int((of_row == len(columns)).sum())
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
        DIAG,  # of each column by itself, as a component of one feature
        mean[:, None],
        mass,
        first[:, None],
        second[:, None],
        0.0,
        float(weights.sum()),
        len(weights),
    )
    labelled, ends = told_of(piece.plausibility), (float(weights.min()), float(weights.max()))
    return Summary(minimum, maximum, moments, counts, incomplete, empty, labelled, *ends)


def overall_moments(source: DataSource, form: Form, origin: FloatArray) -> SufficientStats:
    """Statistics of all complete rows as one component, about an origin, (n_features,)."""
    total = SufficientStats.zeros(form, origin[None])
    for every in pieces(source.chunks()):
        piece = every.take(~np.isnan(every.X).any(axis=1))
        X = piece.values
        weights = piece.sample_weight
        resp = np.ones((len(X), 1)) if weights is None else weights[:, None]
        total = total + SufficientStats.of(form, X, resp, total.origin)
    return total


@final
@dataclass(frozen=True)
class Span:
    """In which directions the complete rows vary, without constant columns.

    Parameters
    ----------
    directions, columns : int
        How many there are of each: no more directions than columns.
    collinear : tuple of int
        Columns that take part in a direction in which the standardised rows do not vary.
    """

    directions: int
    columns: int
    collinear: tuple[int, ...]


def span_of(moments: SufficientStats, summary: Summary) -> Span:
    """Directions in which the rows vary.

    Parameters
    ----------
    moments : SufficientStats
        Of the complete rows as one component, in the full form.
    summary : Summary
    """
    varying = np.flatnonzero(~summary.constant)
    if moments.weight == 0 or not len(varying):
        return Span(len(varying), len(varying), ())
    deviations = np.sqrt(summary.variance[varying])
    covariance = moments.second[0][np.ix_(varying, varying)] / moments.weight
    values, vectors = np.linalg.eigh(covariance / deviations[:, None] / deviations)
    directions = int((values > SINGULAR).sum())
    part = np.abs(vectors[:, 0]) if directions < len(varying) else np.zeros(len(varying))
    collinear = varying[part > 0.01 * part.max()]
    return Span(directions, len(varying), tuple(collinear.tolist()))
