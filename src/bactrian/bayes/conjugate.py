"""Conjugate families as values: a prior that is updated by data is a posterior of its kind.

Each has ``updated``, ``mean``, ``mode``, ``interval``, ``predictive``, ``log_evidence`` and
``sample``. Any number of batches gives what all rows at once give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import gammaln, multigammaln

from bactrian.core.arrays import FloatArray, frozen
from bactrian.errors import BadInputError

Seed = int | np.random.RandomState | np.random.Generator | None
LOG_2PI = float(np.log(2 * np.pi))


class NormalParameters(NamedTuple):
    """Mean and covariance (the variance of one feature), or something said of both."""

    mean: Any
    covariance: Any


@final
@dataclass(frozen=True)
class NormalMean:
    """What is known of the mean of a normal distribution whose variance is known.

    ``mean ~ N(location, variance)``; with n rows of mean x it becomes
    ``variance_n = (n / known_variance + 1 / variance)^-1`` and
    ``location_n = variance_n (n x / known_variance + location / variance)`` (Gelman and others
    2013, eqs. 2.11 and 2.12).

    Parameters
    ----------
    location : float
    variance : float
        Above 0: of the mean.
    known_variance : float
        Above 0: of a row.

    Raises
    ------
    BadInputError

    Examples
    --------
    >>> from bactrian.bayes import NormalMean
    >>> NormalMean(0.0, 1.0, known_variance=1.0).updated([2.0, 4.0]).mean
    2.0
    """

    location: float
    variance: float
    known_variance: float

    def __post_init__(self) -> None:
        _finite("location", self.location, ())
        for name in ("variance", "known_variance"):
            _above(name, getattr(self, name), 0.0)

    def updated(self, rows: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> NormalMean:
        """The posterior, given rows (n_samples,), each of which counts by its weight."""
        count, mean, _ = _moments(rows, weights, 1)
        variance = 1 / (count / self.known_variance + 1 / self.variance)
        pull = count * float(mean[0]) / self.known_variance + self.location / self.variance
        return NormalMean(variance * pull, variance, self.known_variance)

    @property
    def mean(self) -> float:
        """Expected mean."""
        return self.location

    @property
    def mode(self) -> float:
        """Most probable mean."""
        return self.location

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Central interval that holds the mean with that probability."""
        low, high = stats.norm(self.location, np.sqrt(self.variance)).interval(check_level(level))
        return float(low), float(high)

    @property
    def predictive(self) -> Any:
        """Distribution of a new row, of :mod:`scipy.stats`."""
        return stats.norm(self.location, np.sqrt(self.variance + self.known_variance))

    def log_evidence(self, rows: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
        """Log-density of all rows, in nats, if what is known is this."""
        count, mean, scatter = _moments(rows, weights, 1)
        known, whole = self.known_variance, self.known_variance + count * self.variance
        apart = count * (float(mean[0]) - self.location) ** 2 / whole
        logs = count * (LOG_2PI + np.log(known)) + np.log(whole / known)
        return float(-(logs + float(scatter[0, 0]) / known + apart) / 2)

    def sample(self, size: int = 1, random_state: Seed = None) -> FloatArray:
        """Draw means, (size,)."""
        own = stats.norm(self.location, np.sqrt(self.variance))
        return np.asarray(own.rvs(size=(size,), random_state=random_state))


@final
@dataclass(frozen=True, eq=False)
class NormalInverseWishart:
    """What is known of mean and covariance of a normal distribution in D dimensions.

    ``mean | cov ~ N(location, cov / mean_precision)``, ``cov ~ inverse Wishart(dof, scatter)``
    (Gelman and others 2013, section 3.6). In one dimension, where `scatter` is a number, the
    variance is inverse gamma of shape ``dof / 2`` and scale ``scatter / 2``.

    Parameters
    ----------
    location : (D,) or float
    mean_precision : float
        Rows that `location` is worth, above 0.
    dof : float
        Rows that `scatter` is worth, above D - 1.
    scatter : (D, D) or float
        Positive definite.

    Raises
    ------
    BadInputError

    Examples
    --------
    >>> from bactrian.bayes import NormalInverseWishart
    >>> known = NormalInverseWishart(0.0, 1.0, 3.0, 3.0).updated([1.0, 2.0, 3.0])
    >>> known.mean
    NormalParameters(mean=1.5, covariance=2.0)
    """

    location: FloatArray
    mean_precision: float
    dof: float
    scatter: FloatArray

    def __post_init__(self) -> None:
        keep = object.__setattr__
        location = _finite("location", self.location, None)
        keep(self, "location", frozen(location))
        shape = () if location.ndim == 0 else (location.size, location.size)
        scatter = _finite("scatter", self.scatter, shape)
        keep(self, "scatter", frozen(scatter))
        _above("mean_precision", self.mean_precision, 0.0)
        _above("dof", self.dof, self.n_features - 1.0)
        matrix = scatter.reshape(self.n_features, self.n_features)
        if not np.allclose(matrix, matrix.T) or not np.linalg.eigvalsh(matrix)[0] > 0:
            raise BadInputError("scatter", "a matrix that is not", "positive definite")

    @property
    def n_features(self) -> int:
        """D."""
        return max(1, self.location.size)

    @property
    def _matrix(self) -> FloatArray:
        return self.scatter.reshape(self.n_features, self.n_features)

    @property
    def _tails(self) -> float:
        """Degrees of freedom of the means and of each variance."""
        return self.dof - self.n_features + 1

    def updated(
        self, rows: npt.ArrayLike, weights: npt.ArrayLike | None = None
    ) -> NormalInverseWishart:
        """The posterior, given rows (n_samples, D), or (n_samples,) in one dimension."""
        count, mean, scatter = _moments(rows, weights, self.n_features)
        before, whole = self.mean_precision, self.mean_precision + count
        apart = mean - self.location
        location = self.location + count / whole * apart.reshape(self.location.shape)
        total = self._matrix + scatter + before * count / whole * np.outer(apart, apart)
        return NormalInverseWishart(
            location, whole, self.dof + count, total.reshape(self.scatter.shape)
        )

    def _pair(self, mean: FloatArray, matrix: FloatArray) -> NormalParameters:
        if self.location.ndim == 0:
            return NormalParameters(float(mean), float(matrix.reshape(())))
        return NormalParameters(mean.copy(), matrix)

    @property
    def mean(self) -> NormalParameters:
        """Expected mean and covariance; the latter is infinite if dof is not above D + 1."""
        left = self.dof - self.n_features - 1
        return self._pair(
            self.location, self._matrix / left if left > 0 else self._matrix * np.inf
        )

    @property
    def mode(self) -> NormalParameters:
        """Mean and covariance of highest joint density."""
        return self._pair(self.location, self._matrix / (self.dof + self.n_features + 2))

    def interval(self, level: float = 0.95) -> NormalParameters:
        """Central intervals of each mean and each variance: (2, D), or (2,) in one dimension."""
        level, diagonal = check_level(level), np.diagonal(self._matrix)
        scale = np.sqrt(diagonal / (self.mean_precision * self._tails))
        means = stats.t(self._tails, self.location.reshape(-1), scale).interval(level)
        variances = stats.invgamma(self._tails / 2, scale=diagonal / 2).interval(level)
        shape = (2, *self.location.shape)
        return NormalParameters(np.reshape(means, shape), np.reshape(variances, shape))

    @property
    def predictive(self) -> Any:
        """Distribution of a new row, a t distribution of :mod:`scipy.stats`."""
        wider = (1 + 1 / self.mean_precision) / self._tails
        if self.location.ndim == 0:
            scale = np.sqrt(wider * float(self.scatter))
            return stats.t(self._tails, float(self.location), scale)
        return stats.multivariate_t(self.location, wider * self._matrix, self._tails)

    def log_evidence(self, rows: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
        """Log-density of all rows, in nats, if what is known is this (Murphy 2007, eq. 266)."""
        after, n_features = self.updated(rows, weights), self.n_features
        count = after.mean_precision - self.mean_precision

        def part(known: NormalInverseWishart) -> float:
            log_det = float(np.linalg.slogdet(known._matrix)[1])
            gamma = float(multigammaln(known.dof / 2, n_features))
            return gamma - known.dof / 2 * log_det - n_features / 2 * np.log(known.mean_precision)

        return float(part(after) - part(self) - count * n_features / 2 * np.log(np.pi))

    def sample(self, size: int = 1, random_state: Seed = None) -> NormalParameters:
        """Draw means (size, D) and covariances (size, D, D); (size,) each in one dimension."""
        source = np.random.default_rng(random_state) if _is_plain(random_state) else random_state
        law = stats.invwishart(self.dof, self._matrix)
        drawn = law.rvs(size=size, random_state=source).reshape(size, *self._matrix.shape)
        z = stats.norm.rvs(size=(size, self.n_features), random_state=source)
        roots = np.linalg.cholesky(drawn) / np.sqrt(self.mean_precision)
        means = self.location + np.einsum("sij,sj->si", roots, z)
        one = self.location.ndim == 0
        return NormalParameters(
            means.reshape(size) if one else means, drawn.reshape(size) if one else drawn
        )


@final
@dataclass(frozen=True, eq=False)
class Dirichlet:
    """What is known of shares that sum to 1, such as the weights of a mixture.

    Parameters
    ----------
    concentration : (K,)
        Above 0 (Gelman and others 2013, section 3.4).

    Examples
    --------
    >>> from bactrian.bayes import Dirichlet
    >>> Dirichlet([1.0, 1.0]).updated([7, 1]).mean
    array([0.8, 0.2])
    """

    concentration: FloatArray

    def __post_init__(self) -> None:
        values = _finite("concentration", self.concentration, None)
        if values.ndim != 1 or values.size < 2 or not (values > 0).all():
            got = repr(self.concentration)[:60]
            raise BadInputError(
                "concentration", got, "two or more numbers above 0", code="out_of_range"
            )
        object.__setattr__(self, "concentration", frozen(values))

    def updated(self, counts: npt.ArrayLike) -> Dirichlet:
        """The posterior, given how many rows (or how much weight) each share got, (K,)."""
        return Dirichlet(self.concentration + self._counts(counts))

    def _counts(self, counts: npt.ArrayLike) -> FloatArray:
        values = _finite("counts", counts, self.concentration.shape)
        if (values < 0).any():
            raise BadInputError("counts", f"{values.min():g}", "at least 0", code="out_of_range")
        return values

    @property
    def mean(self) -> FloatArray:
        """Expected shares."""
        return np.asarray(self.concentration / self.concentration.sum())

    @property
    def mode(self) -> FloatArray:
        """Most probable shares.

        Raises
        ------
        BadInputError
            If a concentration is below 1: the density has no maximum.
        """
        spare = self.concentration - 1
        if (spare < 0).any() or not spare.any():
            got = f"{self.concentration.min():g}"
            raise BadInputError("concentration", got, "at least 1, and above it somewhere")
        return np.asarray(spare / spare.sum())

    def interval(self, level: float = 0.95) -> FloatArray:
        """Central interval of each share by itself, (2, K)."""
        own = stats.beta(self.concentration, self.concentration.sum() - self.concentration)
        return np.asarray(own.interval(check_level(level)))

    @property
    def predictive(self) -> FloatArray:
        """Probability that a new row is of each."""
        return self.mean

    def log_evidence(self, counts: npt.ArrayLike) -> float:
        """Log-probability of rows in a given order with these counts, if what is known is this."""
        before, after = self.concentration, self.concentration + self._counts(counts)
        own = gammaln(after).sum() - gammaln(after.sum())
        return float(own - gammaln(before).sum() + gammaln(before.sum()))

    def sample(self, size: int = 1, random_state: Seed = None) -> FloatArray:
        """Draw shares, (size, K)."""
        drawn = stats.dirichlet(self.concentration).rvs(size=size, random_state=random_state)
        return np.asarray(drawn)


def _is_plain(random_state: Seed) -> bool:
    return random_state is None or isinstance(random_state, int)


def _moments(
    rows: npt.ArrayLike, weights: npt.ArrayLike | None, n_features: int
) -> tuple[float, FloatArray, FloatArray]:
    """Weight, mean and scatter about it, of rows (n_samples, D); of none, 0, 0 and 0."""
    X = _finite("rows", rows, None)
    X = X.reshape(-1, 1) if n_features == 1 and X.ndim < 2 else X
    if X.ndim != 2 or X.shape[1] != n_features:
        wanted = f"of shape (n_samples, {n_features})"
        raise BadInputError("rows", f"the shape {X.shape}", wanted, code="bad_shape")
    w = np.ones(len(X)) if weights is None else _finite("weights", weights, (len(X),))
    if (w < 0).any():
        raise BadInputError("weights", f"{w.min():g}", "at least 0", code="out_of_range")
    total = float(w.sum())
    mean = w @ X / total if total > 0 else np.zeros(n_features)
    apart = X - mean
    return total, mean, (w[:, None] * apart).T @ apart


def _finite(name: str, value: Any, shape: tuple[int, ...] | None) -> FloatArray:
    """Check finite numbers of a shape; None for any.

    Raises
    ------
    BadInputError
    """
    try:
        values = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadInputError(name, repr(value)[:60], "numbers", code="not_a_number") from None
    if shape is not None and values.shape != shape:
        wanted = f"of shape {shape}" if shape else "one number"
        raise BadInputError(name, f"the shape {values.shape}", wanted, code="bad_shape")
    if not np.isfinite(values).all():
        raise BadInputError(name, "NaN or infinity", "finite numbers", code="not_finite")
    return values


def _above(name: str, value: Any, least: float) -> None:
    if not float(_finite(name, value, ())) > least:
        raise BadInputError(name, repr(value), f"above {least:g}", code="out_of_range")


def check_level(level: float) -> float:
    """Check the probability of an interval.

    Raises
    ------
    BadInputError
    """
    if not 0 < float(_finite("level", level, ())) < 1:
        raise BadInputError("level", repr(level), "between 0 and 1", code="out_of_range")
    return level
