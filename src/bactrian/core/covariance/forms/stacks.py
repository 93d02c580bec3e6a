"""Linear algebra on stacks of matrices, (K, D, D)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import numpy as np
from scipy.linalg import lapack, rq

from bactrian.core.arrays import FloatArray

# A few matrices at a time: nothing is lost where they are small; elsewhere Ctrl-C gets through.
WORK_AT_ONCE = 2e7  # matrices times their features cubed, a tenth of a second


def pieces(*stacks: FloatArray) -> Iterator[tuple[FloatArray, ...]]:
    """Yield a few matrices of each stack at a time; a single matrix goes with every piece."""
    size = max(1, int(WORK_AT_ONCE // stacks[0].shape[-1] ** 3))
    for begin in range(0, max(map(len, stacks)), size):
        piece = slice(begin, begin + size)
        yield tuple(stack if len(stack) == 1 else stack[piece] for stack in stacks)


def product(*stacks: FloatArray) -> FloatArray:
    """Products of the matrices of several stacks."""
    return np.concatenate([reduce(np.matmul, piece) for piece in pieces(*stacks)])


def eigh(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues and eigenvectors of the symmetric parts."""
    found = [
        np.linalg.eigh((piece + piece.transpose(0, 2, 1)) / 2) for (piece,) in pieces(matrices)
    ]
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])


def inverse_roots(covariances: FloatArray) -> FloatArray:
    """Inverses of the upper triangular R with ``cov = R'R``; NaN if there is no such R."""
    factors = np.empty_like(covariances)
    for k, covariance in enumerate(covariances):
        root, info = lapack.dpotrf(covariance.T, lower=0, clean=1)
        factors[k] = lapack.dtrtri(root)[0] if info == 0 else np.nan
    return factors


def cholesky(matrices: FloatArray) -> FloatArray:
    """Upper triangular R with ``matrix = R'R``; NaN if the matrix is not positive definite."""
    roots = np.empty_like(matrices)
    for k, matrix in enumerate(matrices):
        root, info = lapack.dpotrf(matrix.T, lower=0, clean=1)
        roots[k] = root if info == 0 else np.nan
    return roots


def inverses(roots: FloatArray) -> FloatArray:
    """Inverses of upper triangular matrices."""
    inverses = np.empty_like(roots)
    for k, root in enumerate(roots):
        inverses[k] = lapack.dtrtri(root)[0]
    return inverses


def cut_off(
    covariance: FloatArray, units: FloatArray, low: float, high: float = np.inf
) -> tuple[FloatArray, FloatArray]:
    """Clip the eigenvalues of a covariance, in `units`; return it and its precision's factor."""
    values, vectors = np.linalg.eigh(covariance / units[:, None] / units)
    values = np.clip(values, low, high)
    raised = (vectors * values) @ vectors.T
    factor = upper(vectors / np.sqrt(values) / units[:, None])
    return (raised + raised.T) / 2 * units[:, None] * units, factor


def upper(root: FloatArray) -> FloatArray:
    """Upper triangular U with a positive diagonal and ``U U' = root root'``."""
    factor = rq(root, mode="r")
    return np.asarray(factor * np.sign(np.diagonal(factor)))
