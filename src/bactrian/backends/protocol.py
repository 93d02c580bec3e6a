"""The protocol of back ends: sums over rows, and results for each row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray
from bactrian.core.parameters import Parameters
from bactrian.core.statistics import SufficientStats
from bactrian.data.source import Chunk

Rows = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class RowResults:
    """What a mixture says of rows; None for what was not asked for.

    Parameters
    ----------
    log_density : (n_samples,) or None
        In nats, of the type of the rows.
    resp : (n_samples, n_terms) or None
        Responsibilities, of the type of the rows; that of the noise last, if there is any.
    labels : (n_samples,) of int or None
        Most probable terms of the mixture; of those equally probable, the first.
    """

    log_density: Rows | None = None
    resp: Rows | None = None
    labels: npt.NDArray[np.int64] | None = None

    @classmethod
    def empty(cls, X: Rows, n_terms: int, wanted: Iterable[str]) -> RowResults:
        """Room for the results of rows X."""
        n, dtype = len(X), X.dtype.newbyteorder("=")
        kinds: dict[str, Any] = {
            "log_density": (n, dtype),
            "resp": ((n, n_terms), dtype),
            "labels": (n, np.int64),
        }
        return cls(**{name: np.empty(*kinds[name]) for name in wanted})

    def part(self, rows: slice) -> RowResults:
        """Room for some of the rows: what is written there is written here."""
        return RowResults(
            None if self.log_density is None else self.log_density[rows],
            None if self.resp is None else self.resp[rows],
            None if self.labels is None else self.labels[rows],
        )

    def take_from(self, other: RowResults, rows: Any = ...) -> None:
        """Take the results of another for some rows or all, perhaps of another type."""
        for name in ("log_density", "resp", "labels"):
            if (mine := getattr(self, name)) is not None:
                with np.errstate(over="ignore"):  # a log-density too low for float32 is -inf
                    mine[rows] = getattr(other, name)

    def missing(self) -> npt.NDArray[np.int64]:
        """Indices of rows that have no results yet: NaN, or the label -1."""
        if self.log_density is not None:
            return np.flatnonzero(np.isnan(self.log_density))
        if self.resp is not None:
            return np.flatnonzero(np.isnan(self.resp[:, 0]))
        return np.flatnonzero(np.less(self.labels, 0))  # type: ignore[arg-type]

    def fill(self, rows: Any, log_density: FloatArray, resp: FloatArray) -> None:
        """Set the results of some rows (a slice or indices), as far as they are wanted."""
        if self.log_density is not None:
            with np.errstate(over="ignore"):
                self.log_density[rows] = log_density
        if self.resp is not None:
            self.resp[rows] = resp
        if self.labels is not None:
            self.labels[rows] = resp.argmax(axis=1)


@runtime_checkable
class Backend(Protocol):
    """Turns data and parameters into sufficient statistics, or into results for each row."""

    def accumulate(
        self, chunks: Iterable[Chunk], parameters: Parameters, origin: FloatArray | None = None
    ) -> SufficientStats:
        """Sufficient statistics of all chunks, added in their order.

        Parameters
        ----------
        chunks : iterable of Chunk
        parameters : Parameters
        origin : (n_components, n_features), optional
            About which the moments are taken; by default the current means.
        """

    def evaluate(self, X: Rows, parameters: Parameters, *wanted: str) -> RowResults:
        """What the mixture says of each row.

        Parameters
        ----------
        X : (n_samples, n_features)
            float32 or float64.
        parameters : Parameters
        *wanted : {"log_density", "resp", "labels"}
        """
