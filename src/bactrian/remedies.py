"""What to do about an error, as values."""

from __future__ import annotations

from dataclasses import dataclass

from bactrian.phrases import Column, Part


@dataclass(frozen=True)
class Say:
    """Set a parameter to a value."""

    parameter: str
    value: object


@dataclass(frozen=True)
class Lower:
    """Set a parameter to a smaller value."""

    parameter: str
    to: object = None


@dataclass(frozen=True)
class Raise:
    """Set a parameter to a greater value."""

    parameter: str
    to: object = None


@dataclass(frozen=True)
class LeaveOut:
    """Leave out these parameters, or one of them."""

    parameters: tuple[str, ...]

    def __init__(self, *parameters: str) -> None:
        object.__setattr__(self, "parameters", parameters)


@dataclass(frozen=True)
class ChooseColumns:
    """Use only these columns."""

    columns: tuple[Column, ...]


@dataclass(frozen=True)
class LeaveOutColumns:
    """Use all columns except these."""

    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Act:
    """Do what the words say: ``Act("rescale the column")``. They can also end another sentence."""

    words: Part


@dataclass(frozen=True)
class Advice:
    """Whole sentences that help."""

    words: Part


Remedy = Say | Lower | Raise | LeaveOut | ChooseColumns | LeaveOutColumns | Act | Advice
