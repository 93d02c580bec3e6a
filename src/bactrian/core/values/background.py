"""Backgrounds: the density of rows that belong to no component."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray, frozen


class Background(ABC):
    """Terms of a mixture with the same density everywhere: one term, or none."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of terms: 1 or 0."""

    @abstractmethod
    def joined(self, log_constants: FloatArray) -> FloatArray:
        """Log of weight times greatest density: the components' (K,), then its own, in nats."""

    @abstractmethod
    def padded(self, places: FloatArray) -> FloatArray:
        """Locations of the components (K, D), with an arbitrary location for its own term."""

    @abstractmethod
    def marginal(self, columns: IntArray) -> Background:
        """The background of some of the features."""

    @abstractmethod
    def weighted(self, log_factor: FloatArray) -> Background:
        """The background with its weight times a factor, whose log is (1,), or (0,) for none."""

    @abstractmethod
    def appended(self, weighted: FloatArray) -> FloatArray:
        """Logs of weight times density: the components' (n_samples, K), then its own."""


@final
@dataclass(frozen=True)
class Empty(Background):
    """No background: all rows belong to components."""

    def __len__(self) -> int:
        return 0

    def joined(self, log_constants: FloatArray) -> FloatArray:
        return log_constants

    def padded(self, places: FloatArray) -> FloatArray:
        return places

    def marginal(self, columns: IntArray) -> Empty:
        return self

    def weighted(self, log_factor: FloatArray) -> Empty:
        return self

    def appended(self, weighted: FloatArray) -> FloatArray:
        return weighted


@final
@dataclass(frozen=True, eq=False)
class Uniform(Background):
    """Uniform noise.

    Parameters
    ----------
    log_weight : float
        -inf for none.
    log_sides : (n_features,)
        Logarithms of the sides of the box whose volume V gives the density 1 / V.
    """

    log_weight: float
    log_sides: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "log_sides", frozen(self.log_sides))

    @property
    def log_constant(self) -> float:
        """Log of weight times density, in nats."""
        return self.log_weight - float(self.log_sides.sum())

    def __len__(self) -> int:
        return 1

    def joined(self, log_constants: FloatArray) -> FloatArray:
        return np.append(log_constants, self.log_constant)

    def padded(self, places: FloatArray) -> FloatArray:
        return np.concatenate([places, places[:1]])

    def marginal(self, columns: IntArray) -> Uniform:
        return replace(self, log_sides=self.log_sides[columns])

    def weighted(self, log_factor: FloatArray) -> Uniform:
        return replace(self, log_weight=self.log_weight + float(log_factor[0]))

    def appended(self, weighted: FloatArray) -> FloatArray:
        constant = np.full((len(weighted), 1), self.log_constant)
        return np.hstack([weighted, constant])


EMPTY = Empty()
