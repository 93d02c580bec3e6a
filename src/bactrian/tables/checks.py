"""Rows that can be fitted: finite numbers, some in each column, weights that weigh."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.errors import DataError
from bactrian.phrases import counted, is_are, listed
from bactrian.tables.table import Table


def check_enough(n_samples: int, n_components: int, source: str) -> None:
    """Refuse more components than rows, and a single row.

    Raises
    ------
    DataError
    """
    needed = max(n_components, 2)
    if n_samples < needed:
        raise DataError(
            "there are too few rows",
            where=source,
            got=counted(n_samples, "row"),
            wanted=f"at least {needed} for {counted(n_components, 'component')}",
            remedy="Lower -k." if n_components > 1 else "",
        )


def check_columns(X: FloatArray, names: Sequence[str], source: str) -> None:
    """Refuse columns without any value.

    Raises
    ------
    DataError
    """
    empty = [names[int(j)] for j in np.flatnonzero(np.isnan(X).all(axis=0))]
    if empty:
        raise DataError(
            f"{counted(len(empty), 'column')} {is_are(len(empty))} empty",
            where=source,
            got=f"no value in {listed(empty)}",
            wanted="some values in each column",
            remedy="Leave the column out: --exclude.",
        )


def finite(table: Table, source: str, *, missing: bool = False) -> FloatArray:
    """Values of which none is infinite, nor missing unless that is allowed.

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
    what = "a value is missing" if np.isnan(values[row, column]) else "a value is infinite"
    more = f" ({counted(rows, 'row')} of {len(values)} {is_are(rows)} not complete)"
    remedy = "Remove such rows or fill them in; a fit can leave the column out: --exclude."
    if what == "a value is missing":
        remedy += " Or let it be missing: --missing em."
    raise DataError(
        what,
        where=f"{source}, row {row + 1} of the data, column {table.names[column]!r}",
        got=f"{'no number' if np.isnan(values[row, column]) else 'infinity'}{more}",
        wanted="finite numbers",
        remedy=remedy,
    )


def row_weights(weights: FloatArray, name: str, source: str) -> FloatArray:
    """Weights of rows, of which none is negative, nor all 0.

    Raises
    ------
    DataError
    """
    bad = weights < 0
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError(
            "a row weight is negative",
            where=f"{source}, row {row + 1} of the data, column {name!r}",
            got=f"{weights[row]:g}",
            wanted="at least 0",
        )
    if not weights.any():
        raise DataError("all row weights are 0", where=f"{source}, column {name!r}")
    return weights
