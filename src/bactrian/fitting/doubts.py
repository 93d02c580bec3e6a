"""What is right in a fit, and easily misunderstood."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats
from bactrian.data.summary import Summary
from bactrian.mixture.regions import regions_of
from bactrian.mixture.sampling import NOISE
from bactrian.objections import NoCounts, OnBothSides

_ROUNDING = 1e-6  # of the number of rows, by which weights that were scaled to it may differ


def no_counts(summary: Summary, stats: SufficientStats) -> Iterator[NoCounts]:
    """The objection to weights that are no counts: less than the rows in all, or all equal.

    Parameters
    ----------
    summary : Summary
        Of the rows.
    stats : SufficientStats
        Of the fit.
    """
    rows, weight = stats.n_samples, stats.weight
    equal = summary.lightest == summary.heaviest != 1
    if equal or weight < (1 - _ROUNDING) * rows:
        yield NoCounts(weight, rows)


def both_sides(
    summary: Summary, parameters: Parameters, narrow: Collection[int] = ()
) -> Iterator[OnBothSides]:
    """The objections to components that are the most probable on both sides of others.

    Only of a single column, and where there are rows on either side.

    Parameters
    ----------
    summary : Summary
        Of the rows.
    parameters : Parameters
    narrow : collection of int
        Components that are meant to be narrow, such as those on a value of many rows: nothing is
        wrong if others are around them.
    """
    if parameters.n_features != 1:
        return
    low, high = float(summary.minimum[0]), float(summary.maximum[0])
    regions = [one for one in regions_of(parameters) if one.high > low and one.low < high]
    for begin, left in enumerate(regions):
        behind = regions[begin + 1 :]
        steps = (j for j, one in enumerate(behind) if one.component == left.component)
        count = next(steps, 0)
        inner = {one.component for one in behind[:count]}
        between = tuple(sorted(inner.difference(narrow, {NOISE})))
        if between and left.component != NOISE:
            yield OnBothSides(left.component, between, left.high, behind[count].low)
