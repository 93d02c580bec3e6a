"""``bactrian info``: what a model file holds."""

from __future__ import annotations

import click

from bactrian.cli.commands import Command
from bactrian.cli.options import model_argument


@click.command(
    name="info",
    cls=Command,
    short_help="What is in a model file.",
    examples=("info model.json",),
)
@model_argument
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(model: str, as_json: bool) -> None:
    """Describe the mixture in MODEL and the fit behind it, as fit does."""
    from bactrian.cli.console import page_width, print_lines
    from bactrian.report.document import as_json as json_text
    from bactrian.report.document import document_of
    from bactrian.report.page import page
    from bactrian.report.warnings import failures_of, warnings_of
    from bactrian.storage import load_model

    found = load_model(model)
    document = document_of("info", found, model)
    if as_json:
        click.echo(json_text(document))
    else:
        warnings = (*failures_of(found.training), *warnings_of(found.training))
        print_lines(page(document, page_width(), warnings))
