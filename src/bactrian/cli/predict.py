"""``bactrian predict``: which component each row belongs to."""

from __future__ import annotations

import click

from bactrian.cli.commands import Command
from bactrian.cli.options import (
    DataOptions,
    append_option,
    applied_data_options,
    data_argument,
    json_rows,
    memory_option,
    model_argument,
)
from bactrian.cli.places import rows_file


@click.command(
    name="predict",
    cls=Command,
    short_help="Tell which component each row belongs to.",
    examples=(
        "predict model.json new.csv",
        "predict model.json new.csv -o labels.parquet",
        "predict model.json new.csv --json",
    ),
)
@model_argument
@data_argument
@applied_data_options
@memory_option
@append_option
@rows_file
@json_rows
def command(
    model: str,
    data: str,
    reading: DataOptions,
    memory_budget: str,
    append: bool,
    output: str | None,
    as_json: bool,
) -> None:
    """Print the most probable component of each row, and the probability of each component.

    MODEL is a file that fit or select wrote. The columns of DATA are found by the model's names,
    in any order; other columns are ignored. There is one row of output for each row of input:
    component (counted from 1; -1 for noise), probability_1, probability_2, ..., and
    probability_noise where the model has noise. Missing values are ignored.
    """
    from bactrian.cli.applying import apply
    from bactrian.cli.large import apply_in_pieces, is_large, refuse_large
    from bactrian.report.membership import membership
    from bactrian.storage import load_model

    given = load_model(model)
    if is_large(data, memory_budget):
        refuse_large(data, memory_budget, {"--append": append, "--json": as_json})
        apply_in_pieces(membership, given, data, reading, output, memory_budget=memory_budget)
        return
    apply(membership, given, data, reading, output, append=append, as_json=as_json)
