"""What a stored covariance can do, in four parts; each room of the core uses one of them."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray, IntArray


class Algebra(ABC):
    """Turn covariances into distances, and back: what densities need."""

    @abstractmethod
    def precisions_cholesky(self, covariances: FloatArray) -> FloatArray:
        """Factors U, upper triangular (or their diagonals); NaN without a factor."""

    @abstractmethod
    def precisions_cholesky_of(self, precisions: FloatArray) -> FloatArray:
        """The same, from the precisions themselves."""

    @abstractmethod
    def covariances_of(self, precisions_cholesky: FloatArray) -> FloatArray:
        """Covariances from the factors of the precisions."""

    @abstractmethod
    def precisions_of(self, precisions_cholesky: FloatArray) -> FloatArray:
        """Precisions from their factors."""

    @abstractmethod
    def log_det(self, precisions_cholesky: FloatArray, n_features: int) -> FloatArray:
        """Log-determinants of the factors: minus half those of the covariances; along axis 0."""

    @abstractmethod
    def whitened(self, difference: FloatArray, factor: FloatArray) -> FloatArray:
        """Deviations in standard deviations of one component, ``difference @ U_k``.

        Parameters
        ----------
        difference : (n_samples, n_features)
            ``x - mean_k``.
        factor : U_k
        """

    @abstractmethod
    def whitened_each(self, steps: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        """One deviation for each component, ``steps_k U_k``, (n_components, n_features)."""

    @abstractmethod
    def coloured(self, whitened: FloatArray, factor: FloatArray) -> FloatArray:
        """Inverse of :meth:`whitened`, ``whitened @ U_k^-1``."""

    @abstractmethod
    def coloured_each(self, whitened: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        """Inverse of :meth:`whitened_each`."""

    @abstractmethod
    def dense(self, covariances: FloatArray, n_components: int, n_features: int) -> FloatArray:
        """All covariances as matrices, (K, D, D)."""


class Limits(ABC):
    """Measure how large and small covariances are, and keep them within bounds."""

    @abstractmethod
    def scaled(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        """Covariances after each feature is multiplied by its entry of `units`, (n_features,).

        Where features share a variance they must share the unit.
        """

    @abstractmethod
    def ridged(self, covariances: FloatArray, ridge: float) -> FloatArray:
        """Covariances with `ridge` added to every variance."""

    @abstractmethod
    def floored(self, covariances: FloatArray, floor: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The likeliest covariances that are all at least ``diag(floor)``.

        Given the unconstrained maximisers, these are the constrained ones: with
        ``A = F^-1/2 cov F^-1/2`` the expected log-likelihood is a sum over the eigenvalues of A,
        each term falling away from its maximum, so those below 1 become 1 [1]_.

        Parameters
        ----------
        floor : (n_features,)
            Smallest variances, positive.

        Returns
        -------
        covariances, precisions_cholesky
            The factors come from the eigenvectors: at the floor the likelihood is steep, and
            factors of the rounded covariances would be off by rounding over floor.

        References
        ----------
        .. [1] Ingrassia, S. and Rocci, R. (2007). Constrained monotone EM algorithms for finite
           mixture of multivariate Gaussians. Comput. Stat. Data Anal. 51, 5339-5351, section 3.
        """

    @abstractmethod
    def exceeds(
        self,
        covariances: FloatArray,
        bound: FloatArray,
        precisions_cholesky: FloatArray | None = None,
    ) -> BoolArray:
        """Whether ``cov - diag(bound)`` is positive definite, along the first axis.

        Factors of the precisions, where they are known already, may tell at less cost.
        """

    @abstractmethod
    def tolerances(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        """Smallest share of a feature's variance that the others leave unexplained; along axis 0.

        1 for independent features; near rounding error, the factors have lost their digits.
        """

    def smallest_variances(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        """Smallest variance in any direction, with features measured in `units`; along axis 0."""
        return np.maximum(self.eigenvalues(covariances, units).min(axis=1), 0.0)

    @abstractmethod
    def eigenvalues(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        """Eigenvalues, (K or 1, n_features), with features measured in `units`."""

    @abstractmethod
    def truncated(
        self, covariances: FloatArray, units: FloatArray, low: float, high: float
    ) -> tuple[FloatArray, FloatArray]:
        """Covariances with their eigenvalues clipped to the range from `low` to `high`.

        Returns
        -------
        covariances, precisions_cholesky
        """


class Columns(ABC):
    """Take some features, and the other features given these: what incomplete rows need."""

    @abstractmethod
    def covariances(self, covariances: FloatArray, columns: IntArray) -> FloatArray:
        """Covariances of some of the features."""

    @abstractmethod
    def factors(self, precisions_cholesky: FloatArray, columns: IntArray) -> FloatArray:
        """Factors of the precisions of some of the features."""

    @abstractmethod
    def regression(
        self, precisions_cholesky: FloatArray, columns: IntArray, n_features: int
    ) -> tuple[FloatArray, FloatArray]:
        """Regress all features on some: coefficients, and the covariance of the residuals.

        ``x - mean = A (x - mean)[columns] + e``, with e of mean 0 independent of these features
        (Anderson 2003, theorem 2.5.1).

        Returns
        -------
        coefficients : (n_components or 1, n_features, len(columns))
            A; the rows of `columns` make an identity.
        residuals : second moments
            Of e, along the first axis of the factors.
        """

    @abstractmethod
    def carried(self, second: FloatArray, coefficients: FloatArray) -> FloatArray:
        """Second moments of ``A x`` from those of x; along axis 0."""


class Changes(ABC):
    """Express covariances as steps away from others: what coordinates of mixtures need."""

    @abstractmethod
    def change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        """``U' cov U - I``: covariances relative to those that U belongs to; along axis 0."""

    @abstractmethod
    def log_change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        """``log(U' cov U)``, the logarithm of a symmetric matrix; along axis 0."""

    @abstractmethod
    def from_log_change(
        self, logarithms: FloatArray, precisions_cholesky: FloatArray
    ) -> FloatArray:
        """Inverse of :meth:`log_change`: covariances, positive definite for any argument."""
