"""Rows that a mixture is fitted to, or applied to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.tables.labels import Labels


@dataclass(frozen=True, eq=False)
class NamedRows:
    """Rows, with weights and labels if there are any.

    Parameters
    ----------
    X : (n_samples, n_features)
        NaN where missing.
    names : tuple of str
        Of the columns.
    weights : (n_samples,) or None
    source : str
        What to call the file.
    notes : tuple of str
        What the user should know of how it was read.
    labels : Labels or None
        Of the components that rows are known to come from.
    columns : tuple of str
        What the file calls the columns.
    """

    X: FloatArray
    names: tuple[str, ...]
    weights: FloatArray | None
    source: str
    notes: tuple[str, ...] = ()
    labels: Labels | None = None
    columns: tuple[str, ...] = ()

    @cached_property
    def total_weight(self) -> float:
        """Sum of the weights of the rows with any observed value."""
        seen = ~np.isnan(self.X).all(axis=1)
        return float(seen.sum()) if self.weights is None else float(self.weights[seen].sum())
