"""``bactrian modes``: the tops of the density."""

from __future__ import annotations

import click

from bactrian.cli.commands import Command
from bactrian.cli.options import json_rows, model_argument
from bactrian.cli.places import output_file


@click.command(
    name="modes",
    cls=Command,
    short_help="Where the density has its tops.",
    examples=("modes model.json", "modes model.json --json"),
)
@model_argument
@output_file(
    "-o",
    "--output",
    table=True,
    or_stdout=True,
    help="Write a file: .csv, .tsv, .parquet, .feather; add .gz to compress.",
)
@json_rows
def command(model: str, output: str | None, as_json: bool) -> None:
    """Print the local maxima of the density of the mixture in MODEL, the highest first.

    Of each the place, the log-density in nats, and the components from whose means the ascent
    leads there: two components with one mode are one bump. There can be more modes than
    components; one between them has no component of its own.
    """
    from bactrian.cli.applying import write_rows
    from bactrian.report.names import names_of
    from bactrian.storage import load_model

    mixture = load_model(model)
    found = mixture.modes()
    names = names_of(mixture)
    columns = [[float(mode.location[j]) for mode in found] for j in range(len(names))]
    heights = [mode.log_density for mode in found]
    members = [" ".join(str(k + 1) for k in mode.components) for mode in found]
    written = [*names, "log_density", "components"]
    write_rows(written, [*columns, heights, members], output, as_json=as_json)
