"""What a mixture says of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, final

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray

Numbers = npt.NDArray[np.floating[Any]]


@final
@dataclass(frozen=True, eq=False)
class RowResults:
    """What a mixture says of rows; None for results that were not asked for.

    Parameters
    ----------
    log_density : (n_samples,) or None
        In nats, of the type of the rows.
    resp : (n_samples, n_terms) or None
        Responsibilities, of the type of the rows; that of the noise last, if there is any.
    labels : (n_samples,) of int or None
        Most probable terms of the mixture; of those equally probable, the first.
    """

    log_density: Numbers | None = None
    resp: Numbers | None = None
    labels: npt.NDArray[np.int64] | None = None

    @classmethod
    def empty(cls, n: int, n_terms: int, wanted: Iterable[str], dtype: Any) -> RowResults:
        """Make room for the results of n rows, in numbers of that type."""
        kinds: dict[str, Any] = {
            "log_density": (n, dtype),
            "resp": ((n, n_terms), dtype),
            "labels": (n, np.int64),
        }
        return cls(**{name: np.empty(*kinds[name]) for name in wanted})

    @classmethod
    def joined(cls, parts: Sequence[RowResults]) -> RowResults:
        """The results of all rows, from those of at least one part of them."""
        if len(parts) == 1:
            return parts[0]
        names = [entry.name for entry in fields(cls) if getattr(parts[0], entry.name) is not None]
        return cls(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})

    def part(self, rows: slice) -> RowResults:
        """A view of some of the rows: writing there writes here."""
        return RowResults(
            None if self.log_density is None else self.log_density[rows],
            None if self.resp is None else self.resp[rows],
            None if self.labels is None else self.labels[rows],
        )

    def in_type(self, dtype: Any) -> RowResults:
        """Make room for the same results in numbers of another type."""
        return RowResults(
            None if self.log_density is None else np.empty(len(self.log_density), dtype),
            None if self.resp is None else np.empty(self.resp.shape, dtype),
            None if self.labels is None else np.empty(len(self.labels), np.int64),
        )

    def take_from(self, other: RowResults, rows: Any = ...) -> None:
        """Copy the results of another for some or all rows, converting the type if needed."""
        for name in ("log_density", "resp", "labels"):
            if (mine := getattr(self, name)) is not None:
                with np.errstate(over="ignore"):  # a log-density too low for float32 is -inf
                    mine[rows] = getattr(other, name)

    def missing(self) -> npt.NDArray[np.int64]:
        """Indices of rows without results yet: NaN, or the label -1."""
        if self.log_density is not None:
            return np.flatnonzero(np.isnan(self.log_density))
        if self.resp is not None:
            return np.flatnonzero(np.isnan(self.resp[:, 0]))
        return np.flatnonzero(np.less(self.labels, 0))  # type: ignore[arg-type]

    def fill(self, rows: Any, log_density: FloatArray, resp: FloatArray) -> None:
        """Set the results of some rows (a slice or indices), but only those asked for."""
        if self.log_density is not None:
            with np.errstate(over="ignore"):
                self.log_density[rows] = log_density
        if self.resp is not None:
            self.resp[rows] = resp
        if self.labels is not None:
            self.labels[rows] = resp.argmax(axis=1)
