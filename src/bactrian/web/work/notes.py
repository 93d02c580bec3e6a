"""What speaks against a fit, in plain words, with the input that would change it."""

from __future__ import annotations

from collections.abc import Iterable

from bactrian.objections import (
    KINDS,
    Collapse,
    CollapsedStarts,
    EmptyRows,
    FewRows,
    Interrupted,
    Limit,
    MoreCollapses,
    NoCounts,
    Objection,
    OnBothSides,
    OnSpike,
    SmallComponent,
    StartsDisagree,
    words,
)
from bactrian.phrases import counted
from bactrian.report.numbers import small
from bactrian.web.schema import Note
from bactrian.web.work.child import TIME, why_stopped

_GRAVEST = (
    Interrupted,
    Limit,
    Collapse,
    MoreCollapses,
    OnSpike,
    NoCounts,
    FewRows,
    SmallComponent,
    OnBothSides,
    StartsDisagree,
    CollapsedStarts,
    EmptyRows,
)
_ORDER = list(dict.fromkeys((*_GRAVEST, *KINDS.values())))


def notes_on(objections: Iterable[Objection]) -> list[Note]:
    """Notes on a fit, the most serious first.

    Parameters
    ----------
    objections : iterable of Objection
    """
    ranked = sorted(objections, key=lambda one: _ORDER.index(type(one)))
    return [note_on(one) for one in ranked]


def note_on(objection: Objection) -> Note:
    """One objection in the words of the page."""
    text, field = _said(objection)
    return Note(kind=objection.kind, text=text, field=field)


def _said(objection: Objection) -> tuple[str, str | None]:
    """The words, and the input to change."""
    match objection:
        case Interrupted(n_iter, n_samples):
            why = "came to the time limit of this server and " if why_stopped() == TIME else ""
            return (
                f"The fit {why}was stopped after {counted(n_iter, 'iteration')}; this is its best "
                "result, but not a maximum. The log-likelihood is that of "
                f"{counted(n_samples, 'row')}.",
                None,
            )
        case Limit(max_iter):
            return (
                f"Stopped at the limit of {counted(max_iter, 'iteration')}, before the "
                "likelihood stopped rising. Allow more iterations, or a greater tolerance.",
                "max_iter",
            )
        case Collapse(component) if objection.dead:
            return (
                f"Component {component + 1} died: it has no rows left. Take fewer components, "
                "or more starts.",
                "n_components",
            )
        case Collapse(component, held, smallest):
            rows = f"{held:.3g}"
            return (
                f"Component {component + 1} is near collapse: it holds about {rows} "
                f"row{'' if rows == '1' else 's'} and has shrunk to {small(smallest)} of the "
                "columns' standard deviations. Its high likelihood says nothing about the data. "
                "Take fewer components, a simpler structure, or the default prior.",
                "prior",
            )
        case FewRows(rows, parameters):
            return (
                f"{counted(rows, 'row')} for {counted(parameters, 'free parameter')} are few: "
                "the estimates are uncertain. Take fewer components, or a structure with fewer "
                "parameters.",
                "covariance_type",
            )
        case SmallComponent(component, held, parameters):
            return (
                f"Component {component + 1} holds about {held:.2g} rows, few for "
                f"{counted(parameters, 'parameter')} of its own: it may be an accident of these "
                "rows. Take fewer components, or a structure with fewer parameters.",
                "covariance_type",
            )
        case NoCounts(weight, rows):
            return (
                f"The weights of {counted(rows, 'row')} sum to {weight:g}, and BIC and the other "
                "criteria take that for the number of rows: a likelihood of so many rows is "
                "weighed against the parameters. Give counts as weights: how many rows each "
                "stands for. Or give none.",
                "weights",
            )
        case OnBothSides(component, between, low, high):
            others = " and ".join(str(k + 1) for k in between)
            return (
                f"Component {component + 1} is the most probable up to {low:g} and again from "
                f"{high:g} on, on both sides of component{'s' * (len(between) > 1)} {others}: its "
                "wider curve is the higher one far out. If that makes no sense, take one variance "
                "for all (the structure tied), or more components.",
                "covariance_type",
            )
        case StartsDisagree(starts, shortfalls):
            fell = ""
            if shortfalls:
                fell = f" The others ended {small(min(shortfalls))}"
                fell += (
                    f" to {small(max(shortfalls))} nats lower."
                    if len(shortfalls) > 1
                    else " nats lower."
                )
            return (
                f"Starts disagree: only one of {starts} led to this optimum."
                f"{fell} More starts may find a better one.",
                "n_init",
            )
        case CollapsedStarts(collapsed, starts):
            verb = "does" if collapsed == 1 else "do"
            return (
                f"{collapsed} of {counted(starts, 'start')} ended with a component collapsed onto "
                f"a few rows, and {verb} not count. A structure with fewer parameters, or fewer "
                "components, may suit the data better.",
                "covariance_type",
            )
    said = words(objection).rstrip(".")
    return f"{said[:1].upper()}{said[1:]}.", None
