"""English phrases made of values: numbers with their noun, lists of names."""

from __future__ import annotations

from collections.abc import Sequence

SHOWN_NAMES = 20


def counted(number: int, noun: str, plural: str = "") -> str:
    """Spell a number with its noun: ``1 row``, ``2 rows``.

    Parameters
    ----------
    number : int
    noun : str
    plural : str, optional
        By default the noun with an s.

    Returns
    -------
    str
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def is_are(number: int) -> str:
    """The verb that goes with a number: ``is`` for 1, otherwise ``are``."""
    return "is" if number == 1 else "are"


def listed(names: Sequence[str]) -> str:
    """Spell names out, the first twenty of them.

    Parameters
    ----------
    names : sequence of str

    Returns
    -------
    str
    """
    shown = ", ".join(map(repr, names[:SHOWN_NAMES]))
    more = len(names) - SHOWN_NAMES
    return f"{shown} and {more} more" if more > 0 else shown
