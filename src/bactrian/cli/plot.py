"""``bactrian plot``: figures of a model, of its fit and of a search."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bactrian.cli.commands import Command
from bactrian.cli.options import DataOptions, applied_data_options, json_done
from bactrian.cli.places import EXTENSIONS, output_file
from bactrian.cli.value_types import distances, names, some_of
from bactrian.vocabulary import ASSIGNMENTS, MEASURES

if TYPE_CHECKING:
    from bactrian.mixture import Mixture
    from bactrian.plotting.display import Display
    from bactrian.selection.search.candidates import CandidateTable
    from bactrian.tables.named_rows import NamedRows

KINDS = ("mixture", "uncertainty", "convergence", "criteria")

# What each option is of.
_OWN = {
    "features": ("mixture", "uncertainty"),
    "assignment": ("mixture",),
    "sigmas": ("mixture",),
    "contours": ("mixture",),
    "log": ("convergence", "criteria"),
    "criterion": ("criteria",),
    "weights_column": ("mixture", "uncertainty"),
    "data": ("mixture", "uncertainty"),
}


@click.command(
    name="plot",
    cls=Command,
    short_help="Draw a model, its rows, its fit or a search.",
    examples=(
        "plot model.json data.csv -o figure.svg",
        "plot model.json data.csv --features length,width --assignment soft -o soft.png",
        "plot model.json --kind convergence --log -o gain.pdf",
        "plot search.json --kind criteria --criterion bic,icl -o criteria.svg",
    ),
)
@click.argument("model", metavar="MODEL")
@click.argument("data", metavar="[DATA]", required=False)
@output_file(
    "-o", "--output", picture=True, required=True, help="File to write: .svg, .png or .pdf."
)
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default="mixture",
    show_default=True,
    help="What to draw: rows and mixture, how uncertain each row's component is, how the "
    "likelihood rose, or the criteria of a search.",
)
@click.option(
    "--features",
    type=names,
    metavar="A,B,...",
    help="Columns to show: names, or positions from 1. One: its density; two: rows and ellipses; "
    "more: a matrix. Default: all, or those in which the components differ most.",
)
@click.option(
    "--assignment",
    type=click.Choice(ASSIGNMENTS),
    help="Rows in the colour of their component, or in colours mixed by their probabilities.  "
    "[default: hard]",
)
@click.option(
    "--sigmas",
    type=distances,
    metavar="N,N,...",
    help="Draw ellipses at these numbers of standard deviations.  [default: 1,2]",
)
@click.option(
    "--contours",
    is_flag=True,
    help="Draw lines of equal density that enclose 25, 50, 75 and 95 %.",
)
@click.option(
    "--log",
    is_flag=True,
    help="Use a logarithmic axis for the gain still to come, or for the difference to the best.",
)
@click.option(
    "--criterion",
    type=some_of(MEASURES),
    metavar="NAME,...",
    help=f"For a search: one or more of {', '.join(MEASURES)}. Default: the search's criterion.",
)
@click.option("--weights-column", metavar="NAME", help="Column of row weights.")
@applied_data_options
@json_done
def command(
    model: str,
    data: str | None,
    output: str,
    kind: str,
    reading: DataOptions,
    as_json: bool,
    **given: Any,
) -> None:
    """Draw a model with the rows of DATA, or without DATA the model alone.

    MODEL is a file that fit or select wrote. With --kind convergence it may be a table that
    fit --trace wrote, and with --kind criteria it is a search: what select --table FILE.json or
    select --json wrote. The columns of DATA are found as in predict. The same files and options
    give the same figure, to the last byte.
    """
    from bactrian.cli.console import note, tell

    _check(kind, {**given, "data": data})
    chosen = {name: value for name, value in given.items() if value}
    if kind == "criteria":
        draw_criteria(_search(model), output, criterion=given["criterion"], log=given["log"])
    elif kind == "convergence":
        _draw_convergence(model, output, log=given["log"])
    else:
        _draw_rows(model, data, reading, output, kind, chosen)
    if as_json:
        tell("plot", model, output=output, kind=kind, data=data)
    else:
        note(f"Figure written to {output}")


def _check(kind: str, given: dict[str, Any]) -> None:
    """Refuse options that belong to another kind of figure."""
    for name, value in given.items():
        if value and kind not in _OWN[name]:
            said = "DATA" if name == "data" else f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{said} has no meaning for --kind {kind}. Leave it out.")
    if kind == "uncertainty" and given["data"] is None:
        raise click.UsageError("--kind uncertainty needs rows. Name DATA as well.")


def _draw_rows(
    path: str,
    data: str | None,
    reading: DataOptions,
    output: str,
    kind: str,
    chosen: dict[str, Any],
) -> None:
    from bactrian.cli.applying import missing_note
    from bactrian.cli.console import note
    from bactrian.cli.interrupts import raise_on_interrupt
    from bactrian.cli.reading import read_rows_of
    from bactrian.report.names import names_of
    from bactrian.storage import load_model
    from bactrian.tables.table import resolve_columns

    model, rows = load_model(path), None
    names = names_of(model)
    features = chosen.pop("features", None)
    shown = None if features is None else resolve_columns(features, names, path)
    weights = chosen.pop("weights_column", None)
    if data is not None:
        rows = read_rows_of(data, reading, model, weights)
        for line in (*rows.notes, *missing_note(rows)):
            note(line)
    elif weights is not None:
        raise click.UsageError("--weights-column needs rows. Name DATA as well.")
    raise_on_interrupt()
    draw_mixture(model, rows, output, kind=kind, features=shown, **chosen)


def draw_mixture(
    model: Mixture,
    rows: NamedRows | None,
    output: str,
    *,
    kind: str = "mixture",
    features: list[int] | None = None,
    **options: Any,
) -> None:
    """Write a figure of a mixture and rows; components are counted from 1.

    Parameters
    ----------
    model : Mixture
    rows : NamedRows or None
    output : str
    kind : {"mixture", "uncertainty"}
    features : list of int, optional
    **options
        Of the display's ``plot``.
    """
    from bactrian.plotting import MixtureDisplay, MixtureView, UncertaintyDisplay

    told = model.component_names or [None] * model.parameters.n_components
    choice: dict[str, Any] = {
        "features": features,
        "sample_weight": None if rows is None else rows.weights,
        "component_names": [name or str(k + 1) for k, name in enumerate(told)],
    }
    X = None if rows is None else rows.X
    if kind == "uncertainty":
        _write(UncertaintyDisplay.of(model, X, **choice), output, **options)
    else:
        _write(MixtureDisplay(MixtureView.of(model, X, **choice)), output, **options)


def _draw_convergence(path: str, output: str, *, log: bool) -> None:
    from bactrian.plotting import ConvergenceDisplay
    from bactrian.storage import load_model

    if Path(path).suffix.lower() in (*EXTENSIONS, ".gz"):
        display = ConvergenceDisplay.of_table(path)
    else:
        display = ConvergenceDisplay.of(load_model(path))
    _write(display, output, scale="gain" if log else "likelihood")


def _search(path: str) -> CandidateTable:
    from bactrian.errors import BadInputError
    from bactrian.selection.search.record import load_search

    try:
        return load_search(path)
    except BadInputError as error:
        raise BadInputError("model", error.got, error.wanted, *error.remedies) from error


def draw_criteria(
    search: CandidateTable,
    output: str,
    *,
    criterion: tuple[str, ...] | None = None,
    sign: str = "lower",
    offset: float = 0.0,
    log: bool = False,
) -> None:
    """Write a figure of the criteria of a search.

    Parameters
    ----------
    search : CandidateTable
    output : str
    criterion : tuple of str, optional
    sign : {"lower", "mclust"}
    offset : float
        Log-likelihood in the units of the fits minus that in those of the figure.
    log : bool
        Differences to the best.
    """
    from bactrian.plotting import CriterionDisplay
    from bactrian.selection.search.candidates import CandidateTable

    moved = tuple(row.shifted(offset) for row in search.candidates)
    table = CandidateTable(moved, search.criterion)
    display = CriterionDisplay.of(table, criterion, sign)
    _write(display, output, scale="difference" if log else "value")


def _write(display: Display, output: str, **options: Any) -> None:
    """Write a figure; show a warning of matplotlib (a missing letter in a font) only once."""
    from bactrian.cli.console import warn

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        display.save(output, **options)
    for text in dict.fromkeys(str(warning.message) for warning in caught[:1]):
        warn(f"{output}: {text}")
