"""Features that vary independently within a component: variances, (K, D or 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.covariance.forms.form import Form
from bactrian.core.covariance.forms.parts import Algebra, Changes, Columns, Limits


@final
class VarianceAlgebra(Algebra):
    """Distances and densities: the factors are 1 / standard deviation."""

    def precisions_cholesky(self, covariances: FloatArray) -> FloatArray:
        return _inverse_deviations(covariances)

    def precisions_cholesky_of(self, precisions: FloatArray) -> FloatArray:
        with np.errstate(invalid="ignore"):
            return np.where(precisions > 0, np.sqrt(precisions), np.nan)

    def covariances_of(self, precisions_cholesky: FloatArray) -> FloatArray:
        return 1.0 / np.square(precisions_cholesky)

    def precisions_of(self, precisions_cholesky: FloatArray) -> FloatArray:
        return np.square(precisions_cholesky)

    def log_det(self, precisions_cholesky: FloatArray, n_features: int) -> FloatArray:
        shared = n_features // max(1, precisions_cholesky.shape[1])
        return np.asarray(shared * np.add.reduce(np.log(precisions_cholesky), axis=1))

    def whitened(self, difference: FloatArray, factor: FloatArray) -> FloatArray:
        return difference * factor

    def whitened_each(self, steps: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return steps * precisions_cholesky

    def coloured(self, whitened: FloatArray, factor: FloatArray) -> FloatArray:
        return whitened / factor

    def coloured_each(self, whitened: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return whitened / precisions_cholesky

    def dense(self, covariances: FloatArray, n_components: int, n_features: int) -> FloatArray:
        variances = np.broadcast_to(covariances, (n_components, n_features))
        return variances[:, :, None] * np.eye(n_features)


@final
class VarianceLimits(Limits):
    """Bounds: the variances are the eigenvalues."""

    def scaled(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        return covariances * np.square(units[: covariances.shape[1]])

    def ridged(self, covariances: FloatArray, ridge: float) -> FloatArray:
        return covariances + ridge

    def floored(self, covariances: FloatArray, floor: FloatArray) -> tuple[FloatArray, FloatArray]:
        bounded = np.maximum(covariances, _bound(covariances, floor))
        return bounded, _inverse_deviations(bounded)

    def exceeds(
        self,
        covariances: FloatArray,
        bound: FloatArray,
        precisions_cholesky: FloatArray | None = None,
    ) -> BoolArray:
        return np.asarray((covariances > _bound(covariances, bound)).all(axis=1))

    def tolerances(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return np.ones(len(covariances))

    def eigenvalues(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        return np.asarray(covariances / np.square(units))

    def truncated(
        self, covariances: FloatArray, units: FloatArray, low: float, high: float
    ) -> tuple[FloatArray, FloatArray]:
        squares = np.square(units[: covariances.shape[1]])
        bounded = np.clip(covariances, low * squares, high * squares)
        return bounded, _inverse_deviations(bounded)


@final
class DiagColumns(Columns):
    """Some features given others: with a variance each, they say nothing of one another."""

    def covariances(self, covariances: FloatArray, columns: IntArray) -> FloatArray:
        return covariances[:, columns]

    def factors(self, precisions_cholesky: FloatArray, columns: IntArray) -> FloatArray:
        return precisions_cholesky[:, columns]

    def regression(
        self, precisions_cholesky: FloatArray, columns: IntArray, n_features: int
    ) -> tuple[FloatArray, FloatArray]:
        residuals = 1 / np.square(precisions_cholesky)
        residuals[:, columns] = 0.0
        return np.eye(n_features)[None, :, columns], residuals

    def carried(self, second: FloatArray, coefficients: FloatArray) -> FloatArray:
        return (coefficients @ second[:, :, None])[:, :, 0]


@final
class SphericalColumns(Columns):
    """Some features given others: with one variance, they say nothing of one another."""

    def covariances(self, covariances: FloatArray, columns: IntArray) -> FloatArray:
        return covariances

    def factors(self, precisions_cholesky: FloatArray, columns: IntArray) -> FloatArray:
        return precisions_cholesky

    def regression(
        self, precisions_cholesky: FloatArray, columns: IntArray, n_features: int
    ) -> tuple[FloatArray, FloatArray]:
        residuals = 1 / np.square(precisions_cholesky)
        left = n_features - len(columns)
        return np.eye(n_features)[None, :, columns], residuals * left

    def carried(self, second: FloatArray, coefficients: FloatArray) -> FloatArray:
        return second


@final
class VarianceChanges(Changes):
    """Steps between covariances: logarithms of ratios."""

    def change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return covariances * np.square(precisions_cholesky) - 1.0

    def log_change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return np.log(covariances * np.square(precisions_cholesky))

    def from_log_change(
        self, logarithms: FloatArray, precisions_cholesky: FloatArray
    ) -> FloatArray:
        return np.exp(logarithms) / np.square(precisions_cholesky)


class VarianceForm(Form):
    """Covariances and second moments are variances."""

    correlated = False
    algebra = VarianceAlgebra()
    limits = VarianceLimits()
    changes = VarianceChanges()


@final
@dataclass(frozen=True)
class DiagForm(VarianceForm):
    """Variances (K, D), and second moments of the same shape."""

    name = "diag"
    columns = DiagColumns()

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_components, n_features)

    def public_shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_components, n_features)

    def outer(self, a: FloatArray, b: FloatArray) -> FloatArray:
        return a * b

    def scatter(self, X: FloatArray, resp: FloatArray, origin: FloatArray) -> FloatArray:
        return np.stack([resp[:, k] @ np.square(X - o) for k, o in enumerate(origin)])

    def root(self, scatter: FloatArray) -> FloatArray:
        return np.diag(np.sqrt(_variances(scatter)))


@final
@dataclass(frozen=True)
class SphericalForm(VarianceForm):
    """Variances (K, 1); the second moments are sums of squared distances."""

    name = "spherical"
    columns = SphericalColumns()

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_components, 1)

    def public_shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_components,)

    def multiplicity(self, n_features: int) -> int:
        return n_features

    def deviations(self, variances: FloatArray) -> FloatArray:
        return np.full(len(variances), np.sqrt(variances.mean()))

    @property
    def stretched(self) -> Form:
        """A sphere in one unit is not a sphere in another."""
        return DiagForm()

    def outer(self, a: FloatArray, b: FloatArray) -> FloatArray:
        return np.einsum("kd,kd->k", a, b)[:, None]

    def scatter(self, X: FloatArray, resp: FloatArray, origin: FloatArray) -> FloatArray:
        squared = (np.square(X - o).sum(axis=1) for o in origin)
        return np.stack([resp[:, [k]].T @ lengths for k, lengths in enumerate(squared)])

    def root(self, scatter: FloatArray) -> FloatArray:
        n_features = len(scatter)
        variance = _variances(scatter).mean()
        return np.full((1, n_features), np.sqrt(variance / n_features))


def _inverse_deviations(covariances: FloatArray) -> FloatArray:
    """1 / standard deviation; NaN where the variance is not above 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(covariances > 0, 1.0 / np.sqrt(covariances), np.nan)


def _bound(covariances: FloatArray, bound: FloatArray) -> FloatArray:
    """The bound in the shape of the covariances: the largest where features share a variance."""
    return bound if covariances.shape[1] == len(bound) else bound.max(keepdims=True)


def _variances(scatter: FloatArray) -> FloatArray:
    """The diagonal of a scatter that is (D, D), or (D,) if it is diagonal."""
    return np.diagonal(scatter) if scatter.ndim == 2 else scatter
