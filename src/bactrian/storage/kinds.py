"""What a value in a model file may be: how to read it, and its words in schema and docs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any, final

from bactrian.storage.places import DocumentPlace, shown

Reader = Callable[[DocumentPlace, Any], Any]


@final
@dataclass(frozen=True)
class Kind:
    """What a value may be.

    Parameters
    ----------
    read : callable
        The value of a JSON value at a place; what is of another kind is an error there.
    schema : dict
        The same as JSON Schema.
    words : str
        The same in words.
    fields : tuple of Field
        Of the objects that it is, or that are in it.
    path : str
        From the value to these.
    """

    read: Reader
    schema: dict[str, Any]
    words: str
    fields: tuple[Field, ...] = ()
    path: str = "."


@final
@dataclass(frozen=True)
class Field:
    """A field of an object.

    Parameters
    ----------
    name : str
    kind : Kind
    meaning : str
        In one line.
    of : callable, optional
        Its value in the document of a mixture.
    since : int
        Version of the format from which on it is there.
    optional : bool
        Whether it may be absent.
    """

    name: str
    kind: Kind
    meaning: str
    of: Callable[[Any], Any] | None = None
    since: int = 1
    optional: bool = False


# ---- single values


def constant(value: Any) -> Kind:
    """One value, which was checked before the other fields."""
    return Kind(lambda place, found: found, {"const": value}, f"`{_spelled(value)}`")


def one_of(choices: Iterable[str]) -> Kind:
    """One of several texts."""
    names = tuple(choices)

    def read(place: DocumentPlace, value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            raise place.error(shown(value), f"one of {', '.join(names)}")
        return value

    return Kind(read, {"enum": list(names)}, " ".join(f"`{_spelled(name)}`" for name in names))


def text(pattern: str | None = None) -> Kind:
    """Any text; the pattern is for the schema."""

    def read(place: DocumentPlace, value: Any) -> str:
        if not isinstance(value, str):
            raise place.error(shown(value), "text")
        return value

    return Kind(read, {"type": "string", **({"pattern": pattern} if pattern else {})}, "text")


def flag() -> Kind:
    """True or false."""

    def read(place: DocumentPlace, value: Any) -> bool:
        if not isinstance(value, bool):
            raise place.error(shown(value), "true or false")
        return value

    return Kind(read, {"type": "boolean"}, "true or false")


def whole(least: int = 0) -> Kind:
    """A whole number of at least `least`."""
    wanted = f"a whole number of at least {least}"

    def read(place: DocumentPlace, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise place.error(shown(value), wanted)
        return value

    return Kind(read, {"type": "integer", "minimum": least}, wanted)


def real(within: str = "", **limits: float) -> Kind:
    """A finite number, `within` the given limits of JSON Schema."""
    low, high = limits.get("minimum", -inf), limits.get("maximum", inf)
    above = limits.get("exclusiveMinimum", -inf)

    def read(place: DocumentPlace, value: Any) -> float:
        if type(value) not in (int, float):
            raise place.error(shown(value), "a number")
        number = finite(place, value)
        if not low <= number <= high or number <= above:
            raise place.error(repr(number), within)
        return number

    return Kind(read, {"type": "number", **limits}, f"a number {within}".rstrip())


def finite(place: DocumentPlace, value: float) -> float:
    """Convert a number to float64; refuse anything else."""
    try:
        number = float(value)
    except OverflowError:
        number = inf
    if not isfinite(number):
        raise place.error("a number beyond float64", "finite")
    return number


# ---- null


def nullable(kind: Kind) -> Kind:
    """The same kind, or null."""

    def read(place: DocumentPlace, value: Any) -> Any:
        return None if value is None else kind.read(replace(place, or_null=True), value)

    own = kind.schema
    schema = (
        {**own, "type": [own["type"], "null"]} if "type" in own else either({"type": "null"}, own)
    )
    return replace(kind, read=read, schema=schema, words=f"null or {kind.words}")


def either(*schemas: dict[str, Any]) -> dict[str, Any]:
    """Schema of a value of any of these kinds."""
    return {"anyOf": list(schemas)}


def _spelled(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
