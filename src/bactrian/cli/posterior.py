"""``bactrian posterior``: what is known of the parameters after a Bayesian fit."""

from __future__ import annotations

import click

from bactrian.cli.commands import Command
from bactrian.cli.options import model_argument
from bactrian.cli.places import output_file
from bactrian.cli.value_types import share


@click.command(
    name="posterior",
    cls=Command,
    short_help="What is known of the parameters after a Bayesian fit.",
    examples=("posterior model.json", "posterior model.json --level 0.9 --json"),
)
@model_argument
@click.option(
    "--level",
    type=share,
    default=0.95,
    metavar="SHARE",
    show_default=True,
    help="Probability of each interval.",
)
@output_file(
    "-o",
    "--output",
    table=True,
    help="Write the table to a file: .csv, .tsv, .parquet, .feather; add .gz to compress.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(model: str, level: float, output: str | None, as_json: bool) -> None:
    """Print the prior, and posterior means, modes, deviations and intervals of the parameters.

    MODEL is a file that fit --bayes wrote. Intervals are central. They are those of the
    variational posterior, which is narrower than the exact one where components overlap.
    """
    from bactrian import __version__
    from bactrian.cli.console import note, page_width, print_lines
    from bactrian.report.document import as_json as json_text
    from bactrian.report.posterior import posterior_columns, posterior_document, posterior_lines
    from bactrian.storage import load_model
    from bactrian.tables.write import write_table

    found = load_model(model)
    if not found.training.get("posterior"):
        raise click.UsageError(f"{model} has no posterior. Fit it with fit --bayes -o {model}.")
    told = posterior_document(found, level, correlations=True)
    if output is not None:
        write_table(output, *posterior_columns(told))
        note(f"Table written to {output}")
    if as_json:
        head = {"bactrian": __version__, "command": "posterior", "source": model}
        click.echo(json_text({**head, **told}))
    elif output is None:
        print_lines(posterior_lines(told, page_width()))
