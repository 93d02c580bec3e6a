"""Hold out rows in turn."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, check_cv

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.errors import BadInputError
from bactrian.estimators.validation import check_integer
from bactrian.remedies import Lower

Folds = tuple[tuple[IntArray, IntArray], ...]


def folds_of(cv: Any, weights: FloatArray | None, n_samples: int, seed: int) -> Folds:
    """For each fold, the rows to fit and the rows to hold out; rows of weight 0 are in none.

    Parameters
    ----------
    cv : int, splitter of scikit-learn, or iterable of pairs
        A number of folds of random rows, all of one size up to a row; or what says which rows.
    weights : (n_samples,) or None
    n_samples : int
    seed : int

    Raises
    ------
    BadInputError
        If it is none of these, or there are fewer rows than folds.
    """
    counted = np.arange(n_samples) if weights is None else np.flatnonzero(weights)
    if isinstance(cv, Integral | str | float):
        n_folds = check_integer("cv", cv, 2, "None, folds, or ")
        if len(counted) < n_folds:
            got = f"{n_folds} folds of {len(counted)} rows"
            raise BadInputError(
                "cv", got, "no more than the number of rows", Lower("cv"), code="out_of_range"
            )
        splitter = KFold(n_folds, shuffle=True, random_state=seed)
        return tuple((counted[kept], counted[out]) for kept, out in splitter.split(counted))
    try:
        pairs = list(check_cv(cv).split(np.empty((n_samples, 1))))
        every = np.arange(n_samples)
        folds = tuple((every[kept], every[out]) for kept, out in pairs)
    except (IndexError, TypeError, ValueError) as error:
        wanted = "a number of folds, or folds as scikit-learn takes them"
        raise BadInputError("cv", f"{cv!r} ({error})", wanted) from None
    folds = tuple(
        (kept[np.isin(kept, counted)], out[np.isin(out, counted)]) for kept, out in folds
    )
    if not folds or any(len(kept) == 0 or len(out) == 0 for kept, out in folds):
        raise BadInputError("cv", "an empty fold", "folds with rows to fit and rows to hold out")
    return folds


def digest_of(folds: Sequence[tuple[IntArray, IntArray]]) -> str:
    """Hexadecimal digest of folds."""
    digest = blake2b(digest_size=16)
    for part in (part for pair in folds for part in pair):
        digest.update(np.ascontiguousarray(part, dtype=np.int64).data)
        digest.update(b";")
    return digest.hexdigest()
