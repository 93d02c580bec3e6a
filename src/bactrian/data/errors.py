"""The error of the readers and writers: what, where, got, wanted, remedy."""

from __future__ import annotations

from typing import Any


class DataError(ValueError):
    """A file, a frame or a column that cannot be used as numbers.

    Parameters
    ----------
    what : str
        What is wrong, as a clause: ``"the rows differ in length"``.
    where : str, optional
        The file (and line) or the frame.
    got, wanted : str, optional
    remedy : str, optional
        What to do, as whole sentences.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        got: str = "",
        wanted: str = "",
        remedy: str = "",
    ) -> None:
        self.what, self.where = what, where
        self.got, self.wanted, self.remedy = got, wanted, remedy
        place = f"{where}: " if where else ""
        facts = ", ".join(
            fact for fact in (got and f"got {got}", wanted and f"wanted {wanted}") if fact
        )
        first = f"{place}{what}: {facts}." if facts else f"{place}{what}."
        super().__init__(f"{first}\n{remedy}" if remedy else first)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.what,), self.__dict__ | {"args": self.args}
