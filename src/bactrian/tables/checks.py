"""Check rows before a fit: finite numbers, some in each column, and usable weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.errors import DataError
from bactrian.phrases import Column, Place, counted, is_are, listed
from bactrian.remedies import Act, LeaveOutColumns, Lower, Remedy, Say
from bactrian.tables.table import Table

_IN_A_COLUMN = (
    "if these are values of one column, put them one below another, each in a line of its own"
)


def check_enough(n_samples: int, n_features: int, n_components: int, source: str) -> None:
    """Refuse more components than rows, and a single row.

    Raises
    ------
    DataError
    """
    needed = max(n_components, 2)
    if n_samples < needed:
        lying = n_samples == 1 and n_features > 1
        remedies: list[Remedy] = [Lower("n_components")] if n_components > 1 else []
        raise DataError(
            "there are too few rows",
            *([Act(_IN_A_COLUMN)] if lying else remedies),
            where=source,
            got=f"{counted(n_samples, 'row')}{f' of {n_features} values' if lying else ''}",
            wanted=f"at least {needed} for {counted(n_components, 'component')}",
            code="one_row" if lying else "too_few_rows",
        )


def check_columns(X: FloatArray, names: Sequence[str], source: str) -> None:
    """Refuse columns without any value.

    Raises
    ------
    DataError
    """
    empty = np.flatnonzero(np.isnan(X).all(axis=0))
    if len(empty):
        raise DataError(
            f"{counted(len(empty), 'column')} {is_are(len(empty))} empty",
            LeaveOutColumns(tuple(Column(names[int(j)], int(j) + 1) for j in empty)),
            where=source,
            got=f"no value in {listed([names[int(j)] for j in empty])}",
            wanted="some values in each column",
            code="empty_column",
        )


def finite(table: Table, source: str, *, missing: bool = False) -> FloatArray:
    """Refuse infinite values, and missing values unless they are allowed.

    Raises
    ------
    DataError
    """
    values = np.asarray(table.values, dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        if np.isfinite(values.sum()):
            return values
    bad = np.isinf(values) if missing else ~np.isfinite(values)
    if not bad.any():
        return values
    row, column = (int(i) for i in np.argwhere(bad)[0])
    rows = int(bad.any(axis=1).sum())
    more = f" ({counted(rows, 'row')} of {len(values)} {is_are(rows)} not complete)"
    is_missing = np.isnan(values[row, column])
    name = table.names[column]
    raise DataError(
        "a value is missing" if is_missing else "a value is infinite",
        Act("remove these rows"),
        Act("fill them in"),
        LeaveOutColumns((Column(name),)),
        *([Say("missing", "em")] if is_missing else []),
        where=Place(source, row=row + 1, column=name),
        got=f"{'no number' if is_missing else 'infinity'}{more}",
        wanted="finite numbers",
        code="missing_value" if is_missing else "infinite_value",
    )


def row_weights(weights: FloatArray, name: str, source: str) -> FloatArray:
    """Check weights of rows: none is negative, and not all are 0.

    Raises
    ------
    DataError
    """
    bad = weights < 0
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError(
            "a row weight is negative",
            where=Place(source, row=row + 1, column=name),
            got=f"{weights[row]:g}",
            wanted="at least 0",
            code="bad_weights",
        )
    if not weights.any():
        where = Place(source, column=name)
        raise DataError("all row weights are 0", where=where, code="bad_weights")
    return weights
