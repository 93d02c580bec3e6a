"""What the server holds for a while: things with an id and a private folder."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Generic, Protocol, TypeVar

from bactrian.web.problems import refusal


class Shelved(Protocol):
    """A thing with a folder; it is not forgotten while it is in use."""

    id: str
    folder: Path

    @property
    def in_use(self) -> bool:
        """Whether it must be kept for now."""


Thing = TypeVar("Thing", bound=Shelved)


class Shelf(Generic[Thing]):
    """Things by id, with the last used at the end; the others are forgotten in time.

    Parameters
    ----------
    root : Path
        Where the folders are.
    noun : str
        What one of them is called.
    most : int
    most_bytes : int
        Of all their files; the thing used last is held however large.
    keep : float
        Seconds that a thing is kept for without use.
    """

    def __init__(self, root: Path, noun: str, most: int, most_bytes: int, keep: float) -> None:
        self._root, self._noun, self._keep = root, noun, keep
        self._most, self._most_bytes = most, most_bytes
        self._things: dict[str, Thing] = {}
        self._used: dict[str, float] = {}
        root.mkdir(mode=0o700)

    def place(self) -> tuple[str, Path]:
        """A new id, with its folder."""
        name = secrets.token_urlsafe(12)
        folder = self._root / name
        folder.mkdir(mode=0o700)
        return name, folder

    def put(self, thing: Thing) -> None:
        """Hold something."""
        self._things[thing.id] = thing
        self._used[thing.id] = monotonic()
        self.tidy()

    def get(self, name: str, field: str | None = None) -> Thing:
        """The thing with that id; it counts as used again.

        Raises
        ------
        RefusalError
            If there is none, or it is forgotten.
        """
        if name not in self._things:
            raise refusal(
                "not_found",
                f"There is no {self._noun} with this id, or it was forgotten.",
                field=field,
                remedy="Unused data and results are forgotten after a while. Send them again.",
            )
        self._used[name] = monotonic()
        self._things[name] = self._things.pop(name)
        return self._things[name]

    def forget(self, name: str) -> None:
        """Forget a thing, with its files."""
        thing = self._things.pop(name)
        del self._used[name]
        shutil.rmtree(thing.folder, ignore_errors=True)

    def tidy(self) -> None:
        """Forget what was not used for a while, and the oldest things if there is too much."""
        limit = monotonic() - self._keep
        for name in self._idle():
            if self._used[name] < limit:
                self.forget(name)
        sizes = {name: _size(thing.folder) for name, thing in self._things.items()}
        surplus, total = len(sizes) - self._most, sum(sizes.values())
        for name in self._idle()[:-1]:
            if surplus <= 0 and total <= self._most_bytes:
                break
            self.forget(name)
            surplus, total = surplus - 1, total - sizes[name]

    def __contains__(self, name: object) -> bool:
        return name in self._things

    def _idle(self) -> list[str]:
        """The things that are not in use, the oldest first."""
        return [name for name, thing in self._things.items() if not thing.in_use]


def _size(folder: Path) -> int:
    """Bytes of the files in a folder, without files that disappear meanwhile."""
    total = 0
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                total += entry.stat().st_size
    return total
