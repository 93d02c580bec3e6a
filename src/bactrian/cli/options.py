"""Options that several commands share; each group becomes one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any, TypeVar

import click

from bactrian.cli.places import InputFile
from bactrian.cli.value_types import (
    degrees_of_freedom,
    jobs,
    names,
    numbers,
    point_masses,
    positive,
    seed,
    share,
    some_of,
    word_or_number,
)
from bactrian.vocabulary import (
    COVARIANCE_TYPE,
    DOF,
    FAMILY,
    FIXED,
    N_COMPONENTS,
    NOISE,
    NOISE_INIT,
    SEED,
    SETTINGS,
    SPIKES,
    TABLE_FORMATS,
    THOUSANDS,
    Setting,
)

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class DataOptions:
    """How to read a table."""

    columns: tuple[str, ...] | None
    header: bool | None
    delimiter: str
    decimal: str
    format: str
    exclude: tuple[str, ...] | None = None
    thousands: str = "auto"
    missing_values: tuple[str, ...] | None = None
    skip_lines: int = 0

    def __post_init__(self) -> None:
        if self.columns is not None and self.exclude is not None:
            raise click.UsageError("--columns and --exclude do not go together; give one of them.")

    def for_reader(self) -> dict[str, Any]:
        """How :func:`~bactrian.tables.files.read_table` is to read the table."""
        return {
            "header": "auto" if self.header is None else self.header,
            "delimiter": self.delimiter,
            "decimal": self.decimal,
            "thousands": self.thousands,
            "missing_values": self.missing_values or (),
            "skip_lines": self.skip_lines,
            "format": self.format,
        }


@dataclass(frozen=True)
class FitOptions:
    """How to fit, for any number of components and any structure.

    Parameters
    ----------
    settings : mapping
        What the options of :data:`PLAIN` say, by name of the setting.
    """

    settings: Mapping[str, Any]
    jobs: int | None
    seed: int
    weights_column: str | None
    standardize: bool
    noise: bool | None = None
    noise_volume: float | None = None
    noise_init: float | None = None
    family: str | None = None
    dof: str | tuple[float, ...] | None = None
    spikes: tuple[str | tuple[str | int, tuple[float, ...]], ...] = ()

    @property
    def point_masses(self) -> Any:
        """The setting of :class:`~bactrian.GaussianMixture` that --spikes says.

        Raises
        ------
        click.UsageError
            If words and values are given, or values without a column and others.
        """
        words = [said for said in self.spikes if isinstance(said, str)]
        values = [said for said in self.spikes if not isinstance(said, str)]
        if words:
            if len(self.spikes) > 1:
                raise click.UsageError(
                    f"--spikes {words[0]} goes with no other --spikes. Leave one of them out."
                )
            return SPIKES.value(words[0])
        columns = [column for column, _ in values]
        if len(set(columns)) < len(columns) or ("" in columns and len(columns) > 1):
            raise click.UsageError(
                "--spikes takes each column once: name all its values, as in --spikes A=0,10."
            )
        if "" in columns:
            return list(values[0][1])
        return {column: list(given) for column, given in values} or None

    def for_estimator(self) -> dict[str, Any]:
        """Parameters of :class:`~bactrian.GaussianMixture`.

        Raises
        ------
        click.UsageError
            If options do not go together.
        """
        if self.noise_volume is not None and self.noise is False:
            raise click.UsageError(
                "--no-noise and --noise-volume do not go together. Leave one of them out."
            )
        noise = self.noise_volume or bool(self.noise)
        if self.noise_init is not None and not noise:
            raise click.UsageError("--noise-init needs noise. Give --noise as well.")
        if self.dof is not None and self.family != "t":
            raise click.UsageError("--dof needs t distributions. Give --family t as well.")
        return {
            **{name: SETTINGS[name].value(said) for name, said in self.settings.items()},
            "n_jobs": self.jobs,
            "random_state": self.seed,
            "noise": noise,
            "noise_init": NOISE_INIT.default if self.noise_init is None else self.noise_init,
            "family": self.family or FAMILY.default,
            "dof": DOF.default if self.dof is None else self.dof,
            "spikes": self.point_masses,
        }


@dataclass(frozen=True)
class StartOptions:
    """Where to start, and which parameters stay fixed."""

    start: str | None = None
    start_means: tuple[tuple[float, ...], ...] = ()
    start_weights: tuple[float, ...] | None = None
    fixed: tuple[str, ...] | None = None
    labels_column: str | None = None

    @property
    def any_values(self) -> bool:
        """Whether starting values are given; they have one number of components."""
        return self.start is not None or bool(self.start_means) or self.start_weights is not None


@dataclass(frozen=True)
class OutputOptions:
    """What to print besides writing files."""

    as_json: bool
    quiet: bool


data_argument = click.argument("data", metavar="DATA")
model_argument = click.argument("model", metavar="MODEL")

_COLUMNS: dict[str, Any] = {"type": names, "metavar": "A,B,..."}
_ALL_COLUMNS = click.option(
    "--columns", **_COLUMNS, help="Columns to use: names, or positions from 1. Default: all."
)
_EXCLUDE = click.option(
    "--exclude", **_COLUMNS, help="Columns to leave out: names, or positions from 1."
)
_MODEL_COLUMNS = click.option(
    "--columns",
    **_COLUMNS,
    help="Columns to use for the model's, in its order. Default: columns with its names.",
)
_DATA = (
    click.option("--header/--no-header", default=None,
                 help="Whether the first row holds the names. Default: decide by its cells."),
    click.option("--delimiter", default="auto", metavar="CHAR",
                 help="A character, tab, space or auto."),
    click.option("--decimal", type=click.Choice(["auto", ".", ","]), default="auto",
                 help="Decimal mark.", show_default=True),
    click.option("--thousands", type=click.Choice(("auto", *THOUSANDS)), default="auto",
                 help="Mark between thousands. auto: where a cell of the column leaves no doubt "
                      "(1,063.35).", show_default=True),
    click.option("--missing-values", type=names, metavar="A,B,...",
                 help="Words and numbers that mean a missing value, as in "
                      "--missing-values=-200,MM. Besides them: an empty cell, NA, N/A, NaN, null, "
                      "None, ?, - and a point alone."),
    click.option("--skip-lines", type=click.IntRange(0), default=0, metavar="N",
                 help="Lines to leave out at the beginning of a text, such as a title."),
    click.option("--format", type=click.Choice(("auto", *TABLE_FORMATS)), default="auto",
                 help="Format of the table.", show_default=True),
)  # fmt: skip

# Settings that an option of the same meaning says; the commands have others for the rest.
OTHERS = (N_COMPONENTS, COVARIANCE_TYPE, FIXED, FAMILY, DOF, NOISE, NOISE_INIT, SPIKES)
PLAIN = tuple(
    setting
    for setting in SETTINGS.values()
    if setting.option
    and setting not in OTHERS
    and (setting.choices or setting.number or isinstance(setting.default, bool))
)


def described(setting: Setting) -> str:
    """What a setting means, and what each of its choices means."""
    meanings = (f"{word}: {meaning}." for word, meaning in setting.choices.items() if meaning)
    return " ".join((f"{setting.about}.", *meanings))


def _plain(setting: Setting) -> Callable[[Function], Function]:
    """The option of a setting, made from its choices, numbers and default."""
    names, words = (setting.option, setting.name), described(setting)
    if isinstance(setting.default, bool):
        return click.option(*names, is_flag=True, default=setting.default, help=words)
    kind: Any = click.Choice(tuple(setting.choices))
    metavar = None
    if setting.number is not None:
        kind = word_or_number(setting)
        metavar = "|".join((*setting.choices, setting.number.unit.upper()))
    return click.option(
        *names, type=kind, default=setting.spoken, metavar=metavar, show_default=True, help=words
    )


def _open(setting: Setting, **given: Any) -> Callable[[Function], Function]:
    """An option whose default is taken from the model of --start."""
    words = f"{described(setting)}  [default: {setting.default}]"
    return click.option(setting.option, help=words, **given)


_FIT = (
    *map(_plain, PLAIN),
    _open(FAMILY, type=click.Choice(tuple(FAMILY.choices))),
    _open(DOF, type=degrees_of_freedom, metavar="shared|each|NUMBER,..."),
    click.option("--noise/--no-noise", default=None, help=described(NOISE)),
    click.option("--noise-volume", type=positive, metavar="VOLUME",
                 help="Volume of the noise, in units of the data: its density is 1 / volume. "
                      "Default: that of the box that holds the data."),
    _open(NOISE_INIT, type=share, metavar="SHARE"),
    click.option("--spikes", type=point_masses, multiple=True, metavar="auto|COLUMN=V,...",
                 help=f"{described(SPIKES)} Or their values, as in --spikes spend=0; give it once "
                      "for each column. Of a single column its name can be left out.  "
                      "[default: none]"),
    click.option("--seed", type=seed, default=SEED, metavar="N",
                 show_default=True,
                 help="Seed of the starts. The same seed gives the same result."),
    click.option("--jobs", type=jobs, default=None, metavar="N",
                 help="Number of processors; it does not change the result. Default: all, or "
                      "the value of BACTRIAN_NUM_THREADS."),
    click.option("--weights-column", metavar="NAME",
                 help="Column of row weights: 2 counts as the same row twice."),
    click.option("--standardize", is_flag=True,
                 help="Fit to z-scores. The report is in the units of the data."),
)  # fmt: skip

_START = (
    click.option("--start", cls=InputFile, metavar="MODEL",
                 help="Start from the parameters of a model file."),
    click.option("--start-mean", "start_means", type=numbers, multiple=True, metavar="X,Y,...",
                 help="Start a component at this mean, in units of the data. Give it once "
                      "for each component."),
    click.option("--start-weights", type=numbers, metavar="W,W,...",
                 help="Start from these weights."),
    click.option("--fixed", type=some_of(tuple(FIXED.choices)), metavar=",".join(FIXED.choices),
                 help="Hold some of these at the values of --start, --start-mean or "
                      "--start-weights."),
    click.option("--labels-column", metavar="NAME",
                 help="Column with the known components of rows: their numbers, or names, which "
                      "are numbered in sorted order. Empty, NA or -1: unknown."),
)  # fmt: skip

_OUTPUT = (
    click.option("--json", "as_json", is_flag=True,
                 help="Print one JSON document instead of the report."),
    click.option("-q", "--quiet", is_flag=True,
                 help="Print only warnings and errors: no report, no progress, no notes."),
)  # fmt: skip


def gathered(
    name: str,
    kind: type[Any],
    options: tuple[Callable[[Function], Function], ...],
    settings: tuple[Setting, ...] = (),
) -> Callable[[Function], Function]:
    """Make the decorator that adds options to a command and passes them on as one value.

    Those of `settings` are one field of it.
    """

    def decorate(function: Function) -> Function:
        @wraps(function)
        def wrapper(*args: Any, **given: Any) -> Any:
            if settings:
                given["settings"] = {one.name: given.pop(one.name) for one in settings}
            names = [field.name for field in fields(kind) if field.name in given]
            value = kind(**{name: given.pop(name) for name in names})
            return function(*args, **given, **{name: value})

        decorated: Any = wrapper
        for option in reversed(options):
            decorated = option(decorated)
        result: Function = decorated
        return result

    return decorate


memory_option = click.option(
    "--memory-budget",
    default="1GB",
    metavar="SIZE",
    show_default=True,
    help="A file (or the files of a directory or a pattern) of more than this is read in pieces, "
    "which take no more memory, such as 512MB.",
)


def data_options(function: Function) -> Function:
    """Options for reading a table, as the argument `reading`."""
    return gathered("reading", DataOptions, (_ALL_COLUMNS, _EXCLUDE, *_DATA))(function)


def applied_data_options(function: Function) -> Function:
    """Options for reading a table that a model is applied to, as the argument `reading`."""
    return gathered("reading", DataOptions, (_MODEL_COLUMNS, *_DATA))(function)


def fit_options(function: Function) -> Function:
    """Options for a fit, as the argument `fitting`."""
    return gathered("fitting", FitOptions, _FIT, PLAIN)(function)


def append_option(function: Function) -> Function:
    """Option to keep the columns of the rows, as the argument `append`."""
    words = "Put the model's columns of the input first."
    return click.option("--append", is_flag=True, help=words)(function)


def json_rows(function: Function) -> Function:
    """Option to print rows as JSON, as the argument `as_json`."""
    words = "Print JSON lines: one object for each row."
    return click.option("--json", "as_json", is_flag=True, help=words)(function)


def json_done(function: Function) -> Function:
    """Option to report in JSON what was done, as the argument `as_json`."""
    words = "Print one JSON document that says what was done."
    return click.option("--json", "as_json", is_flag=True, help=words)(function)


def start_options(function: Function) -> Function:
    """Options for starting values and known components, as the argument `starting`."""
    return gathered("starting", StartOptions, _START)(function)


def output_options(function: Function) -> Function:
    """Options for printing, as the argument `printing`."""
    return gathered("printing", OutputOptions, _OUTPUT)(function)
