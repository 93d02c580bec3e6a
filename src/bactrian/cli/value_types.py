"""Values of options: lists of names, ranges of K, and words or numbers."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

import click

from bactrian.vocabulary import DOF, SPIKES, Setting

MOST_COMPONENTS = 10_000


def names(text: str) -> tuple[str, ...]:
    """Words separated by commas.

    Raises
    ------
    click.BadParameter
        If one is empty.
    """
    found = tuple(name.strip() for name in text.split(","))
    if not all(found):
        raise click.BadParameter(f"{text!r} has an empty name; write a,b,c.")
    return found


def some_of(
    choices: tuple[str, ...], *, whole: tuple[str, ...] = ()
) -> Callable[[str], tuple[str, ...]]:
    """Type for some of several words, separated by commas; ``all`` if `whole` allows it."""
    known = ", ".join((*choices, "all") if whole else choices)

    def some(text: str) -> tuple[str, ...]:
        if whole and text == "all":
            return whole
        found = names(text)
        for name in found:
            if name not in choices:
                raise click.BadParameter(f"{name!r} is not one of {known}.")
        return tuple(dict.fromkeys(found))

    return some


def numbers(text: str) -> tuple[float, ...]:
    """Numbers separated by commas.

    Raises
    ------
    click.BadParameter
    """
    try:
        return tuple(float(number) for number in text.split(","))
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is not a list of numbers; write 0.5,0.3,0.2."
        ) from None


def probabilities(text: str) -> tuple[float, ...]:
    """Numbers above 0 and below 1, separated by commas.

    Raises
    ------
    click.BadParameter
    """
    found = numbers(text)
    if not all(0 < number < 1 for number in found):
        raise click.BadParameter(f"{text!r} has a number that is not above 0 and below 1.")
    return found


def column_value(text: str) -> tuple[str, float]:
    """A column with a value, ``waiting=60``.

    Raises
    ------
    click.BadParameter
    """
    column, _, value = text.rpartition("=")
    found = _finite(value)
    if not column or found is None:
        raise click.BadParameter(
            f"{text!r} is not a column with a finite value; write waiting=60."
        )
    return column, found


def counts(text: str) -> tuple[int, ...]:
    """Numbers of components, sorted: ``3``, ``1:9`` (both included) or ``1,2,5``.

    Raises
    ------
    click.BadParameter
    """
    found: set[int] = set()
    for part in text.split(","):
        first, colon, last = part.partition(":")
        try:
            low = int(first)
            high = int(last) if colon else low
        except ValueError:
            raise click.BadParameter(f"{text!r} is not of the form 3, 1:9 or 1,2,5.") from None
        if low < 1:
            raise click.BadParameter(f"{part!r} begins below 1.")
        if high < low:
            raise click.BadParameter(f"{part!r} ends before it begins.")
        if high > MOST_COMPONENTS:
            raise click.BadParameter(f"{part!r} goes beyond {MOST_COMPONENTS}.")
        found.update(range(low, high + 1))
    return tuple(sorted(found))


def word_or_number(setting: Setting) -> Callable[[str | float], str | float]:
    """Type for one of a setting's words, or a number that it can be."""
    words, number = tuple(setting.choices), setting.number
    assert number is not None
    wanted = f"neither {' nor '.join(words)} nor {number}" if words else f"not {number}"

    def value(text: str | float) -> str | float:
        if text in words:
            return text
        found = _whole(text) if number.whole else _finite(text)
        if found is None or found < number.least:
            raise click.BadParameter(f"{text!r} is {wanted}.")
        return found

    return value


def point_masses(text: str) -> str | tuple[str, tuple[float, ...]]:
    """``none``, ``auto``, or values, with their column before them: ``spend=0``, ``0,5``.

    Raises
    ------
    click.BadParameter
    """
    if text in SPIKES.choices:
        return text
    column, _, values = text.rpartition("=")
    try:
        return column, numbers(values)
    except click.BadParameter:
        words = " or ".join(SPIKES.choices)
        raise click.BadParameter(
            f"{text!r} is neither {words} nor values; write COLUMN=0 or COLUMN=0,10."
        ) from None


def positive(text: str | float) -> float:
    """A finite number above 0.

    Raises
    ------
    click.BadParameter
    """
    number = _finite(text)
    if number is None or number <= 0:
        raise click.BadParameter(f"{text!r} is not a number above 0.")
    return number


def distances(text: str | tuple[float, ...]) -> tuple[float, ...]:
    """Finite numbers above 0, separated by commas.

    Raises
    ------
    click.BadParameter
    """
    return text if isinstance(text, tuple) else tuple(map(positive, text.split(",")))


def share(text: str | float) -> float:
    """A number between 0 and 1.

    Raises
    ------
    click.BadParameter
    """
    number = _finite(text)
    if number is None or not 0 < number < 1:
        raise click.BadParameter(f"{text!r} is not a number between 0 and 1.")
    return number


def degrees_of_freedom(text: str | tuple[float, ...]) -> str | tuple[float, ...]:
    """``shared``, ``each``, or numbers above 0, separated by commas.

    Raises
    ------
    click.BadParameter
    """
    if text in DOF.choices or not isinstance(text, str):
        return text
    found = tuple(_finite(number) for number in text.split(","))
    if not all(number is not None and number > 0 for number in found):
        raise click.BadParameter(f"{text!r} is neither shared nor each nor numbers above 0.")
    return tuple(number for number in found if number is not None)


def jobs(text: str | int) -> int:
    """A number of threads: a whole number except 0; -1 for all processors.

    Raises
    ------
    click.BadParameter
    """
    count = _whole(text)
    if not count:
        raise click.BadParameter(
            f"{text!r} is not a number of threads; give 1 or more, or -1 for all."
        )
    return count


def seed(text: str | int) -> int:
    """A whole number from 0 to 2^32 - 1.

    Raises
    ------
    click.BadParameter
    """
    number = _whole(text)
    if number is None or not 0 <= number < 2**32:
        raise click.BadParameter(f"{text!r} is not a whole number from 0 to {2**32 - 1}.")
    return number


def _whole(text: str | float) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _finite(text: str | float) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
