"""Fit mixtures of K and K + 1 components to the same rows, for a likelihood-ratio test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray
from bactrian.core.em.climb import stay
from bactrian.core.em.starts import Fit, Pursuit
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError, DegenerateCovarianceError
from bactrian.estimators.asking import data_set
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.estimators.settings import estimation_of
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.estimation import Estimation
from bactrian.machine.blas import one_blas_thread
from bactrian.machine.generator import seeded
from bactrian.mixture.sampling import draw_samples
from bactrian.remedies import Lower
from bactrian.selection.settings import NUMERICAL
from bactrian.selection.tests.splitting import split_starts

SHORT = {"max_iter": 20, "stopping": "log_likelihood", "tol": 1e-6}  # to see which start is best

COUNT = "n_components"  # what is at fault if a component collapses


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
class Found:
    """A fitted mixture, and the data that it was fitted to.

    Parameters
    ----------
    estimation : Estimation
    fit : Fit
    """

    estimation: Estimation
    fit: Fit

    @property
    def log_likelihood(self) -> float:
        """Sum over samples, in nats."""
        return self.fit.best.state.log_likelihood

    @property
    def parameters(self) -> Parameters:
        """Where the fit ended."""
        return self.estimation.end(self.fit)


@dataclass(frozen=True, eq=False)
class Design:
    """How many rows to draw, and which values are missing.

    Parameters
    ----------
    size : int
    missing : (n_rows, n_features) of bool
        Of the rows of the data of which anything is observed.
    weights : (n_rows,) or None
        How often each of them was observed.
    """

    size: int
    missing: BoolArray
    weights: FloatArray | None

    @classmethod
    def of(cls, X: FloatArray, weights: FloatArray | None) -> Design:
        """The design of data; rows without any observed value are left out."""
        missing = np.isnan(X)
        seen = ~missing.all(axis=1)
        own = None if weights is None else weights[seen]
        return cls(int(seen.sum()) if own is None else round(own.sum()), missing[seen], own)

    def missing_in(self, random_state: np.random.RandomState) -> BoolArray:
        """Which values of simulated rows are missing, (size, n_features): as in the data.

        Which values are missing is taken to have nothing to do with the values. Of weighted rows
        it is drawn by the weights.
        """
        if self.weights is None:
            return self.missing
        if not self.missing.any():
            return np.zeros((self.size, self.missing.shape[1]), dtype=bool)
        shares = self.weights / self.weights.sum()
        return self.missing[random_state.choice(len(shares), self.size, p=shares)]


Way = Callable[[], Found]


@dataclass(frozen=True, eq=False)
class Pair:
    """How to fit the two mixtures of a test.

    Parameters
    ----------
    n_components : int
        K.
    n_init : int
        Starts besides those that are known.
    settings : mapping
        Of both. ``random_state`` is an integer.
    """

    n_components: int
    n_init: int
    settings: Mapping[str, Any]

    def data(self, X: Any, sample_weight: Any = None) -> DataSet:
        """The rows that both mixtures are fitted to.

        Raises
        ------
        BadInputError
            If they cannot be.
        """
        return data_set(GaussianMixture(**self.settings), X, sample_weight)[1]

    def null(self, data: DataSet) -> Found:
        """Best mixture of K: from its own starts, or by splitting the best mixture of K - 1.

        Raises
        ------
        BadInputError
            If a component collapses from every start.
        """
        fewer = replace(self, n_components=self.n_components - 1)
        ways: list[Way] = [lambda: self.fitted(self.n_components, data)]
        if fewer.n_components > 0:
            ways.append(lambda: fewer.alternative(fewer.null(data), data))
        found = max(_sound(ways), key=_likelihood, default=None)
        if found is None:
            raise _collapsed(self.n_components)
        return found

    def alternative(self, null: Found, data: DataSet) -> Found:
        """Best mixture of K + 1: by splitting a component of that of K, or from other starts.

        Raises
        ------
        BadInputError
            If a component collapses from every start.
        """
        with one_blas_thread():
            splits = list(split_starts(null.parameters, data))
        return self._from(splits, self.n_components + 1, data)

    def simulated(self, truth: Parameters, design: Design, number: int) -> Resample:
        """Statistic of a data set drawn under the null hypothesis."""
        seeds = np.random.SeedSequence((int(self.settings["random_state"]), number))
        source = np.random.RandomState(np.random.MT19937(seeds))
        X, labels = draw_samples(truth, design.size, source, sort=False)
        spikes = truth.spikes
        X = X if spikes is None else spikes.placed(X, labels, source)
        X[design.missing_in(source)] = np.nan
        own = {**self.settings, "random_state": int(source.randint(2**31 - 1))}
        own["spikes"] = None if spikes is None else spikes.by_column()
        drawn = replace(self, settings=own)
        try:
            data = drawn.data(X)
            null = drawn._from([truth], self.n_components, data)
            alternative = drawn.alternative(null, data)
        except (*NUMERICAL, BadInputError) as error:
            return Resample(self.n_components, number, None, str(error))
        statistic = statistic_of(null.log_likelihood, alternative.log_likelihood)
        return Resample(self.n_components, number, statistic)

    def estimator(self, found: Found) -> GaussianMixture:
        """Fitted estimator of what was found."""
        n_components = found.estimation.model.n_components
        estimator = GaussianMixture(n_components, **self.settings)
        estimator.adopt(found.estimation, found.fit)
        return estimator

    def fitted(self, n_components: int, data: DataSet) -> Found:
        """Fit a mixture from the estimator's own starts.

        Raises
        ------
        BadInputError
            If a component collapses.
        """
        return self._run(self._estimation(n_components, data))

    def _estimation(self, n_components: int, data: DataSet, **settings: Any) -> Estimation:
        """How to fit a mixture, with settings in the place of those of both."""
        return estimation_of(GaussianMixture(n_components, **{**self.settings, **settings}), data)

    def _run(
        self,
        estimation: Estimation,
        start: Parameters | None = None,
        seed: int | None = None,
        pursuit: Pursuit | None = None,
    ) -> Found:
        """Fit a mixture from a start, or from the estimator's own.

        Parameters
        ----------
        estimation : Estimation
        start : Parameters, optional
        seed : int, optional
            Of the estimator's starts; by default that of both.
        pursuit : callable, optional
            How the best run is followed; by default as the estimator does.

        Raises
        ------
        BadInputError
            If a component collapses.
        """
        n_components = estimation.model.n_components
        source = seeded(int(self.settings["random_state"]) if seed is None else seed)
        with one_blas_thread():
            try:
                fit = estimation.run(source, start=start, pursuit=pursuit)
            except DegenerateCovarianceError as error:
                raise _collapsed(n_components) from error
        if fit.best.certificate.collapses:
            raise _collapsed(n_components)
        return Found(estimation, fit)

    def _from(self, known: Iterable[Parameters], n_components: int, data: DataSet) -> Found:
        """Best of known starts and a few more; the one that leads early is followed to the end.

        If it collapses there, that which was behind it is; if all do, the starts of the estimator.
        """
        short = self._estimation(n_components, data, **SHORT, n_init=1)
        first = int(self.settings["random_state"])
        starts: list[tuple[Parameters | None, int]] = [(start, first) for start in known]
        starts += [(None, (first + i) % 2**32) for i in range(self.n_init)]
        early = _sound(partial(self._run, short, *start, stay) for start in starts)
        whole = self._estimation(n_components, data)
        for ahead in sorted(early, key=_likelihood, reverse=True):
            for followed in _sound([partial(self._run, whole, ahead.parameters)]):
                return followed
        return self._run(whole)


def statistic_of(null: float, alternative: float) -> float:
    """Twice the difference of the log-likelihoods; 0 if no larger mixture was found."""
    return max(0.0, 2 * (alternative - null))


def _sound(ways: Iterable[Way]) -> Iterator[Found]:
    """Fits without a collapsed component."""
    for way in ways:
        try:
            yield way()
        except BadInputError as error:
            if error.name != COUNT:
                raise


def _likelihood(found: Found) -> float:
    return found.log_likelihood


def _collapsed(n_components: int) -> BadInputError:
    got = f"{n_components}, where one component collapses on a few rows from every start"
    return BadInputError(COUNT, got, "so few that no component collapses", Lower(COUNT))
