"""Why a row is odd, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.mixture import Mixture

ALL_ORDERS = 8  # columns, up to which all subsets are looked at
TYPICAL_ROWS = 500  # that are drawn, of which the typical contributions are the means
ORDERS = 64  # otherwise: orders of the columns that are drawn, and the same backwards


@final
@dataclass(frozen=True, eq=False)
class Reasons:
    """What the columns of rows add to how odd these are.

    Parameters
    ----------
    contributions : (n_samples, n_features)
        What each column adds to the log-density of the row, in nats; they add up to it. Averages
        of ``log p(x_j | columns before j)`` over the orders of the columns (Shapley 1953): all of
        them for up to 8 columns, otherwise 128 that are drawn once for all. 0 where the value is
        missing.
    typical : (n_features,)
        The same for a row of the mixture, on average. Columns far below it make a row odd.
    z_scores : (n_samples, n_features)
        ``(x_j - E[x_j | others]) / deviation`` within the most probable component; NaN where
        missing.
    components : (n_samples,)
        The most probable component, from 0.
    """

    contributions: FloatArray
    typical: FloatArray
    z_scores: FloatArray
    components: IntArray

    def columns(self, row: int, most: int = 3) -> list[int]:
        """The columns that make a row odd, the oddest first; at most so many."""
        excess = self.contributions[row] - self.typical
        order = [int(j) for j in np.argsort(excess) if excess[j] < 0]
        return order[:most]


def reasons_of(mixture: Mixture, X: FloatArray) -> Reasons:
    """Reasons for rows under a mixture.

    Parameters
    ----------
    mixture : Mixture
    X : (n_samples, n_features)
        NaN where missing.
    """
    components = mixture.labels(X)
    typical = contributions(mixture, mixture.sample(TYPICAL_ROWS, 0)[0]).mean(axis=0)
    return Reasons(
        contributions(mixture, X), typical, z_scores(mixture, X, components), components
    )


def contributions(mixture: Mixture, X: FloatArray) -> FloatArray:
    """What each column adds to the log-density, (n_samples, n_features), in nats."""
    n_samples, n_features = X.shape
    found = np.zeros((n_samples, n_features))
    if n_features <= ALL_ORDERS:
        values = [_of_subset(mixture, X, _members(s, n_features)) for s in range(2**n_features)]
        weights = _shapley_weights(n_features)
        for subset in range(2**n_features):
            size = subset.bit_count()
            for j in range(n_features):
                if not subset >> j & 1:
                    gain = values[subset | 1 << j] - values[subset]
                    found[:, j] += weights[size] * gain
        return found
    generator = np.random.RandomState(0)
    for _ in range(ORDERS):
        order = generator.permutation(n_features)
        for own in (order, order[::-1]):
            before = np.zeros(n_samples)
            seen = np.zeros(n_features, dtype=bool)
            for j in own:
                seen[j] = True
                after = _of_subset(mixture, X, seen)
                found[:, j] += (after - before) / (2 * ORDERS)
                before = after
    return found


def z_scores(mixture: Mixture, X: FloatArray, components: IntArray) -> FloatArray:
    """Conditional z-scores within components, (n_samples, n_features).

    With the precision P, ``(P (x - mean))_j / sqrt(P_jj)``: the deviation of x_j from its mean
    given the others is ``(P (x - mean))_j / P_jj``, and its variance ``1 / P_jj``.
    """
    parameters, scaling = mixture.parameters, mixture.scaling
    rows = X if scaling is None else scaling.scaled(X)
    dense = parameters.form.algebra.dense(parameters.covariances, *parameters.means.shape)
    found = np.full(X.shape, np.nan)
    patterns, which = np.unique(np.isnan(rows), axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        seen = np.flatnonzero(~pattern)
        for k in range(parameters.n_components):
            own = np.flatnonzero((which.ravel() == number) & (components == k))
            if len(own) == 0 or len(seen) == 0:
                continue
            precision = np.linalg.inv(dense[k][np.ix_(seen, seen)])
            steps = (rows[np.ix_(own, seen)] - parameters.means[k, seen]) @ precision
            found[np.ix_(own, seen)] = steps / np.sqrt(np.diag(precision))
    return found


def _of_subset(mixture: Mixture, X: FloatArray, seen: np.ndarray) -> FloatArray:
    """Log-density of some columns."""
    if not seen.any():
        return np.zeros(len(X))
    return mixture.log_density(np.where(seen, X, np.nan))


def _members(subset: int, n_features: int) -> np.ndarray:
    return np.array([bool(subset >> j & 1) for j in range(n_features)])


def _shapley_weights(n_features: int) -> list[float]:
    """``s! (n - s - 1)! / n!`` for the sizes s of subsets."""
    weights = [1 / n_features]
    for size in range(1, n_features):
        weights.append(weights[-1] * size / (n_features - size))
    return weights
