"""Phrases made of values: numbers with a noun, lists of names, words with gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SHOWN_NAMES = 20


def counted(number: int, noun: str, plural: str = "") -> str:
    """Spell a number with its noun: ``1 row``, ``2 rows``.

    Parameters
    ----------
    number : int
    noun : str
    plural : str, optional
        By default the noun with an s.

    Returns
    -------
    str
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def is_are(number: int) -> str:
    """The verb for a number: ``is`` for 1, otherwise ``are``."""
    return "is" if number == 1 else "are"


def listed(names: Sequence[str]) -> str:
    """List names, up to the first twenty.

    Parameters
    ----------
    names : sequence of str

    Returns
    -------
    str
    """
    shown = ", ".join(map(repr, names[:SHOWN_NAMES]))
    more = len(names) - SHOWN_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


@dataclass(frozen=True)
class Parameter:
    """A parameter, which each face spells in its own way.

    Parameters
    ----------
    name : str
        The library's, ``"n_components"``.
    """

    name: str


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name : str or None
        None where the name does not tell which column it is.
    position : int or None
        Counted from 1, if it is known.
    """

    name: str | None
    position: int | None = None

    @property
    def called(self) -> str:
        """The name, or the position, as a choice of columns takes it."""
        return str(self.position) if self.name is None else self.name


@dataclass(frozen=True)
class ParameterValue:
    """A parameter and a value of it: ``n_init=5``, ``--n-init 5``.

    Parameters
    ----------
    parameter : str
    value : object
        A tuple of :class:`Column` for a choice of columns.
    """

    parameter: str
    value: object


@dataclass(frozen=True)
class Place:
    """A place in a file.

    Parameters
    ----------
    file : str
    line, row : int, optional
        Counted from 1; rows are of the data.
    column : str, optional
    """

    file: str
    line: int | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [self.file] if self.file else []
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.row is not None:
            parts.append(f"row {self.row} of the data")
        if self.column is not None:
            parts.append(f"column {self.column!r}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Statement:
    """What an error says is wrong, which each face puts into its own words.

    Parameters
    ----------
    error : BactrianError
    """

    error: Any


@dataclass(frozen=True, init=False)
class Phrase:
    """Words with gaps, which each face fills in its own way.

    Text comes from the author or the user and never changes: a column may be called ``n_init``.

    Parameters
    ----------
    *parts : str, Parameter, ParameterValue, Place, Statement or Phrase
    """

    parts: tuple[Part, ...]

    def __init__(self, *parts: Part) -> None:
        object.__setattr__(self, "parts", parts)


Part = str | Parameter | ParameterValue | Place | Statement | Phrase
