"""The passes of k-means over the rows: in C++ if it is compiled, otherwise in NumPy."""

from __future__ import annotations

import os
from typing import Protocol, final

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.machine.threads import thread_count

try:
    from bactrian import _native
    from bactrian.backends.native.backend import VARIABLE, path_in_use
except ImportError:  # not compiled: config.show_config() says why
    COMPILED = False
else:
    COMPILED = True


class Passes(Protocol):
    """What k-means needs from all rows at once."""

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


def _contiguous(values: FloatArray) -> FloatArray:
    return np.ascontiguousarray(values, dtype=np.float64)


def passes_for(n_jobs: int | None = None) -> Passes:
    """The fastest available passes, on that number of threads."""
    return NativePasses(n_jobs) if COMPILED else NumpyPasses()
