"""What an E-step reads of a mixture, and no more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import final

import numpy as np
from scipy.special import gammaln

from bactrian.core.arrays import FloatArray, IntArray, frozen
from bactrian.core.covariance import Form

LOG_2PI = float(np.log(2 * np.pi))


def log_greatest(n_features: int, dof: FloatArray | None = None) -> FloatArray | float:
    """Log-density at the mean, in nats, where the covariance (or scale matrix) is the identity.

    Of Gaussians ``-D/2 log(2 pi)`` (Bishop 2006, eq. 2.43); of t distributions
    ``log G((v + D)/2) - log G(v/2) - D/2 log(pi v)`` (Peel & McLachlan 2000, eq. 5).

    Parameters
    ----------
    n_features : int
    dof : (n_components,) or (1,), optional
        None for Gaussians.
    """
    if dof is None:
        return -n_features / 2 * LOG_2PI
    peak = gammaln((dof + n_features) / 2) - gammaln(dof / 2)
    return np.asarray(peak - n_features / 2 * np.log(np.pi * dof))


@final
@dataclass(frozen=True, eq=False)
class Background:
    """Uniform noise: a term whose density is the same everywhere.

    Parameters
    ----------
    log_weight : float
        -inf for none.
    log_sides : (n_features,)
        Logarithms of the sides of the box whose volume V gives the density 1 / V.
    """

    log_weight: float
    log_sides: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "log_sides", frozen(self.log_sides))

    @property
    def log_constant(self) -> float:
        """Log of weight times density, in nats."""
        return self.log_weight - float(self.log_sides.sum())


@final
@dataclass(frozen=True, eq=False)
class Terms:
    """What an E-step reads of a mixture: densities, each times its weight.

    At the squared Mahalanobis distance q from its mean, the log of weight times density of a term
    is ``c - q / 2``, or ``c - (v + D)/2 log(1 + q / v)`` with v degrees of freedom. They need not
    sum to a density: the terms of a posterior, for one, do not. They are made in each pass, so
    arrays are taken as they are: nobody may write to them.

    Parameters
    ----------
    form : Form
        How factors and second moments are stored.
    means : (n_components, n_features)
    factors : form.shape(n_components, n_features)
        Upper triangular U (or their diagonals) with ``cov^-1 = U U'``.
    log_weights : (n_components,)
        In nats; -inf for a component that takes no part.
    log_peaks : (n_components,) or (1,)
        Log of the greatest density of each, or of all, in nats: c less the log of the weight.
    dof : (n_components,) or (1,), or None
        Degrees of freedom v of the tails; None for Gaussians.
    background : Background or None
    """

    form: Form
    means: FloatArray
    factors: FloatArray
    log_weights: FloatArray
    log_peaks: FloatArray
    dof: FloatArray | None = None
    background: Background | None = None

    @property
    def n_components(self) -> int:
        """K."""
        return len(self.means)

    @property
    def n_features(self) -> int:
        """D."""
        return self.means.shape[1]

    @property
    def n_terms(self) -> int:
        """K, and one more where there is a background."""
        return len(self.means) + (self.background is not None)

    @cached_property
    def log_constants(self) -> FloatArray:
        """Log of weight times greatest density of each component, c, (n_components,)."""
        return np.asarray(self.log_weights + self.log_peaks)

    @property
    def all_log_constants(self) -> FloatArray:
        """Log of weight times greatest density of each term, the background last, (n_terms,)."""
        if self.background is None:
            return self.log_constants
        return np.append(self.log_constants, self.background.log_constant)

    def each_factor(self) -> FloatArray:
        """The factors with one entry for each component, shared or not."""
        return np.broadcast_to(self.factors, (self.n_components, *self.factors.shape[1:]))

    def marginal(self, columns: IntArray) -> Terms:
        """The terms of some of the features, the others integrated out.

        Parameters
        ----------
        columns : (n_observed,)
        """
        form = self.form
        factors = form.columns.factors(self.factors, columns)
        background = self.background
        if background is not None:
            background = replace(background, log_sides=background.log_sides[columns])
        log_det = form.algebra.log_det(factors, len(columns))
        peaks = log_det + log_greatest(len(columns), self.dof) + self._beyond
        means = self.means[:, columns]
        return Terms(form, means, factors, self.log_weights, peaks, self.dof, background)

    @cached_property
    def _beyond(self) -> FloatArray:
        """By how much the peaks are above those of densities; 0 for a mixture."""
        log_det = self.form.algebra.log_det(self.factors, self.n_features)
        return np.asarray(self.log_peaks - (log_det + log_greatest(self.n_features, self.dof)))

    def only(self, component: int) -> Terms:
        """One component, with its weight."""
        own = slice(component, component + 1)
        dof, factors = self.dof, self.factors
        return Terms(
            self.form,
            self.means[own],
            factors if len(factors) < self.n_components else factors[own],
            self.log_weights[own],
            self.log_peaks if len(self.log_peaks) < self.n_components else self.log_peaks[own],
            dof if dof is None or len(dof) < self.n_components else dof[own],
        )
