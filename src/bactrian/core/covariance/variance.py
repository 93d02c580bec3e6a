"""Structures whose covariances are diagonal: variances, (K or 1, D or 1)."""

from __future__ import annotations

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.covariance.structure import CovarianceStructure


class VarianceStructure(CovarianceStructure):
    """Features that vary independently within a component."""

    def of_columns(self, covariances: FloatArray, columns: IntArray) -> FloatArray:
        return covariances if covariances.shape[1] == 1 else covariances[:, columns]

    def marginal_factors(self, precisions_cholesky: FloatArray, columns: IntArray) -> FloatArray:
        return self.of_columns(precisions_cholesky, columns)

    def regression(
        self, precisions_cholesky: FloatArray, columns: IntArray, n_features: int
    ) -> tuple[FloatArray, FloatArray]:
        coefficients = np.eye(n_features)[None, :, columns]
        residuals = 1 / np.square(precisions_cholesky)
        if residuals.shape[1] == 1:  # one for all features
            return coefficients, residuals * (n_features - len(columns))
        residuals[:, columns] = 0.0
        return coefficients, residuals

    def carried(self, second: FloatArray, coefficients: FloatArray) -> FloatArray:
        n_features = coefficients.shape[1]
        if self.shape(1, n_features)[1] == 1:
            return second
        return (coefficients @ second[:, :, None])[:, :, 0]

    def ridged(self, covariances: FloatArray, ridge: float) -> FloatArray:
        return covariances + ridge

    def floored(self, covariances: FloatArray, floor: FloatArray) -> tuple[FloatArray, FloatArray]:
        bounded = np.maximum(covariances, self._bound(covariances, floor))
        return bounded, self.precisions_cholesky(bounded)

    def exceeds(
        self,
        covariances: FloatArray,
        bound: FloatArray,
        precisions_cholesky: FloatArray | None = None,
    ) -> BoolArray:
        return np.asarray((covariances > self._bound(covariances, bound)).all(axis=1))

    def _bound(self, covariances: FloatArray, bound: FloatArray) -> FloatArray:
        """The bound as wide as the covariances: where features share a variance, the largest."""
        return bound if covariances.shape[1] == len(bound) else bound.max(keepdims=True)

    def tolerances(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return np.ones(len(covariances))

    def eigenvalues(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        return np.asarray(covariances / np.square(units))

    def truncated(
        self, covariances: FloatArray, units: FloatArray, low: float, high: float
    ) -> tuple[FloatArray, FloatArray]:
        squares = np.square(units[: covariances.shape[1]])
        bounded = np.clip(covariances, low * squares, high * squares)
        return bounded, self.precisions_cholesky(bounded)

    def scaled(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        return covariances * np.square(units[: covariances.shape[1]])

    def precisions_cholesky(self, covariances: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(covariances > 0, 1.0 / np.sqrt(covariances), np.nan)

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

    def log_change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return np.log(covariances * np.square(precisions_cholesky))

    def from_log_change(
        self, logarithms: FloatArray, precisions_cholesky: FloatArray
    ) -> FloatArray:
        return np.exp(logarithms) / np.square(precisions_cholesky)

    def change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return covariances * np.square(precisions_cholesky) - 1.0

    def coloured(self, whitened: FloatArray, factor: FloatArray) -> FloatArray:
        return whitened / factor

    def coloured_each(self, whitened: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return whitened / precisions_cholesky

    def dense(self, covariances: FloatArray, n_components: int, n_features: int) -> FloatArray:
        variances = np.broadcast_to(covariances, (n_components, n_features))
        return variances[:, :, None] * np.eye(n_features)
