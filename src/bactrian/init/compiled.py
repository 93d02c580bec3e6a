"""The passes of starts over the rows, in C++."""

from __future__ import annotations

import math
import os
from typing import final

import numpy as np

from bactrian import _native
from bactrian.backends.native.backend import VARIABLE, path_in_use
from bactrian.core.arrays import FloatArray, IntArray, seal
from bactrian.core.covariance import Form
from bactrian.core.values.statistics import SufficientStats
from bactrian.init.reference import NumpyPasses
from bactrian.machine.threads import thread_count

MANY = 2**22  # products of moments by shares from which on matrix products are faster


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
            return NumpyPasses().of_shares(X, weights, resp, form)
        return _gathered(X, weights, n_groups, form, None, _contiguous(resp))

    def settled(
        self,
        stats: SufficientStats,
        lowest: FloatArray,
        place: FloatArray,
        units: FloatArray,
        one_row: float,
    ) -> list[FloatArray] | None:
        if len(units) > _native.MOST_FEATURES:
            return None
        mass, means, second = stats.resp_sum, stats.origin, stats.second
        to = [np.empty_like(part) for part in (mass, means, second, second)]
        form, place, units = stats.form.name, _contiguous(place), _contiguous(units)
        done = _native.settle(form, mass, means, second, lowest, place, units, one_row, to)
        seal(*to)
        return to if done else None


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
