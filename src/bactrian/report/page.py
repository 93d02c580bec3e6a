"""The report of a fit as a page of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bactrian.phrases import counted
from bactrian.report.grid import Column, Line, facts, grid, heading, shortened, wrapped
from bactrian.report.mixture import mixture_lines, title_lines
from bactrian.report.numbers import nats, plain, small
from bactrian.report.posterior import prior_lines, summary_lines

_MOST_OPTIMA = 10
_OF_DISTANCE = (
    "Distance: the largest distance of a mean from its counterpart in the best, in standard "
    "deviations of the columns."
)
_OF_COLLAPSE = (
    "Collapsed: a component shrank onto a few rows, where the likelihood has no bound; it says "
    "nothing."
)


def page(document: dict[str, Any], width: int, warnings: Sequence[str]) -> list[Line]:
    """Lay out a document; leave out sections that it does not have.

    Parameters
    ----------
    document : dict
        As :mod:`bactrian.report.document` makes it.
    width : int
        Of the terminal.
    warnings : sequence of str
        What speaks against the fit, in the words of whoever shows the page.

    Returns
    -------
    list of Line
    """
    lines = title_lines(document["model"], width)
    lines += wrapped(_origin(document), width, "")
    if "component_names" in document:
        lines += wrapped(_components(document["component_names"]), width, "")
    lines += mixture_lines(document["model"], width)
    if "missing" in document.get("data", {}):
        lines += _missing(document["data"], width)
    fit = document.get("fit", {})
    if fit:
        lines += _fit(fit, width)
    if "posterior" in document:
        lines += prior_lines(document["posterior"], width)
        lines += summary_lines(document["posterior"], width)
    if "certainty" in document:
        lines += _certainty(document["certainty"], document["model"]["n_components"], width)
    if "certificate" in document:
        lines += _certificate(document["certificate"], fit, width)
    if document.get("optima") and fit["n_runs"] > 1:
        lines += _optima(document, fit["n_runs"], width)
    lines += warning_lines(warnings, width)
    return lines


def warning_lines(warnings: Sequence[str], width: int) -> list[Line]:
    """Lay out warnings one after another; no lines without warnings.

    Parameters
    ----------
    warnings : sequence of str
    width : int

    Returns
    -------
    list of Line
    """
    if not warnings:
        return []
    lines = heading("Warnings")
    for warning in dict.fromkeys(warnings):
        lines += wrapped(warning, width, "  ! ", "yellow")
    return lines


def _origin(document: dict[str, Any]) -> str:
    columns = counted(document["model"]["n_features"], "column")
    data = document.get("data", {})
    text = f"{document['source']}: "
    if "n_samples" in data:
        text += f"{counted(data['n_samples'], 'row')}, "
    text += columns
    weight = data.get("weight")
    if weight is not None and weight != data.get("n_samples"):
        text += f", row weights that sum to {weight:.6g}"
    if "labelled" in data:
        text += f"; the component of {counted(data['labelled'], 'row')} is known"
    return text


def _components(names: Sequence[str | None]) -> str:
    told = (f"{k} {name}" for k, name in enumerate(names, 1) if name is not None)
    return f"Components by name: {', '.join(told)}"


def _missing(data: dict[str, Any], width: int) -> list[Line]:
    """How many values are missing, and of which columns."""
    missing, n_samples = data["missing"], data["n_samples"] + data["missing"]["empty_rows"]
    empty = ""
    if missing["empty_rows"]:
        empty = f"; {missing['empty_rows']} without any value are ignored"
    rows = [("rows not complete", str(missing["rows"]), f"of {n_samples}{empty}")]
    rows += [
        (shortened(name), str(count), f"{count / n_samples:.1%} of the rows")
        for name, count in missing["values"].items()
        if count
    ]
    return heading("Missing values") + facts(rows, width)


def _fit(fit: dict[str, Any], width: int) -> list[Line]:
    rows = []
    if "log_likelihood" in fit:
        free = counted(fit["n_parameters"], "free parameter") if "n_parameters" in fit else ""
        rows.append(("log-likelihood", nats(fit["log_likelihood"]), free))
    if "log_posterior" in fit:
        said = "with the prior's part, up to a constant: this was maximised"
        rows.append(("log-posterior", nats(fit["log_posterior"]), said))
    for name in ("bic", "aic"):
        rows += [(name.upper(), nats(fit[name]), "lower is better")] if name in fit else []
    if "n_iter" in fit:
        runs = fit.get("n_runs", 1)
        rows.append(("iterations", str(fit["n_iter"]), f"best of {runs} runs" if runs > 1 else ""))
    if "converged" in fit:
        rows.append(("converged", "yes" if fit["converged"] else "NO", fit.get("reason", "")))
    return heading("Fit") + facts(rows, width) if rows else []


def _certainty(certainty: dict[str, Any], n_components: int, width: int) -> list[Line]:
    """How certain the components of the rows are; nothing if there is but one."""
    share = certainty["relative_entropy"]
    if share is None:
        return []
    said = "1: the component of each row is certain; 0: the rows say nothing of it"
    titles = [*map(str, range(1, n_components + 1)), "noise"]
    (shown,), cells = plain([share], 3), plain(certainty["probabilities"], 3)
    columns = [Column(title, [cell]) for title, cell in zip(titles, cells, strict=False)]
    return (
        heading("Certainty of the components of rows")
        + facts([("relative entropy", shown, said)], width)
        + grid("component", ["mean largest probability"], columns, width)
    )


def _certificate(certificate: dict[str, Any], fit: dict[str, Any], width: int) -> list[Line]:
    rate = certificate["rate"]
    rated = "below 1 at a maximum; the nearer to 1, the slower EM"
    tol = f"; tol is {fit['tol']:g}" if "tol" in fit else ""
    rows = [
        ("gain still to come", small(certificate["gain_to_come"]), f"nats a row, estimated{tol}"),
        ("largest score entry", small(certificate["score"]), "0 at a maximum"),
        ("rate of EM", small(rate), "" if rate is None else rated),
    ]
    return heading("Certificate") + facts(rows, width)


def _optima(document: dict[str, Any], runs: int, width: int) -> list[Line]:
    optima = document["optima"]
    sampled = document.get("optima_samples", document["data"]["n_samples"])
    on_sample = sampled < document["data"]["n_samples"]
    where = f", on a sample of {sampled} rows" if on_sample else ""
    how = ", from all splits of the rows" if document.get("every_split") else ""
    lines = heading(f"Optima found{where}{how}")
    shown = optima[:_MOST_OPTIMA]
    columns = [
        Column("log-likelihood", [nats(optimum["log_likelihood"]) for optimum in shown]),
        Column("shortfall", [_shortfall(optimum) for optimum in shown]),
        Column("distance", plain([optimum["distance"] for optimum in shown], 3)),
    ]
    labels = [f"{optimum['times']} of {runs}" for optimum in shown]
    lines += grid("runs", labels, columns, width)
    if len(optima) > len(shown):
        lines += wrapped(f"and {len(optima) - len(shown)} more", width, style="dim")
    if len(optima) > 1:
        lines += wrapped(_OF_DISTANCE, width, style="dim")
    if any(optimum["collapsed"] for optimum in optima):
        lines += wrapped(_OF_COLLAPSE, width, style="dim")
    return lines


def _shortfall(optimum: dict[str, Any]) -> str:
    return "collapsed" if optimum["collapsed"] else nats(optimum["shortfall"])
