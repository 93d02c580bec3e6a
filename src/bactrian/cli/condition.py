"""``bactrian condition``: the mixture of some columns, given values of the others."""

from __future__ import annotations

import click

from bactrian.cli.commands import Command
from bactrian.cli.interrupts import raise_on_interrupt
from bactrian.cli.options import model_argument
from bactrian.cli.places import output_file
from bactrian.cli.value_types import column_value


@click.command(
    name="condition",
    cls=Command,
    short_help="The mixture of some columns, given values of others.",
    examples=(
        "condition model.json eruptions=2 -o given.json",
        "condition model.json eruptions=2 > given.json",
    ),
)
@model_argument
@click.argument("given", nargs=-1, required=True, type=column_value, metavar="COLUMN=VALUE...")
@output_file("-o", "--output", help="Model file to write. Default: print it.")
def command(model: str, given: tuple[tuple[str, float], ...], output: str | None) -> None:
    """Write the mixture of the other columns, given values of some columns of MODEL.

    It is a model like any other: info describes it, sample draws from it, plot shows it.
    """
    from bactrian.cli.console import note
    from bactrian.report.names import names_of
    from bactrian.storage import load_model

    mixture = load_model(model)
    raise_on_interrupt()
    names = names_of(mixture)
    unknown = [column for column, _ in given if column not in names]
    if unknown:
        raise click.BadParameter(
            f"{unknown[0]!r} is not a column of the model; it has {', '.join(names)}.",
            param_hint="COLUMN=VALUE",
        )
    if len(dict(given)) < len(given) or len(given) == len(names):
        raise click.BadParameter(
            "name some of the columns, each once; at least one must be left.",
            param_hint="COLUMN=VALUE",
        )
    found = mixture.condition({names.index(column): value for column, value in given})
    if output is None:
        click.echo(found.to_json(), nl=False)
    else:
        found.save(output)
        note(f"Written to {output}")
