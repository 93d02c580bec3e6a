"""What an E-step reads of a mixture: only this."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.covariance import Form
from bactrian.core.values.background import EMPTY, Background
from bactrian.core.values.family import GAUSSIAN, Family
from bactrian.core.values.point_masses import PointMasses


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
    family : Family
    background : Background
    spikes : PointMasses or None
        Point masses of which :meth:`at` has not been told yet; None for none.
    """

    form: Form
    means: FloatArray
    factors: FloatArray
    log_weights: FloatArray
    log_peaks: FloatArray
    family: Family = GAUSSIAN
    background: Background = EMPTY
    spikes: PointMasses | None = None

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
        """K, plus one if there is a background."""
        return len(self.means) + len(self.background)

    @cached_property
    def log_constants(self) -> FloatArray:
        """Log of weight times greatest density for each component, c, (n_components,)."""
        return np.asarray(self.log_weights + self.log_peaks)

    @property
    def all_log_constants(self) -> FloatArray:
        """Log of weight times greatest density for each term, background last, (n_terms,)."""
        return self.background.joined(self.log_constants)

    def each_factor(self) -> FloatArray:
        """The factors with one entry for each component, even if they share one."""
        return np.broadcast_to(self.factors, (self.n_components, *self.factors.shape[1:]))

    def marginal(self, columns: IntArray) -> Terms:
        """The terms of some of the features, with the others integrated out.

        Parameters
        ----------
        columns : (n_observed,)
        """
        form = self.form
        factors = form.columns.factors(self.factors, columns)
        background = self.background.marginal(columns)
        log_det = form.algebra.log_det(factors, len(columns))
        peaks = log_det + self.family.log_greatest(len(columns)) + self._beyond
        means = self.means[:, columns]
        return Terms(form, means, factors, self.log_weights, peaks, self.family, background)

    @cached_property
    def _beyond(self) -> FloatArray:
        """How far the peaks exceed those of densities, in logs; 0 for a mixture."""
        log_det = self.form.algebra.log_det(self.factors, self.n_features)
        return np.asarray(self.log_peaks - (log_det + self.family.log_greatest(self.n_features)))

    def at(self, log_factors: FloatArray) -> Terms:
        """The terms of rows at some point masses, whose columns are still to be integrated out.

        Parameters
        ----------
        log_factors : (n_terms or 1,)
            On the weights: see :meth:`PointMasses.log_factors`.
        """
        factors = np.broadcast_to(log_factors, self.n_terms)
        return replace(
            self,
            log_weights=self.log_weights + factors[: self.n_components],
            background=self.background.weighted(factors[self.n_components :]),
            spikes=None,
        )

    def off_spikes(self) -> Terms:
        """The terms of rows at no point mass, which have a density in all columns."""
        if self.spikes is None:
            return self
        n = self.n_features
        return self.at(self.spikes.log_factors(np.full(n, -1), np.ones(n, dtype=bool)))

    def only(self, component: int) -> Terms:
        """One component, with its weight."""
        own = slice(component, component + 1)
        factors = self.factors
        return Terms(
            self.form,
            self.means[own],
            factors if len(factors) < self.n_components else factors[own],
            self.log_weights[own],
            self.log_peaks if len(self.log_peaks) < self.n_components else self.log_peaks[own],
            self.family.only(component),
        )
