"""Columns that cannot be fitted, and columns that are better left out."""

from __future__ import annotations

import numpy as np

from bactrian.errors import BadInputError, Said
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.model import Model
from bactrian.objections import LISTED, Collinear, Constant, Flat
from bactrian.phrases import Column, Parameter, Phrase
from bactrian.remedies import Act, LeaveOutColumns, Lower, Say

COUNT = Parameter("n_components")
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
        remedies: list[Said] = ["One row has no spread."]
        if data.n_features > 1:
            column = f"X.reshape(-1, 1) makes a column of these {data.n_features} values."
            remedies.append(f"If they are of one feature: {column}")
        raise BadInputError("X", got, "at least 2 rows", *remedies, code="too_few_rows")
    if n_samples < n_components:
        raise BadInputError(
            "n_components",
            f"{n_components} (n_samples = {n_samples})",
            Phrase("no more than the number of rows (Expected n_samples >= ", COUNT, ")"),
            Lower("n_components"),
            code="too_few_rows",
        )


def check_columns(data: DataSet, model: Model) -> None:
    """Refuse columns that this mixture cannot be fitted to.

    Raises
    ------
    BadInputError
        If a column is empty, its variance is no float64, or it does not vary where it must.
    """
    summary, names = data.summary, data.names
    empty = np.flatnonzero(summary.minimum > summary.maximum)
    if len(empty):
        name = names[int(empty[0])]
        if data.spikes is not None and int(empty[0]) in data.spikes.columns:
            raise BadInputError(
                "spikes",
                f"every value of column {name}",
                "some values, of which others in the column differ",
                LeaveOutColumns((Column(name, int(empty[0]) + 1),)),
                code="empty_column",
            )
        raise BadInputError(
            "X",
            f"no value in column {name}",
            "some values in each column",
            LeaveOutColumns((Column(name, int(empty[0]) + 1),)),
            code="empty_column",
        )
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
        if_must = Phrase(
            "Set ",
            Parameter("reg_covar"),
            " to a variance above 0 if you need a fit to these rows.",
        )
        _refuse("identical rows", if_must, code="identical_rows")
    measure = model.measure(summary)
    flat = np.flatnonzero(~measure.measured)
    if len(flat) and model.reg_covar is not None:
        more = f" and {len(flat) - 1} more" if len(flat) > 1 else ""
        name, value = names[int(flat[0])], summary.mean[flat[0]]
        remedies = Act("drop constant columns"), Say("reg_covar", "auto")
        got = f"the constant column {name} ({value:.6g}){more}"
        _refuse(got, *remedies, code="constant_column")
    unresolved = measure.measured & (np.square(measure.own) <= measure.rounding)
    if unresolved.any():
        column = int(np.flatnonzero(unresolved)[0])
        _refuse(
            f"column {names[column]}, whose deviation {np.sqrt(variance[column]):.3g} is "
            f"near the rounding of its values, {summary.mean[column]:.6g}",
            "Subtract an offset before the numbers are rounded.",
            code="rounded_column",
        )


def _refuse(got: str, *remedies: Said, code: str) -> None:
    raise BadInputError("X", got, "of columns that vary", *remedies, code=code)


def constant(data: DataSet) -> tuple[Constant, ...]:
    """The objection to constant columns; empty if all columns vary."""
    columns = tuple(data.names[int(j)] for j in np.flatnonzero(data.summary.constant))
    return (Constant(columns),) if columns else ()


def collinear(data: DataSet) -> tuple[Collinear | Flat, ...]:
    """The objection to collinear columns, a few by name; empty if there are none."""
    span, names = data.span, data.names
    if span.directions == span.columns:
        return ()
    if len(span.collinear) <= LISTED:
        return (Collinear(tuple(names[j] for j in span.collinear)),)
    return (Flat(span.directions, span.columns, data.distinct, data.n_samples),)


def surely_flat(data: DataSet, model: Model) -> bool:
    """Whether every mixture of the model has components without volume.

    So it is if the rows lie in a plane, for then those of each component do, whatever its part in
    them is; where nothing that is added, held, known before or missing gives it a volume.
    """
    held = not model.fixed.isdisjoint({"means", "covariances"})
    bounded = bool(model.reg_covar) or model.prior is not None
    holes = data.summary.incomplete or data.spikes is not None
    if held or bounded or not model.structure.form.correlated or holes:
        return False
    return data.span.directions < data.span.columns
