"""Columns that are not numeric: what they hold, and which columns to choose instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from bactrian.errors import DataError
from bactrian.remedies import Advice, ChooseColumns, Remedy
from bactrian.tables.table import columns_at

_SHOWN_COLUMNS = 10
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class Offence:
    """The first cell of a column that is not a number.

    Parameters
    ----------
    value : object
    place : str
        Such as ``"line 7"``; empty if unknown.
    kind : str, default=""
        The type of the column, where the file tells it.
    """

    value: object
    place: str
    kind: str = ""

    def __str__(self) -> str:
        shown = repr(self.value)
        if len(shown) > _SHOWN_CHARACTERS:
            shown = f"{shown[: _SHOWN_CHARACTERS - 3]}..."
        at = f"{shown} in {self.place}" if self.place else ""
        return " with ".join(part for part in (self.kind, at) if part)


def refuse_columns(
    names: Sequence[str],
    wanted: Sequence[int],
    offences: Mapping[int, Offence],
    where: str,
    advice: Sequence[Advice] = (),
) -> NoReturn:
    """Raise the error that names each column that is not numeric.

    Parameters
    ----------
    names : sequence of str
        Of all columns.
    wanted : sequence of int
        The chosen columns, counted from 0.
    offences : mapping of int to Offence
        By column.
    where : str
    advice : sequence of Advice, optional
        What else may be the cause.

    Raises
    ------
    DataError
    """
    bad = [index for index in wanted if index in offences]
    shown = "; ".join(f"{names[index]!r} ({offences[index]})" for index in bad[:_SHOWN_COLUMNS])
    if len(bad) > _SHOWN_COLUMNS:
        shown += f" and {len(bad) - _SHOWN_COLUMNS} more"
    good = [index for index in wanted if index not in offences]
    remedy: Remedy = ChooseColumns(columns_at(names, good))
    if not good:
        remedy = Advice(
            "None of the chosen columns is numeric; choose others or convert them first."
        )
    raise DataError(
        "1 column is not numeric" if len(bad) == 1 else f"{len(bad)} columns are not numeric",
        *advice,
        remedy,
        where=where,
        got=shown,
        wanted="numbers",
        code="not_a_number",
    )
