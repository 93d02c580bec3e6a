"""Options that several commands share, each group gathered into one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any, TypeVar

import click

from bactrian.cli.value_types import (
    auto_or_count,
    auto_or_variance,
    degrees_of_freedom,
    jobs,
    names,
    non_negative,
    positive,
    ratio,
    seed,
    share,
)

# Spelled out, so that --help need not import NumPy; a test compares them with the library's.
STRUCTURES = (
    "full", "tied", "diag", "spherical",
    "EII", "EEI", "VEI", "EVI", "VEE", "EVE", "VVE", "EEV", "VEV", "EVV",
)  # fmt: skip
COVARIANCES = (*STRUCTURES, "VII", "VVI", "EEE", "VVV", "E", "V")
CRITERIA = ("bic", "aic", "aicc", "icl", "caic", "hq", "cv")
SIGNS = ("lower", "mclust")
INITS = (
    "auto", "kmeans", "k-means++", "random", "random_from_data", "sample_variance",
    "hierarchical", "ward",
)  # fmt: skip
STOPPINGS = ("auto", "log_likelihood", "aitken", "parameters")
ACCELERATIONS = ("auto", "anderson", "none")
MISSING = ("em", "error")
FAMILIES = ("gaussian", "t")
START_NOISE = 0.05
PRIORS = ("none", "default")
THOUSANDS = ("auto", "none", ",", ".", "space", "apostrophe")
FORMATS = ("auto", "csv", "tsv", "parquet", "arrow", "feather", "npy")

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

    def __post_init__(self) -> None:
        if self.columns is not None and self.exclude is not None:
            raise click.UsageError("--columns and --exclude do not go together; give one of them.")


@dataclass(frozen=True)
class FitOptions:
    """How to fit, whatever the number of components and their shape."""

    tol: float
    max_iter: int
    n_init: int | str
    init: str
    jobs: int | None
    stopping: str
    acceleration: str
    reg_covar: float | str
    seed: int
    weights_column: str | None
    standardize: bool
    missing: str = "em"
    noise: bool | None = None
    noise_volume: float | None = None
    noise_init: float | None = None
    family: str | None = None
    dof: str | tuple[float, ...] | None = None
    equal_weights: bool = False
    prior: str = "none"
    eigenvalue_ratio: float | None = None

    def for_estimator(self) -> dict[str, Any]:
        """Parameters of :class:`~bactrian.GaussianMixture`.

        Raises
        ------
        click.UsageError
            If options do not go together.
        """
        if self.noise_volume is not None and self.noise is False:
            raise click.UsageError("--no-noise has no --noise-volume. Leave one of them out.")
        noise = self.noise_volume or bool(self.noise)
        if self.noise_init is not None and not noise:
            raise click.UsageError("--noise-init is a share of the noise: give --noise as well.")
        if self.dof is not None and self.family != "t":
            raise click.UsageError("--dof is of t distributions: give --family t as well.")
        return {
            "tol": self.tol,
            "max_iter": self.max_iter,
            "n_init": self.n_init,
            "init_params": self.init,
            "n_jobs": self.jobs,
            "stopping": self.stopping,
            "acceleration": self.acceleration,
            "reg_covar": self.reg_covar,
            "random_state": self.seed,
            "missing": self.missing,
            "noise": noise,
            "noise_init": START_NOISE if self.noise_init is None else self.noise_init,
            "family": self.family or "gaussian",
            "dof": "shared" if self.dof is None else self.dof,
            "equal_weights": self.equal_weights,
            "prior": None if self.prior == "none" else self.prior,
            "eigenvalue_ratio": self.eigenvalue_ratio,
        }


@dataclass(frozen=True)
class OutputOptions:
    """What to print beside the files."""

    as_json: bool
    quiet: bool


data_argument = click.argument("data", metavar="DATA")
model_argument = click.argument("model", metavar="MODEL")

_COLUMNS: dict[str, Any] = {"type": names, "metavar": "A,B,..."}
_ALL_COLUMNS = click.option(
    "--columns", **_COLUMNS, help="Columns to use: names, or positions from 1. Default: all."
)
_EXCLUDE = click.option(
    "--exclude", **_COLUMNS, help="Columns to leave out, of all: names, or positions from 1."
)
_MODEL_COLUMNS = click.option(
    "--columns",
    **_COLUMNS,
    help="Columns that stand for the model's, in its order. Default: those of its names.",
)
_DATA = (
    click.option("--header/--no-header", default=None,
                 help="Whether the first row holds the names. Default: look."),
    click.option("--delimiter", default="auto", metavar="CHAR",
                 help="A character, tab, space or auto."),
    click.option("--decimal", type=click.Choice(["auto", ".", ","]), default="auto",
                 help="Decimal mark.", show_default=True),
    click.option("--thousands", type=click.Choice(THOUSANDS), default="auto",
                 help="Mark between thousands. auto: where a cell of the column leaves no doubt "
                      "(1,063.35).", show_default=True),
    click.option("--format", type=click.Choice(FORMATS), default="auto",
                 help="Format of the table.", show_default=True),
)  # fmt: skip

_FIT = (
    click.option("--tol", type=non_negative, default=1e-7, metavar="NATS", show_default=True,
                 help="When to stop, in nats a row; see --stopping."),
    click.option("--max-iter", type=click.IntRange(0), default=1000, metavar="N",
                 show_default=True,
                 help="Most iterations of EM for each start."),
    click.option("--n-init", type=auto_or_count, default="auto", metavar="auto|N",
                 show_default=True,
                 help="Number of starts; the best is kept. auto: until the best optimum was "
                      "reached three times (at most 30), on a sample of many rows."),
    click.option("--init", type=click.Choice(INITS), default="auto", show_default=True,
                 help="Where to start. auto: kmeans, k-means++ and random_from_data in turn. "
                      "hierarchical and ward, which agglomerate rows, are one start."),
    click.option("--jobs", type=jobs, default=None, metavar="N",
                 help="Processors; the result is the same. By default all, or what "
                      "BACTRIAN_NUM_THREADS says."),
    click.option("--stopping", type=click.Choice(STOPPINGS), default="auto", show_default=True,
                 help="Stop when the last gain, the gain still to come (aitken), or all moves of "
                      "the parameters are below --tol. auto: the last gain, and no slope, plateau "
                      "or saddle is left."),
    click.option("--acceleration", type=click.Choice(ACCELERATIONS), default="auto",
                 show_default=True,
                 help="Extrapolate EM where it is slow (anderson), or not. auto: yes, but not "
                      "with --stopping log_likelihood."),
    click.option("--reg-covar", type=auto_or_variance, default="auto", metavar="auto|VARIANCE",
                 show_default=True,
                 help="Keep variances above 1e-9 of the columns', or add a number to them."),
    click.option("--equal-weights", is_flag=True, default=False,
                 help="All weights are 1 / K, rather than estimated."),
    click.option("--seed", type=seed, default=0, metavar="N",
                 show_default=True, help="Seed of the starts. The same gives the same result."),
    click.option("--weights-column", metavar="NAME",
                 help="Column of row weights: 2 counts as the same row twice."),
    click.option("--standardize", is_flag=True,
                 help="Fit to z-scores. What is reported is in the units of the data."),
    click.option("--missing", type=click.Choice(MISSING), default="em", show_default=True,
                 help="Empty cells, NA and the like: em fits what is observed of each row, error "
                      "refuses them."),
    click.option("--noise/--no-noise", default=None,
                 help="Uniform noise beside the components, for outliers."),
    click.option("--noise-volume", type=positive, metavar="VOLUME",
                 help="Volume over which the noise has density 1, in units of the data. Default: "
                      "of the box that holds the data."),
    click.option("--noise-init", type=share, metavar="SHARE",
                 help=f"Weight of the noise at first.  [default: {START_NOISE}]"),
    click.option("--family", type=click.Choice(FAMILIES),
                 help="t: multivariate t distributions, on which outliers have less hold.  "
                      "[default: gaussian]"),
    click.option("--dof", type=degrees_of_freedom, metavar="shared|each|NUMBER,...",
                 help="Degrees of freedom of the t distributions: estimated, one for all or one "
                      "for each, or given.  [default: shared]"),
    click.option("--prior", type=click.Choice(PRIORS), default="none", show_default=True,
                 help="Seek the mode of the posterior. default: weakly, that the components are "
                      "like the data, only smaller; none collapses then."),
    click.option("--eigenvalue-ratio", type=ratio, default=None, metavar="RATIO",
                 help="Most that the largest eigenvalue of all covariances may be of the "
                      "smallest, columns measured in their deviations. By default any."),
)  # fmt: skip

_OUTPUT = (
    click.option("--json", "as_json", is_flag=True,
                 help="Print one JSON document instead of the report."),
    click.option("-q", "--quiet", is_flag=True,
                 help="Print no report, no progress and no notes; only warnings and errors."),
)  # fmt: skip


def _gathered(
    name: str, kind: type[Any], options: tuple[Callable[[Function], Function], ...]
) -> Callable[[Function], Function]:
    """Make the decorator that adds options to a command and hands them over as one value."""

    def decorate(function: Function) -> Function:
        @wraps(function)
        def wrapper(*args: Any, **given: Any) -> Any:
            names = [field.name for field in fields(kind) if field.name in given]
            value = kind(**{name: given.pop(name) for name in names})
            return function(*args, **given, **{name: value})

        decorated: Any = wrapper
        for option in reversed(options):
            decorated = option(decorated)
        result: Function = decorated
        return result

    return decorate


def data_options(function: Function) -> Function:
    """Options of reading a table, as the argument `reading`."""
    return _gathered("reading", DataOptions, (_ALL_COLUMNS, _EXCLUDE, *_DATA))(function)


def applied_data_options(function: Function) -> Function:
    """Options of reading a table that a model is applied to, as the argument `reading`."""
    return _gathered("reading", DataOptions, (_MODEL_COLUMNS, *_DATA))(function)


def fit_options(function: Function) -> Function:
    """Options of a fit, as the argument `fitting`."""
    return _gathered("fitting", FitOptions, _FIT)(function)


def output_options(function: Function) -> Function:
    """Options of what to print, as the argument `printing`."""
    return _gathered("printing", OutputOptions, _OUTPUT)(function)
