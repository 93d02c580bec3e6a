"""The passes of starts over the rows, in NumPy."""

from __future__ import annotations

from itertools import pairwise
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.covariance import Form
from bactrian.core.values.statistics import SufficientStats
from bactrian.init.order import groups

ROWS_AT_ONCE = 4096  # rows, worked on at a time so that they stay in the cache


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

    def settled(
        self,
        stats: SufficientStats,
        lowest: FloatArray,
        place: FloatArray,
        units: FloatArray,
        one_row: float,
    ) -> list[FloatArray] | None:
        return None


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
