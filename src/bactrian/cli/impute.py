"""``bactrian impute``: fill in the missing values of a table with a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.commands import Command
from bactrian.cli.interrupts import raise_on_interrupt
from bactrian.cli.options import (
    DataOptions,
    applied_data_options,
    data_argument,
    json_rows,
    model_argument,
)
from bactrian.cli.places import rows_file
from bactrian.cli.value_types import seed as seed_type
from bactrian.vocabulary import SEED

if TYPE_CHECKING:
    from bactrian.core.arrays import FloatArray

DRAW = "draw"


@click.command(
    name="impute",
    cls=Command,
    short_help="Fill in the missing values of a table.",
    examples=(
        "impute model.json data.csv -o filled.csv",
        "impute model.json data.csv --draws 20 --seed 1 -o imputations.csv",
    ),
)
@model_argument
@data_argument
@applied_data_options
@click.option(
    "--draws",
    type=click.IntRange(1),
    metavar="M",
    help="Draw the missing values M times. Default: use their conditional expectation, once.",
)
@click.option(
    "--seed",
    type=seed_type,
    default=SEED,
    metavar="N",
    show_default=True,
    help="The same seed gives the same draws.",
)
@rows_file
@json_rows
def command(
    model: str,
    data: str,
    reading: DataOptions,
    draws: int | None,
    seed: int,
    output: str | None,
    as_json: bool,
) -> None:
    """Write DATA with its missing values filled in, given what is observed in each row.

    All columns of DATA are kept, in their order; those of the model are filled. A value that is
    filled in by its expectation is the best guess, but such columns vary too little. For an
    analysis of the filled table draw several (multiple imputation): with --draws M the output
    holds M tables, one below the other, told apart by a first column, draw.
    """
    from bactrian.cli.applying import missing_note, write_rows
    from bactrian.cli.console import note
    from bactrian.cli.reading import line_of, opened_once, read_as_it_stands, read_rows_of
    from bactrian.storage import load_model
    from bactrian.tables.table import check_unique

    mixture, source = load_model(model), opened_once(data)
    rows = read_rows_of(source, reading, mixture)
    names, columns = read_as_it_stands(source, reading, line_of(len(rows.names)))
    check_unique(names, rows.source)
    if draws is not None and DRAW in names:
        raise click.ClickException(
            f"{rows.source}: a column is called {DRAW!r}, as that of --draws would be. Rename it."
        )
    for line in (*rows.notes, *(missing_note(rows) or [f"{rows.source}: no value is missing"])):
        note(line)
    raise_on_interrupt()
    if draws is None:
        tables = [mixture.impute(rows.X)]
    else:
        tables = list(mixture.impute(rows.X, draws, seed))
    places = {name: j for j, name in enumerate(rows.columns)}
    filled = [_filled(name, columns[i], places, tables) for i, name in enumerate(names)]
    if draws is not None:
        numbers = [number for number in range(1, draws + 1) for _ in rows.X]
        names, filled = (DRAW, *names), [numbers, *filled]
    write_rows(names, filled, output, as_json=as_json)


def _filled(name: str, column: list[Any], places: dict[str, int], tables: list[FloatArray]) -> Any:
    """A column of the file, for all tables one below another."""
    import numpy as np

    if name in places:
        return np.concatenate([table[:, places[name]] for table in tables])
    if all(cell is None or isinstance(cell, int | float) for cell in column):
        numbers = [np.nan if cell is None else cell for cell in column]
        return np.array(numbers * len(tables))
    return np.array(column * len(tables), dtype=object)
