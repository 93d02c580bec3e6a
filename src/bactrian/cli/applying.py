"""Apply a model to the rows of a table; each row gives one row of output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bactrian.cli.console import note
from bactrian.cli.interrupts import raise_on_interrupt
from bactrian.cli.options import DataOptions
from bactrian.cli.reading import read_rows_of
from bactrian.core.arrays import FloatArray
from bactrian.mixture import Mixture
from bactrian.phrases import counted
from bactrian.report.document import names_of
from bactrian.storage import load_model
from bactrian.tables.named_rows import NamedRows
from bactrian.tables.write import write_table


def missing_note(rows: NamedRows) -> list[str]:
    """One line on the missing values of rows; empty if there are none."""
    gone = np.isnan(rows.X)
    if not gone.any():
        return []
    values = counted(int(gone.sum()), "value")
    return [f"{rows.source}: {values} missing in {counted(int(gone.any(axis=1).sum()), 'row')}"]


def apply(
    said: Callable[[Mixture, FloatArray], tuple[list[str], list[Any]]],
    model_path: str,
    data: str,
    reading: DataOptions,
    output: str | None,
    *,
    append: bool,
) -> list[Any]:
    """Read a model and rows, and write what the model says of the rows.

    Parameters
    ----------
    said : callable
        From the model and rows to names and columns.
    model_path, data : str
    reading : DataOptions
    output : str or None
        None for standard output.
    append : bool
        Copy the columns of the rows in front.

    Returns
    -------
    list of (n_samples,)
    """
    model = load_model(model_path)
    rows = read_rows_of(data, reading, names_of(model))
    for line in (*rows.notes, *missing_note(rows)):
        note(line)
    raise_on_interrupt()
    names, columns = said(model, rows.X)
    if append:
        names, columns = [*rows.names, *names], [*rows.X.T, *columns]
    write_table("-" if output is None else output, names, columns)
    return columns
