"""Sort the rows of a chunk by what is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from bactrian.core.observation.complete import Complete
from bactrian.core.observation.incomplete import Incomplete, Unobserved
from bactrian.core.observation.labelled import UNKNOWN, OfComponent, certain
from bactrian.core.observation.observation import Observation
from bactrian.core.observation.patterns import patterns
from bactrian.core.observation.plausible import Plausible
from bactrian.core.values.chunk import Chunk

ALL = slice(None)


class Part(NamedTuple):
    """Some rows of a chunk (a slice or indices), and what is known of them."""

    rows: Any
    known: Observation


def sorted_by_knowledge(chunk: Chunk) -> list[Part]:
    """Split all rows of a chunk into parts; the same is known of all rows of a part.

    Rows with everything observed and nothing known of the component come first.
    """
    parts = []
    for rows, observed in patterns(chunk.X, complete=chunk.complete):
        columns = np.flatnonzero(observed)
        of_rows = chunk.take(rows)
        if len(columns) == 0:
            parts.append(Part(rows, Unobserved()))
        elif len(columns) == len(observed):
            parts += [Part(_within(rows, some), known) for some, known in _by_component(of_rows)]
        else:
            X = np.ascontiguousarray(of_rows.X[:, columns])
            seen = Chunk(X, of_rows.sample_weight, of_rows.plausibility, complete=True)
            parts += [
                Part(_within(rows, some), Incomplete(columns, known))
                for some, known in _by_component(seen)
            ]
    return parts


def _by_component(chunk: Chunk) -> Iterator[tuple[Any, Observation]]:
    """Rows of each known component, and the rows with an unknown one."""
    plausibility = chunk.plausibility
    if plausibility is None:
        yield ALL, Complete(chunk)
        return
    component = np.where(certain(plausibility), plausibility.argmax(axis=1), UNKNOWN)
    unsure = (component == UNKNOWN) & (plausibility != 1).any(axis=1)
    bare = Chunk(chunk.X, chunk.sample_weight, complete=chunk.complete)
    for k in np.unique(component):
        rows = np.flatnonzero((component == k) & ~unsure)
        if len(rows):
            known = Complete(bare.take(rows))
            yield rows, known if k == UNKNOWN else OfComponent(int(k), known)
    if unsure.any():
        rows = np.flatnonzero(unsure)
        yield rows, Plausible(chunk.take(rows))


def _within(rows: Any, some: Any) -> Any:
    """Convert indices into some rows to indices into all rows."""
    if isinstance(some, slice):
        return rows
    return some if isinstance(rows, slice) else rows[some]
