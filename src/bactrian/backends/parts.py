"""Rows in parts, in each of which the same is known: what is observed, and which component."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bactrian.backends.protocol import Backend, RowResults, Rows
from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.incomplete import UNKNOWN, certain, completed, of_component, patterns
from bactrian.core.parameters import Parameters
from bactrian.core.statistics import SufficientStats
from bactrian.data.source import Chunk


@dataclass(frozen=True, eq=False)
class Part:
    """Rows of which the same is known.

    Parameters
    ----------
    chunk : Chunk
        Of the observed features only.
    columns : (n_observed,) or None
        These features; None for all.
    component : int
        Which the rows are known to come from, or -1.
    """

    chunk: Chunk
    columns: IntArray | None
    component: int = UNKNOWN

    def accumulate(
        self, backend: Backend, parameters: Parameters, origin: FloatArray
    ) -> SufficientStats:
        """Expected sufficient statistics of all features and components.

        They are those that the back end finds in a mixture of fewer features or of one component.
        """
        seen, about, component = parameters, origin, self.component
        if self.columns is not None:
            seen, about = seen.marginal(self.columns), about[:, self.columns]
        if component == UNKNOWN:
            stats = backend.accumulate([self.chunk], seen, about)
        else:
            own = slice(component, component + 1)
            stats = backend.accumulate([self.chunk], seen.only(component), about[own])
            stats = of_component(stats, component, seen, about)
        if self.columns is not None:
            stats = completed(stats, self.columns, parameters, origin)
        return stats


def accumulate(
    backend: Backend,
    parts: Iterable[Part],
    parameters: Parameters,
    origin: FloatArray | None = None,
) -> SufficientStats:
    """Sufficient statistics of all parts, added in their order; as :meth:`Backend.accumulate`."""
    origin = parameters.means if origin is None else origin
    total: SufficientStats | None = None
    for part in parts:
        stats = part.accumulate(backend, parameters, origin)
        total = stats if total is None else total + stats
    return SufficientStats.zeros(parameters.structure, origin) if total is None else total


def parts_of(chunk: Chunk) -> list[Part]:
    """The rows in parts, those of which all is observed and nothing known first.

    Rows of which nothing is observed carry no information, and are left out.

    Parameters
    ----------
    chunk : Chunk
        NaN stands for what is missing.
    """
    parts = []
    for rows, observed in patterns(chunk.X):
        columns = None if observed.all() else np.flatnonzero(observed)
        if columns is not None and len(columns) == 0:
            continue
        of_rows = chunk.take(rows)
        X = of_rows.X if columns is None else np.ascontiguousarray(of_rows.X[:, columns])
        whole = Chunk(X, of_rows.sample_weight, of_rows.plausibility)
        parts += [Part(part, columns, component) for part, component in _by_component(whole)]
    return parts


def _by_component(chunk: Chunk) -> Sequence[tuple[Chunk, int]]:
    """The rows of each component that is known, and those of which less is known."""
    known = chunk.plausibility
    if known is None:
        return [(chunk, UNKNOWN)]
    component = np.where(certain(known), known.argmax(axis=1), UNKNOWN)
    unsure = (component == UNKNOWN) & (known != 1).any(axis=1)
    result = []
    for k in np.unique(component):
        rows = (component == k) & ~unsure
        if rows.any():
            own = chunk.take(rows)
            result.append((Chunk(own.X, own.sample_weight), int(k)))
    if unsure.any():
        result.append((chunk.take(unsure), UNKNOWN))
    return result


def evaluate(backend: Backend, X: Rows, parameters: Parameters, *wanted: str) -> RowResults:
    """What the mixture says of each row, by what is observed of it; as :meth:`Backend.evaluate`.

    Of a row of which nothing is, the density is 1 and the responsibilities are the weights.
    """
    groups = patterns(X)
    if len(groups) == 1 and groups[0][1].all():
        return backend.evaluate(X, parameters, *wanted)
    results = RowResults.empty(X, parameters.n_terms, wanted)
    for rows, observed in groups:
        columns = np.flatnonzero(observed)
        if len(columns):
            seen = parameters if observed.all() else parameters.marginal(columns)
            found = backend.evaluate(np.ascontiguousarray(X[rows][:, columns]), seen, *wanted)
            results.take_from(found, rows)
        else:
            weights = np.tile(parameters.term_weights, (len(X[rows]), 1))
            results.fill(rows, np.zeros(len(weights)), weights)
    return results
