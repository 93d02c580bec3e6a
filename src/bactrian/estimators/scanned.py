"""Rows that are named instead of given: files, datasets, functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from bactrian.core.arrays import FloatArray
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.results import Numbers
from bactrian.data.named import NamedArray
from bactrian.data.spool import SpooledSource, Spooling
from bactrian.errors import BadInputError, DataError
from bactrian.estimators.settings import machine_of
from bactrian.estimators.spikes import with_spikes
from bactrian.estimators.validation import check_rows, check_values
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.samples import LARGEST_SAMPLE
from bactrian.phrases import Parameter, Phrase
from bactrian.remedies import Act
from bactrian.tables.scan import Scan, is_elsewhere, scan

SAMPLED = 4  # the share of the memory budget that a sample may take is 1 / SAMPLED


def scan_for(estimator: Any, X: Any) -> Scan:
    """The rows that are elsewhere; of a fitted estimator, the columns that it knows by name."""
    if isinstance(X, Scan):
        return X
    where, known = scan(X), getattr(estimator, "feature_names_in_", None)
    return where if known is None or not where.named else where.of_columns(known)


def blocks_for(estimator: Any, X: Any) -> Iterator[tuple[NamedArray | Numbers, FloatArray | None]]:
    """The rows and weights of what is elsewhere, named if a fitted estimator knows names."""
    where = scan_for(estimator, X)
    named = where.named and hasattr(estimator, "feature_names_in_")
    for values, weights in blocks_of(where):
        yield NamedArray(values, where.names) if named else values, weights


def blocks_of(where: Scan) -> Iterator[tuple[Numbers, FloatArray | None]]:
    """The rows and weights of what is elsewhere, piece by piece.

    Raises
    ------
    BadInputError
        If a weight cannot be used.
    """
    first = 0
    for values, weights in where.blocks():
        if weights is not None:
            bad = ~(np.isfinite(weights) & (weights >= 0))
            if bad.any():
                row = int(np.flatnonzero(bad)[0])
                raise BadInputError(
                    "weights_column",
                    f"{weights[row]} in row {first + row + 1}",
                    "finite and at least 0",
                    code="bad_weights",
                )
        first += len(values)
        yield values, weights


def each_block(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method that answers for each row answer for rows that are elsewhere, too."""

    @wraps(method)
    def of_rows(self: Any, X: Any) -> Any:
        if not is_elsewhere(X):
            return method(self, X)
        check_is_fitted(self)
        answers = [method(self, block) for block, _ in blocks_for(self, X)]
        if not answers:
            raise _empty(X, "no rows")
        return np.concatenate(answers)

    return of_rows


def chunks_of(estimator: Any, X: Any) -> Iterator[Chunk]:
    """The same as chunks, with the columns that a fitted estimator knows, checked."""
    for block, weights in blocks_for(estimator, X):
        rows = check_rows(estimator, block, reset=False)
        yield Chunk(rows, weights, complete=check_values(estimator, rows))


def refuse_beside(X: Any, **given: Any) -> None:
    """Refuse arrays that go with rows, where these are read in pieces.

    Raises
    ------
    BadInputError
    """
    for name, array in given.items():
        if array is not None:
            named = Phrase("scan(..., ", Parameter("weights_column"), "=...)")
            weights = Act(Phrase("name the column that holds the weights: ", named))
            raise BadInputError(
                name,
                "an array beside rows that are read in pieces",
                "None",
                *([weights] if name == "sample_weight" else []),
                code="do_not_go_together",
            )


def mean_score(estimator: Any, X: Any) -> float:
    """Mean log-density of rows that are elsewhere, weighted."""
    total = mass = 0.0
    for block, weights in blocks_for(estimator, X):
        densities = np.asarray(estimator.score_samples(block), dtype=np.float64)
        weights = np.ones(len(densities)) if weights is None else weights
        kept = weights > 0
        total += float(weights[kept] @ densities[kept])
        mass += float(weights.sum())
    return total / mass


def spooled(estimator: Any, X: Any, sample_weight: Any) -> DataSet:
    """Rows that are elsewhere, on this machine's disk, checked and summarised.

    Parameters
    ----------
    estimator : EstimatedMixture
    X : object
        As :func:`~bactrian.tables.scan.is_elsewhere` says.
    sample_weight : object
        As the user gives it.

    Raises
    ------
    BadInputError, DataError
    """
    where = X if isinstance(X, Scan) else scan(X)
    refuse_beside(X, sample_weight=sample_weight)
    rows = Spooling(len(where.names), where.dtype, where.spool_directory)
    weighing = None
    if where.weights_column is not None:
        weighing = Spooling(1, np.float64, where.spool_directory)
    masks, n_given = [], 0
    for block, weights in blocks_of(where):
        n_given += len(block)
        if weighing is None or weights is None:
            rows.append(block)
            continue
        mask = weights > 0
        masks.append(mask)
        rows.append(block[mask])
        weighing.append(weights[mask, None])
    kept = np.concatenate(masks) if masks else None
    if n_given == 0 or (kept is not None and not kept.any()):
        got = "weights of 0 only" if n_given else "no rows"
        raise _empty(where, got)
    most = where.memory_budget // (SAMPLED * rows.row_bytes)
    source = SpooledSource(
        rows.finished(), weighing and weighing.finished(), most_rows=max(most, LARGEST_SAMPLE)
    )
    marked, spikes = with_spikes(estimator.spikes, source, where.names)
    return DataSet.of(
        marked,
        machine_of(estimator),
        feature_names=where.names if where.named else (),
        missing=estimator.missing == "em",
        given=(n_given, len(where.names)),
        kept=None if kept is None or kept.all() else kept,
        spikes=spikes,
    )


def _empty(where: Any, got: str) -> DataError:
    return DataError("there are no rows", where=repr(where), got=got, code="no_rows")
