"""``bactrian export``: a model for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bactrian.cli.commands import Command
from bactrian.cli.interrupts import raise_on_interrupt
from bactrian.cli.options import json_done, model_argument
from bactrian.cli.places import output_file
from bactrian.vocabulary import EXPORT_FORMATS

if TYPE_CHECKING:
    from bactrian.storage import MixtureModel


@click.command(
    name="export",
    cls=Command,
    short_help="Write a model for other programs.",
    examples=("export model.json --format onnx -o model.onnx",),
)
@model_argument
@click.option(
    "--format",
    type=click.Choice((*EXPORT_FORMATS, "json")),
    required=True,
    help="A pickled scikit-learn estimator, an ONNX graph, or a model file in the "
    "units of the data.",
)
@output_file("-o", "--output", required=True, help="File to write.")
@json_done
def command(model: str, format: str, output: str, as_json: bool) -> None:
    """Write the mixture in MODEL in the format of another program.

    The file uses the units of the data, whether or not the model was fitted to z-scores.
    Load pickles only from people you trust: they can run any program.
    """
    from bactrian.cli.console import note, tell
    from bactrian.estimators.exports import export
    from bactrian.storage import load_model

    mixture = load_model(model)
    raise_on_interrupt()
    if format == "json":
        _in_data_units(mixture).save(output)
    else:
        export(mixture, output, format)
    if as_json:
        tell("export", model, output=output, format=format)
    else:
        note(f"Written to {output}")


def _in_data_units(model: MixtureModel) -> MixtureModel:
    return model.replaced(parameters=model.in_original_units(), scaling=None)
