"""A prior whose parts may come from the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, final

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import CovarianceStructure, Form
from bactrian.core.mstep.prior import Prior, default_prior
from bactrian.fitting.dataset import DataSet

PARTS = tuple(entry.name for entry in fields(Prior))


@final
@dataclass(frozen=True, eq=False)
class PriorChoice:
    """A prior whose parts may come from the data.

    Parameters
    ----------
    changes : mapping
        From names of parts to their values; the default's hold for the others.
    """

    changes: Mapping[str, Any]

    def completed(
        self,
        data: DataSet,
        units: FloatArray,
        structure: CovarianceStructure,
        n_components: int,
        *,
        weighted: bool = True,
    ) -> Prior:
        """Complete the prior: the default's parts replace those that come from the data.

        A constant column has the deviation that it is known to, `units`.

        Parameters
        ----------
        data : DataSet
        units : (n_features,)
        structure : CovarianceStructure
        n_components : int
        weighted : bool, default=True
            Whether there is a prior on the weights; not where they are held.

        Raises
        ------
        BadInputError
            If a part cannot be what it shall be.
        """
        parts = dict(self.changes)
        if set(parts) != set(PARTS):
            summary = data.summary
            variance = np.where(summary.constant, np.square(units), summary.variance)
            covariance = covariance_of(data, variance, structure.form)
            default = default_prior(summary.mean, covariance, n_components)
            parts = {**default.parts(), **parts}
        if not weighted:
            parts["concentration"] = 1.0
        return Prior(**parts)


def covariance_of(data: DataSet, variance: FloatArray, form: Form) -> FloatArray:
    """Variances of the columns and, where they are needed, correlations in complete rows."""
    if not form.correlated:
        return variance
    scatter = data.moments.second[0]
    diagonal = np.diagonal(scatter)
    deviations = np.sqrt(np.where(diagonal > 0, variance / np.where(diagonal > 0, diagonal, 1), 0))
    covariance = scatter * deviations[:, None] * deviations
    np.fill_diagonal(covariance, variance)
    return np.asarray(covariance)
