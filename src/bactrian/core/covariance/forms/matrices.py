"""Covariances whose entries may all differ from zero: matrices, (K or 1, D, D)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import final

import numpy as np
from scipy.linalg import lapack

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.covariance.forms.form import Form
from bactrian.core.covariance.forms.parts import Algebra, Changes, Columns, Limits
from bactrian.core.covariance.forms.stacks import (
    cholesky,
    cut_off,
    eigh,
    inverse_roots,
    inverses,
    pieces,
    product,
)


@final
class MatrixAlgebra(Algebra):
    """Distances and densities: the factors are upper triangular matrices."""

    def precisions_cholesky(self, covariances: FloatArray) -> FloatArray:
        return inverse_roots(covariances)

    def precisions_cholesky_of(self, precisions: FloatArray) -> FloatArray:
        # P = U U' with U upper triangular is the lower Cholesky factor of P read backwards.
        return cholesky(precisions[:, ::-1, ::-1])[:, ::-1, ::-1].transpose(0, 2, 1)

    def covariances_of(self, precisions_cholesky: FloatArray) -> FloatArray:
        inverse = inverses(precisions_cholesky)
        return product(inverse.transpose(0, 2, 1), inverse)

    def precisions_of(self, precisions_cholesky: FloatArray) -> FloatArray:
        return product(precisions_cholesky, precisions_cholesky.transpose(0, 2, 1))

    def log_det(self, precisions_cholesky: FloatArray, n_features: int) -> FloatArray:
        logarithms = np.log(precisions_cholesky.diagonal(0, 1, 2))
        return np.asarray(np.add.reduce(logarithms, axis=1))

    def whitened(self, difference: FloatArray, factor: FloatArray) -> FloatArray:
        return difference @ factor

    def whitened_each(self, steps: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return (steps[:, None, :] @ precisions_cholesky)[:, 0]

    def coloured(self, whitened: FloatArray, factor: FloatArray) -> FloatArray:
        return whitened @ inverses(factor[None])[0]

    def coloured_each(self, whitened: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return (whitened[:, None, :] @ inverses(precisions_cholesky))[:, 0]

    def dense(self, covariances: FloatArray, n_components: int, n_features: int) -> FloatArray:
        return np.broadcast_to(covariances, (n_components, n_features, n_features)).copy()


@final
class MatrixLimits(Limits):
    """Bounds: eigenvalues belong to any direction."""

    def scaled(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        return covariances * units[:, None] * units

    def ridged(self, covariances: FloatArray, ridge: float) -> FloatArray:
        return covariances + ridge * np.eye(covariances.shape[-1])

    def floored(self, covariances: FloatArray, floor: FloatArray) -> tuple[FloatArray, FloatArray]:
        factors = inverse_roots(covariances)
        below = ~self.exceeds(covariances, floor, factors)
        if not below.any():
            return covariances, factors
        result, units = covariances.copy(), np.sqrt(floor)
        for k in np.flatnonzero(below):
            result[k], factors[k] = cut_off(covariances[k], units, 1.0)
        return result, factors

    def exceeds(
        self,
        covariances: FloatArray,
        bound: FloatArray,
        precisions_cholesky: FloatArray | None = None,
    ) -> BoolArray:
        above = np.zeros(len(covariances), dtype=bool)
        if precisions_cholesky is not None:
            above = _surely_above(precisions_cholesky, bound)
        if not above.all():
            excess = cholesky(covariances[~above] - np.diag(bound))
            above[~above] = np.isfinite(excess).all(axis=(1, 2))
        return above

    def tolerances(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        factors = precisions_cholesky.diagonal(axis1=1, axis2=2)
        variances = covariances.diagonal(axis1=1, axis2=2)
        return np.asarray(1 / (np.square(factors) * variances).max(axis=1))

    def eigenvalues(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        scaled = self.scaled(covariances, 1 / units)
        return np.concatenate([np.linalg.eigvalsh(piece) for (piece,) in pieces(scaled)])

    def truncated(
        self, covariances: FloatArray, units: FloatArray, low: float, high: float
    ) -> tuple[FloatArray, FloatArray]:
        pairs = [cut_off(covariance, units, low, high) for covariance in covariances]
        return np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])


@final
class MatrixColumns(Columns):
    """Some features given others: blocks and Schur complements."""

    def covariances(self, covariances: FloatArray, columns: IntArray) -> FloatArray:
        return covariances[:, columns[:, None], columns]

    def factors(self, precisions_cholesky: FloatArray, columns: IntArray) -> FloatArray:
        # With U upper triangular, that of the first features is its first block. So the rows are
        # put in that order, and made triangular again, A = R Q.
        size = len(columns)
        order = np.concatenate([columns, _others(columns, precisions_cholesky.shape[-1])])
        factors = np.empty((len(precisions_cholesky), size, size))
        for k, factor in enumerate(precisions_cholesky):
            factors[k] = lapack.dgerqf(factor[order])[0][:size, :size]
        factors *= np.sign(factors.diagonal(0, 1, 2))[:, None]
        factors[:, *_below(size)] = 0.0
        return factors

    def regression(
        self, precisions_cholesky: FloatArray, columns: IntArray, n_features: int
    ) -> tuple[FloatArray, FloatArray]:
        others = _others(columns, n_features)
        coefficients = np.zeros((len(precisions_cholesky), n_features, len(columns)))
        coefficients[:, columns] = np.eye(len(columns))
        residuals = np.zeros_like(precisions_cholesky)
        # With the precision P: the residuals have P_oo^-1, the coefficients are -P_oo^-1 P_oc.
        rows = precisions_cholesky[:, others]
        own = np.linalg.inv(rows @ rows.transpose(0, 2, 1))
        cross = rows @ precisions_cholesky[:, columns].transpose(0, 2, 1)
        coefficients[:, others] = -own @ cross
        residuals[:, others[:, None], others] = (own + own.transpose(0, 2, 1)) / 2
        return coefficients, residuals

    def carried(self, second: FloatArray, coefficients: FloatArray) -> FloatArray:
        result = coefficients @ second @ coefficients.transpose(0, 2, 1)
        return (result + result.transpose(0, 2, 1)) / 2


@final
class MatrixChanges(Changes):
    """Steps between covariances: logarithms of symmetric matrices."""

    def change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        transposed = precisions_cholesky.transpose(0, 2, 1)
        ratio = product(transposed, covariances, precisions_cholesky)
        return ratio - np.eye(covariances.shape[-1])

    def log_change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        transposed = precisions_cholesky.transpose(0, 2, 1)
        values, vectors = eigh(product(transposed, covariances, precisions_cholesky))
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithms = np.log(values)
        return product(vectors * logarithms[:, None, :], vectors.transpose(0, 2, 1))

    def from_log_change(
        self, logarithms: FloatArray, precisions_cholesky: FloatArray
    ) -> FloatArray:
        values, vectors = eigh(logarithms)
        inverse = inverses(precisions_cholesky)
        root = product(np.exp(values / 2)[:, :, None] * vectors.transpose(0, 2, 1), inverse)
        return product(root.transpose(0, 2, 1), root)


def _others(columns: IntArray, n_features: int) -> IntArray:
    """The features that are not among `columns`."""
    left = np.ones(n_features, dtype=bool)
    left[columns] = False
    return np.flatnonzero(left)


@lru_cache
def _below(size: int) -> tuple[IntArray, IntArray]:
    """Rows and columns of the entries below the diagonal."""
    return np.tril_indices(size, -1)


def _surely_above(precisions_cholesky: FloatArray, bound: FloatArray) -> BoolArray:
    """Whether ``trace(diag(bound) cov^-1) < 1``, so that each of its eigenvalues is below 1."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(bound @ np.square(precisions_cholesky).sum(axis=2).T < 1)


class MatrixForm(Form):
    """Covariances and second moments are matrices."""

    correlated = True
    algebra = MatrixAlgebra()
    limits = MatrixLimits()
    columns = MatrixColumns()
    changes = MatrixChanges()

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (1 if self.shared else n_components, n_features, n_features)

    def public_shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        shape = self.shape(n_components, n_features)
        return shape[1:] if self.shared else shape

    def outer(self, a: FloatArray, b: FloatArray) -> FloatArray:
        pairs = a[:, :, None] * b[:, None, :]
        return self.pooled((pairs + pairs.transpose(0, 2, 1)) / 2)

    def scatter(self, X: FloatArray, resp: FloatArray, origin: FloatArray) -> FloatArray:
        total = np.empty((len(origin), X.shape[1], X.shape[1]))
        for k, o in enumerate(origin):
            difference = X - o
            total[k] = (difference * resp[:, k, None]).T @ difference
        return self.pooled((total + total.transpose(0, 2, 1)) / 2)

    def root(self, scatter: FloatArray) -> FloatArray:
        if scatter.ndim == 1:
            return np.diag(np.sqrt(scatter))
        correlations, units = standardised(scatter)
        values, vectors = np.linalg.eigh(correlations)
        return np.asarray(np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T * units)


@final
@dataclass(frozen=True)
class FullForm(MatrixForm):
    """A matrix for each component."""

    name = "full"


@final
@dataclass(frozen=True)
class TiedForm(MatrixForm):
    """One matrix for all components."""

    name = "tied"
    shared = True

    @property
    def unshared(self) -> Form:
        return FullForm()


def standardised(scatter: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Divide a scatter by its deviations; return both. A deviation of 0 counts as 1."""
    variances = np.diagonal(scatter)
    units = np.sqrt(np.where(variances > 0, variances, 1.0))
    return scatter / units[:, None] / units, units
