"""A numeric table: values and the names of their columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.errors import DataError
from bactrian.phrases import SHOWN_NAMES, Column, ParameterValue, Part, Phrase, listed
from bactrian.remedies import Act, Advice


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers in rows and named columns. A missing value is NaN.

    Parameters
    ----------
    values : (n_rows, n_columns)
        float64 or float32, C-contiguous.
    names : tuple of str
        One for each column.
    notes : tuple of str or Phrase
        What the reader did or guessed, and who reads should know.
    """

    values: npt.NDArray[np.floating[Any]]
    names: tuple[str, ...]
    notes: tuple[Part, ...] = ()

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
            f"Write columns={requested.split(',')!r}.",
            where=where,
            got=repr(requested),
            wanted="a sequence of names",
            code="bad_choice",
        )
    if not requested:
        wanted = "at least one name"
        raise DataError("no column was chosen", where=where, wanted=wanted, code="no_columns")
    found = [_resolve(name, available, where) for name in requested]
    missing = [name for name, index in zip(requested, found, strict=True) if index is None]
    if missing:
        raise _no_such_columns(missing, available, where)
    indices = [index for index in found if index is not None]
    twice = [available[index] for index, count in Counter(indices).items() if count > 1]
    if twice:
        raise DataError(
            "a column was chosen twice",
            where=where,
            got=", ".join(map(repr, twice)),
            wanted="each column once",
            code="repeated_column",
        )
    return indices


def _resolve(name: str, available: Sequence[str], where: str) -> int | None:
    """Number of a column, counted from 0; None if there is no such column."""
    matches = [index for index, other in enumerate(available) if other == name]
    if len(matches) == 1:
        return matches[0]
    if matches:
        positions = ", ".join(str(index + 1) for index in matches)
        by_position = ParameterValue("columns", (Column(None, matches[0] + 1),))
        raise DataError(
            f"the column name {name!r} is ambiguous",
            Advice(Phrase("Choose by position: ", by_position, ".")),
            where=where,
            got=f"columns {positions} of that name",
            wanted="one",
            code="repeated_column",
        )
    if name.isascii() and name.isdecimal() and 1 <= int(name) <= len(available):
        return int(name) - 1
    return None


def _no_such_columns(missing: Sequence[str], available: Sequence[str], where: str) -> DataError:
    lower = {other.lower(): other for other in available}
    close = [
        lower[match] for name in missing for match in get_close_matches(name.lower(), lower, n=3)
    ]
    said = "there is no column" if len(missing) == 1 else "there are no columns"
    return DataError(
        f"{said} {listed(missing)}",
        *([f"Did you mean {' or '.join(map(repr, dict.fromkeys(close)))}?"] if close else []),
        where=where,
        wanted=f"one of {listed(available)}, or a position from 1 to {len(available)}",
        code="no_such_column",
        columns=missing,
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
    by_position = tuple(Column(None, index + 1) for index in once)
    raise DataError(
        "column names are repeated",
        Act("rename them"),
        Act(Phrase("choose by position: ", ParameterValue("columns", by_position))),
        where=where,
        got=places,
        wanted="a name of its own for each column",
        code="repeated_column",
    )


def columns_at(names: Sequence[str], indices: Sequence[int]) -> tuple[Column, ...]:
    """Columns as a choice can name them: by name, or by position if the name is ambiguous.

    Parameters
    ----------
    names : sequence of str
        Of all columns.
    indices : sequence of int
        Of the chosen ones, counted from 0.
    """
    counts = Counter(names)
    return tuple(
        Column(
            names[index] if counts[names[index]] == 1 and not names[index].isdecimal() else None,
            index + 1,
        )
        for index in indices
    )
