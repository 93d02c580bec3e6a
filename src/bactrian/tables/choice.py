"""Which columns of a file to read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bactrian.errors import DataError
from bactrian.phrases import Column, ParameterValue, Part
from bactrian.tables.table import check_unique, resolve_columns


@dataclass(frozen=True)
class Choice:
    """The columns to read, by name or by position in the file, counted from 1.

    Parameters
    ----------
    columns : sequence of str, optional
        None for all.
    exclude : sequence of str
        Left out of all.
    last : str, optional
        A column that is read in any case, and put behind the others.
    """

    columns: Sequence[str] | None = None
    exclude: Sequence[str] = ()
    last: str | None = None

    def indices(self, names: Sequence[str], where: str, hidden: Collection[str] = ()) -> list[int]:
        """Find the columns.

        Parameters
        ----------
        names : sequence of str
            Of all columns of the file.
        where : str
            The file, for messages.
        hidden : collection of str
            Columns that are read only if they are asked for.

        Returns
        -------
        list of int
            Counted from 0.

        Raises
        ------
        DataError
            If a column does not exist, is ambiguous or repeated, or none is left.
        """
        if self.columns is not None:
            last = () if self.last is None else (self.last,)
            return resolve_columns([*self.columns, *last], names, where)
        behind = [] if self.last is None else resolve_columns([self.last], names, where)
        excluded = resolve_columns(self.exclude, names, where) if self.exclude else []
        left_out = {*behind, *excluded}
        kept = [
            index
            for index, name in enumerate(names)
            if index not in left_out and name not in hidden
        ]
        found = kept + behind
        if len({names[index] for index in found}) < len(found):
            check_unique(names, where)
        if not found:
            raise DataError(
                "there is no column left" if self.exclude else "there are no columns",
                where=where,
                got=self._left_out(),
                wanted="at least one of numbers",
                code="no_columns",
            )
        return found

    def _left_out(self) -> Part:
        """What to blame if no column is left."""
        columns = tuple(map(Column, self.exclude))
        return ParameterValue("exclude", columns) if columns else ""

    def takes_first(self, indices: Sequence[int]) -> bool:
        """Whether the first column is used although nobody asked for it."""
        return self.columns is None and self.last_but(indices)[:1] == [0]

    def last_but(self, indices: Sequence[int]) -> list[int]:
        """The columns without the one that is put last."""
        return list(indices if self.last is None else indices[:-1])


ALL = Choice()
