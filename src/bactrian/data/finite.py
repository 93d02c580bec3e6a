"""Check that numbers are finite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.errors import BadInputError
from bactrian.remedies import Act, Say


def check_finite(
    X: npt.NDArray[np.floating[Any]],
    names: Sequence[str] | None,
    *,
    missing: bool = False,
    first: int = 0,
) -> bool:
    """Whether no value is missing; report the first one that is infinite, or NaN if not allowed.

    Parameters
    ----------
    X : (n_samples, n_features)
    names : sequence of str or None
        Of the columns, for messages.
    missing : bool, default=False
        Whether NaN stands for a value that is missing, and may be there.
    first : int, default=0
        Number of the first row, for messages.

    Raises
    ------
    BadInputError
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(X.sum()):
            return True
    finite = np.isfinite(X)
    bad = np.isinf(X) if missing else ~finite
    if not bad.any():
        return bool(finite.all())
    row, column = (int(i) for i in np.argwhere(bad)[0])
    value = "NaN" if np.isnan(X[row, column]) else "infinity"
    where = f"column {column}" if names is None else f"column {names[column]!r}"
    more = int(bad.sum()) - 1
    others = f" (and {more} more such values)" if more else ""
    raise BadInputError(
        "X",
        f"{value} in row {first + row}, {where}{others}",
        "finite",
        Act("remove or fill in such rows"),
        *([Say("missing", "em")] if value == "NaN" else []),
        code="missing_value" if value == "NaN" else "infinite_value",
    )
