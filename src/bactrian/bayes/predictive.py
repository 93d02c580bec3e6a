"""The posterior predictive density: what a posterior says of a new row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.special import logsumexp

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.values.family import Student
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.sampling import draw_samples

ROWS_AT_ONCE = 65_536


@final
@dataclass(frozen=True, eq=False)
class IndependentTails:
    """A mixture whose components are products of t distributions, one for each feature.

    So it is where variances are independent: no multivariate t distribution has that density.

    Parameters
    ----------
    parameters : Parameters
        Of form diag, with degrees of freedom.
    """

    parameters: Parameters

    def log_density(self, X: FloatArray) -> FloatArray:
        """Log-density of the observed part of each row, (n_samples,), in nats.

        Parameters
        ----------
        X : (n_samples, n_features)
            NaN where missing.
        """
        pieces = range(0, len(X), ROWS_AT_ONCE)
        found = [self._of_piece(np.asarray(X[i : i + ROWS_AT_ONCE], float)) for i in pieces]
        return np.concatenate(found) if found else np.empty(0)

    def _of_piece(self, X: FloatArray) -> FloatArray:
        given, seen = self.parameters, ~np.isnan(X)
        joint = np.empty((len(X), given.n_terms))
        for k in range(given.n_components):
            tails = Student(given.family.only(k).dof)
            factor = given.precisions_cholesky[k]
            squared = np.square((X - given.means[k]) * factor)
            each = tails.log_greatest(1) + np.log(factor) - tails.fall(squared, 1)
            joint[:, k] = np.where(seen, each, 0.0).sum(axis=1)
        if given.noise is not None:
            sides = np.log(given.noise[1] - given.noise[0])
            joint[:, -1] = -(seen * sides).sum(axis=1)
        return np.asarray(logsumexp(joint + given.log_weights, axis=1))

    def sample(
        self,
        n_samples: int,
        random_state: np.random.RandomState,
        *,
        sort: bool = True,
        component: int | None = None,
    ) -> tuple[FloatArray, IntArray]:
        """Draw rows and their components; parameters as for :meth:`bactrian.Mixture.sample`."""
        given = self.parameters
        normal = Parameters(
            given.weights,
            given.means,
            given.covariances,
            given.structure,
            given.precisions_cholesky,
            given.noise,
        )
        X, y = draw_samples(normal, n_samples, random_state, sort=sort, component=component)
        for k in range(given.n_components):
            own, dof = y == k, given.family.only(k).dof[0]
            size = (int(own.sum()), given.n_features)
            scale = random_state.gamma(dof / 2, size=size) * (2 / dof)
            X[own] = given.means[k] + (X[own] - given.means[k]) / np.sqrt(scale)
        return X, y
