"""Check what an estimator says of point masses, and mark them in its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bactrian.core.arrays import is_masked
from bactrian.core.values.point_masses import PointMasses
from bactrian.core.values.spike import Spike
from bactrian.data.source import DataSource
from bactrian.data.spikes import separate_spikes_of
from bactrian.errors import BadInputError

AUTO = "auto"
SAMPLE_ROWS = 65_536  # of which equal values are counted
WANTED = "None, 'auto', the values of a single column, or a dict from columns to values"


def with_spikes(
    wanted: Any, source: DataSource, names: Sequence[str]
) -> tuple[DataSource, PointMasses | None]:
    """Rows with the point masses marked that an estimator asks for, and these.

    Parameters
    ----------
    wanted : object
        `spikes` of the estimator.
    source : DataSource
    names : sequence of str
        Of the columns; empty if they have none.

    Raises
    ------
    BadInputError
    """
    if isinstance(wanted, str) and wanted == AUTO:
        spikes = PointMasses.of(separate_spikes_of(source.sample(SAMPLE_ROWS, 0)))
    else:
        spikes = check_spikes(wanted, source.n_features, names)
    if spikes is None:
        return source, None
    return source.marked(spikes), spikes


def check_spikes(
    wanted: Any, n_features: int, names: Sequence[str] | None = None
) -> PointMasses | None:
    """The point masses that are given; None for none, and for those that are to be found.

    Parameters
    ----------
    wanted : None, "auto", number, sequence of numbers, or mapping
        From columns, by number or name, to a value or several.
    n_features : int
    names : sequence of str, optional
        Of the columns; None if they are not known yet, and then every name is one.

    Raises
    ------
    BadInputError
    """
    if wanted is None or (isinstance(wanted, str) and wanted == AUTO):
        return None
    if isinstance(wanted, Mapping):
        pairs = [(_column(key, n_features, names), value) for key, value in wanted.items()]
    elif n_features == 1:
        pairs = [(0, wanted)]
    elif isinstance(wanted, str):
        raise BadInputError("spikes", repr(wanted), WANTED, code="bad_choice")
    else:
        got = f"{_shown(wanted)} for {n_features} columns"
        raise BadInputError("spikes", got, "values with their column", code="bad_choice")
    found = [
        Spike(column, value, 0.0)
        for column, values in pairs
        if column is not None
        for value in _values(values)
    ]
    places = [(spike.column, spike.value) for spike in found]
    if len(set(places)) < len(places):
        twice = next(place for place in places if places.count(place) > 1)
        raise BadInputError("spikes", f"{twice[1]:g} twice in a column", "each value once")
    return PointMasses.of(found)


def _column(key: Any, n_features: int, names: Sequence[str] | None) -> int | None:
    """The number of a column; None for a name if names are not known yet."""
    if isinstance(key, str):
        if names is None:
            return None
        if key in names:
            return list(names).index(key)
        known = f"of {', '.join(map(repr, names))}" if names else "columns by number, from 0"
        raise BadInputError("spikes", f"the column {key!r}", known, code="wrong_columns")
    if isinstance(key, int | np.integer) and not isinstance(key, bool) and 0 <= key < n_features:
        return int(key)
    wanted = f"of columns by name, or by number from 0 to {n_features - 1}"
    raise BadInputError("spikes", f"the column {key!r}", wanted, code="wrong_columns")


def _values(given: Any) -> Iterator[float]:
    values = None if is_masked(given) else _numbers(given)
    if values is None or values.ndim > 1 or values.size == 0:
        raise BadInputError("spikes", _shown(given), WANTED, code="not_a_number")
    if not np.isfinite(values).all():
        raise BadInputError("spikes", _shown(given), "of finite values", code="not_finite")
    yield from np.atleast_1d(values).tolist()


def _numbers(given: Any) -> Any:
    if isinstance(given, str | bool):
        return None
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        return None


def _shown(given: Any) -> str:
    return repr(given)[:80]
