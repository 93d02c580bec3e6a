"""Rows of a data set as they are shown and drawn."""

from __future__ import annotations

import json

from bactrian.web.datasets import Held
from bactrian.web.schema import RowsQuery

SEED = 0  # of the sample that is drawn where there are too many rows


def rows_in(held: Held, query: RowsQuery) -> bytes:
    """Some rows in a row, as JSON."""
    import numpy as np

    values = np.load(held.values, mmap_mode="r", allow_pickle=False)
    some = values[query.offset : query.offset + query.limit].tolist()
    told = {
        "columns": held.names,
        "first": query.offset + 1,
        "n_rows": held.told.n_rows,
        "rows": [[None if cell != cell else cell for cell in row] for row in some],
    }
    return json.dumps(told, allow_nan=False).encode()


def points_in(held: Held, places: list[int], limit: int) -> bytes:
    """Some columns of all rows, or of a uniform sample of them, each row after its number.

    Little-endian float64. A uniform sample keeps the density; it is the same each time, and in
    the order of the rows.
    """
    import numpy as np

    values = np.load(held.values, mmap_mode="r", allow_pickle=False)
    rows = np.arange(len(values))
    if len(rows) > limit:
        random = np.random.default_rng(SEED)
        rows = np.sort(random.choice(len(values), limit, replace=False, shuffle=False))
    points = np.empty((len(rows), 1 + len(places)), dtype="<f8")
    points[:, 0] = rows + 1
    points[:, 1:] = values[rows][:, places]
    return points.tobytes()
