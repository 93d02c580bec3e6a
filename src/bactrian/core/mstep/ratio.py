"""Bound the ratio of the eigenvalues of all covariances."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import CovarianceStructure
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.values.parameters import Parameters

EPS = float(np.finfo(float).eps)
# Whose axes of highest likelihood do not depend on the eigenvalues along them, and of which any
# eigenvalues, cut off alike, are again those of the structure.
RATIO_STRUCTURES = ("full", "tied", "diag", "spherical", "EII", "EEI", "EEV")


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class RatioBounds(Bounds):
    """The largest eigenvalue of all covariances is at most `ratio` times the smallest [1]_.

    The likelihood is maximised under that constraint: the eigenvalues of the unconstrained
    covariances are cut off below m and above ``ratio m``, at the m of highest likelihood [2]_.

    Parameters
    ----------
    ratio : float
        At least 1.
    units : (n_features,)
        In which the features are measured, that eigenvalues compare.
    floor : (n_features,)
        In proportion to the squares of `units`.
    ridge : float
        Added before the eigenvalues are compared.

    References
    ----------
    .. [1] Garcia-Escudero, L., Gordaliza, A., Matran, C. and Mayo-Iscar, A. (2008). A general
       trimming approach to robust cluster analysis. Ann. Statist. 36, 1324-1345.
    .. [2] Fritz, H., Garcia-Escudero, L. and Mayo-Iscar, A. (2013). A fast algorithm for robust
       constrained clustering. Comput. Stat. Data Anal. 61, 124-136, section 3.
    """

    ratio: float
    units: FloatArray

    def apply(
        self, covariances: FloatArray, structure: CovarianceStructure, resp_sum: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return covariances within the bounds, and the factors of their precisions."""
        ridged = structure.form.limits.ridged(covariances, self.ridge)
        return self._cut_off(ridged, structure, resp_sum)

    def _cut_off(
        self, covariances: FloatArray, structure: CovarianceStructure, resp_sum: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Cut off eigenvalues that are too far apart; also return the factors."""
        form = structure.form
        values = np.maximum(form.limits.eigenvalues(covariances, self.units), 0.0)
        low = smallest_eigenvalue(values, form.shares(resp_sum), self.ratio)
        low = max(low, float((self.floor / np.square(self.units)).max()))
        if low == 0:  # there is no volume
            return covariances, np.full_like(covariances, np.nan)
        if low <= values.min() and values.max() <= self.ratio * low:
            return covariances, form.algebra.precisions_cholesky(covariances)
        return form.limits.truncated(covariances, self.units, low, self.ratio * low)

    def admit(self, parameters: Parameters) -> bool:
        """Whether :meth:`apply` could return these."""
        if not super().admit(parameters):
            return False
        values = parameters.form.limits.eigenvalues(parameters.covariances, self.units)
        rounding = EPS * parameters.n_features * self.ratio
        return bool(values.max() <= self.ratio * values.min() * (1 + 8 * rounding))

    def confine(self, parameters: Parameters) -> Parameters:
        """Move parameters within the bounds, to the nearest in likelihood."""
        covariances, factors = self._cut_off(
            parameters.covariances, parameters.structure, parameters.weights
        )
        return replace(parameters, covariances=covariances, precisions_cholesky=factors)


def smallest_eigenvalue(values: FloatArray, counts: FloatArray, ratio: float) -> float:
    """Find the likeliest m for which all eigenvalues are clipped to [m, ratio m].

    With l the nearest to s in that range, it minimises ``sum_kd n_k (log l_kd + s_kd / l_kd)``,
    which is convex in log m. Its slope is ``sum n (1 - s / m)`` over the s below m, and
    ``sum n (1 - s / (ratio m))`` over those above ``ratio m``: 0 at a weighted mean, once it is
    known between which of the 2 K D points s and s / ratio it lies.

    Parameters
    ----------
    values : (n_covariances, n_eigenvalues)
        At least 0.
    counts : (n_covariances,)
        Rows in each covariance; one that holds none has no say.
    ratio : float

    Returns
    -------
    float
        0 if all eigenvalues are.
    """
    held = counts > 0
    s = values[held].ravel()
    order = np.argsort(s)
    s = s[order]
    n = np.repeat(counts[held], values.shape[1])[order]
    if len(s) == 0 or s[-1] == 0:
        return 0.0
    if s[-1] <= ratio * s[0]:
        return float(s[0])
    rows = np.concatenate([[0.0], np.cumsum(n)])
    sums = np.concatenate([[0.0], np.cumsum(n * s)])

    def cut_off(m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """At each m: how many rows have clipped eigenvalues, and the sum of the m they ask for."""
        below, above = np.searchsorted(s, m, "left"), np.searchsorted(s, ratio * m, "right")
        sizes = sums[below] + (sums[-1] - sums[above]) / ratio
        return rows[below] + rows[-1] - rows[above], sizes

    points = np.unique(np.concatenate([[0.0], s, s / ratio]))
    count, size = cut_off(points[1:])
    high = 1 + int(np.argmax(count * points[1:] >= size))
    between = (points[high - 1] + points[high]) / 2
    count, size = cut_off(np.array([between]))
    if count[0] == 0:
        return float(points[high])
    return float(np.clip(size[0] / count[0], points[high - 1], points[high]))
