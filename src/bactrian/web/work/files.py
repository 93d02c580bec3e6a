"""A file with a table: its numeric columns, uploaded or from the disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bactrian.errors import DataError
from bactrian.phrases import listed
from bactrian.report.command_line import COMMAND_LINE
from bactrian.tables.files import text_columns
from bactrian.tables.numeric import NumericColumns, read_numeric
from bactrian.tables.table import resolve_columns
from bactrian.web.orders import ColumnChoice, Destination, label_of, read_options
from bactrian.web.problems import RefusalError, problem_of, refusal
from bactrian.web.schema import FileQuery
from bactrian.web.work.child import Tell
from bactrian.web.work.tables import keep


def take_file(body: Path, query: FileQuery, place: Destination, tell: Tell) -> bytes:
    """Keep a file's numbers; return the Dataset.

    Parameters
    ----------
    body : Path
        The file, under a name of our own.
    query : FileQuery
        What it is called, and how to read it.
    """
    label = label_of(query.name)
    try:
        found = _read(body, label, read_options(query))
    except DataError as error:
        raise RefusalError(problem_of(error.of_file(label), "file")) from None
    except MemoryError as error:
        raise RefusalError(problem_of(error, "file")) from None
    finally:
        body.unlink()
    return keep(found.table, label, found.names, found.left_out, place)


def open_file(
    path: Path, query: FileQuery, choice: ColumnChoice, place: Destination, tell: Tell
) -> bytes:
    """Keep the numbers of a file on the user's disk; return the chosen columns and the Dataset.

    Errors are told on the command line.
    """
    label = label_of(query.name)
    try:
        found = _read(path, label, read_options(query))
        chosen = _chosen(found, choice, label)
    except DataError as error:
        message = COMMAND_LINE.message(error.of_file(label))
        raise refusal(error.code, message) from None
    told = keep(found.table, label, found.names, found.left_out, place)
    return json.dumps(chosen).encode() + b"\n" + told


def _read(path: Path, label: str, options: dict[str, Any]) -> NumericColumns:
    """Read the numeric columns of a file.

    Raises
    ------
    DataError, RefusalError
    """
    names, offences = found = text_columns(path, **options)
    if names and len(offences) == len(names):
        said = "; ".join(f"{names[j]!r} ({why})" for j, why in offences.items())
        text = f"{label} has no column of numbers."
        raise refusal("bad_data", text, field="file", got=said[:500])
    return read_numeric(path, found=found, **options)


def _chosen(found: NumericColumns, choice: ColumnChoice, label: str) -> list[str]:
    """Names of the chosen columns; all of them must be numeric.

    Raises
    ------
    DataError
    """
    numbers = found.table.names
    if choice.columns is None:
        out = resolve_columns(choice.exclude, found.names, label) if choice.exclude else []
        left_out = [found.names[j] for j in out]
        kept = [name for name in numbers if name not in left_out]
    else:
        kept = [found.names[j] for j in resolve_columns(choice.columns, found.names, label)]
    words = [name for name in kept if name not in numbers]
    if words or not kept:
        raise DataError(
            "a column does not hold numbers" if words else "no column is left",
            where=label,
            got=repr(words[0]) if words else "all of them excluded",
            wanted=f"some of {listed(list(numbers))}",
            code="no_columns",
        )
    return kept
