"""Coordinates of all mixtures around one of them: every vector is a valid mixture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Protocol

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.mstep.dof import LEAST, MOST, information
from bactrian.core.mstep.point_masses import categories, from_categories, rows_behind
from bactrian.core.mstep.pseudo import NO_ROWS, PseudoRows
from bactrian.core.values.parameters import Parameters

WIDEST = 30.0  # logarithm of a ratio beyond which it is cut


class Coordinates(Protocol):
    """Coordinates around a mixture: see :class:`Chart`."""

    def vector(self, other: Parameters) -> FloatArray:
        """Coordinates of other parameters."""

    def point(self, vector: FloatArray) -> Parameters:
        """Parameters at these coordinates.

        Raises
        ------
        DegenerateCovarianceError
            If a covariance leaves the range of float64.
        """


@dataclass(frozen=True, eq=False)
class Chart:
    """Coordinates: log ratios of weights and dof, whitened means, logarithms of covariances.

    A mixture is given by ``log w_k / w0_k``, ``(m_k - m0_k) U0_k`` and ``log U0_k' cov_k U0_k``,
    each times the root of the complete-data information at the base: a short vector of steps dw,
    dm, dS has the squared length
    ``sum_k dw_k^2 / w_k + w_k |U_k' dm_k|^2 + (w_k / 2) |U_k' dS_k U_k|^2``, the information, a
    sample, if the components were known (McLachlan & Krishnan 2008, section 3.8). There EM's rate
    matrix is symmetric, and its step the gradient. The way back is exact, however far, except for
    the sum of the weights, which is made 1, and what the components share: a vector that leaves
    the structure stands for the nearest mixture in it. Shares of point masses, and what they leave
    in each column, are coordinates as weights are. Lengths and angles do not depend on the units,
    nor on the order of components or features.

    Parameters
    ----------
    base : Parameters
    fixed : frozenset of str
        Parameters that do not move; of the noise its weight.
    prior : PseudoRows
        What is known before counts as information, too.
    """

    base: Parameters
    fixed: frozenset[str] = frozenset()
    prior: PseudoRows = NO_ROWS

    def _moving(self, parameters: Parameters) -> FloatArray:
        """Weights that move: those of all terms; if the components' are held, their sum."""
        weights = parameters.term_weights
        if "weights" not in self.fixed:
            return weights
        together = np.array([parameters.weights.sum(), *weights[parameters.n_components :]])
        return together if len(together) > 1 and "noise" not in self.fixed else together[:0]

    @cached_property
    def _root(self) -> FloatArray:
        """Square roots of the weights that move, (n_moving,)."""
        return np.sqrt(self._moving(self.base) * (1 + self.prior.weights))

    @cached_property
    def _mean_root(self) -> FloatArray:
        """Square roots of the rows behind each mean, (n_components,)."""
        return np.sqrt(self._rows(self.prior.means))

    def _rows(self, known: FloatArray | float) -> FloatArray:
        """Rows of each component per unit of weight, with the prior's rows."""
        return np.maximum(self.base.weights * (1 + self.prior.weights) + known, 0.0)

    @cached_property
    def _unroot(self) -> FloatArray:
        """1 / root; 0 for a component that takes no part."""
        return _inverse(self._root)

    @cached_property
    def _dof_scale(self) -> FloatArray:
        """Square root of the information on the logarithms of the degrees of freedom."""
        dof, weights = self.base.family.dof, self.base.weights
        return np.sqrt((weights if len(dof) > 1 else weights.sum()) * information(dof))

    @cached_property
    def _share_root(self) -> FloatArray:
        """Square roots of the rows behind each share of a point mass, and behind the rest."""
        return np.sqrt(rows_behind(self.base) * categories(self.base))

    @cached_property
    def _scale(self) -> FloatArray:
        """Square root of the information on the logarithms of the covariances."""
        form = self.base.form
        shares = form.shares(self._rows(self.prior.covariances))
        shares = shares.reshape(-1, *[1] * (self.base.covariances.ndim - 1))
        return np.sqrt(shares * (form.multiplicity(self.base.n_features) / 2))

    @cached_property
    def _unscale(self) -> FloatArray:
        return _inverse(self._scale)

    def vector(self, other: Parameters) -> FloatArray:
        """Coordinates of other parameters."""
        base, form = self.base, self.base.form
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithms = np.log(self._moving(other) / self._moving(base))
        blocks = [np.where(self._root > 0, self._root * _cut(logarithms), 0.0)]
        if "means" not in self.fixed:
            steps = form.algebra.whitened_each(other.means - base.means, base.precisions_cholesky)
            blocks.append((self._mean_root[:, None] * steps).ravel())
        if "covariances" not in self.fixed:
            changes = form.changes.log_change(other.covariances, base.precisions_cholesky)
            blocks.append((self._scale * changes).ravel())
        if "dof" not in self.fixed:
            blocks.append(self._dof_scale * np.log(other.family.dof / base.family.dof))
        if base.spikes is not None:
            root = self._share_root
            with np.errstate(divide="ignore", invalid="ignore"):
                ratios = np.log(categories(other) / categories(base))
            blocks.append(np.where(root > 0, root * _cut(ratios), 0.0).ravel())
        return np.concatenate(blocks)

    def point(self, vector: FloatArray) -> Parameters:
        """Parameters at these coordinates.

        Raises
        ------
        DegenerateCovarianceError
            If a covariance leaves the range of float64.
        """
        base, form, left = self.base, self.base.form, vector
        changes: dict[str, FloatArray] = {}

        def taken(shape: tuple[int, ...]) -> FloatArray:
            nonlocal left
            size = prod(shape)
            values, left = left[:size].reshape(shape), left[size:]
            return values

        moving = self._moving(base) * np.exp(_cut(taken(self._root.shape) * self._unroot))
        if "weights" not in self.fixed:
            changes["weights"] = (moving / moving.sum())[: base.n_components]
        elif len(moving):
            shares = base.weights / base.weights.sum()
            changes["weights"] = shares * (moving[0] / moving.sum())
        if "means" not in self.fixed:
            steps = taken(base.means.shape) * _inverse(self._mean_root)[:, None]
            changes["means"] = base.means + form.algebra.coloured_each(
                steps, base.precisions_cholesky
            )
        if "covariances" not in self.fixed:
            logarithms = _cut(taken(base.covariances.shape) * self._unscale)
            covariances = form.changes.from_log_change(logarithms, base.precisions_cholesky)
            changes["covariances"] = base.structure.projected(
                covariances, base.weights, base.n_features
            )
        if base.dof is not None and "dof" not in self.fixed:
            ratios = _cut(taken(base.dof.shape) * _inverse(self._dof_scale))
            changes["dof"] = np.clip(base.dof * np.exp(ratios), LEAST, MOST)
        if base.spikes is not None:
            root = self._share_root
            ratios = _cut(taken(root.shape) * _inverse(root))
            shares = from_categories(base.spikes, categories(base) * np.exp(ratios))
            return base.replaced(**changes, spikes=shares)
        return base.replaced(**changes)


def _cut(logarithms: FloatArray) -> FloatArray:
    """Clip log ratios to the widest bounds, as `np.clip` does at five times the cost."""
    return np.minimum(np.maximum(logarithms, -WIDEST), WIDEST)


def _inverse(values: FloatArray) -> FloatArray:
    """1 / value; 0 for 0."""
    return np.where(values > 0, 1 / np.where(values > 0, values, 1.0), 0.0)
