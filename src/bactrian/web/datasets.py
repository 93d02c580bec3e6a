"""A table on the server: its file of numbers, and what the page knows about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bactrian.web.orders import Provenance
from bactrian.web.problems import refusal
from bactrian.web.schema import Dataset, RowsToFit

VALUES = "values.npy"
NAMES = "names.json"  # of all columns of the table, those that were left out among them


@dataclass(eq=False)
class DataFolder:
    """A data set; its numbers stay in a file, as float64, row after row.

    Parameters
    ----------
    id : str
    folder : Path
    told : Dataset
    origin : Provenance
    users : int
        Jobs that need it.
    """

    id: str
    folder: Path
    told: Dataset
    origin: Provenance
    users: int = 0

    @property
    def in_use(self) -> bool:
        """Whether it must be kept for now."""
        return self.users > 0

    @property
    def values(self) -> Path:
        """The file of the numbers."""
        return self.folder / VALUES

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [column.name for column in self.told.columns]

    def places(self, names: list[str]) -> list[int]:
        """Positions of columns, from 0.

        Raises
        ------
        RefusalError
            If there is no such column, or one is named twice.
        """
        own = {name: place for place, name in enumerate(self.names)}
        for name in names:
            if name not in own:
                raise refusal(
                    "no_such_column",
                    f"There is no column {name!r} of numbers.",
                    field="columns",
                    got=name,
                    wanted=", ".join(own)[:500],
                )
        if len(set(names)) < len(names):
            raise refusal("repeated_column", "A column is named twice.", field="columns")
        return [own[name] for name in names]

    def chosen(self, rows: RowsToFit) -> list[str]:
        """Names of the columns to fit: the named ones, or all except weights and labels.

        Raises
        ------
        RefusalError
        """
        names = rows.columns
        if names is None:
            names = [name for name in self.names if name not in rows.told.values()]
        self.places(names)
        for role, name in rows.told.items():
            if name not in self.names:
                message = f"There is no column {name!r} of numbers."
                raise refusal("no_such_column", message, field=role)
            if name in names:
                message = f"{name!r} cannot be both a column and the {role}."
                raise refusal("repeated_column", message, field=role)
        if len(set(rows.told.values())) < len(rows.told):
            message = "Weights and labels are the same column."
            raise refusal("repeated_column", message, field="labels")
        if not names:
            raise refusal(
                "no_columns", "No column is chosen.", field="columns", wanted="at least one"
            )
        return names
