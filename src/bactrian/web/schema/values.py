"""What all classes of the API are made of."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bactrian.vocabulary import COVARIANCE_TYPE, Setting

Cell = float | str | None
Name = Annotated[str, Field(max_length=1000)]


def _whole(value: object) -> object:
    """Turn 1.0 into 1: JSON has only one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Item = TypeVar("Item")
Many = Annotated[list[Item], Field(fail_fast=True)]  # a million wrong ones are one error
Whole = Annotated[int, BeforeValidator(_whole)]
Id = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{8,64}$")]


def choices_of(setting: Setting) -> Any:
    """Describe the choices of a setting; the library checks them."""
    extra: dict[str, Any] = {"enum": list(setting.choices)}
    if any(setting.choices.values()):
        extra["x-enum-descriptions"] = list(setting.choices.values())
    return Field(json_schema_extra=extra)


StructureName = Annotated[str, choices_of(COVARIANCE_TYPE)]


class Value(BaseModel):
    """A value with no other fields than its own, each of the right type."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


class Query(BaseModel):
    """Parameters of an address: text, read as the type of each."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
