"""The server itself, and its examples."""

from __future__ import annotations

from typing import Any

from bactrian.web.schema.requests import Settings
from bactrian.web.schema.values import StructureName, Value


class Example(Value):
    """Data with a story, and settings that suit them."""

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
    """A covariance structure, described in one sentence."""

    name: StructureName
    mclust: str
    sentence: str


class Limits(Value):
    """The limits of the server."""

    upload_bytes: int
    rows: int
    columns: int
    components: int
    seconds: float
    jobs: int
    drawn_rows: int


class About(Value):
    """The server: its version, what it knows, its limits, and the first settings."""

    version: str
    limits: Limits
    structures: list[Structure]
    defaults: Settings
