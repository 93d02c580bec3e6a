"""``bactrian select``: how many components, of which shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.commands import Command
from bactrian.cli.interrupts import INTERRUPTED, raise_on_interrupt
from bactrian.cli.options import (
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
from bactrian.vocabulary import COVARIANCE_TYPES, MEASURES, SIGNS, STRUCTURE_NAMES

if TYPE_CHECKING:
    from bactrian.estimators.table_fit import TableFit
    from bactrian.selection.search.candidates import CandidateTable, Selection
    from bactrian.selection.tests.likelihood_ratio import SequentialTest


@dataclass(frozen=True)
class Choice:
    """What to choose among, and how."""

    components: tuple[int, ...]
    covariance: tuple[str, ...]
    criterion: str
    sign: str
    cv: int | None
    bootstrap_test: int | None
    resume: str | None

    def of_search(self) -> dict[str, Any]:
        """Parameters of :func:`~bactrian.select_mixture`."""
        return {
            "n_components": self.components,
            "covariance_type": self.covariance,
            "criterion": self.criterion,
            "cv": self.cv,
        }


@dataclass(frozen=True)
class Files:
    """Where to write."""

    output: str | None
    table: str | None
    plot: str | None


@dataclass
class Found:
    """What is known so far; None where nothing is."""

    selection: Selection | None = None
    test: SequentialTest | None = None
    whole: bool = True


@click.command(
    name="select",
    cls=Command,
    short_help="Choose how many components, and of which shape.",
    examples=(
        "select data.csv",
        "select data.csv -k 1:6 --covariance full,diag --criterion aic -o best.json",
        "select data.csv --criterion icl --bootstrap-test 199 --jobs -1",
        "select data.csv --table search.json --resume search.json",
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
    type=some_of(COVARIANCE_TYPES, whole=STRUCTURE_NAMES),
    default="all",
    metavar="NAME,...|all",
    show_default=True,
    help="What the covariances have in common: full, tied, diag, spherical, or letters for "
    "volume, shape and orientation (equal, variable, identity) as in mclust: "
    f"{', '.join(STRUCTURE_NAMES[4:])}.",
)
@click.option(
    "--criterion",
    type=click.Choice(MEASURES),
    default="bic",
    show_default=True,
    help="Lower is better for all; BIC keeps fewer components than AIC, ICL fewer still. cv: "
    "minus twice the log-likelihood of rows held out.",
)
@click.option(
    "--sign",
    type=click.Choice(tuple(SIGNS)),
    default="lower",
    show_default=True,
    help="Sign of the criteria: lower is better, or mclust's, the opposite.",
)
@click.option(
    "--cv",
    type=click.IntRange(2),
    metavar="N",
    help="Folds of a cross-validation of each candidate. Default: none, or 5 with --criterion cv.",
)
@click.option(
    "--bootstrap-test",
    type=click.IntRange(19),
    metavar="N",
    help="Test K against K + 1 components in the best shape, for K = 1, 2, ... until not "
    "significant at 0.05, with N simulated data sets each.",
)
@click.option(
    "--resume",
    metavar="FILE",
    help="Take the fits that FILE holds: what --json printed or --table wrote.",
)
@fit_options
@data_options
@output_file("-o", "--output", help="Write the best model to this file (JSON).")
@output_file(
    "--table",
    table=True,
    also=(".json",),
    help="Write all fits to this file, also if interrupted: .json (for --resume), .csv, "
    ".parquet, ...",
)
@output_file("--plot", picture=True, help="Draw the criterion of all fits: .svg, .png or .pdf.")
@output_options
def command(
    data: str,
    components: tuple[int, ...],
    covariance: tuple[str, ...],
    criterion: str,
    sign: str,
    cv: int | None,
    bootstrap_test: int | None,
    resume: str | None,
    fitting: FitOptions,
    reading: DataOptions,
    output: str | None,
    table: str | None,
    plot: str | None,
    printing: OutputOptions,
) -> None:
    """Fit a mixture for each number of components and each structure, and choose one.

    DATA is a table of numbers, or - for standard input. The table that is printed holds the
    criterion of each fit; a fit with a collapsed component is never the best.
    """
    choice = Choice(components, covariance, criterion, sign, cv, bootstrap_test, resume)
    _run(data, choice, fitting, reading, Files(output, table, plot), printing)


def _run(
    data: str,
    choice: Choice,
    fitting: FitOptions,
    reading: DataOptions,
    files: Files,
    printing: OutputOptions,
) -> None:
    from bactrian.cli.console import busy, note
    from bactrian.cli.reading import read_rows
    from bactrian.estimators.table_fit import TableFit
    from bactrian.selection.search.record import load_search

    earlier = None if choice.resume is None else load_search(choice.resume)
    fitting.for_estimator()  # what does not go together is refused before any work
    missing = fitting.settings["missing"] == "em"
    with busy(f"Reading {data}", quiet=printing.quiet):
        rows = read_rows(data, reading, fitting.weights_column, missing=missing)
    for said in rows.notes if not printing.quiet else ():
        note(said)
    task = TableFit.of(rows, standardize=fitting.standardize)
    task.check(min(choice.components))
    settings = task.settings(fitting.for_estimator())
    found = Found()
    raise_on_interrupt()
    _search(found, task, choice, earlier, settings, quiet=printing.quiet)
    if found.whole and choice.bootstrap_test is not None:
        _test(found, task, choice, settings, quiet=printing.quiet)
    document = _document(found, task, choice.sign)
    written = _save(found, task, document, files)
    if not found.whole:
        _say_interrupted(found, choice, files)
        raise click.exceptions.Exit(INTERRUPTED)
    _print(document, printing)
    for line in written if not printing.quiet else ():
        note(line)


def _search(
    found: Found,
    task: TableFit,
    choice: Choice,
    earlier: CandidateTable | None,
    settings: dict[str, Any],
    *,
    quiet: bool,
) -> None:
    """Fit all candidates that an earlier search does not hold."""
    from bactrian.cli.progress import counting
    from bactrian.errors import FitInterrupted
    from bactrian.selection.search.search import select_mixture

    pairs = {(count, name) for count in choice.components for name in choice.covariance}
    known = () if earlier is None else (row.pair for row in earlier.candidates)
    try:
        with counting(len(pairs.difference(known)), quiet=quiet) as observe:
            found.selection = select_mixture(
                task.named,
                sample_weight=task.rows.weights,
                observe=observe,
                resume=earlier,
                **choice.of_search(),
                **settings,
            )
    except FitInterrupted as interrupt:
        found.selection, found.whole = interrupt.result, False


def _test(
    found: Found, task: TableFit, choice: Choice, settings: dict[str, Any], *, quiet: bool
) -> None:
    """Test K against K + 1 in the structure of the best."""
    from bactrian.cli.progress import resampling
    from bactrian.errors import FitInterrupted
    from bactrian.selection.tests.likelihood_ratio import sequential_bootstrap_lrt

    assert found.selection is not None  # the search is whole
    own = {name: value for name, value in settings.items() if name != "n_init"}
    try:
        with resampling(choice.bootstrap_test or 0, quiet=quiet) as observe:
            found.test = sequential_bootstrap_lrt(
                task.named,
                max(choice.components),
                found.selection.best.covariance_type,
                n_resamples=choice.bootstrap_test,
                sample_weight=task.rows.weights,
                observe=observe,
                **own,
            )
    except FitInterrupted as interrupt:
        found.test, found.whole = interrupt.result, False


def _document(found: Found, task: TableFit, sign: str) -> dict[str, Any]:
    """All that is known; nothing if nothing is fitted."""
    from bactrian.estimators.table_fit import model_of
    from bactrian.report.document import document_of
    from bactrian.report.likelihood_ratio import test_document

    if found.selection is None:
        return {}
    model = model_of(task, found.selection.best_estimator)
    document = document_of("select", model, task.rows.source)
    offset = task.rows.total_weight * task.log_volume
    document |= found.selection.document(offset, sign)
    if found.test is not None:
        document["bootstrap_test"] = test_document(found.test)
    return document


def _save(found: Found, task: TableFit, document: dict[str, Any], files: Files) -> list[str]:
    """Write the files that were asked for; say which."""
    from bactrian.estimators.table_fit import model_of
    from bactrian.report.choice import write_candidates

    written: list[str] = []
    if found.selection is None:
        return written
    if files.output is not None:
        model_of(task, found.selection.best_estimator).save(files.output)
        written.append(f"Model written to {files.output}")
    if files.table is not None:
        write_candidates(files.table, document)
        written.append(f"Table written to {files.table}")
    if files.plot is not None:
        from bactrian.cli.plot import draw_criteria

        offset, sign = document["offset"], document["sign"]
        draw_criteria(found.selection, files.plot, sign=sign, offset=offset)
        written.append(f"Figure written to {files.plot}")
    return written


def _print(document: dict[str, Any], printing: OutputOptions) -> None:
    from bactrian.cli.console import page_width, print_lines
    from bactrian.report.choice import choice_lines
    from bactrian.report.document import as_json

    if printing.as_json:
        click.echo(as_json(document))
    elif not printing.quiet:
        print_lines(choice_lines(document, page_width()))


def _say_interrupted(found: Found, choice: Choice, files: Files) -> None:
    from bactrian.cli.console import note

    if found.selection is None:
        note("Interrupted before the first fit ended; nothing was written.")
        return
    best, done = found.selection.best, len(found.selection.candidates)
    total = len(choice.components) * len(choice.covariance)
    reached = f"{done} of {total} fits done, the best of them {best.n_components} "
    reached += best.covariance_type
    if found.test is not None:
        reached += f", {len(found.test.tests)} tests begun"
    if files.output is None:
        note(f"Interrupted ({reached}). With -o FILE, it would have been kept.")
    else:
        note(f"Interrupted. The best so far was written to {files.output} ({reached}).")
    if files.table is not None:
        note(f"The fits so far were written to {files.table}; a .json file can be resumed.")
