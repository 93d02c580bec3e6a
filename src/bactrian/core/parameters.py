"""The parameters of a Gaussian mixture, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray, IntArray, frozen
from bactrian.core.covariance import CovarianceStructure
from bactrian.core.errors import DegenerateCovarianceError


@dataclass(frozen=True, eq=False)
class Parameters:
    """Weights, means and covariances; the factors of the precisions come with them.

    Parameters
    ----------
    weights : (n_components,)
        Sum to 1. A component of weight 0 takes no part.
    means : (n_components, n_features)
    covariances : structure.shape(n_components, n_features)
    structure : CovarianceStructure
    precisions_cholesky : like covariances, optional
        Upper triangular U with ``cov^-1 = U U'``. Computed if not given.

    Raises
    ------
    DegenerateCovarianceError
        If a covariance is not positive definite.
    """

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    structure: CovarianceStructure
    precisions_cholesky: FloatArray = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        factors = self.precisions_cholesky
        if factors.size == 0:
            factors = self.structure.precisions_cholesky(np.asarray(self.covariances))
        _check_whole(factors, self.n_components, self.n_features)
        for name, value in (
            ("weights", self.weights),
            ("means", self.means),
            ("covariances", self.covariances),
            ("precisions_cholesky", factors),
        ):
            object.__setattr__(self, name, frozen(value))

    @classmethod
    def from_precisions(
        cls,
        weights: npt.ArrayLike,
        means: npt.ArrayLike,
        precisions: npt.ArrayLike,
        structure: CovarianceStructure,
    ) -> Parameters:
        """Parameters given by precisions (inverse covariances) in the structure's shape."""
        weights, means = np.asarray(weights), np.asarray(means)
        factors = structure.precisions_cholesky_of(np.asarray(precisions))
        _check_whole(factors, *means.shape)
        return cls(weights, means, structure.covariances_of(factors), structure, factors)

    @property
    def n_components(self) -> int:
        """K."""
        return len(self.means)

    @property
    def n_features(self) -> int:
        """D."""
        return int(np.shape(self.means)[1])

    def n_parameters(self, fixed: frozenset[str] = frozenset()) -> int:
        """Free parameters, those held `fixed` left out."""
        n_components, n_features = self.means.shape
        counts = {
            "weights": n_components - 1,
            "means": n_components * n_features,
            "covariances": self.structure.n_parameters(n_components, n_features),
        }
        return sum(count for name, count in counts.items() if name not in fixed)

    @property
    def log_weights(self) -> FloatArray:
        """Log of the weights, -inf for a component that takes no part."""
        with np.errstate(divide="ignore"):
            return np.log(self.weights)

    def dense_covariances(self) -> FloatArray:
        """Covariance matrices of all components, (K, D, D)."""
        return self.structure.dense(self.covariances, *self.means.shape)

    def factors(self) -> FloatArray:
        """``precisions_cholesky`` with one entry for each component, shared or not."""
        shape = (self.n_components, *self.precisions_cholesky.shape[1:])
        return np.broadcast_to(self.precisions_cholesky, shape)

    def permuted(self, order: IntArray) -> Parameters:
        """The same mixture with its components in another order."""

        def taken(values: FloatArray) -> FloatArray:
            return values[order] if len(values) == self.n_components else values

        return Parameters(
            self.weights[order],
            self.means[order],
            taken(self.covariances),
            self.structure,
            taken(self.precisions_cholesky),
        )

    def replaced(self, **changes: Any) -> Parameters:
        """A copy with some of weights, means, covariances changed."""
        if "covariances" in changes:
            changes.setdefault("precisions_cholesky", np.empty(0))
        return replace(self, **changes)


def _check_whole(factors: FloatArray, n_components: int, n_features: int) -> None:
    """Refuse factors that are not finite."""
    if not isfinite(factors.sum()) and not np.isfinite(factors).all():
        broken = ~np.isfinite(factors).reshape(len(factors), -1).all(axis=1)
        raise DegenerateCovarianceError(np.flatnonzero(broken).tolist(), n_components, n_features)
