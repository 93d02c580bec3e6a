"""A prior as the M-step sees it: rows that nobody observed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import Form
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats


@dataclass(frozen=True, eq=False)
class PseudoRows:
    """How many rows a prior is worth, per unit of weight of the data.

    Parameters
    ----------
    weights : float
        For all weights together.
    means, covariances : float or (n_components,)
        For each component, beyond those that its weight says.
    """

    weights: float = 0.0
    means: FloatArray | float = 0.0
    covariances: FloatArray | float = 0.0


NO_ROWS = PseudoRows()


class PriorStatistics(ABC):
    """What the M-step needs from a prior.

    Attributes
    ----------
    weights : float or (n_components,)
        Rows added to those that the weights are shares of.
    means : float
        ... that the means are means of.
    covariances : float
        ... that the covariances are.
    """

    weights: FloatArray | float
    means: float
    covariances: float

    @property
    @abstractmethod
    def support(self) -> float:
        """How many of the rows in the covariances spread in all directions."""

    @abstractmethod
    def means_of(self, stats: SufficientStats) -> FloatArray:
        """Means that maximise the expected log-posterior."""

    @abstractmethod
    def second_about(self, means: FloatArray) -> FloatArray | float:
        """Second moments that the prior adds, given the means."""

    @abstractmethod
    def log_density(self, parameters: Parameters) -> float:
        """Log of the density up to a constant, in nats; of a proper prior, free of units."""

    @abstractmethod
    def rows_beside(self, weight: float) -> PseudoRows:
        """What the prior is worth next to data of that weight."""


@final
class Flat(PriorStatistics):
    """Nothing is known before: maximum likelihood."""

    weights = means = covariances = 0.0
    support = 0.0

    def means_of(self, stats: SufficientStats) -> FloatArray:
        """Means that maximise the expected log-posterior."""
        return stats.means

    def second_about(self, means: FloatArray) -> float:
        """Second moments that the prior adds, given the means."""
        return 0.0

    def log_density(self, parameters: Parameters) -> float:
        """Log of the density up to a constant, in nats."""
        return 0.0

    def rows_beside(self, weight: float) -> PseudoRows:
        """What the prior is worth next to data of that weight."""
        return NO_ROWS


FLAT = Flat()


@final
@dataclass(frozen=True, eq=False)
class PseudoStatistics(PriorStatistics):
    """A conjugate prior, expressed as rows that nobody observed.

    Its log-density, ``sum_k (n_w)_k log w_k - (n_c / 2) log|cov_k| - tr(cov_k^-1 T_k) / 2`` with
    ``T_k = S + n_m (mean_k - mean)(mean_k - mean)'``, is what these rows would add to the
    expected log-likelihood. (S comes from `scale`, n_m is `shrinkage`; n_c is ``dof + D + 2`` for
    matrices, ``dof + 3`` for diagonal and ``(dof + 2) / D + 1`` for spherical covariances; one of
    these is due to the mean. Components that share a volume get a K-th of S and n_c - 1 each.)

    Parameters
    ----------
    form : Form
    mean : (n_components, n_features)
    means : float
        n_m.
    deviations : (n_rows, n_features)
        Of which S is the scatter.
    covariances : float
        n_c.
    weights : (n_components,)
        n_w.
    """

    form: Form
    mean: FloatArray
    means: float
    deviations: FloatArray
    covariances: float
    weights: FloatArray

    def means_of(self, stats: SufficientStats) -> FloatArray:
        """Means that maximise the expected log-posterior."""
        shift = stats.first + self.means * (self.mean - stats.origin)
        held = stats.scaled_sum[:, None] + self.means
        step = np.divide(shift, held, out=np.zeros_like(shift), where=held > 0)
        return np.asarray(stats.origin + step)

    def second_about(self, means: FloatArray) -> FloatArray:
        """Second moments that the prior adds, given the means."""
        apart = self._apart(means)
        return np.asarray(self._scatter + self.form.outer(apart, apart))

    def log_density(self, parameters: Parameters) -> float:
        """Log of the density up to a constant, in nats."""
        algebra, apart = self.form.algebra, self._apart(parameters.means)
        log_dets = algebra.log_det(parameters.precisions_cholesky, parameters.n_features)
        if self.support:  # so that the units do not matter
            log_dets = log_dets - algebra.log_det(self._factors, parameters.n_features)
        total = self.covariances * log_dets.sum() * (parameters.n_components / len(log_dets))
        for shift, factor in zip(apart, parameters.factors(), strict=True):
            whitened = algebra.whitened(np.vstack([self.deviations, shift]), factor)
            total -= 0.5 * np.square(whitened).sum()
        counted = self.weights > 0
        logarithms = parameters.log_weights[: parameters.n_components]
        return float(total + self.weights[counted] @ logarithms[counted])

    def rows_beside(self, weight: float) -> PseudoRows:
        """What the prior is worth next to data of that weight."""
        return PseudoRows(
            float(self.weights.sum()) / weight,
            (self.means - self.weights) / weight,
            (self.covariances - self.weights) / weight,
        )

    @cached_property
    def support(self) -> float:
        """How many of the rows in the covariances spread in all directions."""
        return self.covariances if np.isfinite(self._factors).all() else 0.0

    @cached_property
    def _factors(self) -> FloatArray:
        """Factors of the inverse of S; NaN if S has no inverse."""
        return self.form.algebra.precisions_cholesky(self._scatter)

    def _apart(self, means: FloatArray) -> FloatArray:
        """Distances of the means from the prior's, times the square root of its rows there."""
        return np.asarray(np.sqrt(self.means) * (means - self.mean))

    @cached_property
    def _scatter(self) -> FloatArray:
        n_components = len(self.mean)
        one = np.ones((len(self.deviations), n_components))
        return self.form.scatter(self.deviations, one, np.zeros_like(self.mean))
