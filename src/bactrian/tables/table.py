"""A numeric table: values and the names of their columns."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.errors import DataError
from bactrian.phrases import SHOWN_NAMES, listed


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers in rows and named columns. A missing value is NaN.

    Parameters
    ----------
    values : (n_rows, n_columns)
        float64 or float32, C-contiguous.
    names : tuple of str
        One for each column.
    notes : tuple of str
        What the reader did or guessed, and who reads should know.
    """

    values: npt.NDArray[np.floating[Any]]
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(self.names):
            raise DataError(
                "a table needs one name for each column",
                got=f"values of shape {self.values.shape} and {len(self.names)} names",
                wanted="values of shape (n_rows, n_columns) and n_columns names",
            )

    def select(self, names: Sequence[str]) -> Table:
        """Return some of the columns, in the order asked for.

        Parameters
        ----------
        names : sequence of str
            Names, or positions counted from 1 (``"2"``) where no name is equal.

        Returns
        -------
        Table

        Raises
        ------
        DataError
            If a column does not exist, is ambiguous or is asked for twice.
        """
        indices = resolve_columns(names, self.names)
        chosen = np.ascontiguousarray(self.values[:, indices])
        return Table(chosen, tuple(self.names[index] for index in indices))


def resolve_columns(
    requested: Sequence[str], available: Sequence[str], where: str = ""
) -> list[int]:
    """Find columns by name, or by position counted from 1.

    Parameters
    ----------
    requested : sequence of str
    available : sequence of str
    where : str, optional
        The file, for the message.

    Returns
    -------
    list of int
        Counted from 0.

    Raises
    ------
    DataError
        If a column does not exist, is ambiguous or is asked for twice.
    """
    if isinstance(requested, str):
        raise DataError(
            "columns must be a list",
            where=where,
            got=repr(requested),
            wanted="a sequence of names",
            remedy=f"Write columns={requested.split(',')!r}.",
        )
    if not requested:
        raise DataError("no column was chosen", where=where, wanted="at least one name")
    indices = [_resolve(name, available, where) for name in requested]
    twice = [available[index] for index, count in Counter(indices).items() if count > 1]
    if twice:
        raise DataError(
            "a column was chosen twice",
            where=where,
            got=", ".join(map(repr, twice)),
            wanted="each column once",
        )
    return indices


def _resolve(name: str, available: Sequence[str], where: str) -> int:
    matches = [index for index, other in enumerate(available) if other == name]
    if len(matches) == 1:
        return matches[0]
    if matches:
        positions = ", ".join(str(index + 1) for index in matches)
        raise DataError(
            f"the column name {name!r} is ambiguous",
            where=where,
            got=f"columns {positions} of that name",
            wanted="one",
            remedy=f"Choose by position: --columns {matches[0] + 1}.",
        )
    if name.isascii() and name.isdecimal() and 1 <= int(name) <= len(available):
        return int(name) - 1
    lower = {other.lower(): other for other in available}
    close = [lower[match] for match in get_close_matches(name.lower(), lower, n=3)]
    raise DataError(
        f"there is no column {name!r}",
        where=where,
        wanted=f"one of {listed(available)}, or a position from 1 to {len(available)}",
        remedy=f"Did you mean {' or '.join(map(repr, close))}?" if close else "",
    )


def check_unique(names: Sequence[str], where: str = "") -> None:
    """Refuse repeated column names.

    Parameters
    ----------
    names : sequence of str
    where : str, optional

    Raises
    ------
    DataError
        Naming the repeated ones and their positions.
    """
    counts = Counter(names)
    repeated = [name for name, count in counts.items() if count > 1]
    if not repeated:
        return
    places = "; ".join(
        f"{name!r} as columns "
        + ", ".join(str(index + 1) for index, other in enumerate(names) if other == name)
        for name in repeated[:SHOWN_NAMES]
    )
    # The first column of each name, ready to paste.
    once = [index for index, name in enumerate(names) if names.index(name) == index]
    raise DataError(
        "column names are repeated",
        where=where,
        got=places,
        wanted="a name of its own for each column",
        remedy="Rename them, or choose by position: "
        + columns_option(names, once, by_position=True),
    )


def columns_option(
    names: Sequence[str], indices: Sequence[int], *, by_position: bool = False
) -> str:
    """Spell a choice of columns as the option of the command line, ready to paste.

    Parameters
    ----------
    names : sequence of str
        Of all columns.
    indices : sequence of int
        Of the chosen ones, counted from 0.
    by_position : bool, default=False
        Write positions, not names.

    Returns
    -------
    str
    """
    counts = Counter(names)

    def spell(index: int) -> str:
        name = names[index]
        plain = name.isprintable() and "," not in name and name == name.strip()
        usable = plain and not name.isdecimal() and counts[name] == 1
        return name if usable and not by_position else str(index + 1)

    return f"--columns {shlex.quote(','.join(map(spell, indices)))}"
