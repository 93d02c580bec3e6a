"""How a fit ended and what speaks against it, as JSON: codes with facts, and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from math import inf
from typing import Any

from bactrian.core.em.ending import Ending
from bactrian.objections import KINDS, Objection, Remark, sentences


def told(ending: Ending, objections: Sequence[Objection]) -> dict[str, Any]:
    """The JSON of ending and objections: codes and facts, with words for human readers."""
    return {
        "ending": ending.value,
        "reason": ending.words,
        "objections": [record_of(one) for one in objections],
        "warnings": sentences(objections),
    }


def ending_of(training: Mapping[str, Any]) -> Ending | None:
    """How the fit ended; None if unknown. Older files have only the words."""
    codes = {one.value: one for one in Ending} | {one.words: one for one in Ending}
    return codes.get(training.get("ending", training.get("reason")))


def objections_of(training: Mapping[str, Any]) -> tuple[Objection, ...]:
    """What speaks against the fit; an older or newer file may have only the words."""
    records = training.get("objections", ())
    known = tuple(one for one in map(objection_of, records) if one is not None)
    if "objections" in training and len(known) == len(records):
        return known
    return tuple(Remark(text) for text in training.get("warnings", ()))


def record_of(objection: Objection) -> dict[str, Any]:
    """Kind and facts, as JSON."""
    return {"kind": objection.kind, **asdict(objection)}


def objection_of(record: Mapping[str, Any]) -> Objection | None:
    """The objection of a record; None if this kind or these facts are unknown.

    A null stands for a number that is not finite.
    """
    facts = {name: value for name, value in record.items() if name != "kind"}
    kind = KINDS.get(record.get("kind", ""))
    types = {} if kind is None else {entry.name: str(entry.type) for entry in fields(kind)}
    if kind is None or facts.keys() != types.keys():
        return None
    if not all(_IS[types[name]](value) for name, value in facts.items()):
        return None
    return kind(**{name: _fact(value) for name, value in facts.items()})


def _many(value: Any, *types: type) -> bool:
    return isinstance(value, list | tuple) and set(map(type, value)) <= {*types}


_IS: Mapping[str, Callable[[Any], bool]] = {
    "int": lambda value: type(value) is int,
    "float": lambda value: value is None or type(value) in (int, float),
    "str": lambda value: type(value) is str,
    "tuple[int, ...]": lambda value: _many(value, int),
    "tuple[float, ...]": lambda value: _many(value, int, float),
    "tuple[str, ...]": lambda value: _many(value, str),
}


def _fact(value: Any) -> Any:
    if value is None:
        return inf
    return tuple(value) if isinstance(value, list) else value
