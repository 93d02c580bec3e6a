"""Coordinates of all mixtures around one of them: any vector is a proper mixture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.parameters import Parameters

WIDEST = 30.0  # logarithm of a ratio beyond which it is cut


@dataclass(frozen=True, eq=False)
class Chart:
    """Log ratios of the weights, whitened means, logarithms of the covariances.

    A mixture is given by ``log w_k / w0_k``, ``(m_k - m0_k) U0_k`` and ``log U0_k' cov_k U0_k``,
    each times the root of the complete-data information at the base: a short vector of steps dw,
    dm, dS has the squared length
    ``sum_k dw_k^2 / w_k + w_k |U_k' dm_k|^2 + (w_k / 2) |U_k' dS_k U_k|^2``, the information, a
    sample, if the components were known (McLachlan & Krishnan 2008, section 3.8). There EM's rate
    matrix is symmetric, and its step the gradient. The way back is exact, however far, but for
    the sum of the weights, which is made 1. Lengths and angles do not depend on the units, nor on
    the order of components or features.

    Parameters
    ----------
    base : Parameters
    fixed : frozenset of str
        Parameters that do not move.
    """

    base: Parameters
    fixed: frozenset[str]

    @cached_property
    def _root(self) -> FloatArray:
        """Square roots of the weights, (K,)."""
        return np.sqrt(self.base.weights)

    @cached_property
    def _unroot(self) -> FloatArray:
        """One over these; 0 for a component that takes no part."""
        return _inverse(self._root)

    @cached_property
    def _scale(self) -> FloatArray:
        """Root of the information on the logarithms of the covariances."""
        structure = self.base.structure
        shares = structure.shares(self.base.weights)
        shares = shares.reshape(-1, *[1] * (self.base.covariances.ndim - 1))
        return np.sqrt(shares * structure.information(self.base.n_features))

    @cached_property
    def _unscale(self) -> FloatArray:
        return _inverse(self._scale)

    def vector(self, other: Parameters) -> FloatArray:
        """Coordinates of other parameters."""
        base, structure = self.base, self.base.structure
        blocks = []
        if "weights" not in self.fixed:
            with np.errstate(divide="ignore", invalid="ignore"):
                ratios = _cut(np.log(other.weights / base.weights))
            blocks.append(np.where(self._root > 0, self._root * ratios, 0.0))
        if "means" not in self.fixed:
            steps = structure.whitened_each(other.means - base.means, base.precisions_cholesky)
            blocks.append((self._root[:, None] * steps).ravel())
        if "covariances" not in self.fixed:
            changes = structure.log_change(other.covariances, base.precisions_cholesky)
            blocks.append((self._scale * changes).ravel())
        return np.concatenate(blocks) if blocks else np.empty(0)

    def point(self, vector: FloatArray) -> Parameters:
        """Parameters at these coordinates.

        Raises
        ------
        DegenerateCovarianceError
            If a covariance leaves the range of float64.
        """
        base, structure = self.base, self.base.structure
        weights, means, left = base.weights, base.means, vector
        if "weights" not in self.fixed:
            ratios, left = left[: len(weights)] * self._unroot, left[len(weights) :]
            weights = weights * np.exp(_cut(ratios))
            weights = weights / weights.sum()
        if "means" not in self.fixed:
            steps, left = left[: means.size].reshape(means.shape), left[means.size :]
            means = means + structure.coloured_each(
                steps * self._unroot[:, None], base.precisions_cholesky
            )
        if "covariances" in self.fixed:
            return base.replaced(
                weights=weights,
                means=means,
                covariances=base.covariances,
                precisions_cholesky=base.precisions_cholesky,
            )
        logarithms = _cut(left.reshape(base.covariances.shape) * self._unscale)
        covariances = structure.from_log_change(logarithms, base.precisions_cholesky)
        return Parameters(weights, means, covariances, structure)


def _cut(logarithms: FloatArray) -> FloatArray:
    """Logarithms of ratios within the widest bounds; `np.clip`, at a fifth of its cost."""
    return np.minimum(np.maximum(logarithms, -WIDEST), WIDEST)


def _inverse(values: FloatArray) -> FloatArray:
    """One over each value, 0 for 0."""
    return np.where(values > 0, 1 / np.where(values > 0, values, 1.0), 0.0)
