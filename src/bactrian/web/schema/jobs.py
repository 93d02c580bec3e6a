"""Fits and searches: their progress and their results."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import WithJsonSchema

from bactrian.objections import KINDS
from bactrian.web.schema.mixtures import Mixture
from bactrian.web.schema.problems import Problem
from bactrian.web.schema.values import Id, StructureName, Value


class FitProgress(Value):
    """The state of a fit: `start` is the number of the starting values, from 1."""

    start: int
    iteration: int
    log_likelihood: float
    gain: float
    n_rows: int
    mixture: Mixture | None


class Candidate(Value):
    """One mixture of a search. Lower criteria are better."""

    n_components: int
    covariance_type: StructureName
    log_likelihood: float | None
    n_parameters: int | None
    bic: float | None
    aic: float | None
    icl: float | None
    relative_entropy: float | None
    converged: bool
    collapsed: bool
    failure: str | None


class SearchProgress(Value):
    """The candidates that are already fitted."""

    total: int
    candidates: list[Candidate]


class Note(Value):
    """A warning: its kind, plain words, and the input to change if there is one."""

    kind: Annotated[str, WithJsonSchema({"type": "string", "enum": list(KINDS)})]
    text: str
    field: str | None = None


class KMeans(Value):
    """The result of K-means with as many clusters, for contrast; None for empty clusters."""

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
    """All candidates, and which is the best; None if none could be fitted.

    `notes` are on the choice and on the best.
    """

    criterion: str
    candidates: list[Candidate]
    best: int | None
    notes: list[Note]


class Job(Value):
    """A fit or a search. A cancelled job keeps the best result that was found, if there is one."""

    id: Id
    kind: Literal["fit", "search"]
    status: Literal["queued", "running", "done", "cancelled", "failed"]
    ahead: int = 0
    seconds: float
    progress: FitProgress | SearchProgress | None = None
    problem: Problem | None = None
    fit: FitResult | None = None
    search: SearchResult | None = None
