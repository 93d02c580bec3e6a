"""Rows given to components at random, each with its probability: the reference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray
from bactrian.core.estep.density import responsibilities
from bactrian.core.values.chunk import CHUNK_ROWS, Chunk
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms

DrawnLabels = npt.NDArray[np.int32]
STEP = np.uint64(0x9E3779B97F4A7C15)
FACTORS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
DIGITS = 53


class Drawn(NamedTuple):
    """Components that were drawn for rows.

    Parameters
    ----------
    stats : SufficientStats
        Of the rows of each component. Their log-likelihood is that of the mixture.
    labels : (n_samples,) of int
    """

    stats: SufficientStats
    labels: DrawnLabels


def uniforms(key: int, first: int, n: int) -> FloatArray:
    """Numbers of consecutive rows in the sequence of a key, uniform on [0, 1), (n,).

    SplitMix64 [1]_: the number of a row depends on nothing but the key and the row, so that it
    does not matter who draws it, or when.

    Parameters
    ----------
    key : int
        From 0 to 2^64 - 1.
    first : int
        Number of the first row.
    n : int

    References
    ----------
    .. [1] Steele, G. L., Lea, D. and Flood, C. H. (2014). Fast splittable pseudorandom number
       generators. OOPSLA, figure 16.
    """
    z = np.arange(first + 1, first + n + 1, dtype=np.uint64) * STEP + np.uint64(key)
    z = (z ^ (z >> np.uint64(30))) * FACTORS[0]
    z = (z ^ (z >> np.uint64(27))) * FACTORS[1]
    bits = (z ^ (z >> np.uint64(31))) >> np.uint64(64 - DIGITS)
    return bits.astype(np.float64) * 2.0**-DIGITS


def drawn(chunk: Chunk, terms: Terms, origin: FloatArray, key: int, first: int = 0) -> Drawn:
    """Draw the component of each row, with its responsibility as the probability.

    Parameters
    ----------
    chunk : Chunk
        All features of all rows are observed; weights and plausibilities do not count.
    terms : Terms
        Without a background.
    origin : (n_components, n_features)
    key : int
        From 0 to 2^64 - 1.
    first : int, default=0
        Number of the first row.
    """
    total = SufficientStats.zeros(terms.form, origin)
    labels = np.empty(len(chunk.X), dtype=np.int32)
    for i, piece in enumerate(chunk.cut()):
        X, begin = piece.values, i * CHUNK_ROWS
        densities, resp = responsibilities(X, terms)
        heights = np.cumsum(resp, axis=1)
        levels = uniforms(key, first + begin, len(X)) * heights[:, -1]
        own = (heights <= levels[:, None]).sum(axis=1)
        labels[begin : begin + len(X)] = own
        certain = np.eye(terms.n_components)[own]
        total = total + SufficientStats.of(terms.form, X, certain, origin, float(densities.sum()))
    return Drawn(total, labels)
