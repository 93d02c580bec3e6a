"""Lists, arrays and objects in a model file, made of known kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.storage.kinds import Field, Kind, either, finite
from bactrian.storage.places import DocumentPlace, shown

# ---- lists


def listed(kind: Kind, *lengths: str | int, distinct: bool = False) -> Kind:
    """A list; the allowed lengths may be given, and all entries may have to differ."""

    def read(place: DocumentPlace, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise place.error(shown(value), "a list [...]")
        allowed = [size for length in lengths for size in place.shape([length])]
        if lengths and len(value) not in allowed:
            raise place.error(shown(value), f"a list of {' or '.join(map(str, allowed))}")
        found = [kind.read(place.at(i), entry) for i, entry in enumerate(value)]
        repeated = [name for name, n in Counter(found).items() if n > 1] if distinct else []
        if repeated:
            raise place.error(f"{shown(repeated[0])} more than once", "a list of different names")
        return found

    schema = _list(kind.schema, at_least_one=bool(lengths))
    if distinct:
        schema["uniqueItems"] = True
    size = f"({' or '.join(map(str, lengths))})" if lengths else "a list"
    return Kind(read, schema, f"{size}, each {kind.words}", kind.fields, f"[]{kind.path}")


def numbers(*shape: str | int, **limits: float) -> Kind:
    """Nested lists of finite numbers; limits are for the schema, as the mixture checks its own."""

    def read(place: DocumentPlace, value: Any) -> FloatArray:
        wanted = place.shape(shape)
        _check_nesting(place, value, wanted)
        return _array(place, value)

    schema: dict[str, Any] = {"type": "number", **limits}
    for size in reversed(shape):
        schema = _list(schema, at_least_one=True)
        if isinstance(size, int):
            schema |= {"minItems": size, "maxItems": size}
    return Kind(read, schema, f"({', '.join(map(str, shape))})")


def like(name: str, shapes: dict[tuple[str, ...], list[str]]) -> Kind:
    """Numbers with a known shape; `shapes` says which shape belongs to which names."""
    kinds = [numbers(*shape) for shape in shapes]
    words = "; ".join(
        f"{kind.words} for {', '.join(names)}"
        for kind, names in zip(kinds, shapes.values(), strict=True)
    )
    return Kind(numbers(name).read, either(*(kind.schema for kind in kinds)), words)


def _check_nesting(place: DocumentPlace, value: Any, shape: Sequence[int]) -> None:
    if not shape:
        if type(value) not in (int, float):
            raise place.error(shown(value), "a number")
        return
    if not isinstance(value, list) or len(value) != shape[0]:
        raise place.error(shown(value), f"a list of {shape[0]}")
    if len(shape) == 1 and set(map(type, value)) <= {int, float}:
        return
    for i, entry in enumerate(value):
        _check_nesting(place.at(i), entry, shape[1:])


def _array(place: DocumentPlace, value: Any) -> FloatArray:
    try:
        array = np.array(value, dtype=np.float64)
    except OverflowError:
        raise place.error("a number beyond float64", "finite") from None
    bad = ~np.isfinite(array)
    if bad.any():
        raise place.at(*np.argwhere(bad)[0].tolist()).error("a number beyond float64", "finite")
    return array


# ---- objects


def record(*fields: Field, open: bool = False) -> Kind:
    """An object with these fields; an open one may lack some, and may have others of any kind."""
    needed = [entry.name for entry in fields if not (open or entry.optional)]

    def read(place: DocumentPlace, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise place.error(shown(value), "an object {...}")
        known = {entry.name: entry.kind for entry in fields if entry.since <= place.version}
        for name in known:
            if name in needed and name not in value:
                raise place.at(name).error("nothing", "given", "Save the model again.")
        for name in value if not open else ():
            if name not in known:
                here = replace(place, name=place.name or "the field", or_null=False)
                wanted = f"one of {', '.join(known)}"
                raise here.error(f"the unknown {shown(name)}", wanted, "Leave it out.")
        newer: dict[str, Any] = dict.fromkeys(n for n in needed if n not in known)
        return newer | {
            name: known.get(name, ANY).read(place.at(name), entry)
            for name, entry in _ordered(value, known)
        }

    properties = {entry.name: _described(entry) for entry in fields}
    schema: dict[str, Any] = {"type": "object"}
    if not open:
        schema |= {"required": needed, "additionalProperties": False}
    if properties:
        schema["properties"] = properties
    return Kind(read, schema, "an object", () if open else fields)


def _ordered(value: dict[str, Any], known: dict[str, Kind]) -> Iterator[tuple[str, Any]]:
    """The known fields in their order, then the others."""
    for name in known:
        if name in value:
            yield name, value[name]
    for name, entry in value.items():
        if name not in known:
            yield name, entry


def _described(entry: Field) -> dict[str, Any]:
    return {"description": entry.meaning, **entry.kind.schema}


def _read_any(place: DocumentPlace, value: Any) -> Any:
    if isinstance(value, dict):
        for name, entry in value.items():
            _read_any(place.at(name), entry)
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            _read_any(place.at(i), entry)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        finite(place, value)
    return value


ANY = Kind(_read_any, {}, "any value whose numbers are finite")


def _list(items: dict[str, Any], *, at_least_one: bool) -> dict[str, Any]:
    return {"type": "array", "items": items, **({"minItems": 1} if at_least_one else {})}
