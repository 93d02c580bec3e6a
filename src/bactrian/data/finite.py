"""Where the first number is that is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.errors import BadInputError


def check_finite(
    X: npt.NDArray[np.floating[Any]], names: Sequence[str] | None, *, missing: bool = False
) -> None:
    """Say where the first infinity is, or NaN unless values may be `missing`.

    Raises
    ------
    BadInputError
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(X.sum()):
            return
    bad = np.isinf(X) if missing else ~np.isfinite(X)
    if not bad.any():
        return
    row, column = (int(i) for i in np.argwhere(bad)[0])
    value = "NaN" if np.isnan(X[row, column]) else "infinity"
    where = f"column {column}" if names is None else f"column {names[column]!r}"
    more = int(bad.sum()) - 1
    others = f" (and {more} more such values)" if more else ""
    remedy = "Remove or fill in such rows"
    remedy += "." if value == "infinity" else ", or fit them with missing='em'."
    raise BadInputError("X", f"{value} in row {row}, {where}{others}", "finite", remedy)
