"""Turn data frames of any library, and masked arrays, into float arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bactrian.data.dates import DAY, kind_of_column, not_numbers, refuse_dates
from bactrian.data.masked import unmasked
from bactrian.data.named import NamedArray
from bactrian.errors import DataError
from bactrian.phrases import listed

if TYPE_CHECKING:
    import narwhals as nw

    from bactrian.errors import BadInputError

_NO_FRAMES = frozenset({"builtins", "numpy", "scipy", "torch", "array"})
# How a program writes a day that durations of these packages can be divided by.
_DAYS = {"pandas": DAY, "polars": "datetime.timedelta(days=1)"}


def collected(X: Any) -> Any:
    """Collect a lazy frame; return anything else unchanged."""
    if type(X).__module__.partition(".")[0] in _NO_FRAMES:
        return X
    import narwhals as nw

    frame = nw.from_native(X, pass_through=True, allow_series=True)
    return frame.collect().to_native() if isinstance(frame, nw.LazyFrame) else X


def to_array(X: Any) -> tuple[Any, tuple[str, ...] | None]:
    """Turn a data frame, series or masked array into floats; leave everything else unchanged.

    Parameters
    ----------
    X : object
        Any frame or series that narwhals knows (pandas, polars, PyArrow, Modin, ...);
        a lazy one is collected. What a masked array hides is missing.

    Returns
    -------
    X : (n_samples, n_features) or (n_samples,), or the object itself
        float32 if every column is, else float64; missing values are NaN. It may be a
        read-only view of the frame.
    names : tuple of str or None
        Of the columns (of the series), None if there are none or they are no strings.

    Raises
    ------
    BadInputError
        If there are dates or durations.
    DataError
        If a column is not numeric or a name is repeated. It is a ValueError.
    TypeError
        If some names are strings and some are not.
    """
    if isinstance(X, NamedArray):
        return X.values, X.names
    X = unmasked(X)
    if type(X).__module__.partition(".")[0] in _NO_FRAMES:
        refuse_dates(X)
        return X, None
    import narwhals as nw
    from narwhals.exceptions import DuplicateError

    try:
        frame = nw.from_native(collected(X), pass_through=True, allow_series=True)
        if isinstance(frame, nw.Series):
            name = frame.name
            return _convert([frame])[:, 0], (name,) if name and isinstance(name, str) else None
        if isinstance(frame, nw.DataFrame):
            names = _string_names(frame.columns)
            return _from_frame(frame), names
    except DuplicateError as error:
        raise DataError(
            "column names are repeated",
            "Rename the columns.",
            got=_repeated(X) or str(error),
            wanted="a name of its own for each column",
            code="repeated_column",
        ) from error
    refuse_dates(X)
    return X, None


def _string_names(names: Sequence[Any]) -> tuple[str, ...] | None:
    """Return the names if all are strings, or None if no name is, as scikit-learn does."""
    kinds = sorted({type(name).__qualname__ for name in names})
    if kinds == ["str"]:
        return tuple(names)
    if "str" in kinds:
        raise TypeError(
            "Feature names are only supported if all input features have string names, "
            f"but your input has {kinds} as feature name / column name types. "
            "Convert them all: X.columns = X.columns.astype(str)"
        )
    return None


def _repeated(X: Any) -> str:
    counts = Counter(getattr(X, "columns", ()))
    return ", ".join(f"{name!r} {count} times" for name, count in counts.items() if count > 1)


def _from_frame(frame: nw.DataFrame[Any]) -> npt.NDArray[np.floating[Any]]:
    shared = _shared_block(frame)
    return _convert(list(frame.iter_columns())) if shared is None else shared


def _shared_block(frame: nw.DataFrame[Any]) -> npt.NDArray[np.floating[Any]] | None:
    """Return the array behind a pandas frame of floats, without a copy if pandas has one."""
    if not frame.implementation.is_pandas():
        return None
    native = frame.to_native()
    kinds = set(native.dtypes)
    if len(kinds) != 1 or kinds.pop() not in (np.dtype(np.float64), np.dtype(np.float32)):
        return None
    block: npt.NDArray[np.floating[Any]] = native.to_numpy(copy=False)
    return block


def _convert(columns: Sequence[nw.Series[Any]]) -> npt.NDArray[np.floating[Any]]:
    import narwhals as nw

    single = bool(columns) and all(column.dtype == nw.Float32 for column in columns)
    target = np.float32 if single else np.float64
    values = np.empty((len(columns[0]) if columns else 0, len(columns)), dtype=target)
    refused = {}
    for position, column in enumerate(columns):
        numbers = _numbers(column)
        if numbers is None:
            refused[position] = column
        else:
            values[:, position] = numbers
    if refused:
        raise _dates_among(refused.values()) or _not_numeric(columns, refused)
    return values


def _numbers(column: nw.Series[Any]) -> npt.NDArray[Any] | None:
    """Values of a column, with NaN where missing; None if the column is not numeric."""
    import narwhals as nw

    if column.dtype in (nw.Float32, nw.Float64) and column.implementation.is_pyarrow():
        return column.to_numpy()
    if column.dtype == nw.Float32:
        return column.cast(nw.Float32).to_numpy()
    if column.dtype.is_numeric() or column.dtype == nw.Boolean:
        return column.cast(nw.Float64).to_numpy()
    if column.dtype not in (nw.Object, nw.Unknown):
        return None
    if column.null_count() == len(column):
        return np.full(len(column), np.nan)
    loose = column.to_numpy()
    if loose.dtype.kind in "biuf":
        return loose
    missing = column.is_null().to_numpy()
    if not all(isinstance(value, Real | Decimal) for value in loose[~missing]):
        return None
    numbers = np.full(len(column), np.nan)
    numbers[~missing] = [float(value) for value in loose[~missing]]
    return numbers


def _dates_among(refused: Collection[nw.Series[Any]]) -> BadInputError | None:
    """Make the error that names the columns of dates; without dates, those of durations."""
    for dates in (True, False):
        found = [column for column in refused if _holds_dates(column) is dates]
        if found:
            shown = ", ".join(f"{column.name!r} ({_type_of(column)})" for column in found[:10])
            more = f" and {len(found) - 10} more" if len(found) > 10 else ""
            day = _DAYS.get(found[0].implementation.value, "")
            which = "column" if len(found) == 1 else "columns"
            return not_numbers(f" in {which} {shown}{more}", dates=dates, day=day)
    return None


def _holds_dates(column: nw.Series[Any]) -> bool | None:
    """True for dates, False for durations, None for anything else."""
    import narwhals as nw

    if column.dtype in (nw.Date, nw.Datetime, nw.Duration):
        return column.dtype != nw.Duration
    loose = column.dtype in (nw.Object, nw.Unknown)
    return kind_of_column(column.to_list()) if loose else None


def _type_of(column: nw.Series[Any]) -> str:
    """Type of the values, in the frame's own words."""
    native = column.to_native()
    return str(getattr(native, "dtype", None) or getattr(native, "type", column.dtype))


def _not_numeric(
    columns: Sequence[nw.Series[Any]], refused: dict[int, nw.Series[Any]]
) -> DataError:
    shown = []
    for column in list(refused.values())[:10]:
        first = column.drop_nulls().head(1).to_list()
        shown.append(f"{column.name!r} ({column.dtype}{f', {first[0]!r}' if first else ''})")
    more = f" and {len(refused) - 10} more" if len(refused) > 10 else ""
    good = [column.name for position, column in enumerate(columns) if position not in refused]
    count = "1 column is" if len(refused) == 1 else f"{len(refused)} columns are"
    return DataError(
        f"{count} not numeric",
        f"Keep the numeric columns: X[[{listed(good)}]]."
        if good
        else "Encode them as numbers first.",
        got=f"{', '.join(shown)}{more}",
        wanted="numbers",
        code="not_a_number",
    )
