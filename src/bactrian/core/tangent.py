"""Coordinates around a mixture in which EM's rate matrix is symmetric."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.parameters import Parameters


@dataclass(frozen=True, eq=False)
class Tangent:
    """Directions in which parameters can move, orthonormal in the complete-data information.

    A step dw, dm, dS of weights, means, covariances has the squared length
    ``sum_k dw_k^2 / w_k + w_k |U_k' dm_k|^2 + (w_k / 2) |U_k' dS_k U_k|^2``: the information,
    a sample, if the components were known (McLachlan & Krishnan 2008, section 3.8).

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
    def _covariance_scale(self) -> FloatArray:
        """Root of the information on a relative change of the covariances, along axis 0."""
        covariances, n_features = self.base.covariances, self.base.n_features
        weights = self.base.structure.shares(self.base.weights)
        shared = n_features / covariances.shape[-1]
        return np.sqrt(weights * shared / 2).reshape(-1, *[1] * (covariances.ndim - 1))

    def vector(self, other: Parameters) -> FloatArray:
        """Coordinates of other parameters near `base`."""
        base, structure, root = self.base, self.base.structure, self._root
        alive = np.where(root > 0, root, np.inf)
        means = structure.whitened_each(other.means - base.means, base.precisions_cholesky)
        change = structure.change(other.covariances, base.precisions_cholesky)
        blocks = {
            "weights": (other.weights - base.weights) / alive,
            "means": root[:, None] * means,
            "covariances": self._covariance_scale * change,
        }
        return np.concatenate(
            [np.zeros(b.size) if name in self.fixed else b.ravel() for name, b in blocks.items()]
        )

    def point(self, vector: FloatArray) -> Parameters:
        """Parameters at these coordinates, to first order; always a proper mixture."""
        base, structure = self.base, self.base.structure
        n_components, n_features = base.means.shape
        ends = np.cumsum([n_components, n_components * n_features])
        weights, means, change = np.split(vector, ends)
        alive = np.where(self._root > 0, self._root, np.inf)
        tilted = base.weights * np.exp(np.clip(weights / alive, -30, 30))
        steps = means.reshape(base.means.shape) / alive[:, None]
        scale = np.where(self._covariance_scale > 0, self._covariance_scale, np.inf)
        relative = change.reshape(base.covariances.shape) / scale
        values = {
            "weights": tilted / tilted.sum(),
            "means": base.means + structure.coloured_each(steps, base.precisions_cholesky),
            "covariances": structure.moved(base.precisions_cholesky, relative),
        }
        held = {name: getattr(base, name) for name in self.fixed}
        return base.replaced(**{**values, **held})
