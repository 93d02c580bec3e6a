"""What all classes of the contract are made of."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bactrian.vocabulary import COVARIANCE_TYPE, Setting

Cell = float | str | None
Name = Annotated[str, Field(max_length=1000)]


def _whole(value: object) -> object:
    """1.0 is a whole number in JSON, which knows but one kind."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Item = TypeVar("Item")
Many = Annotated[list[Item], Field(fail_fast=True)]  # a million wrong ones are one error
Whole = Annotated[int, BeforeValidator(_whole)]
Id = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{8,64}$")]


def choices_of(setting: Setting) -> Any:
    """Describe the choices of a setting; it is left to the library to check them."""
    extra: dict[str, Any] = {"enum": list(setting.choices)}
    if any(setting.choices.values()):
        extra["x-enum-descriptions"] = list(setting.choices.values())
    return Field(json_schema_extra=extra)


StructureName = Annotated[str, choices_of(COVARIANCE_TYPE)]


class Value(BaseModel):
    """A value that has no fields but its own, each of its own type."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


class Query(BaseModel):
    """Parameters of an address: text that is read as its type."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
