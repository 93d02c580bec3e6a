"""Questions about a fit."""

from __future__ import annotations

from pydantic import Field

from bactrian.web.schema.values import Many, Query, Value, Whole


class AnomaliesQuery(Query):
    """The least likely rows: a `share` of all rows, or all with a log-density `below` that."""

    share: float | None = Field(default=None, gt=0, le=1, description="0.01 if neither is given.")
    below: float | None = None
    limit: int = Field(default=100, ge=1, le=1000)


class Odd(Value):
    """A row of low density."""

    row: int
    log_density: float
    values: list[float | None]
    responsibilities: list[float]


class Anomalies(Value):
    """The least likely rows: their log-density is at most the threshold."""

    threshold: float
    n_rows: int
    count: int
    rows: list[Odd]


class SampleRequest(Value):
    """How many rows to draw from a fitted mixture; sorted by component if wanted."""

    n: Whole = Field(default=100, ge=1, le=100_000)
    seed: Whole = Field(default=0, ge=0, le=2**32 - 1)
    sort: bool = True


class Sample(Value):
    """Rows that were drawn; component -1 is noise."""

    columns: list[str]
    rows: list[list[float]]
    components: list[int]


class EvaluateRequest(Value):
    """Rows, new or old, for which density and components are wanted; None where missing."""

    rows: Many[Many[float | None]] = Field(min_length=1, max_length=10_000)


class Evaluation(Value):
    """Log-density of each row, and probabilities of the components (noise is last)."""

    log_densities: list[float]
    responsibilities: list[list[float]]
