"""What every covariance structure can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray, IntArray


class CovarianceStructure(ABC):
    """What the covariances of the components have in common.

    A structure is an interface made of the mathematics: how second moments are summed, how they
    become covariances of largest likelihood, how a covariance measures distance. It holds no data.

    With K components and D features, covariances (and the Cholesky factors U of the precisions,
    ``cov^-1 = U U'``) are stacked along a first axis of length K, or 1 if the components share
    one. :meth:`public_shape` is the shape that scikit-learn gives them.

    Attributes
    ----------
    name : str
    letters : str
        What the components share, by the letters of Banfield & Raftery (1993): with
        ``cov_k = lambda_k D_k A_k D_k'`` and ``|A_k| = 1``, whether the volume lambda, the shape A
        and the orientation D are equal (E), variable (V) or the identity (I).
    form : {"full", "tied", "diag", "spherical"}
        How covariances are stored, and which E-step they take.
    """

    name: ClassVar[str]
    letters: ClassVar[str]
    form: ClassVar[str]

    # ---- what the structure is

    @abstractmethod
    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        """Shape of the covariances within this package."""

    @abstractmethod
    def public_shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        """Shape of the covariances as scikit-learn shows them."""

    def n_parameters(self, n_components: int, n_features: int) -> int:
        """Free parameters in the covariances (Celeux & Govaert 1995, table 1)."""
        volume, shape, orientation = ({"I": 0, "E": 1, "V": n_components}[x] for x in self.letters)
        planes = n_features * (n_features - 1) // 2
        return volume + shape * (n_features - 1) + orientation * planes

    def rows_needed(self, n_features: int) -> int:
        """Rows that a component must hold for its covariance not to be singular.

        What is shared is estimated from all rows. A volume of its own takes a distance; variances
        of its own along axes that are free take rows that span all features.
        """
        volume, shape, orientation = tuple(self.letters)
        if shape == "V":
            return 2 if orientation == "I" else n_features + 1
        return 2 if volume == "V" else 0

    @property
    def has_common_unit(self) -> bool:
        """Whether a change of one feature's unit would leave the structure."""
        _, shape, orientation = tuple(self.letters)
        return shape == "I" or (orientation != "I" and shape != orientation)

    def units(self, variances: FloatArray) -> FloatArray:
        """Lengths (D,) by which the structure measures the features.

        Each one's own deviation, or one length where the structure has a common unit.
        """
        if self.has_common_unit:
            return np.full(len(variances), np.sqrt(variances.mean()))
        return np.sqrt(variances)

    def shares(self, weights: FloatArray) -> FloatArray:
        """Of the weights (K,), those that each covariance stands for; along axis 0."""
        return weights

    # ---- from data to second moments, and from there to covariances

    @abstractmethod
    def scatter(self, X: FloatArray, resp: FloatArray, origin: FloatArray) -> FloatArray:
        """Second moments of a chunk, ``sum_i r_ik (x_i - o_k)(x_i - o_k)'``.

        Parameters
        ----------
        X : (n_samples, n_features)
        resp : (n_samples, n_components)
            Responsibilities times sample weights.
        origin : (n_components, n_features)
        """

    @abstractmethod
    def outer(self, a: FloatArray, b: FloatArray) -> FloatArray:
        """``a_k b_k' + b_k a_k'`` over two, as second moments; `a` and `b` are (K, D)."""

    def pooled(self, moments: FloatArray) -> FloatArray:
        """Second moments of all components as the structure keeps them: each, or their sum."""
        return moments

    @abstractmethod
    def maximise(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        """Covariances that maximise the expected log-likelihood.

        Parameters
        ----------
        scatter : second moments about the new means
        resp_sum : (n_components,)
        previous : covariances
            A component with ``resp_sum`` 0 keeps its own.
        n_features : int
        """

    def projected(
        self, covariances: FloatArray, weights: FloatArray, n_features: int
    ) -> FloatArray:
        """Covariances of the structure nearest in likelihood to any of its form.

        They maximise the expected log-density of rows drawn from the components by `weights`.
        """
        return covariances

    # ---- some of the features

    @abstractmethod
    def of_columns(self, covariances: FloatArray, columns: IntArray) -> FloatArray:
        """Covariances of some of the features, of the structure that `form` names."""

    @abstractmethod
    def marginal_factors(self, precisions_cholesky: FloatArray, columns: IntArray) -> FloatArray:
        """Factors of the precisions of some of the features, as the structure `form` has them."""

    @abstractmethod
    def regression(
        self, precisions_cholesky: FloatArray, columns: IntArray, n_features: int
    ) -> tuple[FloatArray, FloatArray]:
        """All features from some: coefficients, and what is left to chance.

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

    # ---- bounds

    @abstractmethod
    def ridged(self, covariances: FloatArray, ridge: float) -> FloatArray:
        """Covariances with `ridge` added to every variance."""

    @abstractmethod
    def floored(self, covariances: FloatArray, floor: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Nearest covariances, in likelihood, of which none is below ``diag(floor)``.

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
        """Smallest share of a feature's variance that the others do not explain; along axis 0.

        1 for independent features; near rounding error, the factors have lost their digits.
        """

    def smallest_variances(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        """Smallest variance in any direction, features measured in `units`; along axis 0."""
        return np.maximum(self.eigenvalues(covariances, units).min(axis=1), 0.0)

    @abstractmethod
    def eigenvalues(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        """Eigenvalues, (K or 1, n_features), features measured in `units`."""

    @abstractmethod
    def truncated(
        self, covariances: FloatArray, units: FloatArray, low: float, high: float
    ) -> tuple[FloatArray, FloatArray]:
        """Covariances whose eigenvalues are cut off below `low` and above `high`.

        Returns
        -------
        covariances, precisions_cholesky
        """

    @abstractmethod
    def scaled(self, covariances: FloatArray, units: FloatArray) -> FloatArray:
        """Covariances of features that are multiplied by `units` (n_features,).

        Where features share a variance they must share the unit, as in :meth:`units`.
        """

    # ---- from covariances to distances

    @abstractmethod
    def precisions_cholesky(self, covariances: FloatArray) -> FloatArray:
        """Factors U, upper triangular (or their diagonals). NaN where there is none."""

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
        """Log-determinants of the factors, minus half those of the covariances; along axis 0."""

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
    def log_change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        """``log(U' cov U)``, the logarithm of a symmetric matrix; along axis 0."""

    @abstractmethod
    def from_log_change(
        self, logarithms: FloatArray, precisions_cholesky: FloatArray
    ) -> FloatArray:
        """Inverse of :meth:`log_change`: covariances, positive definite for any argument."""

    @abstractmethod
    def information(self, n_features: int) -> float:
        """Information of one sample on each entry of :meth:`log_change` at 0.

        The expected log-density falls by half of it times the square of the entry.
        """

    @abstractmethod
    def change(self, covariances: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        """``U' cov U - I``: covariances against those that U stands for; along axis 0."""

    @abstractmethod
    def coloured(self, whitened: FloatArray, factor: FloatArray) -> FloatArray:
        """Inverse of :meth:`whitened`, ``whitened @ U_k^-1``."""

    @abstractmethod
    def coloured_each(self, whitened: FloatArray, precisions_cholesky: FloatArray) -> FloatArray:
        """Inverse of :meth:`whitened_each`."""

    @abstractmethod
    def dense(self, covariances: FloatArray, n_components: int, n_features: int) -> FloatArray:
        """All covariances as matrices, (K, D, D)."""
