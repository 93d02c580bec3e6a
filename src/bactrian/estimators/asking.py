"""What an estimator is asked to fit: rows, weights and labels, checked."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray, RealArray
from bactrian.data.source import ArraySource
from bactrian.estimators.labels import check_labels
from bactrian.estimators.settings import machine_of, parts_of
from bactrian.estimators.validation import check_rows, check_sample_weight, check_values
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.estimation import Estimation


class Asked(NamedTuple):
    """What to fit, and how.

    Parameters
    ----------
    rows : (n_samples, n_features)
        All that were given.
    known : (n_samples, n_terms) or None
        What is known of the component of each.
    estimation : Estimation
    """

    rows: RealArray
    known: FloatArray | None
    estimation: Estimation


def asked(estimator: Any, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Asked:
    """What a call of ``fit`` asks for.

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
    rows, weights, kept = _weighted(estimator, X, sample_weight, reset=reset)
    every = slice(None) if kept is None else kept
    model, climb, starts = parts_of(estimator, (len(rows), rows.shape[1]), every)
    n_terms = model.n_components + model.family.noise
    known = check_labels(y, estimator.labels, len(rows), model.n_components, n_terms)
    data = _data(estimator, rows, weights, known, kept)
    estimation = Estimation(data, model, climb, starts)
    estimation.check()
    return Asked(rows, known, estimation)


def data_set(estimator: Any, X: Any, sample_weight: Any) -> tuple[RealArray, DataSet]:
    """Rows that several mixtures are fitted to, as they came and as a data set.

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
    rows, weights, kept = _weighted(estimator, X, sample_weight, reset=True)
    return rows, _data(estimator, rows, weights, None, kept)


def _weighted(
    estimator: Any, X: Any, sample_weight: Any, *, reset: bool
) -> tuple[RealArray, FloatArray | None, BoolArray | None]:
    """Rows, their weights, and which are kept, having some weight; None for all.

    The pass that summarises rows checks them, but for those of weight 0, which are not in it.
    """
    rows = check_rows(estimator, X, reset=reset, finite=False)
    weights = check_sample_weight(sample_weight, len(rows))
    if weights is None or weights.all():
        return rows, weights, None
    check_values(estimator, rows)
    return rows, weights, weights > 0


def _data(
    estimator: Any,
    rows: RealArray,
    weights: FloatArray | None,
    known: FloatArray | None,
    kept: BoolArray | None,
) -> DataSet:
    source = ArraySource(rows, weights, known)
    names = getattr(estimator, "feature_names_in_", np.empty(0))
    return DataSet.of(
        source if kept is None else source.only(kept),
        machine_of(estimator),
        feature_names=[str(name) for name in names],
        missing=estimator.missing == "em",
        given=(len(rows), rows.shape[1]),
        kept=kept,
    )
