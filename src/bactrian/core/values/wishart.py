"""Wishart distributions of precisions, in the form in which covariances are stored.

``Lambda ~ Wishart(v, W)`` has the mean v W (Bishop 2006, section B.4). Where covariances are
diagonal, each feature has a Wishart distribution of order 1, a gamma distribution of shape v / 2;
where they are spherical, the one precision has that of shape v D / 2, because each row tells of it
D times. So v counts rows in each of the forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.special import digamma, gammaln

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import Form


@final
@dataclass(frozen=True)
class WishartLaw:
    """Independent Wishart distributions that make up the precision of one component.

    Parameters
    ----------
    n_features : int
    order : int
        Size of each matrix.
    blocks : int
        How many there are.
    multiple : int
        Degrees of freedom of each, for each row.
    """

    n_features: int
    order: int
    blocks: int
    multiple: int

    @classmethod
    def of(cls, form: Form, n_features: int) -> WishartLaw:
        """The law of the precisions that a form stores."""
        if form.correlated:
            return cls(n_features, n_features, 1, 1)
        multiple = form.multiplicity(n_features)
        return cls(n_features, 1, n_features // multiple, multiple)

    @property
    def least_dof(self) -> float:
        """Degrees of freedom, in rows, must be above this."""
        return (self.order - 1) / self.multiple

    def log_det_loss(self, dof: FloatArray) -> FloatArray:
        """``E[log|Lambda|] - log|E[Lambda]|``, below 0, for D x D matrices (eq. B.81).

        Parameters
        ----------
        dof : (n,)
            v, in rows.
        """
        own = self.multiple * np.asarray(dof)
        return np.asarray(self.n_features / self.order * self._loss(own))

    def _loss(self, own: FloatArray) -> FloatArray:
        """The same for one block."""
        return np.asarray(self._halves(digamma, own) - self.order * np.log(own / 2))

    def _halves(self, function: np.ufunc, own: FloatArray) -> FloatArray:
        """Sum of a function over ``(v + 1 - i) / 2`` for i from 1 to the order."""
        return np.asarray(
            function((np.asarray(own)[..., None] - np.arange(self.order)) / 2).sum(axis=-1)
        )

    def log_norm(self, dof: FloatArray, log_det: FloatArray) -> FloatArray:
        """Log of the integral of ``|L|^((v - p - 1) / 2) exp(-tr(S L) / 2)``, (n,).

        It is that of ``2^(v p / 2) Gamma_p(v / 2) |S|^(-v / 2)`` (eq. B.79), without the power of
        pi in it, for all blocks, of order p.

        Parameters
        ----------
        dof : (n,)
            v, in rows.
        log_det : (n,)
            ``log|S|``, for D x D matrices S.
        """
        own, size = self.multiple * np.asarray(dof), self.order * self.blocks
        gammas = own * self.order / 2 * np.log(2) + self._halves(gammaln, own)
        return np.asarray(self.blocks * gammas - own / 2 * log_det * size / self.n_features)

    def draw_factors(self, dof: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Draw upper triangular A, A A' of the Wishart distribution of dof v and unit scale.

        Bartlett's decomposition (Odell and Feiveson 1966), in which rows and columns are taken
        in reverse. Where blocks have order 1, their square roots.

        Parameters
        ----------
        dof : (n,)
            v, in rows.
        rng : Generator

        Returns
        -------
        (n, D, D), or (n, blocks)
        """
        own = self.multiple * np.asarray(dof)[:, None]
        if self.order == 1:
            return np.sqrt(rng.chisquare(np.broadcast_to(own, (len(own), self.blocks))))
        drawn = np.triu(rng.standard_normal((len(own), self.order, self.order)), 1)
        order = np.arange(self.order)
        drawn[:, order, order] = np.sqrt(rng.chisquare(own - order[::-1]))
        return drawn

    def divergence(
        self, dof: FloatArray, dof_prior: float, log_det_ratio: FloatArray, trace: FloatArray
    ) -> FloatArray:
        """Divergence of posteriors from the prior, in nats, (n,).

        Parameters
        ----------
        dof : (n,)
        dof_prior : float
        log_det_ratio : (n,)
            ``log|E[Lambda]|`` less that of the prior, for D x D matrices.
        trace : (n,)
            ``tr(W0^-1 E[Lambda])``, over all blocks.
        """
        own, before = self.multiple * np.asarray(dof), self.multiple * dof_prior
        size = self.order * self.blocks
        ratio = log_det_ratio * size / self.n_features
        norms = self._halves(gammaln, own) - self._halves(gammaln, np.asarray(before))
        halves = own * np.log(own / 2) - before * np.log(before / 2)
        return np.asarray(
            -before / 2 * ratio
            + size / 2 * halves
            - self.blocks * norms
            + self.blocks * (own - before) / 2 * self._loss(own)
            - size / 2 * own
            + trace / 2
        )
