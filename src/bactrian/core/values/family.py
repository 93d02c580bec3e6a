"""Families: how the density of a component falls with the distance from its mean."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.special import digamma, gammaln

from bactrian.core.arrays import FloatArray, frozen

LOG_2PI = float(np.log(2 * np.pi))
FARTHEST = 1e300  # squared distance beyond which a row counts for nothing in a t distribution

Scales = tuple[FloatArray, FloatArray]


class Family(ABC):
    """Densities that depend only on the squared Mahalanobis distance q.

    Attributes
    ----------
    dof : (n_components,), (1,) or (0,)
        Degrees of freedom: each, of all, or none.
    has_tails : bool
        Whether they are heavier than a Gaussian's.
    """

    dof: FloatArray
    has_tails: ClassVar[bool]

    @abstractmethod
    def log_greatest(self, n_features: int) -> FloatArray | float:
        """Log-density at the mean when the covariance (or scale matrix) is the identity."""

    @abstractmethod
    def fall(self, squared: FloatArray, n_features: int) -> FloatArray:
        """Log of the greatest density divided by the density at q, (n_samples, n_components)."""

    @abstractmethod
    def scales(self, squared: FloatArray, n_features: int) -> Scales | None:
        """Expected scale u of the precision, and its logarithm, for each sample and component.

        Returns
        -------
        (n_samples, n_components) twice, or None where it is 1
        """

    @abstractmethod
    def only(self, component: int) -> Family:
        """The family of one component."""

    @abstractmethod
    def draw_scales(
        self, component: int, size: int, random_state: np.random.RandomState
    ) -> FloatArray:
        """Draw scales u of the precision for rows of one component: (size,), or (1,) for all."""


@final
@dataclass(frozen=True)
class Gaussian(Family):
    """``log f = -q / 2 - D/2 log(2 pi)`` (Bishop 2006, eq. 2.43)."""

    dof = frozen(np.empty(0))
    has_tails = False

    def log_greatest(self, n_features: int) -> float:
        return -n_features / 2 * LOG_2PI

    def fall(self, squared: FloatArray, n_features: int) -> FloatArray:
        return 0.5 * squared

    def scales(self, squared: FloatArray, n_features: int) -> None:
        return None

    def only(self, component: int) -> Gaussian:
        return self

    def draw_scales(
        self, component: int, size: int, random_state: np.random.RandomState
    ) -> FloatArray:
        return np.ones(1)


@final
@dataclass(frozen=True, eq=False)
class Student(Family):
    """t distributions with v degrees of freedom: Gaussians whose precision has a hidden factor u.

    ``log f = -(v + D)/2 log(1 + q / v) + log G((v + D)/2) - log G(v/2) - D/2 log(pi v)``, and
    ``u | x, k`` has the gamma distribution of shape ``(v + D)/2`` and mean ``(v + D) / (v + q)``
    (Peel & McLachlan 2000, eqs. 5, 14 and 18).

    Parameters
    ----------
    dof : (n_components,) or (1,)
    """

    dof: FloatArray
    has_tails = True

    def log_greatest(self, n_features: int) -> FloatArray:
        dof = self.dof
        peak = gammaln((dof + n_features) / 2) - gammaln(dof / 2)
        return np.asarray(peak - n_features / 2 * np.log(np.pi * dof))

    def fall(self, squared: FloatArray, n_features: int) -> FloatArray:
        return np.asarray((self.dof + n_features) / 2 * np.log1p(squared / self.dof))

    def scales(self, squared: FloatArray, n_features: int) -> Scales:
        shape = (self.dof + n_features) / 2
        mean = 2 * shape / (self.dof + np.minimum(squared, FARTHEST))
        return mean, np.log(mean) + (digamma(shape) - np.log(shape))

    def only(self, component: int) -> Student:
        return self if len(self.dof) == 1 else Student(self.dof[component : component + 1])

    def draw_scales(
        self, component: int, size: int, random_state: np.random.RandomState
    ) -> FloatArray:
        dof = self.only(component).dof[0]
        return random_state.gamma(dof / 2, size=size) * (2 / dof)


GAUSSIAN = Gaussian()
