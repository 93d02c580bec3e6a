"""``bactrian fit``: estimate a mixture and report on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.bayes import BayesOptions, bayes_options
from bactrian.cli.commands import Command
from bactrian.cli.interrupts import INTERRUPTED, raise_on_interrupt
from bactrian.cli.options import (
    DataOptions,
    FitOptions,
    OutputOptions,
    StartOptions,
    data_argument,
    data_options,
    fit_options,
    memory_option,
    output_options,
    start_options,
)
from bactrian.cli.places import output_file
from bactrian.cli.shape import Shape, begun
from bactrian.phrases import counted
from bactrian.vocabulary import COVARIANCE_TYPE, COVARIANCE_TYPES

if TYPE_CHECKING:
    from bactrian.cli.progress import Trace
    from bactrian.estimators.estimated import EstimatedMixture
    from bactrian.estimators.table_fit import TableFit
    from bactrian.storage import MixtureModel


@dataclass(frozen=True)
class Files:
    """Where to write."""

    output: str | None
    labels: str | None
    trace: str | None
    plot: str | None


@click.command(
    name="fit",
    cls=Command,
    short_help="Estimate a mixture and report on it.",
    examples=(
        "fit data.csv -k 3",
        "fit data.csv -k 3 --covariance diag --n-init 10 -o model.json",
        "fit data.csv -k 10 --bayes -o model.json",
        "fit data.csv --start model.json --fixed means,covariances",
    ),
)
@data_argument
@click.option(
    "-k", "--components", type=click.IntRange(1), metavar="K", help="Number of components."
)
@click.option(
    "--covariance",
    type=click.Choice(COVARIANCE_TYPES),
    help="What the covariances have in common; letters stand for volume, shape and orientation: "
    f"equal, variable or identity.  [default: {COVARIANCE_TYPE.default}]",
)
@fit_options
@start_options
@bayes_options
@data_options
@memory_option
@output_file("-o", "--output", help="Write the model to this file (JSON).")
@output_file(
    "--labels",
    table=True,
    help="Write the component of each row, with all probabilities, to this file.",
)
@output_file("--trace", table=True, help="Write the likelihood at each iteration to this file.")
@output_file("--plot", picture=True, help="Draw rows and mixture: .svg, .png or .pdf.")
@output_options
def command(
    data: str,
    components: int | None,
    covariance: str | None,
    fitting: FitOptions,
    starting: StartOptions,
    posterior: BayesOptions,
    reading: DataOptions,
    memory_budget: str,
    output: str | None,
    labels: str | None,
    trace: str | None,
    plot: str | None,
    printing: OutputOptions,
) -> None:
    """Estimate a Gaussian mixture by EM, or its posterior, and report on it.

    DATA is a table of numbers, or - for standard input. The report goes to standard output:
    the parameters, how well they fit, and how near to a maximum they are.
    """
    shape = Shape(components, covariance, starting)
    shape.check(equal_weights=fitting.settings["equal_weights"])
    posterior.check(fitting, starting)
    files = Files(output, labels, trace, plot)
    _run(data, shape, fitting, posterior, reading, memory_budget, files, printing)


def _run(
    data: str,
    shape: Shape,
    fitting: FitOptions,
    posterior: BayesOptions,
    reading: DataOptions,
    memory_budget: str,
    files: Files,
    printing: OutputOptions,
) -> None:
    from bactrian.cli.console import busy, note
    from bactrian.cli.large import is_large, refuse_large, scanned
    from bactrian.cli.progress import Trace, progress
    from bactrian.cli.reading import read_rows
    from bactrian.estimators.gaussian_mixture import GaussianMixture
    from bactrian.estimators.table_fit import InterruptedFitError, TableFit, fit_model

    start, reading, fitting = begun(shape.starting, reading, fitting)
    fitting.for_estimator()  # what does not go together is refused before any work
    elsewhere = None
    if is_large(data, memory_budget):
        given = {
            "--bayes": posterior.bayes,
            "--standardize": fitting.standardize,
            "--labels-column": shape.starting.labels_column,
            "--plot": files.plot,
        }
        refuse_large(data, memory_budget, given)
        elsewhere, rows = scanned(data, reading, fitting.weights_column, memory_budget)
    else:
        with busy(f"Reading {data}", quiet=printing.quiet):
            rows = read_rows(
                data,
                reading,
                fitting.weights_column,
                missing=fitting.settings["missing"] == "em",
                labels_column=shape.starting.labels_column,
            )
    for said in rows.notes if not printing.quiet else ():
        note(said)
    task = TableFit.of(rows, standardize=fitting.standardize, spikes=fitting.point_masses)
    task = replace(task, elsewhere=elsewhere)
    started = shape.settings(start, task, equal_weights=fitting.settings["equal_weights"])
    settings = {**task.settings(fitting.for_estimator()), **started}
    kind: type[EstimatedMixture] = GaussianMixture
    if posterior.bayes:
        from bactrian.estimators.bayesian_mixture import BayesianGaussianMixture

        settings, kind = posterior.settings(settings, task), BayesianGaussianMixture
    trace = Trace()
    raise_on_interrupt()
    try:
        with progress(quiet=printing.quiet) as show:
            watching = [show] if show is not None else []
            watching += [trace] if files.trace is not None else []
            model = task.judged(fit_model(task, settings, watching, kind))
    except InterruptedFitError as interrupt:
        if interrupt.model is not None:
            _save(task, interrupt.model, replace(files, labels=None, plot=None), trace)
        _say_interrupted(interrupt.model, task, files)
        raise click.exceptions.Exit(INTERRUPTED) from None
    written = _save(task, model, files, trace)
    _print(model, rows.source, printing)
    for line in written if not printing.quiet else ():
        note(line)


def _save(task: TableFit, model: MixtureModel, files: Files, trace: Trace) -> list[str]:
    """Write the requested files, and name them."""
    from bactrian.cli.large import rows_of
    from bactrian.report.membership import membership
    from bactrian.tables.write import write_pieces, write_table

    written = []
    if files.output is not None:
        model.save(files.output)
        written.append(f"Model written to {files.output}")
    if files.labels is not None:
        if task.elsewhere is not None:
            write_pieces(files.labels, map(partial(membership, model), rows_of(task.elsewhere)))
        else:
            names, columns = membership(model, task.rows.X)
            if task.rows.labels is not None:
                known, _ = task.rows.labels.among(model.parameters.n_components)
                _insert_known(columns, known)
            write_table(files.labels, names, columns)
        written.append(f"Labels written to {files.labels}")
    if files.trace is not None and trace.rows:
        trace.save(files.trace, task.log_volume)
        written.append(f"Trace written to {files.trace}")
    if files.plot is not None:
        from bactrian.cli.plot import draw_mixture

        draw_mixture(model, task.rows, files.plot)
        written.append(f"Figure written to {files.plot}")
    return written


def _insert_known(columns: list[Any], known: Any) -> None:
    """Set component and probabilities of the rows whose component is known."""
    sure = known >= 0
    columns[0][sure] = known[sure] + 1
    for k, probabilities in enumerate(columns[1:]):
        probabilities[sure] = known[sure] == k


def _say_interrupted(model: MixtureModel | None, task: TableFit, files: Files) -> None:
    from bactrian.cli.console import note
    from bactrian.report.numbers import nats

    if model is None:
        note("Interrupted before the first iteration; nothing was written.")
        return
    training = model.training
    iterations = counted(training["n_iter"], "iteration")
    reached = f"log-likelihood {nats(training['log_likelihood'])} after {iterations}"
    if training["weight"] < task.rows.total_weight:
        reached += f", on a sample of {training['n_samples']} rows"
    if files.output is None:
        note(f"Interrupted ({reached}). With -o FILE, the best so far would have been kept.")
    else:
        note(f"Interrupted. The best so far was written to {files.output} ({reached}).")


def _print(model: MixtureModel, source: str, printing: OutputOptions) -> None:
    """Report on the fit; warnings go to standard error as well."""
    from bactrian.cli.console import page_width, print_lines, warn
    from bactrian.report.document import as_json, document_of
    from bactrian.report.page import page
    from bactrian.report.warnings import failures_of, warnings_of

    document, warnings = document_of("fit", model, source), warnings_of(model.training)
    if printing.as_json:
        click.echo(as_json(document))
    elif not printing.quiet:
        print_lines(page(document, page_width(), (*failures_of(model.training), *warnings)))
    if not model.training["converged"]:
        why = warnings.pop(0) if warnings else model.training["reason"]
        warn(f"the fit did not converge: {why}")
    for warning in warnings if printing.quiet else ():
        warn(warning)
