"""Thresholds: values at which the most probable component changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distribution.line import Line
from bactrian.mixture.regions import Region, regions_of

NEGLIGIBLE = 1e-6  # share of all rows, below which a tail is not worth a cut


@final
@dataclass(frozen=True)
class Threshold:
    """A value at which the most probable component changes.

    Parameters
    ----------
    value : float
        In units of the mixture.
    below, above : int
        The most probable component on either side, counted from 0; -1 for the noise.
    """

    value: float
    below: int
    above: int


def thresholds_of(parameters: Parameters) -> tuple[Threshold, ...]:
    """The cuts of a mixture of one feature, from the left to the right.

    They are the ends of the regions. Of unequal variances, the wider component is the most
    probable again far beyond the narrower: such an outer region is left out if less than
    :data:`NEGLIGIBLE` of the mixture is in it.

    Parameters
    ----------
    parameters : Parameters
        Of one feature.

    Raises
    ------
    BadInputError
        If there is more than one feature.
    """
    regions = list(regions_of(parameters))
    while len(regions) > 1 and _share(parameters, regions[0]) < NEGLIGIBLE:
        del regions[0]
    while len(regions) > 1 and _share(parameters, regions[-1]) < NEGLIGIBLE:
        del regions[-1]
    return tuple(
        Threshold(left.high, left.component, right.component) for left, right in pairwise(regions)
    )


def thresholds_as(parameters: Parameters, reference: Sequence[Threshold]) -> FloatArray:
    """For each cut of a reference, (n_reference,), the cut between the same components here.

    The nearest of several; NaN if there is none.

    Parameters
    ----------
    parameters : Parameters
        Of one feature.
    reference : sequence of Threshold
    """
    own = thresholds_of(parameters)

    def counterpart(one: Threshold) -> float:
        same = (cut.value for cut in own if (cut.below, cut.above) == (one.below, one.above))
        return min(same, key=lambda value: abs(value - one.value), default=np.nan)

    return np.array([counterpart(one) for one in reference])


def _share(parameters: Parameters, region: Region) -> float:
    """Probability that a mixture gives to an outer region."""
    line = Line.of(parameters)
    if region.low == -np.inf:
        return float(line.cdf(np.array(region.high)))
    return float(line.ccdf(np.array(region.low)))
