"""``bactrian select``: how many components, and which structure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

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
    output_options,
    start_options,
)
from bactrian.cli.places import output_file
from bactrian.cli.shape import Shape, begun
from bactrian.cli.value_types import counts, some_of
from bactrian.vocabulary import COVARIANCE_TYPES, MEASURES, SIGNS, STRUCTURE_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bactrian.estimators.table_fit import TableFit
    from bactrian.mixture import Mixture
    from bactrian.selection.search.candidates import CandidateTable, Selection
    from bactrian.selection.tests.likelihood_ratio import SequentialTest
    from bactrian.storage import MixtureModel


COUNTS = tuple(range(1, 10))  # numbers of components, if nothing is said


@dataclass(frozen=True)
class Choice:
    """What to choose among, and how to choose."""

    components: tuple[int, ...] | None
    covariance: tuple[str, ...]
    criterion: str
    sign: str
    cv: int | None
    bootstrap_test: int | None
    resume: str | None
    exchange: bool

    @property
    def given(self) -> int | None:
        """The number of components if only one is given; None otherwise."""
        return None if self.components is None else self.components[0]

    @property
    def counts(self) -> tuple[int, ...]:
        """Numbers of components."""
        return self.components or COUNTS

    def of_search(self) -> dict[str, Any]:
        """Parameters of :func:`~bactrian.select_mixture`."""
        return {
            "n_components": self.counts,
            "covariance_type": self.covariance,
            "criterion": self.criterion,
            "cv": self.cv,
            "exchange": self.exchange,
        }


@dataclass(frozen=True)
class Files:
    """Where to write."""

    output: str | None
    table: str | None
    plot: str | None


@dataclass
class Found:
    """What is known so far; None for what is not known yet."""

    selection: Selection | None = None
    test: SequentialTest | None = None
    failure: str = ""  # why there is no test, or not all of it
    whole: bool = True


@click.command(
    name="select",
    cls=Command,
    short_help="Choose the number of components and their structure.",
    examples=(
        "select data.csv",
        "select data.csv -k 1:6 --covariance full,diag --criterion aic -o best.json",
        "select data.csv --criterion icl --bootstrap-test 199 --jobs -1",
        "select data.csv --table search.json --resume search.json",
        "select data.csv -k 2:5 --labels-column kind",
    ),
)
@data_argument
@click.option(
    "-k",
    "--components",
    type=counts,
    metavar="K,K:K",
    help="Numbers of components: 3, 1:9 (9 included) or 1,2,5.  [default: 1:9, or that of the "
    "starting values]",
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
    help="Lower is better for all; BIC keeps fewer components than AIC, ICL even fewer. cv: "
    "minus twice the log-likelihood of held-out rows.",
)
@click.option(
    "--sign",
    type=click.Choice(tuple(SIGNS)),
    default="lower",
    show_default=True,
    help="Sign of the criteria: lower is better, or the opposite, as in mclust.",
)
@click.option(
    "--cv",
    type=click.IntRange(2),
    metavar="N",
    help="Folds to cross-validate each candidate. Default: none, or 5 with --criterion cv.",
)
@click.option(
    "--bootstrap-test",
    type=click.IntRange(19),
    metavar="N",
    help="Test K against K + 1 components in the best structure, for K = 1, 2, ... until a "
    "test is not significant at 0.05. Each test simulates N data sets.",
)
@click.option(
    "--exchange",
    is_flag=True,
    help="Let each start again from what the others found, until none gains: higher "
    "likelihoods, in some twice the time.",
)
@click.option(
    "--resume",
    metavar="FILE",
    help="Reuse the fits in FILE, which --json printed or --table wrote.",
)
@fit_options
@start_options
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
    components: tuple[int, ...] | None,
    covariance: tuple[str, ...],
    criterion: str,
    sign: str,
    cv: int | None,
    bootstrap_test: int | None,
    resume: str | None,
    exchange: bool,
    fitting: FitOptions,
    starting: StartOptions,
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
    choice = Choice(components, covariance, criterion, sign, cv, bootstrap_test, resume, exchange)
    _check(choice, fitting, starting)
    _run(data, choice, fitting, starting, reading, Files(output, table, plot), printing)


def _check(choice: Choice, fitting: FitOptions, starting: StartOptions) -> None:
    """Refuse options that do not go together, before any work."""
    if starting.any_values or starting.fixed:
        if len(choice.components or ()) > 1:
            raise click.UsageError(
                "Starting values are those of one number of components: give -k one, or leave "
                "it out."
            )
        shape = Shape(choice.given, choice.covariance[0], starting)
        shape.check(equal_weights=fitting.settings["equal_weights"])
    if "covariances" in (starting.fixed or ()) and len(choice.covariance) > 1:
        raise click.UsageError("--fixed covariances is of one structure: give it to --covariance.")
    if choice.bootstrap_test is None:
        return
    given = {
        "--fixed": starting.fixed,
        "--labels-column": starting.labels_column,
        "--equal-weights": fitting.settings["equal_weights"],
    }
    for option in (option for option, value in given.items() if value):
        raise click.UsageError(
            f"--bootstrap-test does not go with {option}: the test is of free mixtures. Leave one "
            "of them out."
        )


def _run(
    data: str,
    choice: Choice,
    fitting: FitOptions,
    starting: StartOptions,
    reading: DataOptions,
    files: Files,
    printing: OutputOptions,
) -> None:
    from bactrian.cli.console import busy, note
    from bactrian.cli.reading import read_rows
    from bactrian.estimators.table_fit import TableFit
    from bactrian.selection.search.record import load_search

    earlier = None if choice.resume is None else load_search(choice.resume)
    start, reading, fitting = begun(starting, reading, fitting)
    fitting.for_estimator()  # what does not go together is refused before any work
    missing = fitting.settings["missing"] == "em"
    with busy(f"Reading {data}", quiet=printing.quiet):
        rows = read_rows(
            data,
            reading,
            fitting.weights_column,
            missing=missing,
            labels_column=starting.labels_column,
        )
    for said in rows.notes if not printing.quiet else ():
        note(said)
    task = TableFit.of(rows, standardize=fitting.standardize, spikes=fitting.point_masses)
    settings = task.settings(fitting.for_estimator())
    if starting.any_values:
        choice, started = _started(choice, starting, start, task, fitting)
        settings |= started
    task.check(min(choice.counts))
    found = Found()
    raise_on_interrupt()
    _search(found, task, choice, earlier, settings, quiet=printing.quiet)
    if found.whole and choice.bootstrap_test is not None:
        _test(found, task, choice, settings, quiet=printing.quiet)
    model = _model(found, task)
    document = _document(found, model, task, choice.sign)
    written = _save(found, model, document, files)
    if not found.whole:
        _say_interrupted(found, choice, files)
        raise click.exceptions.Exit(INTERRUPTED)
    _print(document, _warnings(found, task), printing)
    for line in written if not printing.quiet else ():
        note(line)
    if found.failure:
        raise click.ClickException(f"The search is done, but not the test: {found.failure}")


def _started(
    choice: Choice,
    starting: StartOptions,
    start: Mixture | None,
    task: TableFit,
    fitting: FitOptions,
) -> tuple[Choice, dict[str, Any]]:
    """Set the number of components to that of the starting values; return both."""
    shape = Shape(choice.given, choice.covariance[0], starting)
    settings = shape.settings(start, task, equal_weights=fitting.settings["equal_weights"])
    count = settings.pop("n_components")
    del settings["covariance_type"]
    if len(choice.covariance) > 1:  # these are of one structure
        settings.pop("precisions_init", None)
    return replace(choice, components=(count,)), settings


def _search(
    found: Found,
    task: TableFit,
    choice: Choice,
    earlier: CandidateTable | None,
    settings: dict[str, Any],
    *,
    quiet: bool,
) -> None:
    """Fit all candidates that an earlier search did not fit."""
    from bactrian.cli.progress import counting
    from bactrian.errors import FitInterrupted
    from bactrian.selection.search.search import select_mixture

    pairs = {(count, name) for count in choice.counts for name in choice.covariance}
    y = None
    if task.rows.labels is not None:
        y, _ = task.rows.labels.among(max(choice.counts))
        settings = {**settings, "labels": "use"}
    known = () if earlier is None else (row.pair for row in earlier.candidates)
    try:
        with counting(len(pairs.difference(known)), quiet=quiet) as observe:
            found.selection = select_mixture(
                task.named,
                sample_weight=task.rows.weights,
                observe=observe,
                y=y,
                resume=earlier,
                **choice.of_search(),
                **settings,
            )
    except FitInterrupted as interrupt:
        found.selection, found.whole = interrupt.result, False


def _test(
    found: Found, task: TableFit, choice: Choice, settings: dict[str, Any], *, quiet: bool
) -> None:
    """Test K against K + 1 in the structure of the best; a failure does not end the search."""
    from bactrian.cli.application import explained
    from bactrian.cli.progress import resampling
    from bactrian.errors import BactrianError, FitInterrupted
    from bactrian.selection.settings import NUMERICAL
    from bactrian.selection.tests.likelihood_ratio import STARTS, sequential_bootstrap_lrt

    assert found.selection is not None  # the search is whole
    own = {name: settings[name] for name in settings if name not in (*STARTS, "n_init")}
    try:
        with resampling(choice.bootstrap_test or 0, quiet=quiet) as observe:
            found.test = sequential_bootstrap_lrt(
                task.named,
                max(choice.counts),
                found.selection.best.covariance_type,
                n_resamples=choice.bootstrap_test,
                sample_weight=task.rows.weights,
                observe=observe,
                **own,
            )
            found.failure = found.test.failure
    except FitInterrupted as interrupt:
        found.test, found.whole = interrupt.result, False
    except (BactrianError, *NUMERICAL) as error:
        found.failure = explained(error)


def _model(found: Found, task: TableFit) -> MixtureModel | None:
    """The best; None if nothing is fitted."""
    from bactrian.estimators.table_fit import model_of

    if found.selection is None:
        return None
    return task.judged(model_of(task, found.selection.best_estimator))


def _document(
    found: Found, model: MixtureModel | None, task: TableFit, sign: str
) -> dict[str, Any]:
    """All that is known; empty if nothing is fitted."""
    from bactrian.report.command_line import COMMAND_LINE
    from bactrian.report.document import document_of
    from bactrian.report.likelihood_ratio import failed_document, test_document

    if found.selection is None or model is None:
        return {}
    document = document_of("select", model, task.rows.source)
    offset = task.rows.total_weight * task.log_volume
    document |= found.selection.document(offset, sign, COMMAND_LINE)
    if found.test is not None:
        document["bootstrap_test"] = test_document(found.test)
    elif found.failure:
        document["bootstrap_test"] = failed_document(found.failure)
    return document


def _save(
    found: Found, model: MixtureModel | None, document: dict[str, Any], files: Files
) -> list[str]:
    """Write the requested files, and name them."""
    from bactrian.report.choice import write_candidates

    written: list[str] = []
    if found.selection is None or model is None:
        return written
    if files.output is not None:
        model.save(files.output)
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


def _warnings(found: Found, task: TableFit) -> tuple[str, ...]:
    """What speaks against the choice and against the best, in units of the data."""
    from bactrian.estimators.conversion import in_units_of_data
    from bactrian.objections import sentences
    from bactrian.report.command_line import COMMAND_LINE

    if found.selection is None:
        return ()
    of_best = in_units_of_data(found.selection.best.objections, task.scaling)
    return sentences((*found.selection.objections, *of_best), COMMAND_LINE.parameter)


def _print(document: dict[str, Any], warnings: Sequence[str], printing: OutputOptions) -> None:
    from bactrian.cli.console import page_width, print_lines
    from bactrian.report.choice import choice_lines
    from bactrian.report.document import as_json

    if printing.as_json:
        click.echo(as_json(document))
    elif not printing.quiet:
        print_lines(choice_lines(document, page_width(), warnings))


def _say_interrupted(found: Found, choice: Choice, files: Files) -> None:
    from bactrian.cli.console import note

    if found.selection is None:
        note("Interrupted before the first fit ended; nothing was written.")
        return
    best, done = found.selection.best, len(found.selection.candidates)
    total = len(choice.counts) * len(choice.covariance)
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
