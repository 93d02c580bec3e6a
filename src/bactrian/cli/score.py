"""``bactrian score``: how likely each row is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.commands import Command
from bactrian.cli.options import (
    DataOptions,
    applied_data_options,
    data_argument,
    model_argument,
)
from bactrian.cli.places import output_file

if TYPE_CHECKING:
    from bactrian.core.arrays import FloatArray
    from bactrian.mixture import Mixture


@click.command(
    name="score",
    cls=Command,
    short_help="How likely each row is: its log-density.",
    examples=(
        "score model.json new.csv",
        "score model.json new.csv --mean > densities.csv",
    ),
)
@model_argument
@data_argument
@applied_data_options
@click.option("--append", is_flag=True, help="Put the model's columns of the input first.")
@click.option("--mean", is_flag=True, help="Also print the mean and the sum, to standard error.")
@output_file(
    "-o",
    "--output",
    table=True,
    or_stdout=True,
    help="Write a file: .csv, .tsv, .parquet, .feather, .npy; add .gz to compress.",
)
def command(
    model: str, data: str, reading: DataOptions, append: bool, mean: bool, output: str | None
) -> None:
    """Print the log-density of each row, in nats.

    Low values are rows that the model does not expect: outliers, faults, news. The columns of
    DATA are found as in predict. Of a row with missing values it is the density of the others.
    """
    from bactrian.cli.applying import apply

    columns = apply(_density, model, data, reading, output, append=append)
    if mean:
        _print_mean(columns[-1])


def _density(model: Mixture, X: FloatArray) -> tuple[list[str], list[Any]]:
    return ["log_density"], [model.log_density(X)]


def _print_mean(densities: FloatArray) -> None:
    from bactrian.cli.console import note
    from bactrian.phrases import counted

    mean, total = float(densities.mean()), float(densities.sum())
    note(f"mean {mean:.6g}, sum {total:.8g} nats over {counted(len(densities), 'row')}")
