"""Tables: how they are sent, described, shown and drawn."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bactrian.web.schema.values import Cell, Id, Many, Name, Query, Value


class Table(Value):
    """A table that was typed or pasted: cells are numbers, or text that is read as in a CSV."""

    name: Name = "table"
    columns: Many[Name] = Field(min_length=1, max_length=1000)
    rows: Many[Many[Cell]] = Field(max_length=100_000)


class Column(Value):
    """A column of numbers; the statistics are None if it has no value."""

    name: str
    n_missing: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    standard_deviation: float | None


class LeftOut(Value):
    """A column that does not hold numbers."""

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


class DatasetRows(Value):
    """Some rows of a table, None where missing. The first row has number 1."""

    columns: list[str]
    first: int
    n_rows: int
    rows: list[list[float | None]]


class FileQuery(Query):
    """The name of a file, and how to read it."""

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
    missing_values: list[Name] = Field(
        default_factory=list,
        max_length=20,
        description="Words and numbers that mean a missing value, such as -200 and MM, besides an "
        "empty cell, NA, NaN and the like.",
    )
    skip_lines: int = Field(
        default=0, ge=0, le=100_000, description="Lines to leave out at the beginning of a text."
    )
    header: Literal["auto", "yes", "no"] = Field(
        default="auto", description="Whether the first line holds names."
    )


class RowsQuery(Query):
    """Which rows to return: `offset` is the number of rows to skip at the beginning."""

    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=100, ge=1, le=1000)


class PointsQuery(Query):
    """Which columns to return, and at most how many rows."""

    column: list[Name] = Field(min_length=1, max_length=50)
    limit: int = Field(default=20_000, ge=1, le=200_000)
