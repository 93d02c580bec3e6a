"""How a fit ended and what speaks against it, as JSON: codes and facts, and the same in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from math import inf
from typing import Any

from bactrian.core.em.ending import Ending
from bactrian.objections import KINDS, Objection, Remark, sentences


def told(ending: Ending, objections: Sequence[Objection]) -> dict[str, Any]:
    """What is written of them: codes and facts, and the same in words for a reader of the file."""
    return {
        "ending": ending.value,
        "reason": ending.words,
        "objections": [record_of(one) for one in objections],
        "warnings": sentences(objections),
    }


def ending_of(training: Mapping[str, Any]) -> Ending | None:
    """How the fit ended; None if that is unknown. Files that are older have its words only."""
    codes = {one.value: one for one in Ending} | {one.words: one for one in Ending}
    return codes.get(training.get("ending", training.get("reason")))


def objections_of(training: Mapping[str, Any]) -> tuple[Objection, ...]:
    """What speaks against the fit; a file that is older, or newer, says it in words only."""
    records = training.get("objections", ())
    known = tuple(one for one in map(objection_of, records) if one is not None)
    if "objections" in training and len(known) == len(records):
        return known
    return tuple(Remark(text) for text in training.get("warnings", ()))


def record_of(objection: Objection) -> dict[str, Any]:
    """Kind and facts, to be written as JSON."""
    return {"kind": objection.kind, **asdict(objection)}


def objection_of(record: Mapping[str, Any]) -> Objection | None:
    """The objection of a record that was read; None if there is no such kind, or not these facts.

    What is null was no finite number.
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
