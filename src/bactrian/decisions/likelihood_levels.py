"""Levels of the log-density that only a share of rows is below."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bactrian.core.arrays import FloatArray

DRAWS, SEED = 20_000, 0


def levels(
    log_density: Callable[[FloatArray], FloatArray],
    sample: Callable[[int, int], FloatArray],
    X: FloatArray,
    rate: float,
) -> FloatArray:
    """For each row, the level that the share `rate` of rows like it is below.

    Rows are like it if they lack the same values. The levels are quantiles of rows that are drawn
    from the density, the same for each call.

    Parameters
    ----------
    log_density : callable
        Of rows, of their observed parts.
    sample : callable
        Draws that many rows, with a seed.
    X : (n_samples, n_features)
    rate : float

    Returns
    -------
    (n_samples,)
    """
    missing = np.isnan(X)
    patterns, which = np.unique(missing, axis=0, return_inverse=True)
    drawn = sample(DRAWS, SEED)
    found = np.empty(len(patterns))
    for number, pattern in enumerate(patterns):
        rows = drawn.copy()
        rows[:, pattern] = np.nan
        found[number] = -np.inf if pattern.all() else np.quantile(log_density(rows), rate)
    return np.asarray(found[which.ravel()])
