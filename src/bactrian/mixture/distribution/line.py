"""A mixture of one feature: distribution function and quantiles, exact in both tails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import final

import numpy as np
from scipy.special import log_ndtr, ndtr

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distribution.tails import (
    log_half_step,
    log_stdtr,
    log_t_kernel,
    stdtr_anywhere,
)

FARTHEST = 39.0  # deviations beyond which a Gaussian's tail is below any float64 number
INSIDE, OUTSIDE = 1e-6, 1e-9  # of a bracket: the step after which only rounding is left
WHOLE = 1e-290  # densities above it have all their digits
EACH_HALVED = 8  # steps: each eighth halves the bracket, whatever Newton's method says
NORMAL_PEAK = float(1 / np.sqrt(2 * np.pi))
AT_ONCE = 16_384  # quantiles that are searched at a time: they stay in the cache
OUTER = {
    False: np.linspace(10.5, FARTHEST, 20),
    True: 9 * 4.0 ** np.arange(1, 508),  # a power falls: as far as float64 goes
}


@final
@dataclass(frozen=True, eq=False)
class Line:
    """A mixture of one feature; all functions take and return arrays of any one shape.

    Parameters
    ----------
    weights, means, deviations : (n_components,)
        Weights above 0; those of the components alone. Of t distributions, the roots of their
        scales.
    dof : (n_components,) or None
    low, high : float
        The ends of the noise.
    noise : float
        Its weight.
    """

    weights: FloatArray
    means: FloatArray
    deviations: FloatArray
    dof: FloatArray | None
    low: float = 0.0
    high: float = 1.0
    noise: float = 0.0

    @classmethod
    def of(cls, parameters: Parameters) -> Line:
        """The mixture of one feature; without components of weight 0."""
        kept = parameters.weights > 0
        dof = parameters.dof
        box = np.array([0.0, 1.0]) if parameters.noise is None else parameters.noise[:, 0]
        return cls(
            parameters.weights[kept],
            parameters.means[kept, 0],
            np.sqrt(parameters.dense_covariances()[kept, 0, 0]),
            None if dof is None else np.broadcast_to(dof, len(kept))[kept],
            float(box[0]),
            float(box[1]),
            0.0 if parameters.noise is None else float(parameters.term_weights[-1]),
        )

    @cached_property
    def mirrored(self) -> Line:
        """The distribution of ``-x``: its lower tail is our upper one."""
        return replace(self, means=-self.means, low=-self.high, high=-self.low)

    # ---- densities and probabilities

    def pdf(self, x: FloatArray) -> FloatArray:
        """Density; that of the noise within its ends only."""
        total = np.where(self._within(x), self.noise / (self.high - self.low), 0.0)
        for k, w in enumerate(self.weights):
            total = total + w / self.deviations[k] * self._height(k, self._standardised(k, x))
        return total

    def slope(self, x: FloatArray) -> FloatArray:
        """Derivative of the density; that of the noise is 0, at its ends too."""
        total = np.zeros_like(x)
        for k, w in enumerate(self.weights):
            z = self._standardised(k, x)
            pull = z if self.dof is None else z * (self.dof[k] + 1) / (self.dof[k] + z * z)
            total = total - w / self.deviations[k] ** 2 * self._height(k, z) * pull
        return total

    def cdf(self, x: FloatArray) -> FloatArray:
        """Probability of at most x; the relative error is that of rounding, in the tail too."""
        total = self._share_of_noise(x)
        for k, w in enumerate(self.weights):
            z = self._standardised(k, x)
            total = total + w * (ndtr(z) if self.dof is None else stdtr_anywhere(self.dof[k], z))
        return np.minimum(total, 1.0)

    def ccdf(self, x: FloatArray) -> FloatArray:
        """Probability of more than x."""
        return self.mirrored.cdf(-x)

    def logcdf(self, x: FloatArray) -> FloatArray:
        """Logarithm of :meth:`cdf`, where that is below float64 too.

        It is ``log(cdf)`` below one half and ``log1p(-ccdf)`` above.
        """
        upper = self.ccdf(x)
        with np.errstate(divide="ignore"):
            total = np.log(self._share_of_noise(x))
        for k, w in enumerate(self.weights):
            z = self._standardised(k, x)
            tail = log_ndtr(z) if self.dof is None else log_stdtr(self.dof[k], z)
            total = np.logaddexp(total, np.log(w) + tail)
        return np.where(upper < 0.5, np.log1p(-np.minimum(upper, 0.5)), total)

    def logccdf(self, x: FloatArray) -> FloatArray:
        """Logarithm of :meth:`ccdf`."""
        return self.mirrored.logcdf(-x)

    # ---- quantiles

    def quantile(self, p: FloatArray) -> FloatArray:
        """The least x of which the probability of at most x is p; -inf for 0, inf for 1."""
        return self._quantile(p, 1 - p)

    def upper_quantile(self, q: FloatArray) -> FloatArray:
        """The x of which the probability of more than x is q."""
        return self._quantile(1 - q, q)

    def _quantile(self, p: FloatArray, q: FloatArray) -> FloatArray:
        """Solve in the tail that is the smaller; of p and q only the smaller one is used."""
        left = p <= q
        found = np.empty_like(p)
        for line, side, wanted, sign in ((self, left, p, 1), (self.mirrored, ~left, q, -1)):
            places = np.flatnonzero(side)
            for start in range(0, len(places), AT_ONCE):
                some = places[start : start + AT_ONCE]
                found[some] = sign * line._lower(wanted[some])
        return found

    def _lower(self, p: FloatArray) -> FloatArray:
        """Quantiles of probabilities from 0 to one half, by Newton's method on the logarithm.

        A table brackets each of them; between its places the mixture is smooth. The first guess
        is the cubic with the table's values and slopes at both places, and steps are corrected
        for the curvature between them. A step that leaves the bracket halves it instead.
        """
        table = self._table
        found = np.full_like(p, -np.inf)
        active = np.flatnonzero((p > 0) & (p > table.cdf[0]))
        wanted = p[active]
        i = np.searchsorted(table.cdf, wanted, side="left").clip(1, len(table.places) - 1)
        low, high, curvature = table.places[i - 1], table.places[i], table.curvature[i - 1]
        x = table.guess(i, np.log(wanted))
        settled = (high - low) * np.where(high - low <= self._narrowest, INSIDE, OUTSIDE)
        n_steps = 0
        while len(active):
            n_steps += 1
            reached, slope = self.cdf(x), self.pdf(x)
            below = reached < wanted
            low, high = np.where(below, x, low), np.where(below, high, x)
            with np.errstate(all="ignore"):
                flatness = reached / slope
                step = np.log(wanted / reached) * flatness
                moved = x + step * (1 - step * flatness * curvature)
            inside = (moved >= low) & (moved <= high) & (n_steps % EACH_HALVED > 0)
            following = np.where(inside, moved, low + (high - low) / 2)
            done = (np.abs(step) <= settled) & inside & (slope > WHOLE) | (
                np.abs(following - x) <= 4 * np.spacing(np.abs(x))
            )
            found[active[done]] = following[done]
            if done.all():
                break
            left = ~done
            active, wanted, x, low, high, curvature, settled = (
                values[left]
                for values in (active, wanted, following, low, high, curvature, settled)
            )
        return found

    @property
    def _narrowest(self) -> float:
        return float(self.deviations.min(initial=np.inf))

    @cached_property
    def _table(self) -> _Table:
        """Places at which the distribution function is known."""
        half = max(9, 9 * min(16, 256 // max(1, len(self.means))))
        outer = OUTER[self.dof is not None]
        steps = np.concatenate([-outer[::-1], np.linspace(-9, 9, 2 * half + 1), outer])
        with np.errstate(over="ignore"):
            places = self.means[:, None] + self.deviations[:, None] * steps
        ends = [self.low, self.high] if self.noise > 0 else []
        if ends:
            ends += [np.nextafter(self.low, -np.inf), np.nextafter(self.high, np.inf)]
        places = np.unique(np.concatenate([places.ravel(), ends]))
        places = places[np.isfinite(places)]
        return _Table.of(places, self.cdf(places), self.pdf(places))

    # ---- one component

    def _standardised(self, k: int, x: FloatArray) -> FloatArray:
        with np.errstate(over="ignore"):
            return (x - self.means[k]) / self.deviations[k]

    def _height(self, k: int, z: FloatArray) -> FloatArray:
        """Density of one component in its own deviations, at z of them from its mean."""
        if self.dof is None:
            with np.errstate(over="ignore", under="ignore"):
                return np.exp(-0.5 * z * z) * NORMAL_PEAK
        v = self.dof[k]
        peak = log_half_step(v / 2) - np.log(np.pi * v) / 2
        return np.exp(peak + log_t_kernel(v, z))

    def _within(self, x: FloatArray) -> BoolArray:
        return np.asarray((x >= self.low) & (x <= self.high))

    def _share_of_noise(self, x: FloatArray) -> FloatArray:
        share = np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)
        return np.asarray(self.noise * share)


@final
@dataclass(frozen=True, eq=False)
class _Table:
    """The distribution function at some places, in order.

    Parameters
    ----------
    places, cdf : (n_places,)
    log_cdf, flatness : (n_places,)
        Logarithm of the distribution function, and the inverse of its slope.
    curvature : (n_places - 1,)
        Half the second derivative of the logarithm between two places; 0 where unknown.
    """

    places: FloatArray
    cdf: FloatArray
    log_cdf: FloatArray
    flatness: FloatArray
    curvature: FloatArray

    @classmethod
    def of(cls, places: FloatArray, cdf: FloatArray, pdf: FloatArray) -> _Table:
        with np.errstate(all="ignore"):
            slope = pdf / cdf
            curvature = np.diff(slope) / np.diff(places) / 2
            flatness = cdf / pdf
            return cls(places, cdf, np.log(cdf), flatness, np.where(
                np.isfinite(curvature), curvature, 0.0
            ))  # fmt: skip

    def guess(self, i: IntArray, log_p: FloatArray) -> FloatArray:
        """Invert the logarithm between the places i - 1 and i, by Hermite's cubic."""
        low, high = self.places[i - 1], self.places[i]
        with np.errstate(all="ignore"):
            length = self.log_cdf[i] - self.log_cdf[i - 1]
            t = (log_p - self.log_cdf[i - 1]) / length
            first, last = self.flatness[i - 1] * length, self.flatness[i] * length
            chord = high - low
            bend = (1 - t) * (first - chord) + t * (chord - last)
            x = low + t * chord + t * (1 - t) * bend
        return np.where((x >= low) & (x <= high), x, low + (high - low) / 2)
