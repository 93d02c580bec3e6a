"""Rows with only some features observed, or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.observation.observation import Kernel, Observation
from bactrian.core.values.results import RowResults
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms


@final
@dataclass(frozen=True, eq=False)
class Incomplete(Observation):
    """Rows with the same features observed.

    Their statistics are those of the mixture of these features, carried to all by regression.

    Parameters
    ----------
    columns : (n_observed,)
        At least one, not all.
    rows : Observation
        The rows as if these features were all.
    """

    columns: IntArray
    rows: Observation

    def accumulate(self, kernel: Kernel, terms: Terms, origin: FloatArray) -> SufficientStats:
        seen = terms.marginal(self.columns)
        stats = self.rows.accumulate(kernel, seen, origin[:, self.columns])
        return completed(stats, self.columns, terms, origin)

    def evaluate(self, kernel: Kernel, terms: Terms, results: RowResults) -> None:
        self.rows.evaluate(kernel, terms.marginal(self.columns), results)


@final
@dataclass(frozen=True, eq=False)
class Unobserved(Observation):
    """Rows with no feature observed.

    They carry no information, and are left out of all sums. Their density is 1, and they are of
    each component with its weight.
    """

    def accumulate(self, kernel: Kernel, terms: Terms, origin: FloatArray) -> SufficientStats:
        return SufficientStats.zeros(terms.form, origin)

    def evaluate(self, kernel: Kernel, terms: Terms, results: RowResults) -> None:
        weights = np.exp(terms.marginal(np.empty(0, dtype=np.int64)).all_log_constants)
        results.fill(slice(None), np.zeros(1), weights[None] / weights.sum())


def completed(
    stats: SufficientStats, columns: IntArray, terms: Terms, origin: FloatArray
) -> SufficientStats:
    """Expected statistics of all features, given those of the observed features.

    In each component the others are a linear function of the observed ones and chance,
    ``x - o = A (x - o)[columns] + d + e``, so their moments are a linear function of those in
    hand (Ghahramani & Jordan 1994, section 3; Little & Rubin 2019, section 11.2.1). For t
    distributions e has the scale of its row, so that its moments are counted by `resp_sum`
    (Wang, Zhang, Luo & Wei 2004, section 3).

    Parameters
    ----------
    stats : SufficientStats
        Of the features `columns` under ``terms.marginal(columns)``, about
        ``origin[:, columns]``.
    columns : (n_observed,)
    terms : Terms
        Of all features.
    origin : (n_components, n_features)
    """
    form, n_features = terms.form, terms.n_features
    coefficients, residuals = form.columns.regression(terms.factors, columns, n_features)

    def carried(steps: FloatArray) -> FloatArray:
        return (coefficients @ steps[:, :, None])[:, :, 0]

    away = terms.means - origin
    shift = away - carried(away[:, columns])
    first = carried(stats.first)
    twice = 2 * first + stats.scaled_sum[:, None] * shift
    counts = stats.resp_sum.reshape(-1, *[1] * (residuals.ndim - 1))
    second = (
        form.columns.carried(stats.second, coefficients)
        + form.outer(twice, shift)
        + form.pooled(counts * residuals)
    )
    return replace(
        stats,
        form=form,
        origin=origin,
        first=first + stats.scaled_sum[:, None] * shift,
        second=second,
    )
