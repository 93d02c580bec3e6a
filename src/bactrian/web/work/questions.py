"""Answers about a fit: its least likely rows, samples, densities, labels."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.mixture import Mixture
from bactrian.mixture.sampling import NOISE
from bactrian.mixture.unlikely import unlikely_of
from bactrian.report.membership import membership
from bactrian.storage import load_model
from bactrian.tables.write import write_table
from bactrian.web.problems import refusal
from bactrian.web.schema import (
    Anomalies,
    AnomaliesQuery,
    EvaluateRequest,
    Evaluation,
    Odd,
    Sample,
    SampleRequest,
)
from bactrian.web.work.child import Tell
from bactrian.web.work.reading import mapped

_ROWS_AT_ONCE = 65_536
_MOST_SENT = 4_000_000  # numbers of an answer
_LOWEST = float(np.finfo(np.float64).min)  # for JSON, which knows no minus infinity


def anomalies(
    folder: Path, values: Path, places: tuple[int, ...], query: AnomaliesQuery, tell: Tell
) -> bytes:
    """The least likely rows; return Anomalies."""
    model = _model_in(folder)
    densities = _densities(folder, model, values, places)
    share = query.share if query.below is None else None
    threshold, unlikely = unlikely_of(densities, share, query.below)
    odd = np.flatnonzero(unlikely)
    first = odd[np.argsort(densities[odd], kind="stable")[: query.limit]]
    X = mapped(values)[first][:, places]
    resp = model.responsibilities(X)
    rows = [
        Odd(
            row=int(row) + 1,
            log_density=float(densities[row]),
            values=_or_none(own),
            responsibilities=shares.tolist(),
        )
        for row, own, shares in zip(first, X, resp, strict=True)
    ]
    told = Anomalies(threshold=threshold, n_rows=len(densities), count=len(odd), rows=rows)
    return told.model_dump_json().encode()


def sample(folder: Path, request: SampleRequest, tell: Tell) -> bytes:
    """Rows drawn from a fitted mixture; return a Sample."""
    model = _model_in(folder)
    _check_size(request.n, model.parameters.n_features, "n")
    X, y = model.sample(request.n, request.seed, sort=request.sort)
    components = np.where(y == NOISE, NOISE, y + 1)
    told = Sample(
        columns=list(model.feature_names), rows=X.tolist(), components=components.tolist()
    )
    return told.model_dump_json().encode()


def evaluate(folder: Path, request: EvaluateRequest, tell: Tell) -> bytes:
    """Density and components of rows; return an Evaluation."""
    model = _model_in(folder)
    width = model.parameters.n_features
    wrong = next((i for i, row in enumerate(request.rows) if len(row) != width), None)
    if wrong is not None:
        raise refusal(
            "ragged",
            f"Row {wrong + 1} does not have one value for each column of the fit.",
            got=str(len(request.rows[wrong])),
            wanted=str(width),
        )
    _check_size(len(request.rows), model.parameters.n_components, "rows")
    X = np.array(request.rows, dtype=np.float64)
    told = Evaluation(
        log_densities=np.maximum(model.log_density(X), _LOWEST).tolist(),
        responsibilities=model.responsibilities(X).tolist(),
    )
    return told.model_dump_json().encode()


def labels(folder: Path, values: Path, places: tuple[int, ...], tell: Tell) -> bytes:
    """Write component, probabilities and log-density of all rows to ``labels.csv``."""
    model = _model_in(folder)
    X = mapped(values)[:, places]
    names, columns = membership(model, X)
    numbers = np.arange(1, len(X) + 1)
    densities = _densities(folder, model, values, places)
    names, columns = ["row", *names, "log_density"], [numbers, *columns, densities]
    write_table(folder / "labels.csv", names, columns)
    return b""


def _check_size(rows: int, each: int, field: str) -> None:
    """Refuse what would make an answer too large to send.

    Raises
    ------
    RefusalError
    """
    if rows * each > _MOST_SENT:
        raise refusal(
            "too_large",
            f"{rows} rows of {each} numbers each are too many for an answer.",
            field=field,
            got=str(rows),
            wanted=f"at most {_MOST_SENT // each} rows of this mixture",
        )


def _model_in(folder: Path) -> Mixture:
    return load_model(folder / "model.json")


def _densities(folder: Path, model: Mixture, values: Path, places: tuple[int, ...]) -> FloatArray:
    """Log-density of each row: computed once, and kept with the model."""
    kept = folder / "densities.npy"
    if kept.exists():
        known: FloatArray = np.load(kept, mmap_mode="r", allow_pickle=False)
        return known
    rows = mapped(values)
    pieces = (rows[i : i + _ROWS_AT_ONCE][:, places] for i in range(0, len(rows), _ROWS_AT_ONCE))
    found = np.concatenate([model.log_density(piece) for piece in pieces])
    draft = folder / f"densities-{os.getpid()}.npy"
    np.save(draft, found)
    draft.replace(kept)
    return found


def _or_none(values: FloatArray) -> list[float | None]:
    return [None if value != value else float(value) for value in values]
