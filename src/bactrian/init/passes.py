"""The passes of starts over the rows: in C++ if it is compiled, otherwise in NumPy."""

from __future__ import annotations

import math
import os
from itertools import pairwise
from typing import Protocol, final

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray, seal
from bactrian.core.covariance import Form
from bactrian.core.values.statistics import SufficientStats
from bactrian.init.order import groups
from bactrian.machine.threads import thread_count

try:
    from bactrian import _native
    from bactrian.backends.native.backend import VARIABLE, path_in_use
except ImportError:  # not compiled: config.show_config() says why
    COMPILED = False
else:
    COMPILED = True


ROWS_AT_ONCE = 4096  # rows, worked on at a time so that they stay in the cache
MANY = 2**22  # products of moments by shares from which on matrix products are faster


class Passes(Protocol):
    """What starts need from all rows at once."""

    def nearest(self, X: FloatArray, centres: FloatArray) -> tuple[IntArray, FloatArray]:
        """Labels of the nearest centres, and squared distances to them; each (n_samples,).

        Of centres equally near, it is the first.
        """

    def moments(
        self, X: FloatArray, weights: FloatArray, centres: FloatArray
    ) -> tuple[FloatArray, FloatArray, float]:
        """Sums over the rows nearest to each centre.

        Returns
        -------
        mass : (n_centres,)
            Of the weights.
        first : (n_centres, n_features)
            Of weight times row, about the centre.
        inertia : float
            Of weight times squared distance, over all rows.
        """

    def closer(
        self, X: FloatArray, weights: FloatArray, centres: FloatArray, squared: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """How each of several new centres would change the squared distances.

        Parameters
        ----------
        squared : (n_samples,)
            Distances to the nearest of the centres chosen already.

        Returns
        -------
        closer : (n_centres, n_samples)
            The lesser of the squared distance to the centre and `squared`.
        potential : (n_centres,)
            Sum of `closer` by weight.
        """

    def of_groups(
        self, X: FloatArray, weights: FloatArray, labels: IntArray, n_groups: int, form: Form
    ) -> SufficientStats:
        """Statistics of groups of rows about their means; about 0 of one without rows.

        Parameters
        ----------
        labels : (n_samples,)
            From 0 to K - 1.
        """

    def of_shares(
        self, X: FloatArray, weights: FloatArray, resp: FloatArray, form: Form
    ) -> SufficientStats:
        """The same of groups in which the rows have shares, `resp` (n_samples, K)."""


def squared_distances(X: FloatArray, centres: FloatArray) -> FloatArray:
    """Squared Euclidean distances, (n_samples, n_centres)."""
    result = np.empty((len(X), len(centres)))
    for k, centre in enumerate(centres):
        difference = X - centre
        np.einsum("ij,ij->i", difference, difference, out=result[:, k])
    return result


@final
class NumpyPasses:
    """The reference."""

    def nearest(self, X: FloatArray, centres: FloatArray) -> tuple[IntArray, FloatArray]:
        squared = squared_distances(X, centres)
        return squared.argmin(axis=1), squared.min(axis=1)

    def moments(
        self, X: FloatArray, weights: FloatArray, centres: FloatArray
    ) -> tuple[FloatArray, FloatArray, float]:
        labels, squared = self.nearest(X, centres)
        mass = np.bincount(labels, weights, minlength=len(centres))
        moved = weights[:, None] * (X - centres[labels])
        first = np.empty(centres.shape)
        for d, column in enumerate(moved.T):
            first[:, d] = np.bincount(labels, column, minlength=len(centres))
        return mass.astype(np.float64), first, float(weights @ squared)

    def closer(
        self, X: FloatArray, weights: FloatArray, centres: FloatArray, squared: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        closer = np.minimum(squared_distances(X, centres).T, squared)
        return closer, closer @ weights

    def of_groups(
        self, X: FloatArray, weights: FloatArray, labels: IntArray, n_groups: int, form: Form
    ) -> SufficientStats:
        order, cuts = groups(labels, n_groups)
        X, weights = X.take(order, axis=0), weights.take(order)
        n_features = X.shape[1]
        mass, means = np.zeros(n_groups), np.zeros((n_groups, n_features))
        second = np.zeros((n_groups, *form.shape(1, n_features)[1:]))
        for k, (begin, end) in enumerate(pairwise((0, *cuts.tolist(), len(X)))):
            if begin < end:
                own, resp = X[begin:end], weights[begin:end]
                mass[k] = resp.sum()
                means[k] = resp @ own / mass[k]
                second[k] = form.scatter(own, resp[:, None], means[k, None])[0]
        nothing, total = np.zeros_like(means), float(mass.sum())
        return SufficientStats(
            form, means, mass, nothing, form.pooled(second), 0.0, total, len(labels)
        )

    def of_shares(
        self, X: FloatArray, weights: FloatArray, resp: FloatArray, form: Form
    ) -> SufficientStats:
        nowhere = np.zeros((resp.shape[1], X.shape[1]))
        means = moments_about(X, weights, resp, form, nowhere).means
        return moments_about(X, weights, resp, form, means)


def moments_about(
    X: FloatArray, weights: FloatArray, resp: FloatArray, form: Form, origin: FloatArray
) -> SufficientStats:
    """Statistics of rows that have shares in groups, about an origin, (K, n_features)."""
    total = SufficientStats.zeros(form, origin)
    for begin in range(0, len(X), ROWS_AT_ONCE):
        piece = slice(begin, begin + ROWS_AT_ONCE)
        weighted = resp[piece] * weights[piece, None]
        total = total + SufficientStats.of(form, X[piece], weighted, total.origin)
    return total


REFERENCE = NumpyPasses()


@final
class NativePasses:
    """The passes in C++, on several threads; the number of threads changes no bit.

    Parameters
    ----------
    n_jobs : int or None, default=None
        Threads (see :func:`~bactrian.machine.threads.thread_count`).
    path : str or None, default=None
        Instruction set, as of the native back end.
    """

    def __init__(self, n_jobs: int | None = None, path: str | None = None) -> None:
        self.n_threads = thread_count(n_jobs)
        self.path = path_in_use(path or os.environ.get(VARIABLE))

    def nearest(self, X: FloatArray, centres: FloatArray) -> tuple[IntArray, FloatArray]:
        labels, squared = np.empty(len(X), np.int64), np.empty(len(X))
        _native.assign(
            self.path, X, None, _contiguous(centres), self.n_threads, labels, squared, None, None
        )
        return labels, squared

    def moments(
        self, X: FloatArray, weights: FloatArray, centres: FloatArray
    ) -> tuple[FloatArray, FloatArray, float]:
        mass, first = np.empty(len(centres)), np.empty(centres.shape)
        inertia = _native.assign(
            self.path,
            X,
            _contiguous(weights),
            _contiguous(centres),
            self.n_threads,
            None,
            None,
            mass,
            first,
        )
        return mass, first, inertia

    def closer(
        self, X: FloatArray, weights: FloatArray, centres: FloatArray, squared: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        closer, potential = np.empty((len(centres), len(X))), np.empty(len(centres))
        _native.approach(
            self.path,
            X,
            _contiguous(weights),
            _contiguous(centres),
            _contiguous(squared),
            self.n_threads,
            closer,
            potential,
        )
        return closer, potential

    def of_groups(
        self, X: FloatArray, weights: FloatArray, labels: IntArray, n_groups: int, form: Form
    ) -> SufficientStats:
        return _gathered(X, weights, n_groups, form, np.ascontiguousarray(labels, np.int64), None)

    def of_shares(
        self, X: FloatArray, weights: FloatArray, resp: FloatArray, form: Form
    ) -> SufficientStats:
        n_groups = resp.shape[1]
        if len(X) * math.prod(form.shape(n_groups, X.shape[1])) > MANY:
            return REFERENCE.of_shares(X, weights, resp, form)
        return _gathered(X, weights, n_groups, form, None, _contiguous(resp))


def _gathered(
    X: FloatArray,
    weights: FloatArray,
    n_groups: int,
    form: Form,
    labels: IntArray | None,
    resp: FloatArray | None,
) -> SufficientStats:
    means = np.empty((n_groups, X.shape[1]))
    mass, first = np.empty(n_groups), np.empty_like(means)
    second = np.empty(form.shape(n_groups, X.shape[1]))
    X, weights = _contiguous(X), _contiguous(weights)
    _native.gather(X, weights, labels, resp, form.name, mass, means, first, second)
    seal(mass, means, first, second)
    return SufficientStats(form, means, mass, first, second, 0.0, float(mass.sum()), len(X))


def _contiguous(values: FloatArray) -> FloatArray:
    return np.ascontiguousarray(values, dtype=np.float64)


def passes_for(n_jobs: int | None = None) -> Passes:
    """The fastest available passes, on that number of threads."""
    return NativePasses(n_jobs) if COMPILED else NumpyPasses()
