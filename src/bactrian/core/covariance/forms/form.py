"""How the covariances of a mixture are stored."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.forms.parts import Algebra, Changes, Columns, Limits


class Form(ABC):
    """How covariances and second moments are stored, and the linear algebra of what is stored.

    With K components and D features, covariances (and the Cholesky factors U of the precisions,
    ``cov^-1 = U U'``) are stacked along a first axis of length K, or 1 if one stands for all.
    :meth:`public_shape` is the shape that scikit-learn gives them. A form holds no data.

    Attributes
    ----------
    name : {"full", "tied", "diag", "spherical"}
        scikit-learn's, and that of the structure in which the covariances are otherwise free.
    shared : bool
        Whether one covariance stands for all components.
    correlated : bool
        Whether features may correlate within a component: the covariances are matrices.
    algebra : Algebra
    limits : Limits
    columns : Columns
    changes : Changes
    """

    name: ClassVar[str]
    shared: ClassVar[bool] = False
    correlated: ClassVar[bool]
    algebra: ClassVar[Algebra]
    limits: ClassVar[Limits]
    columns: ClassVar[Columns]
    changes: ClassVar[Changes]

    @abstractmethod
    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        """Shape of the covariances within this package."""

    @abstractmethod
    def public_shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        """Shape of the covariances as scikit-learn shows them."""

    def multiplicity(self, n_features: int) -> int:
        """How many features share each variance."""
        return 1

    def deviations(self, variances: FloatArray) -> FloatArray:
        """Deviations (D,) of features; all the same if one variance stands for all features."""
        return np.sqrt(variances)

    @property
    def unshared(self) -> Form:
        """The form in which each component has its own covariance of this kind."""
        return self

    @property
    def stretched(self) -> Form:
        """The form of these covariances after each feature is multiplied by its own unit."""
        return self

    # ---- from data to second moments, and from there to covariances

    @abstractmethod
    def scatter(self, X: FloatArray, resp: FloatArray, origin: FloatArray) -> FloatArray:
        """Second moments of a chunk, ``sum_i r_ik (x_i - o_k)(x_i - o_k)'``.

        Parameters
        ----------
        X : (n_samples, n_features)
        resp : (n_samples, n_components)
            Responsibilities times sample weights.
        origin : (n_components, n_features)
        """

    @abstractmethod
    def outer(self, a: FloatArray, b: FloatArray) -> FloatArray:
        """``(a_k b_k' + b_k a_k') / 2``, as second moments; `a` and `b` are (K, D)."""

    @abstractmethod
    def root(self, scatter: FloatArray) -> FloatArray:
        """Rows whose second moments equal a scatter, (D, D), or (D,) if it is diagonal."""

    def pooled(self, moments: FloatArray) -> FloatArray:
        """Second moments as they are stored: one for each component, or their sum."""
        return moments.sum(axis=0, keepdims=True) if self.shared else moments

    def shares(self, weights: FloatArray) -> FloatArray:
        """For each covariance, the weights (K,) of its components, summed; along axis 0."""
        return weights.sum(keepdims=True) if self.shared else weights

    def averages(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        """``cov = scatter / resp_sum``: the likeliest covariances without further constraints.

        One that holds nothing stays as it was (Bishop 2006, eq. 9.19).
        """
        held = along(self.shares(resp_sum), scatter)
        counts = self.multiplicity(n_features) * held
        return np.divide(scatter, counts, out=previous.copy(), where=held > 0)


def along(values: npt.NDArray[Any], covariances: FloatArray) -> npt.NDArray[Any]:
    """Reshape one value for each covariance so that it multiplies the covariances."""
    return values.reshape(-1, *[1] * (covariances.ndim - 1))
