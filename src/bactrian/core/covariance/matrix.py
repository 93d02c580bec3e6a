"""Structures whose covariances are matrices, (K or 1, D, D)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, reduce

import numpy as np
from scipy.linalg import lapack, rq

from bactrian.core.arrays import BoolArray, FloatArray, IntArray
from bactrian.core.covariance.structure import CovarianceStructure

# A few matrices at a time: nothing is lost where they are small; elsewhere Ctrl-C gets through.
PIECE = 2e7  # matrices times their features cubed, a tenth of a second


def _pieces(*stacks: FloatArray) -> Iterator[tuple[FloatArray, ...]]:
    """A few matrices of each stack after another; one that is alone in its stack goes with all."""
    size = max(1, int(PIECE // stacks[0].shape[-1] ** 3))
    for begin in range(0, max(map(len, stacks)), size):
        piece = slice(begin, begin + size)
        yield tuple(stack if len(stack) == 1 else stack[piece] for stack in stacks)


def _product(*stacks: FloatArray) -> FloatArray:
    """Products of the matrices of several stacks."""
    return np.concatenate([reduce(np.matmul, piece) for piece in _pieces(*stacks)])


def _eigh(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues and eigenvectors of the symmetric parts."""
    found = [
        np.linalg.eigh((piece + piece.transpose(0, 2, 1)) / 2) for (piece,) in _pieces(matrices)
    ]
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])


def _factors(covariances: FloatArray) -> FloatArray:
    """Inverses of the upper triangular R with ``cov = R'R``, NaN where there is none."""
    factors = np.empty_like(covariances)
    for k, covariance in enumerate(covariances):
        root, info = lapack.dpotrf(covariance.T, lower=0, clean=1)
        factors[k] = lapack.dtrtri(root)[0] if info == 0 else np.nan
    return factors


def cholesky(matrices: FloatArray) -> FloatArray:
    """Upper triangular R with ``matrix = R'R``, NaN where a matrix is not positive definite."""
    roots = np.empty_like(matrices)
    for k, matrix in enumerate(matrices):
        root, info = lapack.dpotrf(matrix.T, lower=0, clean=1)
        roots[k] = root if info == 0 else np.nan
    return roots


def _inverses(roots: FloatArray) -> FloatArray:
    """Inverses of upper triangular matrices."""
    inverses = np.empty_like(roots)
    for k, root in enumerate(roots):
        inverses[k] = lapack.dtrtri(root)[0]
    return inverses


def _others(columns: IntArray, n_features: int) -> IntArray:
    """The features that are not among `columns`."""
    left = np.ones(n_features, dtype=bool)
    left[columns] = False
    return np.flatnonzero(left)


@lru_cache
def _below(size: int) -> tuple[IntArray, IntArray]:
    """Rows and columns of what is below the diagonal."""
    return np.tril_indices(size, -1)


def _surely_above(precisions_cholesky: FloatArray, bound: FloatArray) -> BoolArray:
    """Whether the trace of ``diag(bound) cov^-1`` is below 1, and so each of its eigenvalues."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(bound @ np.square(precisions_cholesky).sum(axis=2).T < 1)


def _cut_off(
    covariance: FloatArray, units: FloatArray, low: float, high: float = np.inf
) -> tuple[FloatArray, FloatArray]:
    """Covariance with its eigenvalues, in `units`, cut off, and its precision's factor."""
    values, vectors = np.linalg.eigh(covariance / units[:, None] / units)
    values = np.clip(values, low, high)
    raised = (vectors * values) @ vectors.T
    factor = _upper(vectors / np.sqrt(values) / units[:, None])
    return (raised + raised.T) / 2 * units[:, None] * units, factor


def _upper(root: FloatArray) -> FloatArray:
    """Upper triangular U of positive diagonal with ``U U' = root root'``."""
    factor = rq(root, mode="r")
    return np.asarray(factor * np.sign(np.diagonal(factor)))


class MatrixStructure(CovarianceStructure):
    """Covariances with every entry free to differ from zero."""

    def outer(self, a: FloatArray, b: FloatArray) -> FloatArray:
        product = a[:, :, None] * b[:, None, :]
        return self.pooled((product + product.transpose(0, 2, 1)) / 2)

    def scatter(self, X: FloatArray, resp: FloatArray, origin: FloatArray) -> FloatArray:
        total = np.empty((len(origin), X.shape[1], X.shape[1]))
        for k, o in enumerate(origin):
            difference = X - o
            total[k] = (difference * resp[:, k, None]).T @ difference
        return self.pooled((total + total.transpose(0, 2, 1)) / 2)

    def of_columns(self, covariances: FloatArray, columns: IntArray) -> FloatArray:
        return covariances[:, columns[:, None], columns]

    def marginal_factors(self, precisions_cholesky: FloatArray, columns: IntArray) -> FloatArray:
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

    def ridged(self, covariances: FloatArray, ridge: float) -> FloatArray:
        return covariances + ridge * np.eye(covariances.shape[-1])

    def floored(self, covariances: FloatArray, floor: FloatArray) -> tuple[FloatArray, FloatArray]:
        factors = self.precisions_cholesky(covariances)
        below = ~self.exceeds(covariances, floor, factors)
        if not below.any():
            return covariances, factors
        result, units = covariances.copy(), np.sqrt(floor)
        for k in np.flatnonzero(below):
            result[k], factors[k] = _cut_off(covariances[k], units, 1.0)
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
        return np.concatenate([np.linalg.eigvalsh(piece) for (piece,) in _pieces(scaled)])

    def truncated(
        self, covariances: FloatArray, units: FloatArray, low: float, high: float
    ) -> tuple[FloatArray, FloatArray]:
        pairs = [_cut_off(covariance, units, low, high) for covariance in covariances]
        return np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])

    def scaled(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        return covariances * units[:, None] * units

    def precisions_cholesky(self, covariances: FloatArray) -> FloatArray:
        return _factors(covariances)

    def precisions_cholesky_of(self, precisions: FloatArray) -> FloatArray:
        # P = U U' with U upper triangular is the lower Cholesky factor of P read backwards.
        return cholesky(precisions[:, ::-1, ::-1])[:, ::-1, ::-1].transpose(0, 2, 1)

    def covariances_of(self, precisions_cholesky: FloatArray) -> FloatArray:
        inverse = _inverses(precisions_cholesky)
        return _product(inverse.transpose(0, 2, 1), inverse)

    def precisions_of(self, precisions_cholesky: FloatArray) -> FloatArray:
        return _product(precisions_cholesky, precisions_cholesky.transpose(0, 2, 1))

    def log_det(self, precisions_cholesky: FloatArray, n_features: int) -> FloatArray:
        logarithms = np.log(precisions_cholesky.diagonal(0, 1, 2))
        return np.asarray(np.add.reduce(logarithms, axis=1))

    def whitened(self, difference: FloatArray, factor: FloatArray) -> FloatArray:
        return difference @ factor

    def whitened_each(self, steps: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return (steps[:, None, :] @ precisions_cholesky)[:, 0]

    def log_change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        transposed = precisions_cholesky.transpose(0, 2, 1)
        values, vectors = _eigh(_product(transposed, covariances, precisions_cholesky))
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithms = np.log(values)
        return _product(vectors * logarithms[:, None, :], vectors.transpose(0, 2, 1))

    def from_log_change(
        self, logarithms: FloatArray, precisions_cholesky: FloatArray
    ) -> FloatArray:
        values, vectors = _eigh(logarithms)
        inverse = _inverses(precisions_cholesky)
        root = _product(np.exp(values / 2)[:, :, None] * vectors.transpose(0, 2, 1), inverse)
        return _product(root.transpose(0, 2, 1), root)

    def information(self, n_features: int) -> float:
        return 0.5

    def change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        transposed = precisions_cholesky.transpose(0, 2, 1)
        ratio = _product(transposed, covariances, precisions_cholesky)
        return ratio - np.eye(covariances.shape[-1])

    def coloured(self, whitened: FloatArray, factor: FloatArray) -> FloatArray:
        return whitened @ _inverses(factor[None])[0]

    def coloured_each(self, whitened: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        return (whitened[:, None, :] @ _inverses(precisions_cholesky))[:, 0]

    def dense(self, covariances: FloatArray, n_components: int, n_features: int) -> FloatArray:
        return np.broadcast_to(covariances, (n_components, n_features, n_features)).copy()
