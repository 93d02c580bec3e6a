"""Notes on columns that are hardly measurements, and on numbers that may mean a missing value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bactrian.phrases import Column, ParameterValue, Part, Phrase, counted, listed
from bactrian.tables.choice import ALL, Choice
from bactrian.tables.kinds import Kind, kind_of
from bactrian.tables.sentinels import sentinels
from bactrian.tables.table import Table

_DESCRIBED, _SHOWN = 3, 8  # columns of one note


def with_doubts(table: Table, choice: Choice = ALL) -> Table:
    """Add notes on the columns of a table.

    Parameters
    ----------
    table : Table
    choice : Choice, optional
        Who names the columns knows what they are: only numbers in them may be doubtful.

    Returns
    -------
    Table
    """
    names = table.names if choice.last is None else table.names[:-1]
    notes = list(_on_codes(table, names))
    if choice.columns is None and len(names) > 1:
        kinds = {name: kind_of(table.values[:, j], name) for j, name in enumerate(names)}
        notes += _on_kinds(kinds)
    return replace(table, notes=(*table.notes, *notes)) if notes else table


def _on_codes(table: Table, names: Sequence[str]) -> Iterator[Part]:
    found: dict[float, list[tuple[int, str]]] = {}
    for j, name in enumerate(names):
        for one in sentinels(table.values[:, j]):
            found.setdefault(one.value, []).append((one.count, name))
    for value, places in found.items():
        count, name = places[0]
        others = [other for _, other in places[1:]]
        also = f" (and in {_some(others)})" if others else ""
        told = (
            f"{value:g} may mean a missing value: it is in {counted(count, 'row')} of "
            f"{name!r}{also}, far outside its other values; if it does, say so: "
        )
        yield Phrase(told, ParameterValue("missing_values", (f"{value:g}",)))


def _on_kinds(kinds: dict[str, Kind]) -> Iterator[Part]:
    codes = {name: kind for name, kind in kinds.items() if kind.name == "code"}
    naming = ("counter", "id", "date")
    others = {name: kind for name, kind in kinds.items() if kind.name in naming}
    if others:
        told = f"{_described(others, 'count or name the rows, or hold dates')}; "
        used = "it is" if len(others) == 1 else "they are"
        yield Phrase(f"{told}{used} used like any other column: ", *_leave_out(others))
    if codes:
        told = f"{_described(codes, 'take few different whole numbers, as codes do')}; "
        yield Phrase(f"{told}a component can collapse onto such a value: ", *_leave_out(codes))


def _described(kinds: dict[str, Kind], all_of_them: str) -> str:
    if len(kinds) > _DESCRIBED:
        return f"{_some(list(kinds))} {all_of_them}"
    return "; ".join(f"{name!r} {kind.why}" for name, kind in kinds.items())


def _leave_out(kinds: dict[str, Kind]) -> list[Part]:
    them = "it" if len(kinds) == 1 else "them"
    measured = "it is no measurement" if len(kinds) == 1 else "they are no measurements"
    if len(kinds) > _SHOWN:
        return [f"if {measured}, leave {them} out"]
    columns = tuple(Column(name) for name in kinds)
    return [f"if {measured}, leave {them} out: ", ParameterValue("exclude", columns)]


def _some(names: Sequence[str]) -> str:
    shown = listed(names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
