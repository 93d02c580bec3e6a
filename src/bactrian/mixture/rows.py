"""Check rows for a model without an estimator: columns by name, finite numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from bactrian.core.arrays import RealArray
from bactrian.core.values.chunk import Chunk
from bactrian.data.finite import check_finite
from bactrian.data.frames import to_array
from bactrian.errors import BadInputError


def check_columns(X: Any, feature_names: tuple[str, ...], n_features: int) -> Chunk:
    """Rows (n_samples, n_features), float32 or float64; finite, or NaN where missing.

    It also finds out whether any value is missing.

    Columns of a frame are taken by name where both sides have names; otherwise by position.

    Raises
    ------
    BadInputError
    """
    values, names = to_array(X)
    array = _numbers(values)
    if array.ndim == 1 and n_features == 1:
        array = array[:, None]
    if array.ndim != 2:
        remedy = "Reshape a single row with X.reshape(1, -1)."
        got = f"an array of {array.ndim} dimensions"
        raise BadInputError("X", got, "of shape (n_samples, n_features)", remedy, code="bad_shape")
    if names is not None and feature_names:
        missing = [name for name in feature_names if name not in names]
        if missing:
            more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
            got = f"a frame without {missing[0]!r}{more}"
            raise BadInputError(
                "X",
                got,
                f"a frame with {', '.join(map(repr, feature_names))}",
                code="wrong_columns",
            )
        if names != feature_names:
            array = array[:, [names.index(name) for name in feature_names]]
    if array.shape[1] != n_features:
        raise BadInputError(
            "X", f"{array.shape[1]} columns", f"of {n_features} columns", code="bad_shape"
        )
    return Chunk(array, None, complete=check_finite(array, None, missing=True))


def _numbers(values: Any) -> RealArray:
    try:
        array = np.asarray(values)
        if array.dtype.kind in "USc":
            raise TypeError
        if array.dtype not in (np.float32, np.float64):
            array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise BadInputError(
            "X", f"a {type(values).__name__} of other values", "numbers", code="not_a_number"
        ) from None
    return array
