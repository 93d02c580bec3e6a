"""``bactrian score``: how likely each row is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from bactrian.core.arrays import BoolArray, FloatArray
    from bactrian.mixture import Mixture
    from bactrian.mixture.unlikely import Unlikely


@click.command(
    name="score",
    cls=Command,
    short_help="How likely each row is: its log-density.",
    examples=(
        "score model.json new.csv",
        "score model.json new.csv --mean > densities.csv",
        "score model.json new.csv --share 0.01 --append -o marked.csv",
    ),
)
@model_argument
@data_argument
@applied_data_options
@memory_option
@append_option
@click.option("--mean", is_flag=True, help="Also print the mean and the sum, to standard error.")
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="SHARE",
    help="Mark the least likely rows, this share of all, in a column: unlikely.",
)
@click.option(
    "--below",
    type=float,
    metavar="NATS",
    help="Mark the rows of this log-density or less, in place of a share.",
)
@click.option("--weights-column", metavar="NAME", help="Column of row weights, for --mean.")
@rows_file
@json_rows
def command(
    model: str,
    data: str,
    reading: DataOptions,
    memory_budget: str,
    append: bool,
    mean: bool,
    share: float | None,
    below: float | None,
    weights_column: str | None,
    output: str | None,
    as_json: bool,
) -> None:
    """Print the log-density of each row, in nats.

    Low values are rows that the model does not expect: outliers, faults, news. The columns of
    DATA are found as in predict. For a row with missing values it is the density of the others.
    """
    import numpy as np

    from bactrian.cli.applying import apply
    from bactrian.cli.large import apply_in_pieces, is_large, refuse_large
    from bactrian.mixture.unlikely import unlikely_of
    from bactrian.storage import load_model

    if share is not None and below is not None:
        raise click.UsageError("--share and --below do not go together; give one of them.")
    found: list[tuple[FloatArray, Unlikely | None]] = []

    def said(mixture: Mixture, X: FloatArray) -> tuple[list[str], list[Any]]:
        densities = mixture.log_density(X)
        if share is None and below is None:
            found.append((densities, None))
            return ["log_density"], [densities]
        marked = unlikely_of(densities, share, below)
        found.append((densities, marked))
        return ["log_density", "unlikely"], [densities, marked.rows.astype(int)]

    given = load_model(model)
    if is_large(data, memory_budget):
        refuse_large(
            data, memory_budget, {"--append": append, "--json": as_json, "--share": share}
        )
        weights = apply_in_pieces(
            said, given, data, reading, output,
            memory_budget=memory_budget, weights_column=weights_column,
        )  # fmt: skip
    else:
        _, rows = apply(
            said, given, data, reading, output,
            append=append, as_json=as_json, weights_column=weights_column,
        )  # fmt: skip
        weights = rows.weights
    densities = np.concatenate([own for own, _ in found])
    marked = [one for _, one in found if one is not None]
    if marked:
        _tell_unlikely(marked[0].threshold, np.concatenate([one.rows for one in marked]))
    if mean:
        _print_mean(densities, weights)


def _tell_unlikely(threshold: float, marked: BoolArray) -> None:
    from bactrian.cli.console import note
    from bactrian.phrases import counted, is_are

    count = int(marked.sum())
    which = f"{counted(count, 'row')} of {len(marked)} {is_are(count)} marked as unlikely"
    note(f"{which}: log-density of {threshold:.6g} or less")


def _print_mean(densities: FloatArray, weights: FloatArray | None) -> None:
    """Print mean and sum, weighted if rows have weights; rows of weight 0 are ignored."""
    import numpy as np

    from bactrian.cli.console import note
    from bactrian.phrases import counted

    own = np.ones(len(densities)) if weights is None else weights
    kept = own > 0
    total = float(densities[kept] @ own[kept])
    of = counted(len(densities), "row")
    if weights is not None:
        of += f" of weight {own.sum():.8g}"
    note(f"mean {total / own.sum():.6g}, sum {total:.8g} nats over {of}")
