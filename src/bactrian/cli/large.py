"""Files that are larger than the memory for them: they are read in pieces."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import click
import numpy as np

from bactrian.cli.console import note
from bactrian.cli.options import DataOptions
from bactrian.core.arrays import FloatArray
from bactrian.errors import BactrianError
from bactrian.mixture import Mixture
from bactrian.phrases import counted
from bactrian.report.command_line import COMMAND_LINE
from bactrian.report.names import names_of
from bactrian.tables.named_rows import NamedRows
from bactrian.tables.scan import Scan, bytes_of, files_of, scan
from bactrian.tables.write import write_pieces


def is_large(data: str, memory_budget: str) -> bool:
    """Whether DATA names several files, or more bytes than the budget.

    Raises
    ------
    click.BadParameter
        If the budget is no number of bytes.
    """
    try:
        budget = bytes_of(memory_budget)
    except BactrianError as error:
        raise click.BadParameter(
            COMMAND_LINE.message(error), param_hint="'--memory-budget'"
        ) from None
    if data == "-":
        return False
    files = files_of(data)
    if files != [data]:
        return True
    try:
        return os.stat(data).st_size > budget
    except OSError:
        return False  # said by whoever reads it


def refuse_large(data: str, memory_budget: str, given: Mapping[str, Any]) -> None:
    """Refuse options that want all rows in memory.

    Raises
    ------
    click.UsageError
    """
    for option, value in given.items():
        if value:
            raise click.UsageError(
                f"{option} needs all rows in memory, and {data} is read in pieces "
                f"(--memory-budget {memory_budget}). Leave {option} out, or raise the budget if "
                "it is one file."
            )


def scanned(
    data: str, reading: DataOptions, weights_column: str | None, memory_budget: str
) -> tuple[Scan, NamedRows]:
    """The rows where they are, and the first of them, with a note that says so.

    Raises
    ------
    DataError
    """
    where = _scan(data, reading, weights_column, memory_budget)
    first, weights = next(where.blocks())
    told = (_note(where, data, memory_budget),)
    return where, NamedRows(np.asarray(first, float), where.names, weights, data, told)


def rows_of(where: Scan) -> Iterator[FloatArray]:
    """The rows in float64, piece by piece."""
    return (np.asarray(X, dtype=np.float64) for X, _ in where.blocks())


def apply_in_pieces(
    said: Callable[[Mixture, FloatArray], tuple[list[str], list[Any]]],
    model: Mixture,
    data: str,
    reading: DataOptions,
    output: str | None,
    *,
    memory_budget: str,
    weights_column: str | None = None,
) -> FloatArray | None:
    """Write what a model says of rows while they are read; return their weights.

    Parameters
    ----------
    said, model, data, reading, output, weights_column
        As of :func:`~bactrian.cli.applying.apply`.
    memory_budget : str

    Raises
    ------
    DataError
        If the columns of the model are not there.
    """
    names = reading.columns or tuple(names_of(model))
    where = _scan(
        data, replace(reading, columns=names, exclude=None), weights_column, memory_budget
    )
    note(_note(where, data, memory_budget))
    weights: list[FloatArray] = []

    def pieces() -> Iterator[tuple[list[str], list[Any]]]:
        for X, own in where.blocks():
            weights.extend([] if own is None else [own])
            yield said(model, np.asarray(X, dtype=np.float64))

    write_pieces(output, pieces())
    return np.concatenate(weights) if weights else None


def _note(where: Scan, data: str, memory_budget: str) -> str:
    files = counted(len(where.parts), "file")
    return f"{data}: read in pieces from {files}, in at most some {memory_budget} of memory"


def _scan(data: str, reading: DataOptions, weights_column: str | None, memory_budget: str) -> Scan:
    options = reading.for_reader()
    thousands = options.pop("thousands")
    if thousands not in ("auto", "none"):
        raise click.UsageError(
            f"--thousands {thousands} needs all rows in memory, and {data} is read in pieces."
        )
    return scan(
        data,
        reading.columns,
        exclude=reading.exclude or (),
        weights_column=weights_column,
        memory_budget=memory_budget,
        **options,
    )
