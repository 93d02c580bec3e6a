"""What the calculator's server takes and gives, version 1.

The only place that says so: requests are checked by these classes, openapi.json is written from
them, and the page's types from that. Components and rows are counted from 1 wherever a number of
one is given, log-likelihoods are sums in nats, all else is in the units of the data.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Cell = float | str | None
Auto = Literal["auto"]
Name = Annotated[str, Field(max_length=1000)]


def _whole(value: object) -> object:
    """1.0 is a whole number in JSON, which knows but one kind."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Item = TypeVar("Item")
Many = Annotated[list[Item], Field(fail_fast=True)]  # a million wrong ones are one error
Whole = Annotated[int, BeforeValidator(_whole)]
Id = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{8,64}$")]


class Value(BaseModel):
    """A value that has no fields but its own, each of its own type."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


# ---- errors


class BadCell(Value):
    """A cell that is neither a number nor a missing value."""

    row: int
    column: int
    got: str


class Problem(Value):
    """What went wrong, and what to do. `field` names the input that caused it."""

    code: str
    message: str
    field: str | None = None
    got: str | None = None
    wanted: str | None = None
    remedy: str | None = None
    cells: list[BadCell] = []


# ---- data


class Table(Value):
    """A table as it was typed, or pasted: cells are numbers, or text that is read as in a CSV."""

    name: Name = "table"
    columns: Many[Name] = Field(min_length=1, max_length=1000)
    rows: Many[Many[Cell]] = Field(max_length=100_000)


class Column(Value):
    """A column of numbers; the numbers are None if it has no value."""

    name: str
    n_missing: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    standard_deviation: float | None


class LeftOut(Value):
    """A column that is none of numbers."""

    name: str
    reason: str


class Dataset(Value):
    """A table that the server holds for a while."""

    id: Id
    name: str
    n_rows: int
    columns: list[Column]
    left_out: list[LeftOut]
    notes: list[str]


class Rows(Value):
    """Some rows of a table, None where missing. The first row has number 1."""

    columns: list[str]
    first: int
    n_rows: int
    rows: list[list[float | None]]


# ---- what stands behind the question mark


class Query(BaseModel):
    """Parameters of an address: text that is read as its type."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FileQuery(Query):
    """What a file is called, and how to read it."""

    name: Name = "table"
    format: Literal["auto", "csv", "tsv", "parquet", "arrow", "feather", "npy"] = "auto"
    delimiter: str = Field(
        default="auto", max_length=5, description='A character, "tab", "space" or "auto".'
    )
    decimal: Literal["auto", ".", ","] = "auto"
    thousands: Literal["auto", "none", ",", ".", "space", "apostrophe"] = Field(
        default="auto",
        description='The mark between thousands. "auto" reads it in a column in which a cell '
        "leaves no doubt of it, as 1,063.35 does.",
    )
    header: Literal["auto", "yes", "no"] = Field(
        default="auto", description="Whether the first line holds names."
    )


class RowsQuery(Query):
    """Which rows: `offset` is how many to leave out at the beginning."""

    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=100, ge=1, le=1000)


class PointsQuery(Query):
    """Which columns, and at most how many rows."""

    column: list[Name] = Field(min_length=1, max_length=50)
    limit: int = Field(default=20_000, ge=1, le=200_000)


class AnomaliesQuery(Query):
    """The `share` of all rows that are the least likely, or those of a log-density `below`."""

    share: float | None = Field(default=None, gt=0, le=1, description="0.01 if nothing is said.")
    below: float | None = None
    limit: int = Field(default=100, ge=1, le=1000)


# ---- what is asked for


class Settings(Value):
    """How to fit: parameters of bactrian.GaussianMixture, and whether on z-scores."""

    n_components: Whole = 2
    max_iter: Whole = 100
    tol: float = 1e-4
    covariance_type: str = "full"
    init_params: str = "auto"
    n_init: Whole | Auto = "auto"
    means_init: Many[Many[float]] | None = None
    seed: Whole = 0
    stopping: str = "auto"
    acceleration: str = "none"
    reg_covar: float | Auto = "auto"
    equal_weights: bool = False
    prior: Literal["none", "default"] = "none"
    missing: str = "em"
    noise: bool = False
    family: str = "gaussian"
    standardize: bool = False


class RowsToFit(Value):
    """Rows to fit: all columns of numbers if none are named; `weights` is a column of weights."""

    dataset: Id
    columns: Many[Name] | None = None
    weights: Name | None = None


class FitRequest(RowsToFit):
    """One mixture to fit."""

    settings: Settings = Settings()


class SearchRequest(RowsToFit):
    """Mixtures to fit and to compare; the rest of the settings is the same for all."""

    n_components: Many[Whole] = Field(default=[1, 2, 3, 4, 5, 6], min_length=1, max_length=50)
    covariance_types: Many[str] = Field(default=["full"], min_length=1, max_length=14)
    criterion: Literal["bic", "aic", "icl"] = "bic"
    settings: Settings = Settings()


class SampleRequest(Value):
    """Rows to draw from a fitted mixture; in the order of their components if sorted."""

    n: Whole = Field(default=100, ge=1, le=100_000)
    seed: Whole = Field(default=0, ge=0, le=2**32 - 1)
    sort: bool = True


class EvaluateRequest(Value):
    """Rows, new or old, whose density and components are asked for; None where missing."""

    rows: Many[Many[float | None]] = Field(min_length=1, max_length=10_000)


# ---- mixtures


class Noise(Value):
    """Uniform noise beside the components, and the corners of its box."""

    weight: float
    log_density: float
    lowest: list[float]
    highest: list[float]


class Mixture(Value):
    """Parameters. Covariances are whole matrices, whatever the structure; of t: scale matrices."""

    weights: list[float]
    means: list[list[float]]
    covariances: list[list[list[float]]]
    noise: Noise | None = None
    dof: list[float] | None = None


class Frame(Value):
    """The mixture after so many iterations, and its log-likelihood.

    On a sample of the rows if `n_rows` is less than all; scaled up to all of them.
    """

    iteration: int
    log_likelihood: float
    n_rows: int
    accelerated: bool
    mixture: Mixture


class Frames(Value):
    """The way from the starting values to the result; every `stride`-th step if it was long."""

    stride: int
    frames: list[Frame]


# ---- jobs


class FitProgress(Value):
    """Where a fit stands: `start` is the number of the starting values, from 1."""

    start: int
    iteration: int
    log_likelihood: float
    gain: float
    n_rows: int
    mixture: Mixture | None


class Candidate(Value):
    """One mixture of a search. Criteria are better if lower."""

    n_components: int
    covariance_type: str
    log_likelihood: float | None
    n_parameters: int | None
    bic: float | None
    aic: float | None
    icl: float | None
    converged: bool
    collapsed: bool
    failure: str | None


class SearchProgress(Value):
    """The candidates that are fitted already."""

    total: int
    candidates: list[Candidate]


class Note(Value):
    """A warning in plain words; `field` is the input to change, if there is one."""

    kind: Literal["few_rows", "collapse", "starts", "limit", "interrupted", "data", "other"]
    text: str
    field: str | None = None


class KMeans(Value):
    """What K-means finds with as many clusters, for contrast; None for empty clusters."""

    centres: list[list[float]]
    sizes: list[int]


class FitResult(Value):
    """All that is known of a fit.

    `document` is what ``bactrian fit --json`` prints.
    """

    n_rows: int
    columns: list[str]
    document: dict[str, Any]
    mixture: Mixture
    criteria: dict[str, float]
    notes: list[Note]
    kmeans: KMeans | None
    text: str
    code: str
    command: str


class SearchResult(Value):
    """All candidates, and which is the best; None if none could be fitted."""

    criterion: str
    candidates: list[Candidate]
    best: int | None


class Job(Value):
    """A fit or a search. A cancelled one keeps the best that was found, if anything was."""

    id: Id
    kind: Literal["fit", "search"]
    status: Literal["queued", "running", "done", "cancelled", "failed"]
    ahead: int = 0
    seconds: float
    progress: FitProgress | SearchProgress | None = None
    problem: Problem | None = None
    fit: FitResult | None = None
    search: SearchResult | None = None


# ---- what is asked of a fit


class Odd(Value):
    """A row of low density."""

    row: int
    log_density: float
    values: list[float | None]
    responsibilities: list[float]


class Anomalies(Value):
    """The least likely rows: those whose log-density is at most the threshold."""

    threshold: float
    n_rows: int
    count: int
    rows: list[Odd]


class Sample(Value):
    """Rows that were drawn; component -1 is noise."""

    columns: list[str]
    rows: list[list[float]]
    components: list[int]


class Evaluation(Value):
    """Log-density of each row, and the probabilities of the components (of noise last)."""

    log_densities: list[float]
    responsibilities: list[list[float]]


# ---- what there is


class Example(Value):
    """Data with a story, and the settings that go with them."""

    id: str
    title: str
    story: str
    columns: list[str]
    chosen: list[str]
    n_rows: int
    settings: dict[str, Any]


class ExampleData(Example):
    """An example, with its rows."""

    rows: list[list[float | None]]


class Structure(Value):
    """A covariance structure, in a sentence."""

    name: str
    mclust: str
    sentence: str


class Limits(Value):
    """What the server takes."""

    upload_bytes: int
    rows: int
    columns: int
    components: int
    seconds: float
    jobs: int
    drawn_rows: int


class About(Value):
    """The server: its version, what it knows, its limits, and the settings to begin with."""

    version: str
    limits: Limits
    structures: list[Structure]
    init_params: list[str]
    stopping: list[str]
    defaults: Settings
