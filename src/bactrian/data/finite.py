"""Where the first number is that is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.errors import BadInputError


def check_finite(X: npt.NDArray[np.floating[Any]], names: Sequence[str] | None) -> None:
    """Say where the first NaN or infinity is.

    Raises
    ------
    BadInputError
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(X.sum()):
            return
    bad = ~np.isfinite(X)
    if not bad.any():
        return
    row, column = (int(i) for i in np.argwhere(bad)[0])
    value = "NaN" if np.isnan(X[row, column]) else "infinity"
    where = f"column {column}" if names is None else f"column {names[column]!r}"
    more = int(bad.sum()) - 1
    others = f" (and {more} more such values)" if more else ""
    raise BadInputError(
        "X", f"{value} in row {row}, {where}{others}", "finite", "Remove or fill in such rows."
    )
