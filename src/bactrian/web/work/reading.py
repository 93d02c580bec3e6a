"""Read rows of a data set from its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.tables.checks import check_columns, finite, row_weights
from bactrian.tables.labels import Labels
from bactrian.tables.named_rows import NamedRows
from bactrian.tables.table import Table
from bactrian.web.orders import Order
from bactrian.web.problems import refusal


def mapped(path: Path) -> FloatArray:
    """The numbers of a data set, read when they are needed.

    Raises
    ------
    RefusalError
        If they are forgotten.
    """
    try:
        found: FloatArray = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise refusal(
            "forgotten", "The data set was forgotten.", field="dataset", remedy="Send it again."
        ) from None
    return found


def rows_of(order: Order, *, missing: bool) -> NamedRows:
    """The rows to fit; if all columns are wanted, they are those of the file, not read yet.

    Raises
    ------
    DataError, RefusalError
    """
    values, label = mapped(order.values), order.origin.label
    whole = order.places == tuple(range(values.shape[1]))
    X = values if whole else np.ascontiguousarray(values[:, order.places])
    X = finite(Table(X, order.names), label, missing=missing)
    check_columns(X, order.names, label)
    weights, labels = None, None
    if "weights" in order.told:
        name = order.rows.told["weights"]
        own = Table(np.ascontiguousarray(values[:, [order.told["weights"]]]), (name,))
        weights = row_weights(finite(own, label)[:, 0], name, label)
    if "labels" in order.told:
        known = values[:, order.told["labels"]].tolist()
        labels = labels_of(known, order.rows.told["labels"], label)
    return NamedRows(X, order.names, weights, label, labels=labels)


def labels_of(values: list[float], column: str, source: str) -> Labels:
    """Labels from a column of numbers, NaN where unknown.

    Raises
    ------
    DataError
        If none is known.
    """
    return Labels.of([None if value != value else value for value in values], column, source)
