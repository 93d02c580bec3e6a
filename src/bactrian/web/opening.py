"""A table that the server has from the start: a file of the user who starts it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.parse import quote

from bactrian.web.calculator import Calculator
from bactrian.web.orders import ColumnChoice, read_options
from bactrian.web.schema import FileQuery


def open_table(
    calculator: Calculator,
    path: Path,
    query: FileQuery,
    choice: ColumnChoice,
    *,
    is_file: bool = True,
) -> str:
    """Hold a table for as long as the server lives.

    Parameters
    ----------
    calculator : Calculator
    path : Path
        Of the file, which stays as it is.
    query : FileQuery
        What it is called, and how to read it.
    choice : ColumnChoice
        Columns to fit.
    is_file : bool, default=True
        Whether that is a file of the user's; otherwise it came through a pipe.

    Returns
    -------
    str
        The end of the page's address that makes it begin with this table.

    Raises
    ------
    RefusalError
        If it cannot be used.
    """
    with calculator.place() as place:
        asking = calculator.questions.ask("files.open_file", path, query, choice, place)
        chosen, _, told = asyncio.run(asking).partition(b"\n")
        held = calculator.hold(place, told, read_options(query), is_file=is_file)
    held.users += 1  # it is not forgotten
    names = json.loads(chosen)
    link = f"#dataset={held.id}"
    return link if names == held.names else f"{link}&columns={','.join(map(_spelled, names))}"


def _spelled(name: str) -> str:
    return quote(name, safe="")
