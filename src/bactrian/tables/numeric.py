"""The columns of a file that hold numbers, and why the others are left out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bactrian.phrases import Part, counted, is_are, listed
from bactrian.tables.content import Source
from bactrian.tables.files import TextColumns, read_table, text_columns
from bactrian.tables.table import Table, resolve_columns

_DESCRIBED = 3


@dataclass(frozen=True, eq=False)
class NumericColumns:
    """What a file holds.

    Parameters
    ----------
    table : Table
        Its columns of numbers.
    names : tuple of str
        Of all columns of the file.
    left_out : dict of str to str
        Why others are left out, by name, or by position where the name is ambiguous.
    """

    table: Table
    names: tuple[str, ...]
    left_out: dict[str, str]

    def notes(self) -> list[Part]:
        """What is left out, for those who did not ask for it."""
        if not self.left_out:
            return []
        names = list(self.left_out)
        if len(names) > _DESCRIBED:
            shown = listed(names)
            them = f"{counted(len(names), 'column')} without numbers {is_are(len(names))} left out"
            return [f"{them}: {shown}"]
        return [f"{name!r} is left out: {why}" for name, why in self.left_out.items()]


def read_numeric(
    source: Source,
    *,
    exclude: Sequence[str] = (),
    last: str | None = None,
    found: TextColumns | None = None,
    **options: Any,
) -> NumericColumns:
    """Read the columns of a file that hold numbers.

    Parameters
    ----------
    source : str, path-like or binary stream
        A stream that can be read again from its start.
    exclude : sequence of str
        Names or positions of columns to leave out in any case.
    last : str, optional
        Name or position of a column that is read in any case, and put behind the others.
    found : tuple, optional
        What :func:`~bactrian.tables.files.text_columns` says of the file, if that is known.
    **options
        How to read it, as for :func:`~bactrian.tables.files.read_table`.

    Returns
    -------
    NumericColumns

    Raises
    ------
    DataError
        If no column holds numbers.
    """
    if found is None:
        known = {name: value for name, value in options.items() if name not in ("line", "dtype")}
        found = text_columns(source, **known)
    names, offences = found
    if not isinstance(source, (str, os.PathLike)):
        source.seek(0)
    told = set(resolve_columns(exclude, names)) if exclude and names else set()
    asked = set(resolve_columns([last], names)) if last is not None and names else set()
    words = {j: why for j, why in offences.items() if j not in told | asked}
    if len(words) + len(told) + len(asked) >= len(names):  # the reader says what is wrong
        words = {}
    left_out = {_spelled(names, j): f"not numbers: {why}" for j, why in words.items()}
    table = read_table(source, exclude=(*exclude, *left_out), last=last, **options)
    table, empty = _without_empty(table, last is not None)
    left_out |= dict.fromkeys(empty, "no values")
    return NumericColumns(table, names or table.names, left_out)


def _without_empty(table: Table, has_last: bool) -> tuple[Table, list[str]]:
    """Leave out columns without any value, unless none is left."""
    empty = np.isnan(table.values[:1]).ravel()
    if has_last:
        empty[-1] = False
    for j in np.flatnonzero(empty):
        empty[j] = np.isnan(table.values[:, j]).all()
    if not empty.any() or empty.sum() == len(empty) - has_last:
        return table, []
    names = [name for name, gone in zip(table.names, empty, strict=True) if not gone]
    gone = [name for name, gone in zip(table.names, empty, strict=True) if gone]
    values = np.ascontiguousarray(table.values[:, ~empty])
    return Table(values, tuple(names), table.notes), gone


def _spelled(names: Sequence[str], index: int) -> str:
    """A column by its name, or by its position if another column has the same name."""
    return names[index] if names.count(names[index]) == 1 else str(index + 1)
