"""The variational posterior of a mixture's parameters: a value that gives terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, final

import numpy as np
from scipy.special import betaln, digamma

from bactrian.core.arrays import FloatArray, IntArray, frozen
from bactrian.core.covariance import CovarianceStructure, free
from bactrian.core.values.background import EMPTY, Background, Uniform
from bactrian.core.values.family import GAUSSIAN
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.shares import WeightPrior
from bactrian.core.values.terms import Terms
from bactrian.core.values.wishart import WishartLaw

HELD = 0.5  # rows from which on a component is taken to hold some
CONJUGATE = ("VVV", "EEE", "VVI", "VII", "EII", "EEI")
"""Letters of the structures whose precisions have a conjugate prior."""


@final
@dataclass(frozen=True, eq=False)
class ConjugatePrior:
    """What is known before: ``mean_k | L_k ~ N(mean, (mean_precision L_k)^-1)``, L_k Wishart.

    Parameters
    ----------
    shares : WeightPrior
    mean : (n_features,)
    mean_precision : float
        Rows that `mean` is worth, above 0.
    dof : float
        Rows that `scale` is worth: v0, above :attr:`.WishartLaw.least_dof`.
    scale : (n_features, n_features), or (n_features,) for variances
        ``W0^-1``: v0 times a covariance; positive definite.
    structure : CovarianceStructure
        One of the conjugate ones. Where components share a covariance, there is one L.
    """

    shares: WeightPrior
    mean: FloatArray
    mean_precision: float
    dof: float
    scale: FloatArray
    structure: CovarianceStructure

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", frozen(self.mean))
        object.__setattr__(self, "scale", frozen(self.scale))

    @property
    def n_features(self) -> int:
        """D."""
        return len(self.mean)

    @property
    def law(self) -> WishartLaw:
        """The distribution of the precisions."""
        return WishartLaw.of(self.structure.form, self.n_features)

    @cached_property
    def deviations(self) -> FloatArray:
        """Rows whose scatter is `scale`."""
        form = self.structure.form
        return form.root(self.scale) if form.correlated else np.diag(np.sqrt(self.scale))

    @cached_property
    def factor(self) -> FloatArray:
        """Factor of the expected precision, along axis 0."""
        form = self.structure.form
        covariance = self.scale / self.dof
        if not form.correlated and form.multiplicity(self.n_features) > 1:
            covariance = covariance.mean(keepdims=True)
        return form.algebra.precisions_cholesky(covariance[None])

    @cached_property
    def scatter(self) -> FloatArray:
        """`scale` as second moments are stored, one for each component, along axis 0."""
        n, form = self.n_features, self.structure.form.unshared
        return form.scatter(self.deviations, np.ones((n, 1)), np.zeros((1, n)))

    @cached_property
    def log_norm(self) -> float:
        """Log of the constant of the Wishart density (see :meth:`.WishartLaw.log_norm`)."""
        algebra = self.structure.form.unshared.algebra
        factors = algebra.precisions_cholesky(self.scatter)
        log_det = -2 * algebra.log_det(factors, self.n_features)
        return float(self.law.log_norm(np.array([self.dof]), log_det)[0])

    @property
    def public_scale(self) -> FloatArray | float:
        """`scale` as users give it: a number where one variance stands for all features."""
        single = self.structure.form.multiplicity(2) > 1
        return float(self.scale[0]) if single else self.scale.copy()

    @property
    def alone(self) -> Posterior:
        """What is known of one component before any row is seen."""
        algebra = self.structure.form.algebra
        covariance = algebra.covariances_of(self.factor).reshape(
            self.structure.form.shape(1, self.n_features)
        )
        found = Parameters(np.ones(1), self.mean[None], covariance, self.structure)
        return Posterior.of(found, np.zeros(1), 0.0, self)

    @property
    def shares_precision(self) -> bool:
        """Whether all components share one precision."""
        return self.structure.has_common_volume


@final
@dataclass(frozen=True, eq=False)
class Posterior(Parameters):
    """A posterior of weights, means and precisions, as how many rows each component holds.

    Given these counts n_k, ``mean_k | L_k ~ N(means_k, (b_k L_k)^-1)`` with ``b_k = b0 + n_k``,
    and ``L_k ~ Wishart(v_k, covariances_k^-1 / v_k)`` with ``v_k = v0 + n_k``, or v0 plus all n_k
    where components share L (Bishop 2006, eqs. 10.58 to 10.63). As parameters it is their
    expectations: weights, means, and covariances that are inverses of expected precisions.

    Parameters
    ----------
    counts : (n_components,)
        At least 0.
    noise_count : float
        Rows that the noise holds. Its weight has a uniform prior.
    prior : ConjugatePrior

    Other parameters are those of :class:`.Parameters`.
    """

    counts: FloatArray = None  # type: ignore[assignment]
    noise_count: float = 0.0
    prior: ConjugatePrior = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", frozen(self.counts))
        Parameters.__post_init__(self)

    @classmethod
    def of(
        cls, found: Parameters, counts: FloatArray, noise_count: float, prior: ConjugatePrior
    ) -> Posterior:
        """The posterior of these counts, with the means and covariances of parameters."""
        shares = 1.0
        if found.noise is not None:
            shares = (1 + counts.sum()) / (2 + counts.sum() + noise_count)
        return cls(
            shares * prior.shares.weights(counts),
            found.means,
            found.covariances,
            found.structure,
            found.precisions_cholesky,
            found.noise,
            counts=counts,
            noise_count=noise_count,
            prior=prior,
        )

    @property
    def expected(self) -> Parameters:
        """The expectations alone, as the parameters of a mixture."""
        return Parameters(
            self.weights,
            self.means,
            self.covariances,
            self.structure,
            self.precisions_cholesky,
            self.noise,
        )

    @property
    def mean_precision(self) -> FloatArray:
        """b_k, (n_components,)."""
        return self.prior.mean_precision + self.counts

    @property
    def degrees_of_freedom(self) -> FloatArray:
        """v_k, in rows, (n_components,); the same where components share a precision."""
        held = self.counts
        if self.prior.shares_precision:
            held = np.full_like(held, held.sum())
        return self.prior.dof + held

    @property
    def _noise_shapes(self) -> tuple[float, float]:
        """Shapes of the beta distribution of the weight of the noise."""
        return 1 + self.noise_count, 1 + float(self.counts.sum())

    @property
    def background(self) -> Background:
        """The noise, with the expected log of its weight."""
        if self.noise is None:
            return EMPTY
        a, b = self._noise_shapes
        sides = np.log(self.noise[1] - self.noise[0])
        return Uniform(float(digamma(a) - digamma(a + b)), sides)

    def terms(self) -> Terms:
        """What an E-step reads: expected logs, ``E[log w_k] + E[log N(x | mean_k, L_k^-1)]``.

        The latter is ``(E[log|L|] - D / b - D log 2 pi - (x - m)' E[L] (x - m)) / 2`` (Bishop
        2006, eqs. 10.46, 10.64 and 10.65).
        """
        form, factors, n_features = self.form, self.precisions_cholesky, self.n_features
        weights = self.prior.shares.log_weights(self.counts)
        if self.noise is not None:
            a, b = self._noise_shapes
            weights = weights + (digamma(b) - digamma(a + b))
        loss = self.prior.law.log_det_loss(self.degrees_of_freedom)
        peaks = (
            form.algebra.log_det(factors, n_features)
            + GAUSSIAN.log_greatest(n_features)
            + (loss - n_features / self.mean_precision) / 2
        )
        return Terms(form, self.means, factors, weights, peaks, GAUSSIAN, self.background)

    def divergence(self) -> float:
        """Kullback-Leibler divergence of this posterior from the prior, in nats.

        Bishop (2006), eqs. 10.73, 10.74, 10.76 and 10.77, with all constants.
        """
        prior, algebra, n_features = self.prior, self.form.algebra, self.n_features
        total = prior.shares.divergence(self.counts)
        if self.noise is not None:
            a, b = self._noise_shapes
            whole = digamma(a + b)
            total += self.noise_count * (digamma(a) - whole) + (b - 1) * (digamma(b) - whole)
            total -= betaln(a, b)
        precision = self.mean_precision
        ratio = prior.mean_precision / precision
        apart = np.sqrt(prior.mean_precision) * (self.means - prior.mean)
        squared = np.square(algebra.whitened_each(apart, self.factors())).sum(axis=1)
        total += float((n_features * (ratio - 1 - np.log(ratio)) + squared).sum()) / 2
        each = slice(0, 1) if prior.shares_precision else slice(None)
        factors = self.precisions_cholesky[each]
        trace = np.array(
            [np.square(algebra.whitened(prior.deviations, factor)).sum() for factor in factors]
        )
        log_dets = algebra.log_det(factors, n_features) - algebra.log_det(prior.factor, n_features)
        dof = self.degrees_of_freedom[each]
        return total + float(prior.law.divergence(dof, prior.dof, 2 * log_dets, trace).sum())

    def predictive(self) -> Parameters:
        """The density of a new row: a mixture of t distributions (Bishop 2006, eq. 10.81).

        Of component k with ``v_k + 1 - D`` degrees of freedom, the scale matrix is
        ``(1 + 1 / b_k) v_k / (v_k + 1 - D)`` times its covariance; with ``v_k D`` degrees of
        freedom, ``1 + 1 / b_k`` times, where it is spherical. Where covariances are diagonal,
        each *feature* has a t distribution of v_k degrees of freedom, and the factors are these.
        """
        law, dof = self.prior.law, self.degrees_of_freedom
        tails = law.multiple * dof - (law.order - 1)
        wider = (1 + 1 / self.mean_precision) * law.multiple * dof / tails
        form = self.form.unshared
        shape = form.shape(*self.means.shape)
        covariances = np.broadcast_to(self.covariances, shape)
        scaled = covariances * wider.reshape(-1, *[1] * (len(shape) - 1))
        structure = free(form)
        return Parameters(self.weights, self.means, scaled, structure, noise=self.noise, dof=tails)

    def n_parameters(self, fixed: frozenset[str] = frozenset()) -> int:
        """Number of free parameters of the components that hold half a row or more."""
        held = np.flatnonzero(self.counts >= HELD)
        return self.expected.permuted(held).n_parameters(fixed)

    def permuted(self, order: IntArray) -> Posterior:
        """The posterior with its components in another order, or with only some of them."""
        found = Parameters.permuted(self, order)
        return Posterior.of(found, self.counts[order], self.noise_count, self.prior)

    def replaced(self, **changes: Any) -> Posterior:
        """A copy with some of the fields changed."""
        if "covariances" in changes:
            changes.setdefault("precisions_cholesky", np.empty(0))
        return replace(self, **changes)
