"""Sufficient statistics: all that the M-step needs to know of the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bactrian.core.arrays import FloatArray, frozen
from bactrian.core.covariance import CovarianceStructure


@dataclass(frozen=True, eq=False)
class SufficientStats:
    """Moments about an origin for each component. They add.

    With responsibilities times sample weights ``r_ik`` and origins ``o_k``:
    ``resp_sum = sum_i r_ik``, ``first = sum_i r_ik (x_i - o_k)`` and
    ``second = sum_i r_ik (x_i - o_k)(x_i - o_k)'``. The origin is near the mean, so that the
    covariance ``second / resp_sum - delta delta'`` loses no digits [1]_.

    Parameters
    ----------
    structure : CovarianceStructure
    origin : (n_components, n_features)
    resp_sum : (n_components,)
    first : (n_components, n_features)
    second : the structure's second moments
    log_likelihood : float
        Sum over samples of weight times log-density, in nats.
    weight : float
        Sum of the sample weights.
    n_samples : int

    References
    ----------
    .. [1] Chan, T., Golub, G. and LeVeque, R. (1983). Algorithms for computing the sample
       variance. Am. Stat. 37, 242-247.
    """

    structure: CovarianceStructure
    origin: FloatArray
    resp_sum: FloatArray
    first: FloatArray
    second: FloatArray
    log_likelihood: float
    weight: float
    n_samples: int

    def __post_init__(self) -> None:
        for name in ("origin", "resp_sum", "first", "second"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @classmethod
    def zeros(cls, structure: CovarianceStructure, origin: FloatArray) -> SufficientStats:
        """Statistics of no data."""
        nothing = np.zeros_like(origin)
        second = structure.outer(nothing, nothing)
        return cls(structure, origin, nothing[:, 0], nothing, second, 0.0, 0.0, 0)

    @classmethod
    def of(
        cls,
        structure: CovarianceStructure,
        X: FloatArray,
        resp: FloatArray,
        origin: FloatArray,
        log_likelihood: float = 0.0,
        weight: float | None = None,
    ) -> SufficientStats:
        """Statistics of a chunk.

        Parameters
        ----------
        X : (n_samples, n_features)
        resp : (n_samples, n_components)
            Responsibilities times sample weights.
        origin : (n_components, n_features)
        weight : float, optional
            Of all samples; by default the sum of `resp`.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # an origin at 1e160 squares to none
            first = np.stack([resp[:, k] @ (X - o) for k, o in enumerate(origin)])
            second = structure.scatter(X, resp, origin)
        return cls(
            structure,
            origin,
            resp.sum(axis=0),
            first,
            second,
            log_likelihood,
            float(resp.sum()) if weight is None else weight,
            len(X),
        )

    def __add__(self, other: SufficientStats) -> SufficientStats:
        if other.origin is not self.origin:
            other = other.recentred(self.origin)
        return SufficientStats(
            self.structure,
            self.origin,
            self.resp_sum + other.resp_sum,
            self.first + other.first,
            self.second + other.second,
            self.log_likelihood + other.log_likelihood,
            self.weight + other.weight,
            self.n_samples + other.n_samples,
        )

    def recentred(self, origin: FloatArray) -> SufficientStats:
        """The same statistics about another origin."""
        with np.errstate(over="ignore", invalid="ignore"):
            second = self.second_about(origin)
        return SufficientStats(
            self.structure,
            origin,
            self.resp_sum,
            self.first + self.resp_sum[:, None] * (self.origin - origin),
            second,
            self.log_likelihood,
            self.weight,
            self.n_samples,
        )

    def second_about(self, origin: FloatArray) -> FloatArray:
        """Second moments about another origin, at a shift s ``second + (2 first + n s) s'``."""
        shift = self.origin - origin
        twice = 2 * self.first + self.resp_sum[:, None] * shift
        return self.second + self.structure.outer(twice, shift)

    @property
    def means(self) -> FloatArray:
        """Means of the components, ``origin + first / resp_sum``; the origin where that is 0."""
        held = self.resp_sum[:, None]
        step = np.divide(self.first, held, out=np.zeros_like(self.first), where=held > 0)
        return self.origin + step
