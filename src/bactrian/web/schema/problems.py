"""What goes wrong."""

from __future__ import annotations

from pydantic import Field

from bactrian.web.schema.values import Value


class BadCell(Value):
    """A cell that is neither a number nor a missing value."""

    row: int
    column: int
    got: str


class Problem(Value):
    """What went wrong, and what to do. `field` names the input that is wrong."""

    code: str
    message: str
    field: str | None = None
    got: str | None = None
    wanted: str | None = None
    remedy: str | None = None
    cells: list[BadCell] = Field(default=[])
