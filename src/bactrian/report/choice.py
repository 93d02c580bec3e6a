"""What a search over models found, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Any

from bactrian.phrases import counted
from bactrian.report.grid import Column, Line, grid, heading, wrapped
from bactrian.report.likelihood_ratio import test_lines
from bactrian.report.numbers import nats, plain

_BEST, _COLLAPSED, _NOT_CONVERGED, _FAILED, _SAME = "*", "!", "~", "-", "="
_OF_CERTAINTY = (
    "Certainty: relative entropy, 1 if the component of each row is certain, 0 if nothing is "
    "known of it."
)
_SIGNS = {"lower": "lower is better", "mclust": "mclust's sign: higher is better"}


def write_candidates(path: str, document: dict[str, Any]) -> None:
    """Write the document to a .json file, or its candidates as a table.

    Parameters
    ----------
    path : str
        Its extension names the format.
    document : dict
    """
    from bactrian.report.document import as_json
    from bactrian.storage.files import write_whole
    from bactrian.tables.write import write_table

    if path.lower().endswith(".json"):
        write_whole(path, f"{as_json(document)}\n".encode())
        return
    records = document["candidates"]
    names = [name for name in records[0] if name != "objections"]  # told by the warnings
    columns = {name: [record[name] for record in records] for name in names}
    write_table(path, list(columns), [_filled(column) for column in columns.values()])


def _filled(column: list[Any]) -> list[Any]:
    """A column of one type: numbers (NaN if missing) or text."""
    if any(isinstance(value, str | tuple) for value in column):
        return ["; ".join(v) if isinstance(v, tuple) else v or "" for v in column]
    if any(value is None for value in column):
        return [nan if value is None else float(value) for value in column]
    return column


def choice_lines(document: dict[str, Any], width: int, warnings: Sequence[str]) -> list[Line]:
    """A table of K against structure, and the best model.

    Parameters
    ----------
    document : dict
    width : int
    warnings : sequence of str
        What speaks against the choice and against the best.

    Returns
    -------
    list of Line
    """
    criterion, candidates = document["criterion"], document["candidates"]
    data = document["data"]
    rows = counted(data["n_samples"], "row")
    columns = counted(document["model"]["n_features"], "column")
    sign = document["sign"]
    title = f"{criterion.upper()} of {counted(len(candidates), 'model')} ({_SIGNS[sign]})"
    lines = wrapped(title, width, "", "bold")
    lines += wrapped(f"{document['source']}: {rows}, {columns}", width, "")
    lines += [Line(), *_table(candidates, criterion, width), *_legend(candidates, width)]
    lines += heading("Best")
    ranked = sorted((c for c in candidates if c["rank"]), key=lambda c: c["rank"])
    lines += _ranking([one for one in ranked if not one["same_as"]][:5], criterion, sign, width)
    lines += _doubts(warnings, width)
    if "bootstrap_test" in document:
        lines += test_lines(document["bootstrap_test"], width)
    return lines


def _table(candidates: list[dict[str, Any]], criterion: str, width: int) -> list[Line]:
    cells = {
        (one["n_components"], one["covariance_type"]): _cell(one, criterion) for one in candidates
    }
    counts = list(dict.fromkeys(count for count, _ in cells))
    kinds = list(dict.fromkeys(kind for _, kind in cells))
    columns = [Column(f"{kind} ", [cells[count, kind] for count in counts]) for kind in kinds]
    digits = max(len(str(count)) for count in counts)
    labels = [f"{count:>{digits}}" for count in counts]
    lines = grid("components", labels, columns, width)
    return [
        Line(line.text.rstrip(), "bold" if _BEST in line.text else line.style) for line in lines
    ]


def _cell(candidate: dict[str, Any], criterion: str) -> str:
    """The criterion, with a mark."""
    if candidate["failure"]:
        return f"{_FAILED} "
    mark = " "
    if candidate["rank"] == 1:
        mark = _BEST
    elif candidate["collapsed"]:
        mark = _COLLAPSED
    elif not candidate["converged"]:
        mark = _NOT_CONVERGED
    elif candidate["same_as"]:
        mark = _SAME
    return nats(candidate[criterion]) + mark


def _legend(candidates: list[dict[str, Any]], width: int) -> list[Line]:
    marks = [f"{_BEST} the best"]
    if any(one["collapsed"] for one in candidates):
        marks.append(f"{_COLLAPSED} a component collapsed")
    if any(not (one["converged"] or one["collapsed"] or one["failure"]) for one in candidates):
        marks.append(f"{_NOT_CONVERGED} not converged")
    if any(one["same_as"] for one in candidates):
        marks.append(f"{_SAME} the same model as one to the left")
    if any(one["failure"] for one in candidates):
        marks.append(f"{_FAILED} could not be fitted")
    return [Line(), *wrapped(", ".join(marks), width, style="dim")]


def _ranking(ranked: list[dict[str, Any]], criterion: str, sign: str, width: int) -> list[Line]:
    top, side = ranked[0][criterion], "below" if sign == "mclust" else "above"
    columns = [
        Column(criterion.upper(), [nats(one[criterion]) for one in ranked]),
        Column(f"{side} the best", [_distance(one[criterion], top) for one in ranked]),
        Column("log-likelihood", [nats(one["log_likelihood"]) for one in ranked]),
        Column("parameters", [str(one["n_parameters"]) for one in ranked]),
        Column("certainty", plain([one["relative_entropy"] for one in ranked], 3)),
    ]
    digits = max(len(str(one["n_components"])) for one in ranked)
    labels = [f"{one['n_components']:>{digits}} {one['covariance_type']}" for one in ranked]
    lines = grid("model", labels, columns, width)
    return [*lines, *wrapped(_OF_CERTAINTY, width, style="dim")]


def _distance(value: float | None, top: float | None) -> str:
    return nats(None if value is None or top is None else abs(value - top))


def _doubts(warnings: Sequence[str], width: int) -> list[Line]:
    lines = [Line()] if warnings else []
    for warning in warnings:
        lines += wrapped(warning, width, "  ! ", "yellow")
    return lines
