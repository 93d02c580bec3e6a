"""From what the user says of the prior to a prior for the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import CovarianceStructure, covariance_structure
from bactrian.core.errors import BadInputError
from bactrian.core.priors import Prior, default_prior
from bactrian.core.pseudo import PriorStatistics
from bactrian.data.source import DataSource
from bactrian.data.summary import Summary, overall_moments

if TYPE_CHECKING:
    from bactrian.estimators.settings import Settings

DEFAULT = "default"
PARTS = tuple(entry.name for entry in fields(Prior))
WANTED = (
    f"None, '{DEFAULT}', a bactrian.Prior, or a dict of parts of the default to change: "
    f"{', '.join(PARTS)}"
)


@dataclass(frozen=True, eq=False)
class PriorChoice:
    """A prior that may leave some parts to the data.

    Parameters
    ----------
    changes : mapping
        From names of parts to their values; the default's hold for the others.
    """

    changes: Mapping[str, Any]

    def statistics(
        self, source: DataSource, summary: Summary, units: FloatArray, settings: Settings
    ) -> PriorStatistics:
        """What the M-step adds, for some of the rows that are summarised, or all.

        A constant column has the deviation that it is known to, `units`. Of a sample the prior
        counts by its share of the rows, so that it weighs as much against the data.

        Raises
        ------
        BadInputError
            If a part cannot be what it shall be.
        """
        structure, parts = settings.structure, dict(self.changes)
        if set(parts) != set(PARTS):
            variance = np.where(summary.constant, np.square(units), summary.variance)
            covariance = _covariance(source, summary, variance, structure)
            default = default_prior(summary.mean, covariance, settings.n_components)
            parts = {**default.parts(), **parts}
        if "weights" in settings.fixed:
            parts["concentration"] = 1.0
        share = source.n_samples / summary.n_samples
        size = settings.n_components, source.n_features
        return Prior(**parts).statistics(structure, *size, share)


def _covariance(
    source: DataSource, summary: Summary, variance: FloatArray, structure: CovarianceStructure
) -> FloatArray:
    """Variances of the columns, and where it needs them the correlations of complete rows."""
    if structure.form in ("diag", "spherical"):
        return variance
    moments = overall_moments(source, covariance_structure("full"), summary.mean)
    scatter = moments.second[0]
    diagonal = np.diagonal(scatter)
    deviations = np.sqrt(np.where(diagonal > 0, variance / np.where(diagonal > 0, diagonal, 1), 0))
    covariance = scatter * deviations[:, None] * deviations
    np.fill_diagonal(covariance, variance)
    return np.asarray(covariance)


def check_prior(prior: Any) -> PriorChoice | None:
    """What the user says of the prior; None for none.

    Raises
    ------
    BadInputError
    """
    if prior is None:
        return None
    if isinstance(prior, Prior):
        return PriorChoice(prior.parts())
    if isinstance(prior, str) and prior == DEFAULT:
        return PriorChoice({})
    if not isinstance(prior, Mapping):
        raise BadInputError("prior", repr(prior)[:60], WANTED)
    for name in prior:
        if name not in PARTS:
            raise BadInputError("prior", f"a dict with {name!r}", WANTED)
    return PriorChoice(dict(prior))
