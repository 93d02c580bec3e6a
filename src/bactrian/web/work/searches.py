"""Fit mixtures of several K and structures, compare them, and report the progress."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from bactrian.errors import FitInterrupted
from bactrian.estimators.conversion import in_units_of_data
from bactrian.estimators.table_fit import TableFit
from bactrian.selection.search.candidates import Candidate as Found
from bactrian.selection.search.candidates import at_the_edge, best_of
from bactrian.selection.search.search import select_mixture
from bactrian.web.face import PAGE
from bactrian.web.orders import Order
from bactrian.web.schema import Candidate, SearchProgress, SearchRequest, SearchResult
from bactrian.web.work.child import PART, WHOLE, Tell, finish
from bactrian.web.work.notes import notes_on
from bactrian.web.work.reading import rows_of

_NUMBERS = ("log_likelihood", "bic", "aic", "icl", "relative_entropy")


def search(order: Order, request: SearchRequest, tell: Tell) -> bytes:
    """Fit all candidates, and write ``result.json``."""
    settings = request.settings
    task = TableFit.of(
        rows_of(order, missing=settings.missing == "em"),
        standardize=settings.standardize,
        spikes=settings.parameters["spikes"],
    )
    parameters = task.settings(settings.parameters)
    for name in ("n_components", "covariance_type"):
        del parameters[name]
    task.check(min(request.n_components))
    offset = task.rows.total_weight * task.log_volume
    pairs = {(k, name) for k in request.n_components for name in request.covariance_types}
    known: list[Found] = []

    def observe(found: Found) -> None:
        known.append(found)
        told = SearchProgress(total=len(pairs), candidates=_rows(known, offset))
        tell(told.model_dump_json().encode())

    whole = True
    try:
        found = select_mixture(
            task.named,
            request.n_components,
            request.covariance_types,
            request.criterion,
            sample_weight=task.rows.weights,
            observe=observe,
            **parameters,
        ).candidates
    except FitInterrupted:
        if not known:
            raise KeyboardInterrupt from None
        found, whole = tuple(known), False
    finish()
    fitted = [one for one in found if one.failure is None]
    best, notes = None, []
    if fitted:
        winner = best_of(fitted, request.criterion)
        best = found.index(winner)
        of_best = in_units_of_data(winner.objections, task.scaling)
        notes = notes_on((*at_the_edge(found, winner), *of_best))
    result = SearchResult(
        criterion=request.criterion, candidates=_rows(found, offset), best=best, notes=notes
    )
    (order.folder / "result.json").write_bytes(result.model_dump_json().encode())
    return WHOLE if whole else PART


def _rows(found: Iterable[Found], offset: float) -> list[Candidate]:
    return [_told(one.shifted(offset)) for one in found]


def _told(one: Found) -> Candidate:
    values = {name: getattr(one, name) for name in _NUMBERS}
    numbers = {n: v if v is not None and isfinite(v) else None for n, v in values.items()}
    return Candidate(
        n_components=one.n_components,
        covariance_type=one.covariance_type,
        n_parameters=one.n_parameters,
        converged=one.converged,
        collapsed=one.collapsed,
        failure=one.failure_in(PAGE),
        **numbers,
    )
