"""Quantiles of many mixtures of one feature at once, one for each row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np
from scipy.special import betaln, ndtr, ndtri, stdtr, stdtrit

from bactrian.core.arrays import BoolArray, FloatArray

EACH_HALVED = 4


@final
@dataclass(frozen=True, eq=False)
class RowMixtures:
    """Mixtures of one feature, one for each row.

    Parameters
    ----------
    weights, means, deviations : (n_rows, n_components)
    dof : (n_rows, n_components) or None
    noise : (n_rows,)
        Weight of the noise.
    low, high : float
        Its ends.
    """

    weights: FloatArray
    means: FloatArray
    deviations: FloatArray
    dof: FloatArray | None
    noise: FloatArray
    low: float
    high: float

    def tails(self, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Probability of at most x, of more, and the density, (n_rows,) each."""
        z = (x[:, None] - self.means) / self.deviations
        if self.dof is None:
            below, above = ndtr(z), ndtr(-z)
            heights = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        else:
            below, above = stdtr(self.dof, z), stdtr(self.dof, -z)
            heights = _t_density(self.dof, z)
        share = np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)
        inside = (x >= self.low) & (x <= self.high)
        w = self.weights
        return (
            (w * below).sum(axis=1) + self.noise * share,
            (w * above).sum(axis=1) + self.noise * (1 - share),
            (w * heights / self.deviations).sum(axis=1)
            + self.noise * inside / (self.high - self.low),
        )

    def quantile(self, p: float) -> FloatArray:
        """The quantile of each row, (n_rows,), by Newton's method within brackets.

        That of a mixture lies between the smallest and the largest of its components'.

        Parameters
        ----------
        p : float
            Within (0, 1).
        """
        steps = ndtri(p) if self.dof is None else stdtrit(self.dof, p)
        each = self.means + self.deviations * steps
        takes_part = self.weights > 0
        low = np.where(takes_part, each, np.inf).min(axis=1)
        high = np.where(takes_part, each, -np.inf).max(axis=1)
        some = self.noise > 0
        own = self.low + p * (self.high - self.low)
        low, high = np.where(some, np.minimum(low, own), low), np.where(
            some, np.maximum(high, own), high
        )  # fmt: skip
        found = np.empty(len(self.weights))
        mixtures, active = self, np.arange(len(found))
        x, n_steps = low + (high - low) / 2, 0
        while len(active):
            n_steps += 1
            below, above, density = mixtures.tails(x)
            error = below - p if p < 0.5 else (1 - p) - above
            high, low = np.where(error >= 0, x, high), np.where(error <= 0, x, low)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                moved = x - error / density
            inside = (moved >= low) & (moved <= high) & (n_steps % EACH_HALVED > 0)
            following = np.where(inside, moved, low + (high - low) / 2)
            done = np.abs(following - x) <= 8 * np.spacing(np.abs(x))
            found[active[done]] = following[done]
            left = ~done
            mixtures, active = mixtures._some(left), active[left]
            x, low, high = following[left], low[left], high[left]
        return found

    def _some(self, rows: BoolArray) -> RowMixtures:
        return replace(
            self,
            weights=self.weights[rows],
            means=self.means[rows],
            deviations=self.deviations[rows],
            dof=None if self.dof is None else self.dof[rows],
            noise=self.noise[rows],
        )


def _t_density(dof: FloatArray, z: FloatArray) -> FloatArray:
    peak = -0.5 * np.log(dof) - betaln(dof / 2, 0.5)
    return np.asarray(np.exp(peak - (dof + 1) / 2 * np.log1p(z * z / dof)))
