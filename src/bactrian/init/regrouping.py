"""Regroup the rows of a mixture: merge two components that overlap, and split another one.

EM leaves groups as it found them: two components stay on one group, and one on two. Regrouped,
they are where EM would not take them (Ueda, Nakano, Ghahramani & Hinton 2000, SMEM algorithm for
mixture models, Neural Comput. 12, 2109-2128). It is done to responsibilities, and so in the same
way for all structures.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice
from typing import NamedTuple

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.init.viewed import ViewedRows

NUMBERS = 2**20  # of rows, that are worked on at a time
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
    own = halved(rows, resp)
    for one, other in islice(_overlapping(rows, resp), MERGES):
        merged = _merged(resp, one, other)
        halves = [*own[:other], *own[other + 1 :]]
        (halves[one],) = halved(rows, merged[:, [one]])
        yield from islice(_split(merged, halves), SPLITS)


def fewer(rows: ViewedRows, resp: FloatArray) -> Iterator[FloatArray]:
    """Responsibilities after a merger, (n_samples, K - 1): first of what overlaps most.

    Parameters
    ----------
    rows : ViewedRows
    resp : (n_samples, K)
    """
    for one, other in _overlapping(rows, resp):
        yield _merged(resp, one, other)


def more(rows: ViewedRows, resp: FloatArray) -> Iterator[FloatArray]:
    """Responsibilities after a split, (n_samples, K + 1): first of what gains most by it.

    Parameters
    ----------
    rows : ViewedRows
    resp : (n_samples, K)
    """
    return _split(resp, halved(rows, resp))


def _merged(resp: FloatArray, one: int, other: int) -> FloatArray:
    merged = np.delete(resp, other, axis=1)
    merged[:, one] += resp[:, other]
    return merged


def _split(resp: FloatArray, halves: list[Halves]) -> Iterator[FloatArray]:
    for k in sorted(range(len(halves)), key=lambda k: -halves[k].gain):
        split = np.column_stack([resp, halves[k].other])
        split[:, k] = halves[k].one
        yield split


def halved(rows: ViewedRows, resp: FloatArray) -> list[Halves]:
    """Cut each component in two; a gain is 0 if it has no rows, or none that differ.

    Parameters
    ----------
    rows : ViewedRows
    resp : (n_samples, K)
    """
    size = max(1, NUMBERS // rows.X.size)
    parts = (resp[:, begin : begin + size] for begin in range(0, resp.shape[1], size))
    return [halves for part in parts for halves in _halved(rows, part)]


def _halved(rows: ViewedRows, resp: FloatArray) -> list[Halves]:
    weighted = (resp * rows.weights[:, None]).T
    mass = weighted.sum(axis=1)
    means = weighted @ rows.X / _or_one(mass)
    centred = rows.X - means[:, None]
    scatter = (centred * weighted[:, :, None]).transpose(0, 2, 1) @ centred
    axes = np.linalg.eigh(scatter)[1][:, :, -1:]
    along = (centred @ axes)[:, :, 0]
    beyond = along > 0
    before, after = (weighted * np.square(along)).sum(axis=1), np.zeros(len(mass))
    for side in (beyond, ~beyond):
        own = weighted * side
        middle = (own * along).sum(axis=1, keepdims=True) / _or_one(own.sum(axis=1))
        after += (own * np.square(along - middle)).sum(axis=1)
    lower = (after > 0) & (after < before)
    gains = mass * np.log(np.divide(before, after, out=np.ones_like(mass), where=lower))
    return [
        Halves(own * ~there, own * there, float(gain))
        for own, there, gain in zip(resp.T, beyond, gains, strict=True)
    ]


def _or_one(sums: FloatArray) -> FloatArray:
    """Sums to divide by, (K, 1): 1 in the place of 0."""
    return np.where(sums > 0, sums, 1.0)[:, None]


def _overlapping(rows: ViewedRows, resp: FloatArray) -> list[tuple[int, int]]:
    """Pairs of components, first those that share most rows for their sizes."""
    shared = (resp.T * rows.weights) @ resp
    lengths = np.sqrt(np.diag(shared))
    shared /= np.maximum(np.outer(lengths, lengths), np.finfo(float).tiny)
    pairs = combinations(range(resp.shape[1]), 2)
    return sorted(pairs, key=lambda pair: -shared[pair])
