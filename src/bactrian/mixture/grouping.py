"""Groups of components: what a mixture says of clusters that have several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.errors import BadInputError
from bactrian.mixture.merging import (
    CRITERIA,
    Groups,
    Merging,
    group_labels,
    merge_components,
    merged_responsibilities,
)
from bactrian.mixture.value import MixtureValue


@dataclass(frozen=True, eq=False, init=False)
class Grouping(MixtureValue):
    """A mixture whose components make up clusters together."""

    def merging(
        self, X: Any, criterion: str = "entropy", sample_weight: npt.ArrayLike | None = None
    ) -> Merging:
        """Merge components into groups, two at a time, until there is one.

        BIC chooses as many components as the density takes; a cluster that is not Gaussian has
        several. The density stays as it is.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, D)
            Rows, such as those of the fit.
        criterion : {"entropy", "demp", "bhattacharyya"}, default="entropy"
            See :func:`~bactrian.mixture.merging.merge_components`.
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        Merging
            The steps, the entropies, the advised number of groups; `groups(n)` has the components
            of each.

        Raises
        ------
        BadInputError
            If there is no such criterion, or weights and rows differ in number.
        """
        if criterion not in CRITERIA:
            names = ", ".join(CRITERIA)
            raise BadInputError("criterion", repr(criterion), f"one of {names}", code="bad_choice")
        resp = self._responsibilities(X)
        weights = np.ones(len(resp))
        if sample_weight is not None:
            weights = np.asarray(sample_weight, dtype=np.float64)
        usable = np.isfinite(weights).all() and (weights >= 0).all()
        if weights.shape != (len(resp),) or not usable:
            raise BadInputError(
                "sample_weight",
                f"shape {weights.shape}",
                f"finite numbers of at least 0 of shape ({len(resp)},)",
                code="bad_weights",
            )
        rows = np.asarray(self._rows(X).values)
        return merge_components(self.in_original_units(), rows, resp, weights, criterion)

    def group_responsibilities(self, X: Any, groups: Groups) -> FloatArray:
        """Probability of each group, (n_samples, n_groups); noise is one more column, the last.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, D)
        groups : sequence of sequences of int
            Components of each, from 0; each component once.
        """
        return merged_responsibilities(self._responsibilities(X), self._checked(groups))

    def group_labels(self, X: Any, groups: Groups) -> IntArray:
        """Most probable group of each row, (n_samples,), from 0; -1 for noise."""
        return group_labels(self._responsibilities(X), self._checked(groups))

    def _checked(self, groups: Any) -> Groups:
        found = tuple(tuple(int(k) for k in group) for group in groups)
        wanted = list(range(self.parameters.n_components))
        if sorted(k for group in found for k in group) != wanted or () in found:
            raise BadInputError(
                "groups",
                repr(groups)[:80],
                f"groups of the components 0 to {wanted[-1]}, each once",
                code="bad_choice",
            )
        return found

    def _responsibilities(self, X: Any) -> FloatArray:
        return cast(FloatArray, self.responsibilities(X))  # type: ignore[attr-defined]
