"""What is asked of a fit."""

from __future__ import annotations

from pydantic import Field

from bactrian.web.schema.values import Many, Query, Value, Whole


class AnomaliesQuery(Query):
    """The `share` of all rows that are the least likely, or those of a log-density `below`."""

    share: float | None = Field(default=None, gt=0, le=1, description="0.01 if nothing is said.")
    below: float | None = None
    limit: int = Field(default=100, ge=1, le=1000)


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


class SampleRequest(Value):
    """Rows to draw from a fitted mixture; in the order of their components if sorted."""

    n: Whole = Field(default=100, ge=1, le=100_000)
    seed: Whole = Field(default=0, ge=0, le=2**32 - 1)
    sort: bool = True


class Sample(Value):
    """Rows that were drawn; component -1 is noise."""

    columns: list[str]
    rows: list[list[float]]
    components: list[int]


class EvaluateRequest(Value):
    """Rows, new or old, whose density and components are asked for; None where missing."""

    rows: Many[Many[float | None]] = Field(min_length=1, max_length=10_000)


class Evaluation(Value):
    """Log-density of each row, and the probabilities of the components (of noise last)."""

    log_densities: list[float]
    responsibilities: list[list[float]]
