"""Turn what the user names into rows that a mixture can be fitted or applied to."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bactrian.cli.options import DataOptions
from bactrian.errors import DataError
from bactrian.phrases import Parameter, Phrase, counted, is_are, listed
from bactrian.remedies import Act
from bactrian.report.command_line import COMMAND_LINE
from bactrian.report.names import names_of
from bactrian.tables.checks import check_columns, finite, row_weights
from bactrian.tables.files import read_cells, read_table
from bactrian.tables.labels import Labels
from bactrian.tables.named_rows import NamedRows
from bactrian.tables.numeric import read_numeric
from bactrian.tables.table import Table, resolve_columns

if TYPE_CHECKING:
    from bactrian.mixture import Mixture
    from bactrian.tables.content import Source
    from bactrian.tables.one_line import Line

STANDARD_INPUT = "standard input"


def read_rows(
    path: str,
    options: DataOptions,
    weights_column: str | None = None,
    *,
    missing: bool = False,
    labels_column: str | None = None,
) -> NamedRows:
    """Read the rows to fit.

    Parameters
    ----------
    path : str
        ``-`` for standard input.
    options : DataOptions
    weights_column : str, optional
        Name or position of the column of row weights.
    missing : bool, default=False
        Whether values may be missing.
    labels_column : str, optional
        Name or position of the column of labels.

    Returns
    -------
    NamedRows

    Raises
    ------
    DataError
        If a value is missing that must not, or infinite, or the file cannot be read.
    """
    source = called(path)
    opened, labels = opened_once(path), None
    if labels_column is not None:
        labels = read_labels(opened, source, options, labels_column)
        if options.columns is None:
            left_out = dict.fromkeys((*(options.exclude or ()), labels_column))
            options = replace(options, exclude=tuple(left_out))
    table = _read(opened, options, options.columns, weights_column)
    notes = tuple(f"{source}: {COMMAND_LINE.words(said)}" for said in table.notes)
    weights = None
    if weights_column is not None:
        if len(table.names) == 1:
            said = "there is no column besides the weights"
            raise DataError(said, where=source, code="no_columns")
        *names, last = table.names
        own = Table(np.ascontiguousarray(table.values[:, -1:]), (last,))
        weights = row_weights(finite(own, source)[:, 0], last, source)
        table = Table(np.ascontiguousarray(table.values[:, :-1]), tuple(names))
    X = finite(table, source, missing=missing)
    if missing:
        check_columns(X, table.names, source)
    return NamedRows(X, table.names, weights, source, notes, labels)


def read_labels(path: Source, source: str, options: DataOptions, column: str) -> Labels:
    """Read what a file says about the components of its rows.

    Parameters
    ----------
    path : str or stream
    source : str
        What to call it.
    options : DataOptions
    column : str
        Name or position.

    Raises
    ------
    DataError
        If there is no such column, or no label in it.
    """
    names, columns = read_as_it_stands(path, options)
    (index,) = resolve_columns([column], names, source)
    return Labels.of(columns[index], names[index], source)


def read_rows_of(
    path: Source,
    options: DataOptions,
    model: Mixture,
    weights_column: str | None = None,
    labels_column: str | None = None,
) -> NamedRows:
    """Read the columns that a model knows, in its order; ignore other columns.

    If the file or the model has no names, and there are as many columns, they are taken by
    position.

    Parameters
    ----------
    path : str or stream
        ``-`` for standard input.
    options : DataOptions
        Its columns, if given, stand for those of the model, in its order.
    model : Mixture
    weights_column, labels_column : str, optional
        Name or position of the column of row weights, and of that of labels.

    Returns
    -------
    NamedRows

    Raises
    ------
    DataError
        Listing all columns that are missing, or if a value is infinite.
    """
    source, names = called(path), tuple(names_of(model))
    if options.columns is not None and len(options.columns) != len(names):
        raise DataError(
            "the columns do not fit the model",
            got=Phrase(Parameter("columns"), f" with {counted(len(options.columns), 'name')}"),
            wanted=f"{len(names)}, one for each of {listed(names)}",
            code="bad_choice",
        )
    opened, line = opened_once(path), line_of(len(names))
    labels = None
    if labels_column is not None:
        labels = read_labels(opened, source, options, labels_column)
    if options.columns is not None:
        table = _read(opened, options, options.columns, line=line)
    else:
        others = tuple(filter(None, (weights_column, labels_column)))
        table = _read_named(opened, source, options, model, others)
    notes = tuple(f"{source}: {COMMAND_LINE.words(said)}" for said in table.notes)
    weights = None
    if weights_column is not None:
        column = _read(opened, options, [weights_column], line=line)
        weights = row_weights(finite(column, source)[:, 0], column.names[0], source)
    X = finite(table, source, missing=True)
    return NamedRows(X, names, weights, source, notes, labels, columns=table.names)


def line_of(n_features: int) -> Line:
    """What a single line of numbers is for a model of so many columns."""
    return "column" if n_features == 1 else "row"


def read_as_it_stands(
    path: Source, options: DataOptions, line: Line = "row"
) -> tuple[tuple[str, ...], list[list[Any]]]:
    """All columns of a file, of any type, with their names; None where missing."""
    if isinstance(path, _Input):
        path.seek(0)
    return read_cells(path, line=line, **options.for_reader())


def called(path: Source) -> str:
    """The name of a file in messages."""
    return STANDARD_INPUT if path == "-" or isinstance(path, _Input) else str(path)


def opened_once(path: Source) -> Source:
    """The file, or the content of standard input, for reading more than once."""
    return _Input(sys.stdin.buffer.read()) if path == "-" else path


class _Input(io.BytesIO):
    """The bytes of standard input, for reading more than once."""

    name = STANDARD_INPUT


def _read(
    path: Source,
    options: DataOptions,
    columns: Sequence[str] | None,
    last: str | None = None,
    line: Line = "column",
) -> Table:
    """The chosen columns, or those that hold numbers; notes say which are left out."""
    if isinstance(path, _Input):
        path.seek(0)
    exclude, told = options.exclude or (), options.for_reader()
    if columns is not None:
        return read_table(path, columns=columns, exclude=exclude, last=last, line=line, **told)
    found = read_numeric(path, exclude=exclude, last=last, line=line, **told)
    return replace(found.table, notes=(*found.notes(), *found.table.notes))


def _read_named(
    path: Source, source: str, options: DataOptions, model: Mixture, others: tuple[str, ...]
) -> Table:
    names = tuple(names_of(model))
    try:
        return _read(path, options, names, line=line_of(len(names)))
    except DataError as error:
        if error.code != "no_such_column":
            raise
        reason, missing = error, error.columns
    if len(missing) == len(names):
        apart = replace(options, exclude=others)
        by_position = _read_by_position(path, apart, len(names), any_names=not model.feature_names)
        if by_position is not None:
            return by_position
    raise DataError(
        f"{counted(len(missing), 'column')} of the model {is_are(len(missing))} not in the file",
        Act("rename the file's columns"),
        Act(
            Phrase(
                "say with ",
                Parameter("columns"),
                " which of them stand for the model's, in its order: each ",
                reason.wanted,
            )
        ),
        where=source,
        got=f"no {listed(missing)}",
        wanted=f"all of {listed(list(names))}",
        code="no_such_column",
        columns=missing,
    )


def _read_by_position(
    path: Source, options: DataOptions, count: int, *, any_names: bool
) -> Table | None:
    """Columns of a file by position, if there are as many as needed."""
    try:
        table = _read(path, options, None, line=line_of(count))
    except DataError:
        return None
    if table.names == tuple(f"x{j}" for j in range(1, count + 1)):
        return table
    if not any_names or len(table.names) != count:
        return None
    note = f"the model has no names of columns; {listed(table.names)} are taken in this order"
    return replace(table, notes=(*table.notes, note))
