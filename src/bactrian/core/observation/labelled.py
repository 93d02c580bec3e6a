"""Rows that are known to come from one component."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.observation.observation import Kernel, Observation
from bactrian.core.values.results import RowResults
from bactrian.core.values.statistics import SufficientStats, TailStats
from bactrian.core.values.terms import Terms

UNKNOWN = -1  # label of a row whose component is unknown


def certain(plausibility: npt.NDArray[Any]) -> BoolArray:
    """Which rows can only belong to one component, (n_rows,), from their plausibilities."""
    return np.asarray((plausibility > 0).sum(axis=1) == 1)


def as_known(labels: IntArray, plausibility: npt.NDArray[Any] | None) -> IntArray:
    """The labels (n_rows,); a row that can only be of one component has that one."""
    if plausibility is None:
        return labels
    return np.where(certain(plausibility), plausibility.argmax(axis=1), labels)


def told_of(plausibility: npt.NDArray[Any] | None) -> int:
    """In how many rows something is known of the component, from their plausibilities."""
    return 0 if plausibility is None else int((plausibility < 1).any(axis=1).sum())


@final
@dataclass(frozen=True, eq=False)
class OfComponent(Observation):
    """Rows that are known to come from one component.

    Their statistics are those of the mixture that this component makes alone. What the whole
    mixture says of them leaves out what is known.

    Parameters
    ----------
    component : int
        From 0.
    rows : Observation
        The rows as if their component were not known.
    """

    component: int
    rows: Observation

    def accumulate(self, kernel: Kernel, terms: Terms, origin: FloatArray) -> SufficientStats:
        own = slice(self.component, self.component + 1)
        stats = self.rows.accumulate(kernel, terms.only(self.component), origin[own])
        return of_component(stats, self.component, terms, origin)

    def evaluate(self, kernel: Kernel, terms: Terms, results: RowResults) -> None:
        self.rows.evaluate(kernel, terms, results)


def of_component(
    stats: SufficientStats, component: int, terms: Terms, origin: FloatArray
) -> SufficientStats:
    """Place the statistics of rows known to belong to one component among those of all.

    Parameters
    ----------
    stats : SufficientStats
        Under ``terms.only(component)``.
    component : int
    terms : Terms
        Of all components.
    origin : (n_components, n_features)
    """
    among = SufficientStats.zeros(terms.form, origin)

    def placed(zeros: FloatArray, own: FloatArray) -> FloatArray:
        if len(zeros) == 1:
            return own
        values = zeros.copy()
        values[component] = own[0]
        return values

    tails = stats.tails
    if tails is not None:
        nothing = among.resp_sum
        tails = TailStats(placed(nothing, tails.scaled_sum), placed(nothing, tails.log_scale))
    return replace(
        stats,
        form=terms.form,
        origin=origin,
        resp_sum=placed(among.resp_sum, stats.resp_sum),
        first=placed(among.first, stats.first),
        second=placed(among.second, stats.second),
        tails=tails,
    )
