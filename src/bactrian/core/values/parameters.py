"""The parameters of a Gaussian mixture, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray, IntArray, frozen
from bactrian.core.covariance import CovarianceStructure, Form, free
from bactrian.core.values.background import EMPTY, Background, Uniform
from bactrian.core.values.family import GAUSSIAN, Family, Student
from bactrian.core.values.point_masses import PointMasses
from bactrian.core.values.terms import Terms
from bactrian.errors import DegenerateCovarianceError


@dataclass(frozen=True, eq=False)
class Parameters:
    """Weights, means and covariances, with the factors of the precisions.

    Parameters
    ----------
    weights : (n_components,)
        Sum to 1, or with `noise` to one less its weight. A component of weight 0 takes no part.
    means : (n_components, n_features)
    covariances : form.shape(n_components, n_features)
        Of t distributions, their scale matrices.
    structure : CovarianceStructure
    precisions_cholesky : like covariances, optional
        Upper triangular U with ``cov^-1 = U U'``. Computed if not given.
    noise : (2, n_features), optional
        Lowest and highest corner of a box whose volume V gives the noise its density 1 / V, for
        any row, within the box or not (Banfield & Raftery 1993, section 2.3). None for no noise.
    dof : (n_components,) or (1,), optional
        Degrees of freedom, each or shared, where the components are t distributions (Peel &
        McLachlan 2000). None for Gaussians.
    spikes : PointMasses, optional
        Values of columns with a probability of their own in each term. None for no such values.

    Raises
    ------
    DegenerateCovarianceError
        If a covariance is not positive definite.
    """

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    structure: CovarianceStructure
    precisions_cholesky: FloatArray = field(default_factory=lambda: np.empty(0))
    noise: FloatArray | None = None
    dof: FloatArray | None = None
    spikes: PointMasses | None = None

    def __post_init__(self) -> None:
        factors = self.precisions_cholesky
        if factors.size == 0:
            factors = self.form.algebra.precisions_cholesky(np.asarray(self.covariances))
        keep = object.__setattr__
        keep(self, "weights", frozen(self.weights))
        keep(self, "means", frozen(self.means))
        keep(self, "covariances", frozen(self.covariances))
        keep(self, "precisions_cholesky", frozen(factors))
        if self.noise is not None:
            keep(self, "noise", frozen(self.noise))
        if self.dof is not None:
            keep(self, "dof", frozen(self.dof))
        _check_whole(factors, *self.means.shape)

    @classmethod
    def from_precisions(
        cls,
        weights: npt.ArrayLike,
        means: npt.ArrayLike,
        precisions: npt.ArrayLike,
        structure: CovarianceStructure,
    ) -> Parameters:
        """Make parameters from precisions (inverse covariances) in the structure's shape."""
        weights, means = np.asarray(weights), np.asarray(means)
        algebra = structure.form.algebra
        factors = algebra.precisions_cholesky_of(np.asarray(precisions))
        _check_whole(factors, *means.shape)
        return cls(weights, means, algebra.covariances_of(factors), structure, factors)

    @property
    def form(self) -> Form:
        """How the covariances are stored."""
        return self.structure.form

    @property
    def family(self) -> Family:
        """How the densities of the components fall with the distance."""
        return GAUSSIAN if self.dof is None else Student(self.dof)

    @property
    def background(self) -> Background:
        """The noise, with its weight."""
        if self.noise is None:
            return EMPTY
        sides = np.log(self.noise[1] - self.noise[0])
        return Uniform(float(self.log_weights[-1]), sides)

    @property
    def n_components(self) -> int:
        """K."""
        return len(self.means)

    @property
    def n_features(self) -> int:
        """D."""
        return self.means.shape[1]

    @property
    def plain(self) -> bool:
        """Whether there are only Gaussians, without noise, tails or point masses."""
        return self.dof is None and self.noise is None and self.spikes is None

    @property
    def n_terms(self) -> int:
        """K, plus one if there is noise."""
        return self.n_components + (self.noise is not None)

    @property
    def term_weights(self) -> FloatArray:
        """The weights, with the noise's last if there is noise, (n_terms,)."""
        if self.noise is None:
            return self.weights
        return np.append(self.weights, max(0.0, 1.0 - self.weights.sum()))

    @property
    def noise_log_density(self) -> FloatArray:
        """Log-density of the noise, (1,), in nats; (0,) without noise."""
        if self.noise is None:
            return np.empty(0)
        return -np.log(self.noise[1] - self.noise[0]).sum(keepdims=True)

    def n_parameters(self, fixed: frozenset[str] = frozenset()) -> int:
        """Number of free parameters, without those held `fixed`."""
        n_components, n_features = self.means.shape
        counts = {
            "weights": n_components - 1,
            "noise": self.n_terms - n_components,
            "means": n_components * n_features,
            "covariances": self.structure.n_parameters(n_components, n_features),
            "dof": self.family.dof.size,
            "spikes": 0 if self.spikes is None else self.spikes.shares.size,
        }
        return sum(count for name, count in counts.items() if name not in fixed)

    @property
    def log_weights(self) -> FloatArray:
        """Log of the weights, (n_terms,); -inf for a component that takes no part."""
        with np.errstate(divide="ignore"):
            return np.log(self.term_weights)

    def terms(self) -> Terms:
        """What an E-step reads: weight times density for each term of the mixture."""
        form, factors, n_features = self.form, self.precisions_cholesky, self.n_features
        with np.errstate(divide="ignore"):
            weights = np.log(self.weights)
        family, background = self.family, self.background
        peaks = form.algebra.log_det(factors, n_features) + family.log_greatest(n_features)
        return Terms(form, self.means, factors, weights, peaks, family, background, self.spikes)

    def dense_covariances(self) -> FloatArray:
        """Covariance matrices of all components, (K, D, D)."""
        return self.form.algebra.dense(self.covariances, *self.means.shape)

    def factors(self) -> FloatArray:
        """``precisions_cholesky`` with one entry for each component, even if they share one."""
        shape = (self.n_components, *self.precisions_cholesky.shape[1:])
        return np.broadcast_to(self.precisions_cholesky, shape)

    def marginal(self, columns: IntArray) -> Parameters:
        """The mixture of some of the features."""
        return Parameters(
            self.weights,
            self.means[:, columns],
            self.form.columns.covariances(self.covariances, columns),
            free(self.form),
            noise=None if self.noise is None else self.noise[:, columns],
            dof=self.dof,
            spikes=None if self.spikes is None else self.spikes.marginal(columns),
        )

    def only(self, component: int) -> Parameters:
        """One component with its weight, as a mixture with total weight below 1."""
        one = self.permuted(np.array([component]))
        return replace(one, structure=free(self.form), noise=None)

    def permuted(self, order: IntArray) -> Parameters:
        """The mixture with its components in another order, or with only some of them."""

        def taken(values: FloatArray) -> FloatArray:
            return values[order] if len(values) == self.n_components else values

        return Parameters(
            self.weights[order],
            self.means[order],
            taken(self.covariances),
            self.structure,
            taken(self.precisions_cholesky),
            self.noise,
            None if self.dof is None else taken(self.dof),
            None if self.spikes is None else self.spikes.of_components(order, self.n_components),
        )

    def replaced(self, **changes: Any) -> Parameters:
        """A copy with some of the fields changed."""
        if "covariances" in changes:
            changes.setdefault("precisions_cholesky", np.empty(0))
        return replace(self, **changes)


def _check_whole(factors: FloatArray, n_components: int, n_features: int) -> None:
    """Refuse factors that are not finite."""
    if not isfinite(np.add.reduce(factors, axis=None)) and not np.isfinite(factors).all():
        broken = ~np.isfinite(factors).reshape(len(factors), -1).all(axis=1)
        raise DegenerateCovarianceError(np.flatnonzero(broken).tolist(), n_components, n_features)
