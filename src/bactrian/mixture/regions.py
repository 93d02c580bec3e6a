"""Cut the line into intervals; in each, one component is the most probable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import copysign, exp, expm1, inf, isfinite, log1p, nextafter, sqrt, ulp
from typing import final

import numpy as np
from scipy.optimize import brentq

from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError
from bactrian.mixture.sampling import NOISE
from bactrian.phrases import Parameter
from bactrian.remedies import Act

_SLIVER = 1e-9  # standard deviations below which a region is rounding error
_FARTHEST = 1e100  # standard deviations at which the search for a crossing of tails ends

Function = Callable[[float], float]


@final
@dataclass(frozen=True)
class Region:
    """An interval in which one component is the most probable.

    Parameters
    ----------
    component : int
        Counted from 0; -1 for the noise.
    low, high : float
        In units of the mixture; -inf and inf where there is no end.
    """

    component: int
    low: float
    high: float


def regions_of(parameters: Parameters) -> tuple[Region, ...]:
    """Cut the line where the most probable component changes.

    That is the upper envelope of ``log w_k + log f(x | k)``, made of the envelopes of either half
    of the components: in each interval of both, only two curves can cross. Two Gaussians, two t
    distributions of equal degrees of freedom, or either and the noise cross at the roots of a
    quadratic. Two t distributions of unlike degrees of freedom cross once at most between any
    roots of the cubic that is the numerator of the derivative of their difference, and are
    bracketed by these.

    Parameters
    ----------
    parameters : Parameters
        Of one feature.

    Returns
    -------
    tuple of Region
        From the left to the right; each begins where the last one ends. Of components that are
        equal, the first has the region, as in labels. Components of weight 0 have none.

    Raises
    ------
    BadInputError
        If there is more than one feature.
    """
    if parameters.n_features != 1:
        raise BadInputError(
            Parameter("X"),
            f"{parameters.n_features} features",
            "one feature, for a line is cut",
            Act("take the mixture of one column"),
        )
    if parameters.spikes is not None and not parameters.spikes.common:
        got = "a marginal of a mixture whose components have them unequally often"
        raise BadInputError("spikes", got, "those of a single column")
    curves = list(_curves(parameters))
    return _without_slivers(_envelope(curves), min(one.deviation for one in curves))


# ---- curves


@final
@dataclass(frozen=True)
class _Curve:
    """Log of weight times density of one term, ``peak - fall(((x - mean) / deviation)^2)``.

    The noise has an infinite deviation, a Gaussian infinite degrees of freedom.
    """

    number: int
    peak: float
    mean: float
    deviation: float
    dof: float

    def __call__(self, x: float) -> float:
        z = (x - self.mean) / self.deviation
        if isfinite(self.dof):
            return self.peak - (self.dof + 1) / 2 * log1p(z * z / self.dof)
        return self.peak - z * z / 2

    @property
    def flat(self) -> bool:
        return not isfinite(self.deviation)


def _curves(parameters: Parameters) -> Iterator[_Curve]:
    """The terms of the mixture that take part, with the noise last."""
    terms, n_components = parameters.terms(), parameters.n_components
    deviations = np.sqrt(parameters.dense_covariances()[:, 0, 0])
    dof = terms.family.dof if terms.family.has_tails else np.array([inf])
    rows = zip(
        terms.log_constants, terms.means[:, 0], deviations, np.resize(dof, n_components),
        strict=True,
    )  # fmt: skip
    for k, row in enumerate(rows):
        if parameters.weights[k] > 0:
            yield _Curve(k, *map(float, row))
    for peak in terms.all_log_constants[n_components:]:
        if isfinite(peak):
            yield _Curve(NOISE, float(peak), 0.0, inf, inf)


# ---- their upper envelope


def _envelope(curves: Sequence[_Curve]) -> list[Region]:
    """The regions of some curves."""
    if len(curves) == 1:
        return [Region(curves[0].number, -inf, inf)]
    half = len(curves) // 2
    own = {one.number: one for one in curves}
    first, second = _envelope(curves[:half]), _envelope(curves[half:])
    ends = sorted({region.high for region in (*first, *second)})
    found: list[Region] = []
    i = j = 0
    for low, high in pairwise((-inf, *ends)):
        i += first[i].high < high
        j += second[j].high < high
        found += _higher(own[first[i].component], own[second[j].component], low, high)
    return _joined(found)


def _higher(a: _Curve, b: _Curve, low: float, high: float) -> Iterator[Region]:
    """The higher of two curves from one place to another."""
    inner = sorted({x for x in _crossings(a, b) if low < x < high})
    for start, end in pairwise((low, *inner, high)):
        x = _between(start, end, a if a.deviation < b.deviation else b)
        yield Region((a if a(x) >= b(x) else b).number, start, end)


def _between(low: float, high: float, narrow: _Curve) -> float:
    """A place between two others; either of these may be infinite."""
    if isfinite(low) and isfinite(high):
        return low + (high - low) / 2
    if isfinite(low):
        return max(low + narrow.deviation, nextafter(low, inf))
    return min(high - narrow.deviation, nextafter(high, -inf)) if isfinite(high) else narrow.mean


def _joined(regions: Sequence[Region]) -> list[Region]:
    """Join neighbours of the same component."""
    found: list[Region] = []
    for region in regions:
        if found and found[-1].component == region.component:
            found[-1] = replace(found[-1], high=region.high)
        else:
            found.append(region)
    return found


def _without_slivers(regions: Sequence[Region], deviation: float) -> tuple[Region, ...]:
    """Leave out regions that are rounding error, where three curves meet in a point.

    Their right neighbour begins where they did. `deviation` is the smallest of all.
    """
    found: list[Region] = []
    begin = -inf
    for region in regions:
        width = region.high - begin
        if isfinite(width) and width <= max(_SLIVER * deviation, 4 * ulp(region.high)):
            continue
        found.append(replace(region, low=begin))
        begin = region.high
    return tuple(_joined(found))


# ---- where two of them cross


def _crossings(a: _Curve, b: _Curve) -> list[float]:
    """Places where two curves cross; touching does not count."""
    if a.flat or (not b.flat and a.peak > b.peak):  # so that nothing overflows
        a, b = b, a
    if a.flat:
        return []
    ratio, shift = a.deviation / b.deviation, (b.mean - a.mean) / a.deviation
    roots = (
        _roots(a, b, ratio**2, shift)
        if b.flat or a.dof == b.dof
        else _bracketed(a, b, ratio**2, shift)
    )
    places = (a.mean + a.deviation * z for z in roots)
    return [x for x in places if isfinite(x)]


def _roots(a: _Curve, b: _Curve, ratio: float, shift: float) -> list[float]:
    """Crossings of curves of one kind, in deviations of the first from its mean.

    With ``q`` the squared distances, Gaussians are equal where ``q_a - q_b`` is twice the
    difference d of the peaks, and t distributions where ``q_a - r q_b = v (r - 1)`` with
    ``r = exp(2 d / (v + 1))``: ``A z^2 + 2 B z = C``, solved without cancellation.
    """
    twice = 2 * (a.peak - b.peak)
    factor, level = 1.0, twice
    if isfinite(a.dof):
        power = min(twice / (a.dof + 1), 700.0)
        factor, level = exp(power), a.dof * expm1(power)
    part = factor * ratio
    second, first = 1 - part, part * shift
    discriminant = part * shift**2 + second * level
    if not discriminant > 0:
        return []
    top = first + copysign(sqrt(discriminant), first)
    near = (part * shift**2 + level) / top
    return [near] if second == 0 else [near, -top / second]


def _bracketed(a: _Curve, b: _Curve, ratio: float, shift: float) -> list[float]:
    """Crossings of t distributions with different degrees of freedom, in the same unit."""
    steps = np.polynomial.polynomial
    other = ratio * np.array([-shift, 1.0])
    square = ratio * np.array([shift**2, -2 * shift, 1.0])
    cubic = steps.polysub(
        (b.dof + 1) * steps.polymul(other, [a.dof, 0.0, 1.0]),
        (a.dof + 1) * steps.polymul([0.0, 1.0], steps.polyadd(square, [b.dof])),
    )

    def difference(z: float) -> float:
        x = a.mean + a.deviation * z
        return a(x) - b(x)

    # Real parts of pairs of complex roots cut a stretch of one direction in two: no harm.
    turns = sorted({float(root.real) for root in steps.polyroots(steps.polytrim(cubic))})
    places = [_beyond(turns[0], -1.0, difference), *turns, _beyond(turns[-1], 1.0, difference)]
    signs = [difference(z) for z in places]
    return [
        float(brentq(difference, low, high, xtol=1e-14, rtol=1e-14))
        for (low, high), (left, right) in zip(pairwise(places), pairwise(signs), strict=True)
        if left * right < 0
    ]


def _beyond(edge: float, step: float, difference: Function) -> float:
    """A place beyond the last turn where the curves have crossed, if they cross at all."""
    sign = difference(edge)
    while difference(edge + step) * sign > 0 and abs(step) < _FARTHEST:
        step *= 2
    return edge + step
