"""What an estimator must fit: checked rows, weights and labels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from bactrian.core.arrays import BoolArray
from bactrian.core.values.chunk import Chunk
from bactrian.data.source import ArraySource, DataSource
from bactrian.estimators.labels import known_of
from bactrian.estimators.settings import machine_of, parts_of
from bactrian.estimators.spikes import with_spikes
from bactrian.estimators.validation import check_rows, check_sample_weight, check_values
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.estimation import Estimation


class Asked(NamedTuple):
    """What to fit, and how.

    Parameters
    ----------
    rows : Chunk
        All that were given, with what is known of the component of each.
    estimation : Estimation
    """

    rows: Chunk
    estimation: Estimation


def asked(estimator: Any, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Asked:
    """Check what a call of ``fit`` asks for.

    Parameters
    ----------
    estimator : GaussianMixture
    X, y, sample_weight
        As the user gives them.
    reset : bool
        Whether the estimator learns the names and the number of features, or must know them.

    Raises
    ------
    BadInputError
        If a parameter or the data cannot be used.
    """
    rows, kept = _weighted(estimator, X, sample_weight, reset=reset)
    parts = parts_of(estimator, rows.X.shape, kept)
    known = known_of(estimator, y, len(rows.X), parts.model)
    rows, data = _summarised(estimator, replace(rows, plausibility=known), kept)
    return Asked(rows, parts.of(data))


def estimation_for(estimator: Any, rows: Chunk) -> Estimation:
    """What an estimator makes of rows that are checked already.

    Parameters
    ----------
    estimator : GaussianMixture
    rows : Chunk
        With weights above 0, and what is known of the component of each.

    Raises
    ------
    BadInputError
        If its parameters cannot be used with them.
    """
    parts = parts_of(estimator, rows.X.shape)
    return parts.of(_summarised(estimator, rows, None)[1])


def data_set(estimator: Any, X: Any, sample_weight: Any) -> tuple[Chunk, DataSet]:
    """Rows for fitting several mixtures: as they came, and as a data set.

    Parameters
    ----------
    estimator : GaussianMixture
        Its machine holds the rows, and it says whether values may be missing.
    X, sample_weight
        As the user gives them.

    Raises
    ------
    BadInputError
        If they cannot be used.
    """
    return _summarised(estimator, *_weighted(estimator, X, sample_weight, reset=True))


def _weighted(
    estimator: Any, X: Any, sample_weight: Any, *, reset: bool
) -> tuple[Chunk, BoolArray | None]:
    """Rows with their weights, and which rows have some weight; None if all have.

    The pass that summarises rows checks them, except those of weight 0, which it leaves out.
    """
    values = check_rows(estimator, X, reset=reset)
    weights = check_sample_weight(sample_weight, len(values))
    if weights is None or weights.all():
        return Chunk(values, weights), None
    return Chunk(values, weights, complete=check_values(estimator, values)), weights > 0


def _summarised(estimator: Any, rows: Chunk, kept: BoolArray | None) -> tuple[Chunk, DataSet]:
    """The rows, checked for missing values, and which of them are kept."""
    source: DataSource = ArraySource.of(rows)
    names = [str(name) for name in getattr(estimator, "feature_names_in_", ())]
    source = source if kept is None else source.only(kept)
    source, spikes = with_spikes(estimator.spikes, source, names)
    data = DataSet.of(
        source,
        machine_of(estimator),
        feature_names=names,
        missing=estimator.missing == "em",
        given=(len(rows.X), rows.X.shape[1]),
        kept=kept,
        spikes=spikes,
    )
    complete = rows.complete if kept is not None else data.summary.incomplete == 0
    return replace(rows, complete=complete), data
