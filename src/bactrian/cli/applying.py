"""Apply a model to the rows of a table; each row gives one row of output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click
import numpy as np

from bactrian.cli.console import note
from bactrian.cli.interrupts import raise_on_interrupt
from bactrian.cli.options import DataOptions
from bactrian.cli.reading import read_rows_of
from bactrian.core.arrays import FloatArray
from bactrian.mixture import Mixture
from bactrian.phrases import counted
from bactrian.tables.json_lines import json_lines
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
    model: Mixture,
    data: str,
    reading: DataOptions,
    output: str | None,
    *,
    append: bool,
    as_json: bool,
    weights_column: str | None = None,
) -> tuple[list[Any], NamedRows]:
    """Read rows, and write what a model says of them.

    Parameters
    ----------
    said : callable
        From the model and rows to names and columns.
    model : Mixture
        Its columns are read.
    data : str
    reading : DataOptions
    output : str or None
        None for standard output.
    append : bool
        Copy the columns of the rows in front.
    as_json : bool
        Print JSON lines.
    weights_column : str, optional

    Returns
    -------
    columns : list of (n_samples,)
    rows : NamedRows
    """
    rows = read_rows_of(data, reading, model, weights_column)
    for line in (*rows.notes, *missing_note(rows)):
        note(line)
    raise_on_interrupt()
    names, columns = said(model, rows.X)
    if append:
        names, columns = [*rows.names, *names], [*rows.X.T, *columns]
    write_rows(names, columns, output, as_json=as_json)
    return columns, rows


def write_rows(
    names: Sequence[str], columns: Sequence[Any], output: str | None, *, as_json: bool
) -> None:
    """Write rows to a file, and print them as JSON lines, or as CSV if there is no file.

    Parameters
    ----------
    names : sequence of str
    columns : sequence of (n_rows,)
    output : str or None
        None or "-" for standard output.
    as_json : bool
    """
    if output not in (None, "-") or not as_json:
        write_table("-" if output is None else output, names, columns)
    for line in json_lines(names, columns) if as_json else ():
        click.echo(line)
