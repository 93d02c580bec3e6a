"""What all classes of the contract are made of."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

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


class Query(BaseModel):
    """Parameters of an address: text that is read as its type."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
