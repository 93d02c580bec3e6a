"""Rows of a data set for showing and drawing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bactrian.web.datasets import DataFolder
from bactrian.web.schema import RowsQuery

if TYPE_CHECKING:
    from bactrian.core.arrays import FloatArray

SEED = 0  # of the sample that is drawn where there are too many rows


def rows_in(held: DataFolder, query: RowsQuery) -> bytes:
    """Some consecutive rows, as JSON."""
    import numpy as np

    values = np.load(held.values, mmap_mode="r", allow_pickle=False)
    some = values[query.offset : query.offset + query.limit]
    head = {"columns": held.names, "first": query.offset + 1, "n_rows": held.told.n_rows}
    rows = ",".join(map(_spelled, some))  # one at a time, so that others get their turn
    return f'{json.dumps(head)[:-1]}, "rows": [{rows}]}}'.encode()


def _spelled(row: FloatArray) -> str:
    cells = [None if cell != cell else cell for cell in row.tolist()]
    return json.dumps(cells, allow_nan=False)


def points_in(held: DataFolder, places: list[int], limit: int) -> bytes:
    """Some columns of all rows, or of a uniform sample; each row follows its number.

    Little-endian float64. A uniform sample keeps the density; it is the same each time, and in
    the order of the rows.
    """
    import numpy as np

    values = np.load(held.values, mmap_mode="r", allow_pickle=False)
    if len(values) > limit:
        random = np.random.default_rng(SEED)
        rows = np.sort(random.choice(len(values), limit, replace=False, shuffle=False))
    else:
        rows = np.arange(len(values))
    points = np.empty((len(rows), 1 + len(places)), dtype="<f8")
    points[:, 0] = rows + 1
    points[:, 1:] = values[rows[:, None], places]
    return points.tobytes()
