"""Rows drawn from a density, with which others are compared: how rare is so low a density."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, final

import numpy as np

from bactrian.core.arrays import BoolArray, FloatArray, IntArray

DRAWS, SEED = 20_000, 0


class Density(Protocol):
    """What rows can be drawn from, and judged by, such as a :class:`~bactrian.Mixture`."""

    def log_density(self, X: FloatArray) -> FloatArray:
        """Log-density of each row, of its observed part, (n_samples,)."""

    def sample(self, n_samples: int, random_state: Any) -> tuple[FloatArray, IntArray]:
        """Rows, and where each is from."""


@final
@dataclass(frozen=True, eq=False)
class Reference:
    """Rows of a density, the same for all callers, and how dense they are.

    A row is compared with rows that lack the same values.

    Parameters
    ----------
    density : Density
    """

    density: Density

    def __getstate__(self) -> dict[str, Any]:
        """The density only: the rows are drawn again where they are needed."""
        return {"density": self.density}

    @cached_property
    def _rows(self) -> FloatArray:
        return self.density.sample(DRAWS, SEED)[0]

    @cached_property
    def complete(self) -> FloatArray:
        """Sorted log-densities of the rows, (DRAWS,)."""
        return np.sort(self.density.log_density(self._rows))

    def scores(self, missing: BoolArray) -> FloatArray:
        """Sorted log-densities of the rows without some of their values, (DRAWS,).

        Parameters
        ----------
        missing : (n_features,) of bool
        """
        if not missing.any():
            return self.complete
        rows = self._rows.copy()
        rows[:, missing] = np.nan
        return np.sort(self.density.log_density(rows))

    def levels(self, X: FloatArray, share: float) -> FloatArray:
        """For each row, the log-density that this share of rows like it is below.

        Parameters
        ----------
        X : (n_samples, n_features)
        share : float

        Returns
        -------
        (n_samples,)
            -inf for a row without any value.
        """
        found = np.full(len(X), -np.inf)
        for missing, rows in by_pattern(X):
            if not missing.all():
                found[rows] = np.quantile(self.scores(missing), share)
        return found


def by_pattern(X: FloatArray) -> Iterator[tuple[BoolArray, BoolArray]]:
    """Which values are missing, (n_features,), and which rows lack just these, (n_samples,)."""
    patterns, which = np.unique(np.isnan(X), axis=0, return_inverse=True)
    for number, missing in enumerate(patterns):
        yield missing, which.ravel() == number
