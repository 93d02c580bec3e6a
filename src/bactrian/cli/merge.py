"""``bactrian merge``: from components to clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bactrian.cli.commands import Command
from bactrian.cli.options import (
    DataOptions,
    OutputOptions,
    applied_data_options,
    data_argument,
    model_argument,
    output_options,
)
from bactrian.cli.places import output_file

if TYPE_CHECKING:
    from bactrian.mixture.merging import Merging


@click.command(
    name="merge",
    cls=Command,
    short_help="Merge components into clusters.",
    examples=(
        "merge model.json data.csv",
        "merge model.json data.csv --groups 2 -o clusters.csv",
    ),
)
@model_argument
@data_argument
@click.option(
    "--criterion",
    type=click.Choice(["entropy", "demp", "bhattacharyya"]),
    default="entropy",
    show_default=True,
    help="Which two are merged next. entropy: those whose union makes memberships more certain; "
    "demp: those that rows are confused between; bhattacharyya: those that overlap.",
)
@click.option(
    "--groups",
    type=click.IntRange(1),
    metavar="N",
    help="Number of clusters.  [default: what the criterion advises]",
)
@applied_data_options
@output_file(
    "-o", "--output", table=True, help="Write the cluster of each row, with all probabilities."
)
@output_options
def command(
    model: str,
    data: str,
    criterion: str,
    groups: int | None,
    reading: DataOptions,
    output: str | None,
    printing: OutputOptions,
) -> None:
    """Merge the components of the mixture in MODEL, two at a time, by the rows of DATA.

    A cluster that is not Gaussian has several components. The table shows which are merged, and
    how uncertain the memberships of the rows are then; a number of clusters is advised. The
    density, and MODEL, stay as they are.
    """
    from bactrian.cli.console import note
    from bactrian.cli.reading import read_rows_of
    from bactrian.report.document import as_json
    from bactrian.storage import load_model
    from bactrian.tables.write import write_table

    mixture = load_model(model)
    rows = read_rows_of(data, reading, mixture)
    for line in rows.notes if not printing.quiet else ():
        note(line)
    found = mixture.merging(rows.X, criterion)
    count = found.advised if groups is None else groups
    if count > found.n_components:
        raise click.UsageError(
            f"--groups is {count}, but the model has {found.n_components} components."
        )
    chosen = found.groups(count)
    if printing.as_json:
        steps = [
            {
                "first": [k + 1 for k in merge.first],
                "second": [k + 1 for k in merge.second],
                "value": merge.value,
                "entropy": merge.entropy,
            }
            for merge in found.merges
        ]
        document = {
            "command": "merge",
            "criterion": criterion,
            "entropy": found.entropy,
            "merges": steps,
            "advised": found.advised,
            "clusters": [[k + 1 for k in group] for group in chosen],
        }
        click.echo(as_json(document))
    elif not printing.quiet:
        for line in _lines(found, count):
            click.echo(line)
    if output is not None:
        probabilities = mixture.group_responsibilities(rows.X, chosen)
        labels = mixture.group_labels(rows.X, chosen)
        names = [f"probability_{k + 1}" for k in range(len(chosen))]
        names += ["probability_noise"] * (probabilities.shape[1] - len(chosen))
        numbers = [int(label) + 1 if label >= 0 else -1 for label in labels]
        write_table(output, ["cluster", *names], [numbers, *probabilities.T])
        if not printing.quiet:
            note(f"Clusters written to {output}")


def _lines(found: Merging, count: int) -> list[str]:
    lines = ["clusters   entropy  merged"]
    lines.append(f"{found.n_components:>8}  {found.entropy:>8.3f}")
    for step, merge in enumerate(found.merges, 1):
        first, second = (" ".join(str(k + 1) for k in one) for one in (merge.first, merge.second))
        left = found.n_components - step
        lines.append(f"{left:>8}  {merge.entropy:>8.3f}  {first} with {second}")
    advised = f"advised by {found.criterion}: {found.advised}"
    parts = "; ".join(
        f"{number}: {' '.join(str(k + 1) for k in group)}"
        for number, group in enumerate(found.groups(count), 1)
    )
    return [*lines, "", advised, f"components of {count} clusters: {parts}"]
