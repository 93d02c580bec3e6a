"""``bactrian sample``: draw rows from a mixture."""

from __future__ import annotations

import click

from bactrian.cli.commands import Command
from bactrian.cli.interrupts import raise_on_interrupt
from bactrian.cli.options import model_argument
from bactrian.cli.places import output_file
from bactrian.cli.value_types import seed as seed_type


@click.command(
    name="sample",
    cls=Command,
    short_help="Draw rows from a mixture.",
    examples=("sample model.json -n 100 --seed 1",),
)
@model_argument
@click.option(
    "-n",
    "--rows",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    show_default=True,
    help="How many.",
)
@click.option(
    "--seed",
    type=seed_type,
    metavar="N",
    help="The same seed gives the same rows. Default: new rows each time.",
)
@click.option("--with-component", is_flag=True, help="Add the component that each row comes from.")
@click.option("--sort", is_flag=True, help="Sort the rows by component. Default: random order.")
@output_file(
    "-o",
    "--output",
    table=True,
    or_stdout=True,
    help="Write a file: .csv, .tsv, .parquet, .feather, .npy; add .gz to compress.",
)
def command(
    model: str, rows: int, seed: int | None, with_component: bool, sort: bool, output: str | None
) -> None:
    """Draw rows from the mixture in MODEL, under the names of its columns.

    With --with-component, rows of noise have the component -1.
    """
    from bactrian.report.document import names_of
    from bactrian.storage import load_model
    from bactrian.tables.write import write_table

    mixture = load_model(model)
    raise_on_interrupt()
    X, components = mixture.sample(rows, seed, sort=sort)
    names, columns = names_of(mixture), list(X.T)
    if with_component:
        names, columns = [*names, "component"], [*columns, components + (components >= 0)]
    write_table("-" if output is None else output, names, columns)
