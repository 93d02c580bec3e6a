"""The verbs of a distribution, SciPy's names in any number of dimensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray
from bactrian.core.values.parameters import Parameters
from bactrian.mixture.distribution import moments
from bactrian.mixture.distribution.boxes import box_probability
from bactrian.mixture.distribution.checks import (
    check_ends,
    check_kind,
    check_one_feature,
    check_orders,
    check_probabilities,
)
from bactrian.mixture.distribution.density import log_pdf
from bactrian.mixture.distribution.entropy import entropy
from bactrian.mixture.distribution.estimate import Estimate
from bactrian.mixture.distribution.line import Line
from bactrian.mixture.value import MixtureValue

Numbers = FloatArray | float


@dataclass(frozen=True, eq=False, init=False)
class Distribution(MixtureValue):
    """A mixture as a distribution: densities, probabilities, quantiles, moments, entropy.

    All in units of the data. Noise is uniform within its box, as it is where rows are drawn, so
    that densities integrate to 1. (A fit, and `log_density`, count it everywhere.) A mixture with
    point masses has no density, and is refused.
    """

    # ---- densities and probabilities

    def logpdf(self, X: Any) -> FloatArray:
        """Log-density of each row, (n_samples,), in nats.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, D)
            NaN where missing: the density is then that of the others.

        Raises
        ------
        BadInputError
            If `X` has other columns, or values that are infinite or not numbers.
        """
        rows = self._rows(X)
        values = np.asarray(rows.X, dtype=np.float64)
        return log_pdf(values, self.with_densities(), complete=rows.complete)

    def pdf(self, X: Any) -> FloatArray:
        """Density of each row, (n_samples,); `X` as in :meth:`logpdf`."""
        return np.exp(self.logpdf(X))

    def cdf(self, X: Any) -> Numbers:
        """Probability that no feature exceeds its value.

        Of one feature exact in both tails; of more features as :meth:`probability`, which also
        tells the error.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, D)
            NaN where a feature is free. Of one feature also numbers of any shape.

        Returns
        -------
        (n_samples,), or of one feature the shape of the numbers
        """
        parameters = self.with_densities()
        if parameters.n_features == 1:
            return self._on_the_line(X, Line.of(parameters).cdf, "cdf")
        values = np.asarray(self._rows(X).X, dtype=np.float64)
        high = np.where(np.isnan(values), np.inf, values)
        low = np.full(parameters.n_features, -np.inf)
        return np.array([box_probability(parameters, low, row).value for row in high])

    def logcdf(self, X: Any) -> Numbers:
        """Logarithm of :meth:`cdf` for one feature, where that underflows too."""
        return self._on_the_line(X, self._line("logcdf").logcdf, "logcdf")

    def ccdf(self, X: Any) -> Numbers:
        """Probability of more than a value, for one feature; exact in the upper tail."""
        return self._on_the_line(X, self._line("ccdf").ccdf, "ccdf")

    def logccdf(self, X: Any) -> Numbers:
        """Logarithm of :meth:`ccdf`, where that underflows too."""
        return self._on_the_line(X, self._line("logccdf").logccdf, "logccdf")

    def probability(
        self, low: npt.ArrayLike | None = None, high: npt.ArrayLike | None = None, *, seed: int = 0
    ) -> Estimate:
        """Probability of a box.

        One feature: exact. Two or three that the box limits: quadrature, to 1e-10. More:
        randomised quasi-Monte Carlo (Genz 1992), to about 1e-5.

        Parameters
        ----------
        low, high : array-like of shape (D,), optional
            Lowest and highest corner; -inf and inf where there is no limit.
        seed : int, default=0
            Of the quasi-Monte Carlo points.

        Returns
        -------
        Estimate
            `value` and `error`.

        Raises
        ------
        BadInputError
            If a corner has another shape, or is not a number.
        """
        n_features = self.parameters.n_features
        corners = check_ends("low", low, -np.inf, n_features), check_ends(
            "high", high, np.inf, n_features
        )  # fmt: skip
        return box_probability(self.with_densities(), *corners, seed=seed)

    # ---- quantiles, of one feature

    def icdf(self, p: npt.ArrayLike) -> Numbers:
        """Quantiles of one feature: the least value that is not exceeded with probability p.

        Newton's method on the logarithm within brackets, from the nearer tail; right to the last
        digits from p = 1e-300 to 1 - 1e-16. Beyond float64 it is infinite.

        Parameters
        ----------
        p : float or array-like
            From 0 to 1.

        Returns
        -------
        float or array of the shape of `p`

        Raises
        ------
        BadInputError
            If there is more than one feature, or a probability is outside [0, 1].
        """
        return _each(check_probabilities("p", p), self._line("icdf").quantile)

    def iccdf(self, p: npt.ArrayLike) -> Numbers:
        """Values that are exceeded with probability `p`: quantiles from the upper tail."""
        return _each(check_probabilities("p", p), self._line("iccdf").upper_quantile)

    def median(self) -> float:
        """The median of one feature."""
        return float(self._line("median").quantile(np.array([0.5]))[0])

    # ---- moments

    def mean(self) -> FloatArray:
        """Expectation, (D,).

        Raises
        ------
        BadInputError
            If a t distribution has too few degrees of freedom for it, here and below.
        """
        return moments.mean(self.with_densities())

    def covariance(self) -> FloatArray:
        """Covariance matrix, (D, D): within and between the components."""
        return moments.covariance(self.with_densities())

    def std(self) -> FloatArray:
        """Standard deviations of the features, (D,)."""
        return np.sqrt(np.diagonal(self.covariance()))

    def correlation(self) -> FloatArray:
        """Correlation matrix, (D, D)."""
        deviations = self.std()
        return self.covariance() / deviations[:, None] / deviations

    def skewness(self) -> float:
        """Mardia's skewness: 0 if symmetrical; of one feature the square of the common one."""
        return moments.skewness(self._standard())

    def kurtosis(self) -> float:
        """Mardia's kurtosis: ``D (D + 2)`` of a Gaussian, so 3 for one feature."""
        return moments.kurtosis(self._standard())

    def moment(self, order: int | Sequence[int], kind: str = "raw") -> FloatArray | float:
        """Moments of any order, in closed form.

        Parameters
        ----------
        order : int or sequence of int
            A number: ``E[x_j^order]`` of each feature. One number for each feature: the mixed
            moment ``E[prod_j x_j^order_j]``.
        kind : {"raw", "central", "standardized"}, default="raw"
            Of x, of ``x - mean``, or of that in standard deviations.

        Returns
        -------
        (D,), or float for a sequence

        Raises
        ------
        BadInputError
            If an order is not a whole number from 0, or does not exist.
        """
        check_kind(kind)
        parameters = self.with_densities()
        n_features = parameters.n_features
        orders = check_orders(order, n_features)
        if kind != "raw":
            units = self.std() if kind == "standardized" else np.ones(n_features)
            parameters = moments.shifted(parameters, self.mean(), units)
        found = [moments.moment(parameters, each) for each in orders]
        return np.array(found) if isinstance(order, int | np.integer) else found[0]

    # ---- entropy

    def entropy(self, *, seed: int = 0) -> Estimate:
        """Differential entropy ``-E[log f(X)]``, in nats.

        One or two features: quadrature, to 1e-10 (of two features with noise, and of more:
        randomised quasi-Monte Carlo).

        Parameters
        ----------
        seed : int, default=0
            Of the quasi-Monte Carlo points.

        Returns
        -------
        Estimate
            `value` and `error`.
        """
        return entropy(self.with_densities(), seed)

    # ---- how

    def _standard(self) -> Parameters:
        """The mixture in its own deviations about its mean, so that no unit overflows."""
        return moments.shifted(self.with_densities(), self.mean(), self.std())

    def _line(self, verb: str) -> Line:
        parameters = self.with_densities()
        check_one_feature(verb, parameters.n_features)
        return Line.of(parameters)

    def _on_the_line(self, X: Any, f: Callable[[FloatArray], FloatArray], verb: str) -> Numbers:
        """Values of a function of one feature; NaN is free, as if it were infinite."""
        if np.ndim(X) == 0 and not hasattr(X, "columns"):
            return float(f(self._values([X]))[0])
        return f(self._values(X))

    def _values(self, X: Any) -> FloatArray:
        return np.asarray(self._rows(X).X[:, 0], dtype=np.float64)


def _each(p: FloatArray, f: Callable[[FloatArray], FloatArray]) -> Numbers:
    found = f(p.reshape(-1)).reshape(p.shape)
    return float(found) if p.ndim == 0 else found
