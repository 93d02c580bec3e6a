"""Mixtures of K and of K + 1, fitted to the same rows for a likelihood-ratio test."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from bactrian.backends import backend_for
from bactrian.backends.blas import one_blas_thread
from bactrian.core.arrays import FloatArray
from bactrian.core.errors import BadInputError, DegenerateCovarianceError
from bactrian.core.sampling import draw_samples
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.estimators.validation import check_jobs
from bactrian.selection.splitting import split_starts, starting_values
from bactrian.selection.trial import NUMERICAL

SHORT = {"max_iter": 20, "stopping": "log_likelihood", "tol": 1e-6}  # to see which start is best

COUNT = "n_components"  # what is at fault if a component collapses

Way = Callable[[], GaussianMixture]


@dataclass(frozen=True)
class Resample:
    """One simulated data set.

    Parameters
    ----------
    n_components : int
        Of the null hypothesis.
    number : int
        From 0.
    statistic : float or None
        None if a fit failed.
    failure : str or None
        Why.
    """

    n_components: int
    number: int
    statistic: float | None
    failure: str | None = None


@dataclass(frozen=True, eq=False)
class Rows:
    """What both mixtures are fitted to.

    Parameters
    ----------
    X : (n_samples, n_features)
    weights : (n_samples,) or None
    """

    X: FloatArray
    weights: FloatArray | None = None

    def fitted(self, n_components: int, **settings: Any) -> GaussianMixture:
        """The mixture, fitted.

        Raises
        ------
        BadInputError
            If a component collapses.
        """
        estimator = GaussianMixture(n_components, **settings)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            try:
                estimator.fit(self.X, sample_weight=self.weights)
            except DegenerateCovarianceError as error:
                raise _collapsed(n_components) from error
        if estimator.fit_report_.certificate.collapses:
            raise _collapsed(n_components)
        return estimator

    def splits(self, fitted: GaussianMixture) -> list[Parameters]:
        """Starts with one component more than a mixture that was fitted to these rows."""
        kept = slice(None) if self.weights is None else self.weights > 0
        weights = None if self.weights is None else self.weights[kept]
        backend = backend_for(fitted.backend, check_jobs(fitted.n_jobs))
        source = ArraySource(self.X[kept], weights)
        with one_blas_thread():
            return list(split_starts(fitted.mixture_.parameters, source, backend))


@dataclass(frozen=True, eq=False)
class Pair:
    """How the two mixtures of a test are fitted.

    Parameters
    ----------
    n_components : int
        K.
    n_init : int
        Starts beside those that are known.
    settings : mapping
        Of both. ``random_state`` is an integer.
    """

    n_components: int
    n_init: int
    settings: Mapping[str, Any]

    def null(self, rows: Rows) -> GaussianMixture:
        """Best mixture of K: from its own starts, or by splitting the best of K - 1.

        Raises
        ------
        BadInputError
            If a component collapses from every start.
        """
        fewer = replace(self, n_components=self.n_components - 1)
        ways: list[Way] = [lambda: rows.fitted(self.n_components, **self.settings)]
        if fewer.n_components > 0:
            ways.append(lambda: fewer.alternative(fewer.null(rows), rows))
        found = max(_sound(ways), key=_likelihood, default=None)
        if found is None:
            raise _collapsed(self.n_components)
        return found

    def alternative(self, null: GaussianMixture, rows: Rows) -> GaussianMixture:
        """Best mixture of K + 1, from that of K with a component split, or from other starts.

        Raises
        ------
        BadInputError
            If a component collapses from every start.
        """
        return self._from(rows.splits(null), self.n_components + 1, rows)

    def simulated(self, truth: Parameters, size: int, number: int) -> Resample:
        """Statistic of a data set that is drawn from the null hypothesis."""
        seeds = np.random.SeedSequence((int(self.settings["random_state"]), number))
        source = np.random.RandomState(np.random.MT19937(seeds))
        rows = Rows(draw_samples(truth, size, source, sort=False)[0])
        own = {**self.settings, "random_state": int(source.randint(2**31 - 1))}
        drawn = replace(self, settings=own)
        try:
            null = drawn._from([truth], self.n_components, rows)
            alternative = drawn.alternative(null, rows)
        except (*NUMERICAL, BadInputError) as error:
            return Resample(self.n_components, number, None, str(error))
        return Resample(self.n_components, number, statistic_of(null, alternative))

    def _from(self, known: Iterable[Parameters], n_components: int, rows: Rows) -> GaussianMixture:
        """Best of known starts and some more: that which is ahead early is followed to the end.

        If it collapses there, that which was behind it is.
        """
        seed = int(self.settings["random_state"])
        starts = [starting_values(start) for start in known]
        starts += [{"random_state": (seed + i) % 2**32} for i in range(self.n_init)]

        def way(**settings: Any) -> Way:
            return lambda: rows.fitted(n_components, **{**self.settings, **settings})

        early = _sound(way(**SHORT, n_init=1, **start) for start in starts)
        for ahead in sorted(early, key=_likelihood, reverse=True):
            for followed in _sound([way(**starting_values(ahead.mixture_.parameters))]):
                return followed
        raise _collapsed(n_components)


def statistic_of(null: GaussianMixture, alternative: GaussianMixture) -> float:
    """Twice the difference of the log-likelihoods; 0 if the larger mixture was not found."""
    return max(0.0, 2 * (alternative.log_likelihood_ - null.log_likelihood_))


def _sound(ways: Iterable[Way]) -> Iterator[GaussianMixture]:
    """Fits in which no component collapses."""
    for way in ways:
        try:
            yield way()
        except BadInputError as error:
            if error.name != COUNT:
                raise


def _likelihood(fitted: GaussianMixture) -> float:
    return fitted.log_likelihood_


def _collapsed(n_components: int) -> BadInputError:
    got = f"{n_components}, of which one collapses on a few rows from every start"
    return BadInputError(COUNT, got, "so few that none does", "Lower it.")
