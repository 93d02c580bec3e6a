"""An array whose columns have names: a minimal data frame, without a copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class NamedArray:
    """Rows, and the names that messages use for their columns.

    Parameters
    ----------
    values : (n_samples, n_features)
    names : tuple of str
        One for each column.
    """

    values: npt.NDArray[np.floating[Any]]
    names: tuple[str, ...]
