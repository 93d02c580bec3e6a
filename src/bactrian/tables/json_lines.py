"""Write columns as JSON lines: one object for each row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt


def json_lines(names: Sequence[str], columns: Sequence[npt.ArrayLike]) -> Iterator[str]:
    """Rows as JSON objects with the columns' names; a number that is not finite becomes null.

    Parameters
    ----------
    names : sequence of str
    columns : sequence of (n_rows,)
        Numbers or text.
    """
    for row in zip(*(np.asarray(column).tolist() for column in columns), strict=True):
        cells = {name: _cell(value) for name, value in zip(names, row, strict=True)}
        yield json.dumps(cells, ensure_ascii=False, allow_nan=False)


def _cell(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value
