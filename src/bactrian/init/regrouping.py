"""Regroup the rows of a mixture: merge two components that overlap, and split another one.

EM leaves groups as it found them: two components stay on one group, and one on two. Regrouped,
they are where EM would not take them (Ueda, Nakano, Ghahramani & Hinton 2000, SMEM algorithm for
mixture models, Neural Comput. 12, 2109-2128). It is done to responsibilities, and so in the same
way for all structures.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.init.viewed import ViewedRows

MERGES, SPLITS = 4, 2  # pairs that are merged, and components that are split after each merger


class Halves(NamedTuple):
    """A component, cut by the plane through its mean across its longest axis.

    Parameters
    ----------
    one, other : (n_samples,)
        Responsibilities.
    gain : float
        Weight of its rows times the log-ratio of the variances along the axis, before and after:
        large where it lies on two groups.
    """

    one: FloatArray
    other: FloatArray
    gain: float


def regroupings(rows: ViewedRows, resp: FloatArray) -> Iterator[FloatArray]:
    """Responsibilities of mixtures of as many components, (n_samples, K), the most hopeful first.

    Parameters
    ----------
    rows : ViewedRows
    resp : (n_samples, K)
        At least two components.
    """
    own = [halved(rows, resp[:, k]) for k in range(resp.shape[1])]
    for one, other in _overlapping(rows, resp)[:MERGES]:
        merged = np.delete(resp, other, axis=1)
        merged[:, one] += resp[:, other]
        halves = [*own[:other], *own[other + 1 :]]
        halves[one] = halved(rows, merged[:, one])
        order = sorted(range(len(halves)), key=lambda k: -halves[k].gain)
        for k in order[:SPLITS]:
            moved = np.column_stack([merged, halves[k].other])
            moved[:, k] = halves[k].one
            yield moved


def halved(rows: ViewedRows, resp: FloatArray) -> Halves:
    """Cut a component in two; its gain is 0 if it has no rows, or none that differ.

    Parameters
    ----------
    rows : ViewedRows
    resp : (n_samples,)
    """
    weighted = resp * rows.weights
    mass = weighted.sum()
    centred = rows.X - (weighted @ rows.X / mass if mass > 0 else 0.0)
    axis = np.linalg.eigh((centred.T * weighted) @ centred)[1][:, -1]
    along = centred @ axis
    beyond = along > 0
    before, after = weighted @ np.square(along), 0.0
    for side in (beyond, ~beyond):
        own = weighted[side]
        if (held := own.sum()) > 0:
            after += own @ np.square(along[side] - own @ along[side] / held)
    gain = mass * np.log(before / after) if 0 < after < before else 0.0
    return Halves(resp * ~beyond, resp * beyond, float(gain))


def _overlapping(rows: ViewedRows, resp: FloatArray) -> list[tuple[int, int]]:
    """Pairs of components, first those that share most rows for their sizes."""
    shared = (resp.T * rows.weights) @ resp
    lengths = np.sqrt(np.diag(shared))
    shared /= np.maximum(np.outer(lengths, lengths), np.finfo(float).tiny)
    pairs = combinations(range(resp.shape[1]), 2)
    return sorted(pairs, key=lambda pair: -shared[pair])
