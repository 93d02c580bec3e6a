"""Rows of which only some features are observed, or whose component is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.parameters import Parameters
from bactrian.core.statistics import SufficientStats

UNKNOWN = -1  # label of a row whose component is unknown


def certain(plausibility: npt.NDArray[Any]) -> BoolArray:
    """Which rows can be of one component only, (n_rows,), by how plausible each is."""
    return np.asarray((plausibility > 0).sum(axis=1) == 1)


def patterns(X: npt.NDArray[np.floating[Any]]) -> list[tuple[slice | IntArray, BoolArray]]:
    """Rows that have the same features observed, and which these are; complete ones first."""
    with np.errstate(over="ignore", invalid="ignore"):
        complete = not np.isnan(X.sum())
    if complete or not (missing := np.isnan(X)).any():
        return [(slice(None), np.ones(X.shape[1], dtype=bool))]
    keys = _keys(missing)
    order = np.lexsort(keys.T[::-1])
    keys = keys[order]
    begins = np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1
    return [(rows, ~missing[rows[0]]) for rows in np.split(order, begins)]


def _keys(flags: BoolArray) -> npt.NDArray[np.unsignedinteger[Any]]:
    """Each row of flags as one whole number, or several where there are many."""
    packed = np.packbits(flags, axis=1)
    size = 2 if packed.shape[1] <= 2 else 8  # two bytes are sorted soonest
    width = -(-packed.shape[1] // size) * size
    words = np.zeros((len(packed), width), dtype=np.uint8)
    words[:, : packed.shape[1]] = packed
    return words.view(f">u{size}").astype(f"u{size}")


def completed(
    stats: SufficientStats, columns: IntArray, parameters: Parameters, origin: FloatArray
) -> SufficientStats:
    """Expected statistics of all features, given those of the features observed.

    In each component the others are a linear function of the observed ones and chance,
    ``x - o = A (x - o)[columns] + d + e``, so their moments are a linear function of those in
    hand (Ghahramani & Jordan 1994, section 3; Little & Rubin 2019, section 11.2.1). For t
    distributions e has the scale of its row, so that its moments are counted by `resp_sum`
    (Wang, Zhang, Luo & Wei 2004, section 3).

    Parameters
    ----------
    stats : SufficientStats
        Of the features `columns` under ``parameters.marginal(columns)``, about
        ``origin[:, columns]``.
    columns : (n_observed,)
    parameters : Parameters
        Of all features.
    origin : (n_components, n_features)
    """
    structure, n_features = parameters.structure, parameters.n_features
    coefficients, residuals = structure.regression(
        parameters.precisions_cholesky, columns, n_features
    )

    def carried(steps: FloatArray) -> FloatArray:
        return (coefficients @ steps[:, :, None])[:, :, 0]

    away = parameters.means - origin
    shift = away - carried(away[:, columns])
    first = carried(stats.first)
    twice = 2 * first + stats.scaled_sum[:, None] * shift
    counts = stats.resp_sum.reshape(-1, *[1] * (residuals.ndim - 1))
    second = (
        structure.carried(stats.second, coefficients)
        + structure.outer(twice, shift)
        + structure.pooled(counts * residuals)
    )
    return replace(
        stats,
        structure=structure,
        origin=origin,
        first=first + stats.scaled_sum[:, None] * shift,
        second=second,
    )


def of_component(
    stats: SufficientStats, component: int, parameters: Parameters, origin: FloatArray
) -> SufficientStats:
    """Statistics among those of all components, of rows that are known to be of one.

    Parameters
    ----------
    stats : SufficientStats
        Under ``parameters.only(component)``.
    component : int
    parameters : Parameters
        Of all components.
    origin : (n_components, n_features)
    """
    among = SufficientStats.zeros(parameters.structure, origin)

    def placed(zeros: FloatArray, own: FloatArray) -> FloatArray:
        if len(zeros) == 1:
            return own
        values = zeros.copy()
        values[component] = own[0]
        return values

    return replace(
        stats,
        structure=parameters.structure,
        origin=origin,
        resp_sum=placed(among.resp_sum, stats.resp_sum),
        first=placed(among.first, stats.first),
        second=placed(among.second, stats.second),
        scaled_sum=placed(among.scaled_sum, stats.scaled_sum),
        log_scale=placed(among.log_scale, stats.log_scale),
    )
