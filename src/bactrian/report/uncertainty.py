"""What a bootstrap found: its document, its table for files, and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bactrian.phrases import counted
from bactrian.report.grid import Column, Line, grid, heading, shortened, wrapped
from bactrian.report.mixture import MOST_FEATURES
from bactrian.report.numbers import aligned, resolved

if TYPE_CHECKING:
    from bactrian.selection.bootstrap.uncertainty import Bootstrap

NUMBERS = {
    "estimate": "estimate",
    "standard_error": "std. error",
    "low": "low",
    "high": "high",
}
_ALL = "All components"


def bootstrap_document(found: Bootstrap, names: list[str], interval: str) -> dict[str, Any]:
    """Sections of the document about the resamples and the parameters.

    Parameters
    ----------
    found : Bootstrap
    names : list of str
        Of the features.
    interval : str
        Kind of intervals.

    Returns
    -------
    dict
        Components are counted from 1.
    """
    position = {called: i for i, called in enumerate(found.feature_names)}
    records = found.table(interval)
    for record in records:
        if record["component"] is not None:
            record["component"] += 1
        for field in ("feature", "other_feature"):
            if record[field] is not None:
                record[field] = names[position[record[field]]]
    return {
        "method": found.method,
        "interval": interval,
        "confidence_level": found.confidence_level,
        "n_resamples": found.n_resamples,
        "n_done": found.n_done,
        "n_switched": found.n_switched,
        "n_unfinished": found.n_unfinished,
        "failures": found.failures,
        "warnings": found.warnings,
        "seconds": found.seconds,
        "parameters": records,
        **_thresholds(found, interval),
    }


def _thresholds(found: Bootstrap, interval: str) -> dict[str, Any]:
    """For one column: where the most probable component changes, and how certain that is."""
    n_components, n_features = found.estimates.means.shape
    if n_features > 1 or n_components == 1 or found.estimates.noise_weight is not None:
        return {}
    records = found.thresholds(interval)
    return {
        "thresholds": [
            {**record, "below": record["below"] + 1, "above": record["above"] + 1}
            for record in records
        ]
    }


def bootstrap_columns(document: dict[str, Any]) -> tuple[list[str], list[Any]]:
    """Names and columns of the table for files; empty text for what does not apply.

    Parameters
    ----------
    document : dict

    Returns
    -------
    names : list of str
    columns : list of list
    """
    records = document["parameters"]
    names = list(records[0])

    def cells(name: str) -> list[Any]:
        if name in NUMBERS:
            return [record[name] for record in records]
        return ["" if record[name] is None else str(record[name]) for record in records]

    return names, [cells(name) for name in names]


def bootstrap_lines(document: dict[str, Any], width: int) -> list[Line]:
    """A table of each component's parameters, with standard errors and intervals.

    Parameters
    ----------
    document : dict
    width : int

    Returns
    -------
    list of Line
    """
    method, level = document["method"].capitalize(), document["confidence_level"]
    kind = document["interval"].replace("_", "-")
    resamples = counted(document["n_done"], "resample")
    title = f"{method} bootstrap of {resamples}, {kind} intervals of {100 * level:g} %"
    lines = wrapped(title, width, "", "bold")
    n_features = len(document["model"]["feature_names"])
    size = f"{counted(document['data']['n_samples'], 'row')}, {counted(n_features, 'column')}"
    lines += wrapped(f"{document['source']}: {size}", width, "")
    shown = document["parameters"]
    if n_features > MOST_FEATURES:
        shown = [record for record in shown if record["parameter"] != "covariance"]
    titles = {
        record["component"]: f"Component {record['component']}" if record["component"] else _ALL
        for record in shown
    }
    for component in sorted(titles, key=lambda number: number or len(titles) + len(shown)):
        lines += heading(titles[component])
        lines += _grid([one for one in shown if one["component"] == component], width)
    if document.get("thresholds"):
        lines += heading("Thresholds")
        lines += _grid([_as_parameter(cut) for cut in document["thresholds"]], width)
    if len(shown) < len(document["parameters"]):
        lines += [Line(), *wrapped("Covariances: see them with --json or -o.", width, "", "dim")]
    return lines


def _as_parameter(cut: dict[str, Any]) -> dict[str, Any]:
    """A threshold in the form of a parameter."""
    called = f"component {cut['below']} or {cut['above']}"
    features = dict.fromkeys(("feature", "other_feature"))
    return {**cut, **features, "parameter": called, "estimate": cut["value"]}


def _grid(records: list[dict[str, Any]], width: int) -> list[Line]:
    rows = [_cells([record[name] for name in NUMBERS]) for record in records]
    columns = [Column(title, [row[j] for row in rows]) for j, title in enumerate(NUMBERS.values())]
    return grid("parameter", [_label(record) for record in records], columns, width)


def _cells(values: list[float]) -> list[str]:
    """Numbers with the digits that the standard error supports, and two more."""
    error = values[1]
    return resolved(values, error / 50) if error > 0 else aligned(values)


def _label(record: dict[str, Any]) -> str:
    features = [record[field] for field in ("feature", "other_feature")]
    words = ", ".join(shortened(name, 16) for name in features if name is not None)
    kind = {"dof": "degrees of freedom", "noise_weight": "weight of the noise"}
    return f"{kind.get(record['parameter'], record['parameter'])} {words}".strip()
