"""The cheapest way to move weights from some places to others."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import csr_array, vstack

from bactrian.core.arrays import FloatArray


def plan_of(costs: FloatArray, sources: FloatArray, targets: FloatArray) -> FloatArray:
    """The plan that moves weights at least cost (a linear programme).

    Parameters
    ----------
    costs : (n_sources, n_targets)
    sources : (n_sources,)
    targets : (n_targets,)
        With the same sum.

    Returns
    -------
    (n_sources, n_targets)
        Rows add up to the sources, columns to the targets.
    """
    n, m = costs.shape
    if n == m and np.ptp(sources) == 0 and np.ptp(targets) == 0:
        rows, columns = linear_sum_assignment(costs)
        plan = np.zeros((n, m))
        plan[rows, columns] = sources[0]
        return plan
    if n == 1 or m == 1:
        return np.outer(sources, targets) / sources.sum()
    cells = np.arange(n * m)
    ones = np.ones(n * m)
    by_source = csr_array((ones, (cells // m, cells)), shape=(n, n * m))
    by_target = csr_array((ones, (cells % m, cells)), shape=(m, n * m))
    scale = float(np.abs(costs).max()) or 1.0
    found = linprog(
        costs.ravel() / scale,
        A_eq=vstack([by_source, by_target[:-1]], format="csr"),
        b_eq=np.concatenate([sources, targets[:-1] * sources.sum() / targets.sum()]),
        method="highs",
    )
    if found.x is None:
        raise ArithmeticError(f"the cheapest plan was not found: {found.message}")
    return np.asarray(np.maximum(found.x, 0.0).reshape(n, m))
