"""``bactrian select``: how many components, of which shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.commands import Command
from bactrian.cli.interrupts import INTERRUPTED, raise_on_interrupt
from bactrian.cli.options import (
    COVARIANCES,
    STRUCTURES,
    DataOptions,
    FitOptions,
    OutputOptions,
    data_argument,
    data_options,
    fit_options,
    output_options,
)
from bactrian.cli.places import output_file
from bactrian.cli.value_types import counts, some_of

if TYPE_CHECKING:
    from bactrian.cli.fitting import Task
    from bactrian.selection.candidates import Selection

CRITERIA = ("bic", "aic")


@click.command(
    name="select",
    cls=Command,
    short_help="Choose how many components, and of which shape.",
    examples=(
        "select data.csv",
        "select data.csv -k 1:6 --covariance full,diag --criterion aic -o best.json",
    ),
)
@data_argument
@click.option(
    "-k",
    "--components",
    type=counts,
    default="1:9",
    metavar="K,K:K",
    show_default=True,
    help="Numbers of components: 3, 1:9 (9 included) or 1,2,5.",
)
@click.option(
    "--covariance",
    type=some_of(COVARIANCES, whole=STRUCTURES),
    default="all",
    metavar="NAME,...|all",
    show_default=True,
    help="What the covariances have in common: full, tied, diag, spherical, or letters for "
    "volume, shape and orientation (equal, variable, identity) as in mclust: "
    f"{', '.join(STRUCTURES[4:])}.",
)
@click.option(
    "--criterion",
    type=click.Choice(CRITERIA),
    default="bic",
    show_default=True,
    help="Lower is better for both; BIC keeps fewer components.",
)
@fit_options
@data_options
@output_file("-o", "--output", help="Write the best model to this file (JSON).")
@output_options
def command(
    data: str,
    components: tuple[int, ...],
    covariance: tuple[str, ...],
    criterion: str,
    fitting: FitOptions,
    reading: DataOptions,
    output: str | None,
    printing: OutputOptions,
) -> None:
    """Fit a mixture for each number of components and each structure, and choose one.

    DATA is a table of numbers, or - for standard input. The table that is printed holds the
    criterion of each fit; a fit with a collapsed component is never the best.
    """
    from bactrian.cli.console import busy, note
    from bactrian.cli.fitting import Task, model_of
    from bactrian.cli.reading import read_rows

    with busy(f"Reading {data}", quiet=printing.quiet):
        rows = read_rows(data, reading, fitting.weights_column)
    for said in rows.notes if not printing.quiet else ():
        note(said)
    task = Task.of(rows, standardize=fitting.standardize)
    task.check(min(components), fitting.reg_covar)
    settings = {"n_components": components, "covariance_type": covariance, "criterion": criterion}
    settings.update(fitting.for_estimator())
    total = len(components) * len(covariance)
    selection, whole = _search(task, settings, total, quiet=printing.quiet)
    if output is not None and selection is not None:
        model_of(task, selection.best_estimator).save(output)
    if not whole:
        _say_interrupted(selection, total, output)
        raise click.exceptions.Exit(INTERRUPTED)
    _print(task, selection, printing)
    if output is not None and not printing.quiet:
        note(f"Model written to {output}")


def _search(task: Task, settings: dict[str, Any], total: int, *, quiet: bool) -> tuple[Any, bool]:
    """The selection (None if nothing is fitted), and whether it is whole."""
    from bactrian.cli.progress import counting
    from bactrian.core.errors import FitInterrupted
    from bactrian.selection.search import select_mixture

    raise_on_interrupt()
    try:
        with counting(total, quiet=quiet) as observe:
            weights = task.rows.weights
            found = select_mixture(task.values, sample_weight=weights, observe=observe, **settings)
            return found, True
    except FitInterrupted as interrupt:
        return interrupt.result, False


def _print(task: Task, selection: Selection, printing: OutputOptions) -> None:
    from bactrian.cli.console import page_width, print_lines
    from bactrian.cli.fitting import model_of
    from bactrian.cli.report.choice import choice_document, choice_lines
    from bactrian.cli.report.document import as_json, document_of

    document = document_of("select", model_of(task, selection.best_estimator), task.rows.source)
    document |= choice_document(selection, task.rows.total_weight * task.log_volume)
    if printing.as_json:
        click.echo(as_json(document))
    elif not printing.quiet:
        print_lines(choice_lines(document, page_width()))


def _say_interrupted(selection: Selection | None, total: int, output: str | None) -> None:
    from bactrian.cli.console import note

    if selection is None:
        note("Interrupted before the first fit ended; nothing was written.")
        return
    best = selection.best
    reached = (
        f"{len(selection.candidates)} of {total} fits done, the best of them "
        f"{best.n_components} {best.covariance_type}"
    )
    if output is None:
        note(f"Interrupted ({reached}). With -o FILE, it would have been kept.")
    else:
        note(f"Interrupted. The best so far was written to {output} ({reached}).")
