"""Columns that cannot be fitted, and those that are better left out."""

from __future__ import annotations

import numpy as np

from bactrian.data.summary import collinear_columns
from bactrian.errors import BadInputError
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.model import Model
from bactrian.objections import Collinear, Constant

SMALLEST, LARGEST = 1e-280, 1e280  # variances that float64 has room for


def check_rows(data: DataSet, model: Model) -> None:
    """Refuse fewer rows than components, and a single row.

    Raises
    ------
    BadInputError
    """
    n_samples, n_components = data.n_samples, model.n_components
    if n_samples < 2:
        got = f"n_samples = {n_samples} of weight above 0"
        raise BadInputError("X", got, "at least 2 rows", "One row has no spread.")
    if n_samples < n_components:
        raise BadInputError(
            "n_components",
            f"n_components = {n_components}, n_samples = {n_samples}",
            "no more than the rows (Expected n_samples >= n_components)",
            "Lower it.",
        )


def check_columns(data: DataSet, model: Model) -> None:
    """Refuse columns that no such mixture can be fitted to.

    Raises
    ------
    BadInputError
        If a column is empty, its variance is no float64, or it does not vary where it must.
    """
    summary, names = data.summary, data.names
    empty = np.flatnonzero(summary.minimum > summary.maximum)
    if len(empty):
        got = f"no value in column {names[int(empty[0])]}"
        raise BadInputError("X", got, "some values in each column", "Leave the column out.")
    variance = summary.variance
    wild = ~np.isfinite(variance) | (variance > LARGEST) | ((variance > 0) & (variance < SMALLEST))
    wild |= (variance == 0) & (summary.minimum < summary.maximum)
    if wild.any():
        column = int(np.flatnonzero(wild)[0])
        low, high = summary.minimum[column], summary.maximum[column]
        raise BadInputError(
            "X",
            f"column {names[column]} from {low:.4g} to {high:.4g}",
            f"in a unit in which its variance is between {SMALLEST:g} and {LARGEST:g}",
            "Rescale the column.",
        )
    if model.reg_covar:
        return
    if summary.constant.all() and model.prior is None:
        _refuse("identical rows", "Set reg_covar to a variance above 0, if you must.")
    measure = model.measure(summary)
    flat = np.flatnonzero(~measure.measured)
    if len(flat) and model.reg_covar is not None:
        more = f" and {len(flat) - 1} more" if len(flat) > 1 else ""
        name, value = names[int(flat[0])], summary.mean[flat[0]]
        remedy = "Drop constant columns, or leave reg_covar at 'auto'."
        _refuse(f"the constant column {name} ({value:.6g}){more}", remedy)
    unresolved = measure.measured & (np.square(measure.own) <= measure.rounding)
    if unresolved.any():
        column = int(np.flatnonzero(unresolved)[0])
        _refuse(
            f"column {names[column]}, whose deviation {np.sqrt(variance[column]):.3g} is "
            f"near the rounding of its values, {summary.mean[column]:.6g}",
            "Subtract an offset before the numbers are rounded.",
        )


def _refuse(got: str, remedy: str) -> None:
    raise BadInputError("X", got, "of columns that vary", remedy)


def constant(data: DataSet) -> tuple[Constant, ...]:
    """The objection to columns that are constant; nothing where all vary."""
    columns = tuple(data.names[int(j)] for j in np.flatnonzero(data.summary.constant))
    return (Constant(columns),) if columns else ()


def collinear(data: DataSet) -> tuple[Collinear, ...]:
    """The objection to columns that are collinear; nothing where none are."""
    columns = tuple(data.names[j] for j in collinear_columns(data.moments, data.summary))
    return (Collinear(columns),) if columns else ()
