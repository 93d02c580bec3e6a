"""Sort the rows of a chunk by what is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from bactrian.core.arrays import CodeArray, IntArray
from bactrian.core.observation.complete import Complete
from bactrian.core.observation.incomplete import Incomplete, Unobserved
from bactrian.core.observation.labelled import UNKNOWN, OfComponent, certain
from bactrian.core.observation.observation import Observation
from bactrian.core.observation.patterns import patterns
from bactrian.core.observation.plausible import Plausible
from bactrian.core.observation.spiked import AtSpikes, Featureless
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
    if chunk.at_spike is not None:
        return list(_by_spikes(chunk, chunk.at_spike))
    parts = []
    for rows, observed in patterns(chunk.X, complete=chunk.complete):
        columns = np.flatnonzero(observed)
        of_rows = chunk.take(rows)
        if len(columns) == 0:
            parts.append(Part(rows, Unobserved()))
        elif len(columns) == len(observed):
            parts += [Part(_within(rows, some), known) for some, known in _by_component(of_rows)]
        else:
            parts += [
                Part(_within(rows, some), Incomplete(columns, known))
                for some, known in _by_component(_of_columns(of_rows, columns))
            ]
    return parts


def _of_columns(chunk: Chunk, columns: IntArray) -> Chunk:
    X = np.ascontiguousarray(chunk.X[:, columns])
    return Chunk(X, chunk.sample_weight, chunk.plausibility, complete=True)


def _by_spikes(chunk: Chunk, at_spike: CodeArray) -> Iterator[Part]:
    """Split rows by the point masses that they are at, then as others."""
    spiked = np.flatnonzero((at_spike >= 0).any(axis=0))
    kinds, of_row = np.unique(at_spike[:, spiked], axis=0, return_inverse=True)
    of_row = of_row.reshape(-1)
    order = np.argsort(of_row, kind="stable")
    ends = np.cumsum(np.bincount(of_row, minlength=len(kinds)))
    for kind, rows in zip(kinds, np.split(order, ends[:-1]), strict=True):
        at = np.full(at_spike.shape[1], -1, dtype=np.int64)
        at[spiked] = kind
        bare = replace(chunk.take(rows), at_spike=None)
        for some, observed in patterns(bare.X, complete=bare.complete):
            own = _within(rows, some)
            columns, of_rows = np.flatnonzero(observed), bare.take(some)
            if len(columns) == 0 and (at < 0).all():
                yield Part(own, Unobserved())
                continue
            seen = of_rows if len(columns) == len(at) else _of_columns(of_rows, columns)
            for few, known in _by_component(seen):
                told = len(columns) > 0 or seen.plausibility is not None
                if len(columns) == 0:
                    known = _without_features(known)
                if len(columns) < len(at):
                    known = Incomplete(columns, known)
                yield Part(_within(own, few), AtSpikes(at, observed, known, told))


def _without_features(known: Observation) -> Observation:
    """What is known of rows without columns, in a form for which no kernel is asked."""
    match known:
        case Complete(chunk) | Plausible(chunk):
            return Featureless(chunk)
        case OfComponent(component, Complete(chunk)):
            return OfComponent(component, Featureless(chunk))
    return known


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
