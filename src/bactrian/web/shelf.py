"""What the server holds for a while: each thing with an id, and a private folder."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Generic, Protocol, TypeVar

from bactrian.web.problems import refusal


class Held(Protocol):
    """Something with a folder; not forgotten while it is in use."""

    id: str
    folder: Path

    @property
    def in_use(self) -> bool:
        """Whether it must be kept for now."""


Thing = TypeVar("Thing", bound=Held)


class Shelf(Generic[Thing]):
    """Things by id, those used last at the end; the others are forgotten in time.

    Parameters
    ----------
    root : Path
        Where the folders are.
    noun : str
        What one of them is called.
    most : int
    keep : float
        Seconds that a thing is kept for without use.
    """

    def __init__(self, root: Path, noun: str, most: int, keep: float) -> None:
        self._root, self._noun, self._most, self._keep = root, noun, most, keep
        self._things: dict[str, Thing] = {}
        self._used: dict[str, float] = {}
        root.mkdir(mode=0o700)

    def place(self) -> tuple[str, Path]:
        """A new id, and its folder."""
        name = secrets.token_urlsafe(12)
        folder = self._root / name
        folder.mkdir(mode=0o700)
        return name, folder

    def put(self, thing: Thing) -> None:
        """Hold something; if there is too much, the oldest that is not in use is forgotten."""
        self._things[thing.id] = thing
        self._used[thing.id] = monotonic()
        for name in self._idle(len(self._things) - self._most):
            self.forget(name)

    def get(self, name: str, field: str | None = None) -> Thing:
        """The thing of that id, which is in use again.

        Raises
        ------
        Refusal
            If there is none, or it is forgotten.
        """
        if name not in self._things:
            raise refusal(
                "not_found",
                f"There is no {self._noun} of this id, or it is forgotten.",
                field=field,
                remedy="What nobody asked for in a while is forgotten. Send it again.",
            )
        self._used[name] = monotonic()
        self._things[name] = self._things.pop(name)
        return self._things[name]

    def forget(self, name: str) -> None:
        """Forget a thing, with its files."""
        thing = self._things.pop(name)
        del self._used[name]
        shutil.rmtree(thing.folder, ignore_errors=True)

    def forget_unused(self) -> None:
        """Forget what nobody asked for in a while."""
        limit = monotonic() - self._keep
        for name in self._idle(len(self._things)):
            if self._used[name] < limit:
                self.forget(name)

    def __contains__(self, name: object) -> bool:
        return name in self._things

    def __iter__(self) -> Iterator[Thing]:
        return iter(list(self._things.values()))

    def __len__(self) -> int:
        return len(self._things)

    def _idle(self, most: int) -> list[str]:
        """The oldest that are not in use."""
        idle = [name for name, thing in self._things.items() if not thing.in_use]
        return idle[: max(0, most)]
