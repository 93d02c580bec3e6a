"""What speaks against a fit, in plain words, with the input that would change it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bactrian.core.covariance import STRUCTURES
from bactrian.core.em import LIMIT_REASON
from bactrian.core.em.stopping import ACCURACY
from bactrian.estimators.table_fit import TableFit
from bactrian.phrases import counted
from bactrian.report.numbers import small
from bactrian.web.schema import Note, Settings
from bactrian.web.work.child import TIME, why_stopped

Document = dict[str, Any]
NEAR = 0.25  # standard deviations between means of ends that are on one hill, as far as one sees


def notes_on(document: Document, settings: Settings, task: TableFit, *, whole: bool) -> list[Note]:
    """Notes on a fit, the gravest first.

    Parameters
    ----------
    document : dict
        As :mod:`bactrian.report.document` makes it.
    settings : Settings
    task : TableFit
    whole : bool
        Whether the fit came to its own end.
    """
    parts = (
        _interrupted(document, whole=whole),
        _limit(document, settings),
        _collapses(document),
        _few_rows(document),
        _small_components(document),
        _starts(document, settings),
        _collapsed_starts(document),
        _left_out(document),
        _others(document, whole=whole),
    )
    return [note for part in parts for note in part]


def _interrupted(document: Document, *, whole: bool) -> Iterator[Note]:
    if whole:
        return
    began = "The fit was stopped"
    if why_stopped() == TIME:
        began = "The fit came to the time limit of this server and was stopped"
    data, said = document["data"], ""
    if "optima_samples" not in document:
        said = f" after {counted(document['fit']['n_iter'], 'iteration')}"
    yield Note(
        kind="interrupted",
        text=f"{began}{said}; this is the best that it had found, and no maximum. Its "
        f"log-likelihood is of {counted(data['n_samples'], 'row')}.",
    )


def _limit(document: Document, settings: Settings) -> Iterator[Note]:
    if document["fit"]["reason"] == LIMIT_REASON and settings.max_iter:
        yield Note(
            kind="limit",
            text=f"Stopped at the limit of {counted(settings.max_iter, 'iteration')}, before the "
            "likelihood stood still. Allow more iterations, or a greater tolerance.",
            field="max_iter",
        )


def _collapses(document: Document) -> Iterator[Note]:
    for collapse in document.get("certificate", {}).get("collapses", ())[:5]:
        component, rows = collapse["component"], collapse["rows"]
        if rows == 0:
            yield Note(
                kind="collapse",
                text=f"Component {component} died: no row is left to it. Take fewer components, "
                "or more starts.",
                field="n_components",
            )
            continue
        yield Note(
            kind="collapse",
            text=f"Component {component} is near collapse: it holds about {rows:.3g} "
            f"row{'' if f'{rows:.3g}' == '1' else 's'} and has shrunk to "
            f"{small(collapse['smallest_deviation'])} of the columns' standard deviations. Its "
            "high likelihood says nothing of the data. Take fewer components, a simpler "
            "structure, or the default prior.",
            field="prior",
        )


def _is_scarce(document: Document) -> bool:
    """Whether the rows are few for all parameters."""
    return bool(document["data"]["n_samples"] < 2 * document["fit"]["n_parameters"])


def _few_rows(document: Document) -> Iterator[Note]:
    if _is_scarce(document):
        rows, parameters = document["data"]["n_samples"], document["fit"]["n_parameters"]
        yield Note(
            kind="few_rows",
            text=f"{counted(rows, 'row')} for {counted(parameters, 'free parameter')} are few: "
            "the estimates are uncertain. Take fewer components, or a structure with fewer "
            "parameters.",
            field="covariance_type",
        )


def _small_components(document: Document) -> Iterator[Note]:
    """Components of few rows for the means and covariances that are theirs alone."""
    model, rows = document["model"], document["data"]["n_samples"]
    if _is_scarce(document) or document.get("certificate", {}).get("collapses"):
        return
    structure = STRUCTURES[model["covariance_type"]]
    n_features = len(model["means"][0])
    two, one = (structure.n_parameters(count, n_features) for count in (2, 1))
    own = n_features + two - one
    small_ones = [
        (share * rows, component)
        for component, share in enumerate(model["weights"], start=1)
        if share * rows < 2 * own
    ]
    for held, component in sorted(small_ones)[:3]:
        yield Note(
            kind="few_rows",
            text=f"Component {component} holds about {held:.2g} rows, few for "
            f"{counted(own, 'parameter')} of its own: it may be an accident of these rows. Take "
            "fewer components, or a structure with fewer parameters.",
            field="covariance_type",
        )


def _starts(document: Document, settings: Settings) -> Iterator[Note]:
    """Starts have ended together if they are apart by no more than the tolerance leaves open.

    That is ten times itself; and ten times more if their means are near, for on a flat hill they
    stop far from the top.
    """
    runs = document["fit"].get("n_runs", 1)
    optima = document.get("optima", ())
    sound = [optimum for optimum in optima if not optimum["collapsed"]]
    slack = max(ACCURACY, 10 * settings.tol) * document.get("optima_samples", 0)

    def apart(optimum: Document) -> bool:
        near = optimum["distance"] <= NEAR
        return bool(optimum["shortfall"] > (10 * slack if near else slack))

    times = sum(optimum["times"] for optimum in sound if not apart(optimum))
    if len(optima) < 2 or times != 1:
        return
    falls = [optimum["shortfall"] for optimum in sound if apart(optimum)]
    fell = ""
    if falls:
        fell = f" The others fell short of it by {small(min(falls))}"
        fell += f" to {small(max(falls))} nats." if len(falls) > 1 else " nats."
    yield Note(
        kind="starts",
        text=f"Starts disagree: of {runs} that came to an end only one led to this optimum.{fell} "
        "More starts may find a better one.",
        field="n_init",
    )


def _collapsed_starts(document: Document) -> Iterator[Note]:
    """Most starts came to nothing, where the result is of another."""
    optima, runs = document.get("optima", ()), document["fit"].get("n_runs", 1)
    times = sum(optimum["times"] for optimum in optima if optimum["collapsed"])
    if 2 * times >= runs and not document.get("certificate", {}).get("collapses"):
        count = "does" if times == 1 else "do"
        yield Note(
            kind="starts",
            text=f"{times} of {counted(runs, 'start')} ended with a component collapsed onto a "
            f"few rows, and {count} not count. A structure with fewer parameters, or fewer "
            "components, may suit the data better.",
            field="covariance_type",
        )


def _left_out(document: Document) -> Iterator[Note]:
    empty = document["data"].get("missing", {}).get("empty_rows", 0)
    if empty:
        yield Note(
            kind="data",
            text=f"{counted(empty, 'row')} without any value count{'s' * (empty == 1)} for "
            "nothing.",
        )


def _others(document: Document, *, whole: bool) -> Iterator[Note]:
    """What the library says beside all this."""
    known = ("component ", "so are ", "stopped at the limit", "the fit was interrupted")
    for warning in document.get("warnings", ()):
        if warning.startswith(known) or " rows are few for " in warning:
            continue
        yield Note(kind="other", text=f"{warning[:1].upper()}{warning[1:]}.")
    for failure in document.get("failures", ()):
        yield Note(kind="other", text=f"A start failed: {failure}")
