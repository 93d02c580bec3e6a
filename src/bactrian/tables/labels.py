"""A column that says which component a row comes from, if that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bactrian.core.arrays import IntArray
from bactrian.core.observation.labelled import UNKNOWN
from bactrian.errors import DataError
from bactrian.phrases import Place, counted, listed
from bactrian.remedies import LeaveOut, Raise


@dataclass(frozen=True, eq=False)
class Labels:
    """What a column says about the components of rows.

    Parameters
    ----------
    cells : sequence of str or None
        None where unknown.
    column : str
        Its name.
    source : str
        What to call the file.
    """

    cells: Sequence[str | None]
    column: str
    source: str

    @classmethod
    def of(cls, values: Sequence[Any], column: str, source: str) -> Labels:
        """Make labels from values of any type. -1 and None mean unknown.

        Raises
        ------
        DataError
            If none is known.
        """
        cells = [_spelled(value) for value in values]
        if not any(cells):
            raise DataError(
                "no label is known",
                LeaveOut("labels_column"),
                where=Place(source, column=column),
                wanted="the component of some rows",
                code="bad_labels",
            )
        return cls(cells, column, source)

    def among(self, n_components: int) -> tuple[IntArray, tuple[str | None, ...] | None]:
        """Components from 0 (-1 where unknown), and the label of each.

        Whole numbers from 1 are components as they are counted everywhere on the command line,
        and have no other names. Anything else names components, in sorted order.

        Raises
        ------
        DataError
            If that are more than there are components.
        """
        known = set(filter(None, self.cells))
        whole = all(name.isascii() and name.isdecimal() for name in known)
        names = sorted(known, key=int if whole else str)
        if whole and int(names[0]) > 0:
            most, places = int(names[-1]), {name: int(name) - 1 for name in names}
        else:
            most, places = len(names), {name: k for k, name in enumerate(names)}
        if most > n_components:
            raise DataError(
                "there are more labels than components",
                Raise("n_components", most),
                where=Place(self.source, column=self.column),
                got=f"{listed(names)} for {counted(n_components, 'component')}",
                code="bad_labels",
            )
        numbers = [UNKNOWN if cell is None else places[cell] for cell in self.cells]
        if whole and int(names[0]) > 0:
            return np.array(numbers), None
        return np.array(numbers), (*names, *[None] * (n_components - len(names)))

    def by_name(self, names: Sequence[str | None], n_components: int) -> IntArray:
        """Components of a model from 0 (-1 where unknown), found by name if they have names.

        Raises
        ------
        DataError
            If no component has the name.
        """
        if not names:
            return self.among(n_components)[0]
        places: dict[str | None, int] = {name: k for k, name in enumerate(names) if name}
        strange = sorted({cell for cell in self.cells if cell and cell not in places})
        if strange:
            raise DataError(
                "a label is no component of the model",
                where=Place(self.source, column=self.column),
                got=listed(strange),
                wanted=f"some of {listed([name for name in names if name])}",
                code="bad_labels",
            )
        return np.array([places.get(cell, UNKNOWN) for cell in self.cells])


def _spelled(value: Any) -> str | None:
    """A label as text; whole numbers look the same, whatever their type."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value).strip()
    try:
        if float(text).is_integer():
            text = str(int(float(text)))
    except (ValueError, OverflowError):
        pass
    return None if text in ("", "-1") else text
