"""``bactrian bootstrap``: standard errors and intervals of a model's parameters."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.commands import Command
from bactrian.cli.interrupts import INTERRUPTED, raise_on_interrupt
from bactrian.cli.options import (
    DataOptions,
    OutputOptions,
    applied_data_options,
    data_argument,
    model_argument,
    output_options,
)
from bactrian.cli.places import output_file
from bactrian.cli.value_types import jobs, seed
from bactrian.vocabulary import BOOTSTRAP_INTERVALS, BOOTSTRAP_METHODS, SEED

if TYPE_CHECKING:
    from bactrian.selection.bootstrap.uncertainty import Bootstrap
    from bactrian.storage import MixtureModel
    from bactrian.tables.named_rows import NamedRows


@click.command(
    name="bootstrap",
    cls=Command,
    short_help="How sure a model's parameters are.",
    examples=(
        "bootstrap model.json data.csv",
        "bootstrap model.json data.csv --method nonparametric --level 0.9 -o errors.csv",
    ),
)
@model_argument
@data_argument
@click.option(
    "--method",
    type=click.Choice(BOOTSTRAP_METHODS),
    default="weighted",
    show_default=True,
    help="Give rows random weights, or draw rows with replacement.",
)
@click.option(
    "--resamples",
    type=click.IntRange(2),
    default=999,
    metavar="N",
    show_default=True,
    help="How often the mixture is fitted again.",
)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    metavar="SHARE",
    show_default=True,
    help="Confidence level of the intervals.",
)
@click.option(
    "--interval",
    type=click.Choice(BOOTSTRAP_INTERVALS),
    default="percentile",
    show_default=True,
    help="Quantiles of the resamples; the same, mirrored; or corrected for bias.",
)
@click.option(
    "--seed",
    type=seed,
    default=SEED,
    metavar="N",
    show_default=True,
    help="Seed of the resamples. The same seed gives the same result.",
)
@click.option(
    "--jobs",
    type=jobs,
    default=None,
    metavar="N",
    help="Number of processes; it does not change the result. -1 for all processors. Default: 1.",
)
@click.option("--weights-column", metavar="NAME", help="Column of row weights, as in the fit.")
@click.option("--labels-column", metavar="NAME", help="Column of known components, as in the fit.")
@click.option("--counts", is_flag=True, help="Row weights are numbers of equal rows.")
@applied_data_options
@output_file(
    "-o",
    "--output",
    table=True,
    also=(".json",),
    help="Write the table to a file: .csv, .tsv, .parquet, .feather, .json; add .gz to compress.",
)
@output_options
def command(
    model: str,
    data: str,
    method: str,
    resamples: int,
    level: float,
    interval: str,
    weights_column: str | None,
    labels_column: str | None,
    output: str | None,
    reading: DataOptions,
    printing: OutputOptions,
    **settings: Any,
) -> None:
    """Fit a model again to resamples of its rows, and print standard errors and intervals.

    MODEL is a file that fit or select wrote, DATA the table that it was fitted to. Each refit
    starts from the model and keeps its settings. After Ctrl-C the resamples so far are reported.
    """
    from bactrian.cli.console import busy, note, warn
    from bactrian.cli.reading import read_rows_of
    from bactrian.storage import load_model

    _check_output(output)
    fitted = load_model(model)
    with busy(f"Reading {data}", quiet=printing.quiet):
        rows = read_rows_of(data, reading, fitted, weights_column, labels_column)
    for said in rows.notes if not printing.quiet else ():
        note(said)
    settings |= {"method": method, "n_resamples": resamples, "confidence_level": level}
    found, whole = _resampled(fitted, rows, settings, quiet=printing.quiet)
    if found is not None:
        _tell(fitted, rows, found, interval, output, printing)
        for warning in found.warnings:
            warn(warning)
    if not whole:
        done = 0 if found is None else found.n_done
        note(f"Interrupted; {done} of {resamples} resamples were done.")
        raise click.exceptions.Exit(INTERRUPTED)


def _check_output(output: str | None) -> None:
    if output is not None and output.lower().removesuffix(".gz").endswith(".npy"):
        raise click.BadParameter(".npy holds no text, so it cannot hold the names of parameters.")
    if output is not None and output.lower().endswith(".json.gz"):
        raise click.BadParameter("a .json file is not compressed; name it without .gz.")


def _resampled(
    model: MixtureModel, rows: NamedRows, settings: dict[str, Any], *, quiet: bool
) -> tuple[Bootstrap | None, bool]:
    """The result (None if there is none), and whether all resamples are done."""
    from bactrian.cli.progress import refitting
    from bactrian.errors import FitInterrupted
    from bactrian.selection.bootstrap.bootstrap import bootstrap

    y = (
        None
        if rows.labels is None
        else rows.labels.by_name(model.component_names, model.parameters.n_components)
    )
    settings["random_state"], settings["n_jobs"] = settings.pop("seed"), settings.pop("jobs")
    raise_on_interrupt()
    try:
        with (
            refitting(settings["n_resamples"], quiet=quiet) as observe,
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore", UserWarning)  # they are told in the words of options
            found = bootstrap(model, rows.X, y, rows.weights, observe=observe, **settings)
            return found, True
    except FitInterrupted as interrupt:
        return interrupt.result, False


def _tell(
    model: MixtureModel,
    rows: NamedRows,
    found: Bootstrap,
    interval: str,
    output: str | None,
    printing: OutputOptions,
) -> None:
    """Print the report, or the document, and write the file."""
    from bactrian import __version__
    from bactrian.cli.console import note, page_width, print_lines
    from bactrian.report.document import as_json
    from bactrian.report.names import names_of
    from bactrian.report.uncertainty import (
        bootstrap_columns,
        bootstrap_document,
        bootstrap_lines,
    )
    from bactrian.storage.files import write_whole
    from bactrian.tables.write import write_table

    names = names_of(model)
    document = {
        "bactrian": __version__,
        "command": "bootstrap",
        "source": rows.source,
        "data": {"n_samples": len(rows.X), "weight": rows.total_weight},
        "model": {
            "n_components": model.parameters.n_components,
            "covariance_type": model.parameters.structure.name,
            "feature_names": names,
        },
        **bootstrap_document(found, names, interval),
    }
    if output is not None and output.lower().endswith(".json"):
        write_whole(output, f"{as_json(document)}\n".encode())
    elif output is not None:
        write_table(output, *bootstrap_columns(document))
    if printing.as_json:
        click.echo(as_json(document))
    elif not printing.quiet:
        print_lines(bootstrap_lines(document, page_width()))
    if output is not None and not printing.quiet:
        note(f"Table written to {output}")
