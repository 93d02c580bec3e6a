"""What a process is told to do, in values that need no library."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bactrian.web.schema import FileQuery, RowsToFit


@dataclass(frozen=True)
class Destination:
    """Where to keep a table, and how large it may be.

    Parameters
    ----------
    id : str
    folder : Path
    rows, columns : int
        At most.
    """

    id: str
    folder: Path
    rows: int
    columns: int


@dataclass(frozen=True)
class ColumnChoice:
    """Columns of a file, by name or position: those to fit, or all except some.

    Parameters
    ----------
    columns : tuple of str or None
    exclude : tuple of str
    """

    columns: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """Where data come from.

    Parameters
    ----------
    label : str
        Name of the file, or of the table.
    is_file : bool
        Whether it was a file; otherwise it was typed.
    options : dict
        How :func:`~bactrian.tables.files.read_table` reads it.
    names, left_out : tuple of str
        Its columns of numbers, and the others.
    """

    label: str
    is_file: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Name of a file for the data."""
        if self.is_file:
            return self.label
        kept = "".join(s if s.isalnum() or s in "-_" else "-" for s in self.label).strip("-")
        return f"{kept.lower() or 'table'}.csv"


@dataclass(frozen=True)
class DataShape:
    """The size of what is fitted.

    Parameters
    ----------
    label : str
        Name of the data.
    n_rows, n_columns : int
    """

    label: str
    n_rows: int
    n_columns: int


@dataclass(frozen=True)
class Order:
    """What to fit, and where to write the result.

    Parameters
    ----------
    folder : Path
        Of the job.
    values : Path
        File of the numbers of the data set.
    places : tuple of int
        Its columns to fit, from 0.
    names : tuple of str
        What these are called.
    told : dict of str to int
        Its columns of weights and labels, as far as there are any.
    origin : Provenance
    rows : RowsToFit
        The request.
    """

    folder: Path
    values: Path
    places: tuple[int, ...]
    names: tuple[str, ...]
    told: dict[str, int]
    origin: Provenance
    rows: RowsToFit


def read_options(query: FileQuery) -> dict[str, Any]:
    """Arguments for :func:`~bactrian.tables.files.read_table` that say how to read a file."""
    format = query.format
    if format == "auto" and query.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")):
        format = "tsv"
    told = {"delimiter": query.delimiter, "decimal": query.decimal, "thousands": query.thousands}
    given = told | {"format": format}
    options: dict[str, Any] = {name: value for name, value in given.items() if value != "auto"}
    if query.missing_values:
        options["missing_values"] = query.missing_values
    if query.skip_lines:
        options["skip_lines"] = query.skip_lines
    if query.header != "auto":
        options["header"] = query.header == "yes"
    return options


def label_of(name: str) -> str:
    """The name of a file in messages: without its path and unprintable characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(sign for sign in last if sign.isprintable()).strip().lstrip(".")
    return shown[:200] or "table"
