"""What a posterior says of each parameter, and the prior: their document, and their page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from bactrian.core.values.posterior import HELD
from bactrian.phrases import counted
from bactrian.report.grid import Column, Line, facts, grid, heading, shortened, wrapped
from bactrian.report.names import names_of
from bactrian.report.numbers import aligned, nats, plain, resolved, small
from bactrian.storage.posterior import posterior_of

if TYPE_CHECKING:
    from bactrian.bayes.marginals import Marginals
    from bactrian.bayes.summary import PosteriorSummary
    from bactrian.core.values.posterior import Posterior
    from bactrian.storage import MixtureModel

Record = dict[str, Any]

LEVEL = 0.95
MOST_FEATURES = 12  # with more, a document of a fit is without correlations
NUMBERS = {
    "mean": "mean", "mode": "mode", "deviation": "deviation", "low": "low", "high": "high",
}  # fmt: skip
PROCESS = "infinitely many components, a Dirichlet process of concentration"
_KINDS = {
    "dirichlet_process": PROCESS,
    "dirichlet_distribution": "a Dirichlet distribution of concentration",
}


def posterior_document(
    model: MixtureModel, level: float, *, correlations: bool | None = None
) -> Record:
    """Section of the document about the posterior, in the units of the data.

    Parameters
    ----------
    model : MixtureModel
        That has a posterior.
    level : float
        Probability of each interval.
    correlations : bool, optional
        Whether they are told; by default if the columns are few.

    Returns
    -------
    dict
        Components are counted from 1.
    """
    from bactrian.bayes.summary import PosteriorSummary  # with SciPy's distributions, slow to load

    training = model.training
    posterior = posterior_of(model.parameters, training)
    assert posterior is not None
    said, prior = PosteriorSummary(posterior, level, model.scaling), posterior.prior
    names, told = names_of(model), training["posterior"]
    empty = told.get("empty") or [None] * posterior.n_components
    if correlations is None:
        correlations = len(names) <= MOST_FEATURES
    few = said.mean_scales if correlations else None
    scales = [None] * posterior.n_components if few is None else list(few[0])
    tails = [None] * posterior.n_components if few is None else few[1].tolist()
    held = zip(posterior.counts.tolist(), empty, scales, tails, strict=True)
    return {
        "level": level,
        "evidence_bound": training.get("evidence_bound"),
        "components": [
            {
                "component": k,
                "rows": rows,
                "probability_empty": share,
                "mean_scale": scale,
                "mean_dof": dof,
            }
            for k, (rows, share, scale, dof) in enumerate(held, 1)
        ],
        "concentration": _numbers(said.concentration, ()),
        "prior": _prior(posterior, PosteriorSummary(prior.alone, level, model.scaling), model),
        "parameters": list(_parameters(said, names, correlations=correlations)),
    }


def _prior(posterior: Posterior, before: PosteriorSummary, model: MixtureModel) -> Record:
    """What was known before: of one component as intervals, and in its own numbers."""
    prior = posterior.prior
    shares, weight = prior.shares, float(model.training.get("weight") or posterior.counts.sum())
    return {
        "weight_concentration_prior_type": shares.kind,
        "weight_concentration_prior": shares.concentration,
        "weight_concentration_hyperprior": shares.hyperprior,
        "mean_precision_prior": prior.mean_precision,
        "degrees_of_freedom_prior": prior.dof,
        "expected_components": shares.expected_groups(weight, posterior.n_components),
        "features": [
            {
                "feature": name,
                "mean": float(before.means.mode[0, j]),
                "mean_low": float(before.means.low[0, j]),
                "mean_high": float(before.means.high[0, j]),
                "deviation_low": float(np.sqrt(before.variances.low[0, j])),
                "deviation_high": float(np.sqrt(before.variances.high[0, j])),
            }
            for j, name in enumerate(names_of(model))
        ],
    }


def _parameters(
    said: PosteriorSummary, names: list[str], *, correlations: bool
) -> Iterator[Record]:
    """One record for each parameter of each component."""
    for k in range(said.posterior.n_components):
        yield _record("weight", k, None, None, said.weights, (k,))
        for name, of in (("mean", said.means), ("variance", said.variances)):
            for j, feature in enumerate(names):
                yield _record(name, k, feature, None, of, (k, j))
        if correlations and said.posterior.form.correlated:
            for i, j in combinations(range(len(names)), 2):
                yield _record("correlation", k, names[i], names[j], said.correlations, (k, i, j))


def _record(
    parameter: str,
    component: int,
    feature: str | None,
    other: str | None,
    of: Marginals,
    where: tuple[int, ...],
) -> Record:
    called = {"parameter": parameter, "component": component + 1}
    return {**called, "feature": feature, "other_feature": other, **_numbers(of, where)}


def _numbers(of: Marginals, where: tuple[int, ...]) -> dict[str, float]:
    return {name: float(getattr(of, name)[where]) for name in NUMBERS}


def posterior_columns(document: Record) -> tuple[list[str], list[Any]]:
    """Names and columns of the table for files; empty text for what does not apply."""
    records = document["parameters"]
    names = list(records[0])

    def cells(name: str) -> list[Any]:
        if name in NUMBERS:
            return [record[name] for record in records]
        return ["" if record[name] is None else str(record[name]) for record in records]

    return names, [cells(name) for name in names]


def summary_lines(document: Record, width: int) -> list[Line]:
    """What a report of a fit says of the posterior: its bound, and what each component holds."""
    bound = document["evidence_bound"]
    lines = heading("Posterior")
    if bound is not None:
        lines += facts([("evidence bound", nats(bound), "this was maximised")], width)
    told = document["components"]
    columns = [
        Column("rows", plain([one["rows"] for one in told], 1)),
        Column("P(empty)", aligned([one["probability_empty"] for one in told], 2)),
    ]
    lines += grid("component", [str(one["component"]) for one in told], columns, width)
    return lines


def posterior_lines(document: Record, width: int) -> list[Line]:
    """The prior in words, and a table of each component's parameters.

    Parameters
    ----------
    document : dict
        As :func:`posterior_document` makes it.
    width : int

    Returns
    -------
    list of Line
    """
    lines = prior_lines(document, width)
    lines += summary_lines(document, width)
    if document["prior"]["weight_concentration_hyperprior"] is not None:
        lines += heading("Concentration")
        lines += _grid([{**document["concentration"], "parameter": "concentration"}], width)
    held = [one["component"] for one in document["components"] if one["rows"] >= HELD]
    for k in held:
        lines += heading(f"Component {k}, intervals of {100 * document['level']:g} %")
        lines += _grid([r for r in document["parameters"] if r["component"] == k], width)
    others = len(document["components"]) - len(held)
    if others:
        told = f"{counted(others, 'component')} without rows: of means and spreads only the prior"
        lines += [Line(), *wrapped(f"{told} is known. See them with --json.", width, style="dim")]
    return lines[1:]


def prior_lines(document: Record, width: int) -> list[Line]:
    """What the prior says of sizes, means and spreads."""
    prior = document["prior"]
    kind, learned = (
        _KINDS[prior["weight_concentration_prior_type"]],
        prior["weight_concentration_hyperprior"],
    )
    concentration = small(prior["weight_concentration_prior"])
    known = f"{concentration}, which is learned" if learned is not None else concentration
    share = f"{100 * document['level']:g} %"
    lines = heading("Prior")
    lines += wrapped(
        f"Sizes: {kind} {known}; {plain([prior['expected_components']], 1)[0]} components are "
        "expected in these rows.",
        width,
    )
    lines += wrapped(
        f"Means: as if {_rows(prior['mean_precision_prior'])} had been seen. Spreads: as if "
        f"{_rows(prior['degrees_of_freedom_prior'])}. Of one component, with {share}:",
        width,
    )
    features = prior["features"]
    columns = [
        Column(title, aligned([one[name] for one in features], 3), group)
        for title, name, group in (
            ("low", "mean_low", "mean"),
            ("high", "mean_high", "mean"),
            ("low", "deviation_low", "deviation"),
            ("high", "deviation_high", "deviation"),
        )
    ]
    return lines + grid("column", [shortened(one["feature"]) for one in features], columns, width)


def _rows(number: float) -> str:
    return "1 row" if number == 1 else f"{small(number)} rows"


def _grid(records: list[Record], width: int) -> list[Line]:
    rows = [_cells([record[name] for name in NUMBERS]) for record in records]
    columns = [Column(title, [row[j] for row in rows]) for j, title in enumerate(NUMBERS.values())]
    return grid("parameter", [_label(record) for record in records], columns, width)


def _cells(values: list[float]) -> list[str]:
    """Numbers with the digits that the deviation supports, and two more."""
    spread = values[2]
    if not np.isfinite(values).all() or not spread > 0:
        return aligned([value if np.isfinite(value) else None for value in values])
    return resolved(values, spread / 50)


def _label(record: Record) -> str:
    features = [record.get(field) for field in ("feature", "other_feature")]
    words = ", ".join(shortened(name, 16) for name in features if name is not None)
    return f"{record['parameter']} {words}".strip()
