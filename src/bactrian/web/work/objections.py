"""What speaks against a fit: its own objections, and those that its document shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bactrian.core.covariance import STRUCTURES
from bactrian.core.em.stopping import ACCURACY
from bactrian.objections import (
    Collapse,
    CollapsedStarts,
    EmptyRows,
    FailedStart,
    FewRows,
    Limit,
    Objection,
    SmallComponent,
    StartsDisagree,
)
from bactrian.storage.ending import objections_of

Document = Mapping[str, Any]
NEAR = 0.25  # standard deviations between means of ends that are on one hill, as far as one sees
MENTIONED = 3  # small components


def objections_to(document: Document, training: Mapping[str, Any]) -> Iterator[Objection]:
    """All that speaks against a fit.

    Parameters
    ----------
    document : dict
        As :mod:`bactrian.report.document` makes it.
    training : mapping
        Of the same model.
    """
    own = [one for one in objections_of(training) if one != Limit(0)]  # no iteration was asked for
    yield from own
    few = any(isinstance(one, FewRows | Collapse) for one in own)
    if not few and "posterior" not in document:  # its components may be empty, and say so
        yield from _small_components(document)
    if not document.get("every_split"):  # of these each may lead elsewhere, and many collapse
        yield from _disagreement(document)
        if not any(isinstance(one, Collapse) for one in own):
            yield from _collapsed_starts(document)
    if empty := document["data"].get("missing", {}).get("empty_rows", 0):
        yield EmptyRows(empty)
    yield from map(FailedStart, document.get("failures", ()))


def _small_components(document: Document) -> Iterator[Objection]:
    """Components with few rows for their own means and covariances."""
    model, rows = document["model"], document["data"]["n_samples"]
    structure = STRUCTURES[model["covariance_type"]]
    n_features = len(model["means"][0])
    two, one = (structure.n_parameters(count, n_features) for count in (2, 1))
    own = n_features + two - one
    small_ones = [
        (share * rows, component)
        for component, share in enumerate(model["weights"])
        if share * rows < 2 * own
    ]
    for held, component in sorted(small_ones)[:MENTIONED]:
        yield SmallComponent(component, held, own)


def _disagreement(document: Document) -> Iterator[Objection]:
    """Starts agree if they differ by no more than the tolerance leaves open.

    That is ten times the tolerance, and ten times more if their means are near: on a flat hill
    they stop far from the top.
    """
    optima = document.get("optima", ())
    sound = [optimum for optimum in optima if not optimum["collapsed"]]
    slack = max(ACCURACY, 10 * document["fit"]["tol"]) * document.get("optima_samples", 0)

    def apart(optimum: Document) -> bool:
        near = optimum["distance"] <= NEAR
        return bool(optimum["shortfall"] > (10 * slack if near else slack))

    times = sum(optimum["times"] for optimum in sound if not apart(optimum))
    if len(optima) > 1 and times == 1:
        falls = tuple(optimum["shortfall"] for optimum in sound if apart(optimum))
        yield StartsDisagree(document["fit"].get("n_runs", 1), falls)


def _collapsed_starts(document: Document) -> Iterator[Objection]:
    """The objection if most starts collapsed, but not the one that gave the result."""
    optima, runs = document.get("optima", ()), document["fit"].get("n_runs", 1)
    times = sum(optimum["times"] for optimum in optima if optimum["collapsed"])
    if 2 * times >= runs:
        yield CollapsedStarts(times, runs)
