"""Masked arrays of NumPy: hidden values are missing values."""

from __future__ import annotations

from typing import Any

import numpy as np

from bactrian.core.arrays import is_masked


def unmasked(X: Any) -> Any:
    """Return an array with NaN where a masked array hides a value; anything else unchanged.

    Parameters
    ----------
    X : object
        A masked array, or a list of masked rows.

    Returns
    -------
    (n_samples, n_features), or the object itself
        float32 and float64 stay, whole numbers and truth values become float64.
    """
    if isinstance(X, list | tuple) and any(is_masked(row) for row in X):
        X = np.ma.array(X)
    if not is_masked(X):
        return X
    if X.dtype.kind in "mMV" or not np.ma.getmaskarray(X).any():
        return np.asarray(X)
    if X.dtype.kind in "biu":
        X = X.astype(np.float64)
    elif X.dtype.kind not in "fc":
        X = X.astype(object)
    return np.asarray(X.filled(np.nan))
