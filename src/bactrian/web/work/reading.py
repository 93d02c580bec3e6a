"""Read rows of a data set from its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.tables.checks import check_columns, finite, row_weights
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
    weights = None
    if order.weights is not None:
        name = order.rows.weights or ""
        own = Table(np.ascontiguousarray(values[:, [order.weights]]), (name,))
        weights = row_weights(finite(own, label)[:, 0], name, label)
    return NamedRows(X, order.names, weights, label)
