"""What a search over models found: its document and its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bactrian.cli.report.grid import Column, Line, grid, heading, wrapped
from bactrian.cli.report.numbers import nats
from bactrian.cli.words import counted, in_options

if TYPE_CHECKING:
    from bactrian.selection.candidates import Selection

_BEST, _COLLAPSED, _NOT_CONVERGED, _FAILED = "*", "!", "~", "-"


def choice_document(selection: Selection, offset: float) -> dict[str, Any]:
    """Sections of the document that tell of the candidates.

    Parameters
    ----------
    selection : Selection
    offset : float
        Log-likelihood in the units of the fit minus that in those of the data.

    Returns
    -------
    dict
    """
    shifts = {"log_likelihood": -offset, "bic": 2 * offset, "aic": 2 * offset}
    candidates = selection.table()
    for candidate in candidates:
        for name, shift in shifts.items():
            if candidate[name] is not None:
                candidate[name] += shift
    best = selection.best
    return {
        "criterion": selection.criterion,
        "best": {"n_components": best.n_components, "covariance_type": best.covariance_type},
        "candidates": candidates,
    }


def choice_lines(document: dict[str, Any], width: int) -> list[Line]:
    """Table of K against structure, and what is best.

    Parameters
    ----------
    document : dict
    width : int

    Returns
    -------
    list of Line
    """
    criterion, candidates = document["criterion"], document["candidates"]
    data = document["data"]
    rows = counted(data["n_samples"], "row")
    columns = counted(document["model"]["n_features"], "column")
    title = f"{criterion.upper()} of {counted(len(candidates), 'model')} (lower is better)"
    lines = wrapped(title, width, "", "bold")
    lines += wrapped(f"{document['source']}: {rows}, {columns}", width, "")
    lines += [Line(), *_table(candidates, criterion, width), *_legend(candidates, width)]
    lines += heading("Best")
    ranked = sorted((c for c in candidates if c["rank"]), key=lambda c: c["rank"])
    lines += _ranking(ranked[:5], criterion, width)
    return lines + _doubts(ranked[0], width)


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
    """The criterion and a mark."""
    if candidate["failure"]:
        return f"{_FAILED} "
    mark = " "
    if candidate["rank"] == 1:
        mark = _BEST
    elif candidate["collapsed"]:
        mark = _COLLAPSED
    elif not candidate["converged"]:
        mark = _NOT_CONVERGED
    return nats(candidate[criterion]) + mark


def _legend(candidates: list[dict[str, Any]], width: int) -> list[Line]:
    marks = [f"{_BEST} the best"]
    if any(one["collapsed"] for one in candidates):
        marks.append(f"{_COLLAPSED} a component collapsed")
    if any(not (one["converged"] or one["collapsed"] or one["failure"]) for one in candidates):
        marks.append(f"{_NOT_CONVERGED} not converged")
    if any(one["failure"] for one in candidates):
        marks.append(f"{_FAILED} could not be fitted")
    return [Line(), *wrapped(", ".join(marks), width, style="dim")]


def _ranking(ranked: list[dict[str, Any]], criterion: str, width: int) -> list[Line]:
    top = ranked[0][criterion]
    columns = [
        Column(criterion.upper(), [nats(one[criterion]) for one in ranked]),
        Column("above the best", [nats(one[criterion] - top) for one in ranked]),
        Column("log-likelihood", [nats(one["log_likelihood"]) for one in ranked]),
        Column("parameters", [str(one["n_parameters"]) for one in ranked]),
    ]
    digits = max(len(str(one["n_components"])) for one in ranked)
    labels = [f"{one['n_components']:>{digits}} {one['covariance_type']}" for one in ranked]
    return grid("model", labels, columns, width)


def _doubts(best: dict[str, Any], width: int) -> list[Line]:
    if not best["warnings"]:
        return []
    lines = [Line()]
    for warning in best["warnings"]:
        lines += wrapped(in_options(warning), width, "  ! ", "yellow")
    return lines
