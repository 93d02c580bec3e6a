"""Structures whose covariances are matrices, (K or 1, D, D)."""

from __future__ import annotations

import numpy as np
from scipy.linalg import lapack, rq

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.covariance.structure import CovarianceStructure


def _cholesky(matrices: FloatArray) -> FloatArray:
    """Lower Cholesky factors, NaN where a matrix is not positive definite."""
    try:
        return np.asarray(np.linalg.cholesky(matrices), dtype=np.float64)
    except np.linalg.LinAlgError:
        factors = np.full_like(matrices, np.nan)
        for k, matrix in enumerate(matrices):
            factor, info = lapack.dpotrf(matrix, lower=1, clean=1)
            if info == 0:
                factors[k] = factor
        return factors


def _triangular_inverse(factors: FloatArray, *, lower: bool) -> FloatArray:
    inverses = np.empty_like(factors)
    for k, factor in enumerate(factors):
        inverses[k] = lapack.dtrtri(factor, lower=lower)[0]
    return inverses


def _upper(root: FloatArray) -> FloatArray:
    """Upper triangular U of positive diagonal with ``U U' = root root'``."""
    factor = rq(root, mode="r")
    return np.asarray(factor * np.sign(np.diagonal(factor)))


class MatrixStructure(CovarianceStructure):
    """Covariances with every entry free to differ from zero."""

    def outer(self, a: FloatArray, b: FloatArray) -> FloatArray:
        product = a[:, :, None] * b[:, None, :]
        return self._pooled((product + product.transpose(0, 2, 1)) / 2)

    def scatter(self, X: FloatArray, resp: FloatArray, origin: FloatArray) -> FloatArray:
        total = np.empty((len(origin), X.shape[1], X.shape[1]))
        for k, o in enumerate(origin):
            difference = X - o
            total[k] = (difference * resp[:, k, None]).T @ difference
        return self._pooled((total + total.transpose(0, 2, 1)) / 2)

    def _pooled(self, moments: FloatArray) -> FloatArray:
        """Moments (K, D, D) as the structure keeps them: each, or their sum."""
        return moments

    def ridged(self, covariances: FloatArray, ridge: float) -> FloatArray:
        return covariances + ridge * np.eye(covariances.shape[-1])

    def floored(self, covariances: FloatArray, floor: FloatArray) -> tuple[FloatArray, FloatArray]:
        below = ~self.exceeds(covariances, floor)
        if not below.any():
            return covariances, self.precisions_cholesky(covariances)
        units = np.sqrt(floor)
        values, vectors = np.linalg.eigh(self.scaled(covariances[below], 1 / units))
        values = np.maximum(values, 1.0)[:, None, :]
        clipped = (vectors * values) @ vectors.transpose(0, 2, 1)
        result = covariances.copy()
        result[below] = self.scaled((clipped + clipped.transpose(0, 2, 1)) / 2, units)
        factors = np.empty_like(result)
        factors[~below] = self.precisions_cholesky(result[~below])
        factors[below] = [_upper(root) for root in vectors / np.sqrt(values) / units[:, None]]
        return result, factors

    def exceeds(self, covariances: FloatArray, bound: FloatArray) -> BoolArray:
        excess = _cholesky(covariances - np.diag(bound))
        return np.asarray(np.isfinite(excess).all(axis=(1, 2)))

    def tolerances(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        factors = np.diagonal(precisions_cholesky, axis1=1, axis2=2)
        variances = np.diagonal(covariances, axis1=1, axis2=2)
        return np.asarray((1 / (np.square(factors) * variances)).min(axis=1))

    def smallest_variances(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        values = np.linalg.eigvalsh(self.scaled(covariances, 1 / units))
        return np.maximum(values[:, 0].astype(np.float64), 0.0)

    def scaled(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        return covariances * units[:, None] * units

    def precisions_cholesky(self, covariances: FloatArray) -> FloatArray:
        lower = _cholesky(covariances)
        return _triangular_inverse(lower, lower=True).transpose(0, 2, 1)

    def precisions_cholesky_of(self, precisions: FloatArray) -> FloatArray:
        # P = U U' with U upper triangular is the ordinary Cholesky factor of P read backwards.
        return _cholesky(precisions[:, ::-1, ::-1])[:, ::-1, ::-1]

    def covariances_of(self, precisions_cholesky: FloatArray) -> FloatArray:
        inverse = _triangular_inverse(precisions_cholesky, lower=False)
        return inverse.transpose(0, 2, 1) @ inverse

    def precisions_of(self, precisions_cholesky: FloatArray) -> FloatArray:
        return precisions_cholesky @ precisions_cholesky.transpose(0, 2, 1)

    def log_det(self, precisions_cholesky: FloatArray, n_features: int) -> FloatArray:
        diagonals = np.diagonal(precisions_cholesky, axis1=1, axis2=2)
        return np.asarray(np.log(diagonals).sum(axis=1))

    def whitened(self, difference: FloatArray, factor: FloatArray) -> FloatArray:
        return difference @ factor

    def whitened_each(self, differences: FloatArray, factors: FloatArray) -> FloatArray:
        return np.asarray((differences[:, None, :] @ factors)[:, 0])

    def coloured_each(self, whitened: FloatArray, factors: FloatArray) -> FloatArray:
        return self.whitened_each(whitened, _triangular_inverse(factors, lower=False))

    def log_change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        ratio = precisions_cholesky.transpose(0, 2, 1) @ covariances @ precisions_cholesky
        values, vectors = np.linalg.eigh((ratio + ratio.transpose(0, 2, 1)) / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithms = np.log(values)
        return np.asarray((vectors * logarithms[:, None, :]) @ vectors.transpose(0, 2, 1))

    def from_log_change(
        self, logarithms: FloatArray, precisions_cholesky: FloatArray
    ) -> FloatArray:
        values, vectors = np.linalg.eigh((logarithms + logarithms.transpose(0, 2, 1)) / 2)
        inverse = _triangular_inverse(precisions_cholesky, lower=False)
        root = (np.exp(values / 2)[:, :, None] * vectors.transpose(0, 2, 1)) @ inverse
        return np.asarray(root.transpose(0, 2, 1) @ root)

    def information(self, n_features: int) -> float:
        return 0.5

    def change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        transposed = precisions_cholesky.transpose(0, 2, 1)
        return transposed @ covariances @ precisions_cholesky - np.eye(covariances.shape[-1])

    def coloured(self, whitened: FloatArray, factor: FloatArray) -> FloatArray:
        return whitened @ _triangular_inverse(factor[None], lower=False)[0]

    def moved(self, precisions_cholesky: FloatArray, change: FloatArray) -> FloatArray:
        identity = np.eye(change.shape[-1])
        shifted = identity + change
        inverse = _triangular_inverse(precisions_cholesky, lower=False)
        result = inverse.transpose(0, 2, 1) @ (identity + shifted @ shifted) @ inverse / 2
        return (result + result.transpose(0, 2, 1)) / 2

    def dense(self, covariances: FloatArray, n_components: int, n_features: int) -> FloatArray:
        return np.broadcast_to(covariances, (n_components, n_features, n_features)).copy()
