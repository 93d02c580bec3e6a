"""Frames of every make give the same floats."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from scipy import sparse

from bactrian.data.frames import to_array
from bactrian.errors import BadInputError, DataError

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

NAN = float("nan")
MAKERS = {
    "pandas": pd.DataFrame,
    "pandas-nullable": lambda data: pd.DataFrame(data).convert_dtypes(),
    "pandas-pyarrow": lambda data: pd.DataFrame(data).convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.DataFrame,
    "polars-lazy": pl.LazyFrame,
    "pyarrow": pa.table,
}


@pytest.fixture(params=MAKERS)
def make(request):
    return MAKERS[request.param]


def test_floats_integers_and_truth_values(make) -> None:
    frame = make({"a": [0.5, 1.5], "b": [1, 2], "c": [True, False]})
    X, names = to_array(frame)
    assert names == ("a", "b", "c")
    assert type(X) is np.ndarray
    assert X.dtype == np.float64
    np.testing.assert_array_equal(X, [[0.5, 1, 1], [1.5, 2, 0]])


def test_nulls_are_nan(make) -> None:
    X, _ = to_array(make({"a": [0.5, None], "b": [None, 2], "c": [True, None]}))
    np.testing.assert_array_equal(X, [[0.5, NAN, 1], [NAN, 2, NAN]])


def test_words_are_refused_by_name(make) -> None:
    frame = make({"a": [1.0, 2.0], "word": [None, "x"], "b": [1, 2]})
    with pytest.raises(DataError, match="1 column is not numeric") as caught:
        to_array(frame)
    assert "'word'" in caught.value.got
    assert "'x'" in caught.value.got
    assert caught.value.remedy == "Keep the numeric columns: X[['a', 'b']]."


DAY, DAYS = date(2020, 1, 1), timedelta(days=2)
MOMENT = datetime(2020, 1, 1, 12)


@pytest.mark.parametrize("value", [MOMENT, DAY], ids=["datetime", "date"])
def test_dates_are_refused(value, make) -> None:
    frame = make({"a": [1.0, 2, 3], "when": [None, value, value]})
    with pytest.raises(BadInputError, match="number such as days since the first") as caught:
        to_array(frame)
    assert str(caught.value).startswith("X must be numbers, but got dates in column 'when' (")


def test_durations_are_refused(make) -> None:
    frame = make({"a": [1.0, 2], "long": [DAYS, DAYS], "word": ["x", "y"]})
    with pytest.raises(BadInputError, match="number such as days") as caught:
        to_array(frame)
    assert str(caught.value).startswith("X must be numbers, but got durations in column 'long' (")


@pytest.mark.parametrize(
    ("frame", "column"),
    [
        (pd.DataFrame({"t": [MOMENT, pd.NaT]}), "'t' (datetime64["),
        (pd.DataFrame({"t": [MOMENT, None]}, dtype=object), "'t' (object)"),
        (pd.Series([MOMENT], name="t").dt.tz_localize("UTC"), "'t' (datetime64["),
        (pl.DataFrame({"t": pl.Series([DAY], dtype=pl.Object)}), "'t' (Object)"),
        (pl.Series("t", [DAY]), "'t' (Date)"),
        (pa.table({"t": [DAY]}), "'t' (date32[day])"),
        (pd.DataFrame({"t": [MOMENT], "u": [MOMENT]}), "columns 't' (datetime64["),
    ],
)
def test_columns_of_dates_are_named_with_their_type(frame, column) -> None:
    with pytest.raises(BadInputError) as caught:
        to_array(frame)
    assert column in caught.value.got


@pytest.mark.parametrize(
    "x",
    [
        np.array(["2020-01-01", "2020-01-03"], dtype="M8[D]"),
        np.array([DAY, DAY + DAYS]),
        pd.Series([MOMENT, MOMENT + DAYS]),
        pd.Series([DAY, DAY + DAYS], dtype=object),
        pl.Series([DAY, DAY + DAYS]),
        pl.Series([MOMENT, MOMENT + DAYS]),
    ],
    ids=["numpy", "objects", "pandas", "pandas-objects", "polars", "polars-datetime"],
)
def test_the_remedy_for_dates_does_it(x) -> None:
    for values, expected in ((x, [0, 2]), (x - x.min(), [0, 2])):
        with pytest.raises(BadInputError) as caught:
            to_array(values)
        code = caught.value.remedy.partition(": ")[2].removesuffix(".")
        days = eval(code, {"x": values, "np": np, "datetime": sys.modules["datetime"]})
        assert np.asarray(to_array(days)[0], dtype=float).tolist() == expected


@pytest.mark.parametrize(
    ("X", "got"),
    [
        (np.array([["2020-01-01"], ["NaT"]], dtype="M8[s]"), "dates (datetime64[s])"),
        (np.ones((2, 1), dtype="m8[h]"), "durations (timedelta64[h])"),
        (np.array([[1.0, None], [2.0, DAY]]), "dates in column 1 (datetime.date(2020, 1, 1))"),
        ([[1.0, DAYS]], "durations in column 1 (datetime.timedelta(days=2))"),
        ([[np.datetime64(DAY)]], "dates (datetime64[D])"),
        (np.ma.array([[np.datetime64(DAY)]], mask=[[True]]), "dates (datetime64[D])"),
    ],
)
def test_arrays_and_lists_of_dates_are_refused(X, got) -> None:
    with pytest.raises(BadInputError) as caught:
        to_array(X)
    assert caught.value.got == got


def test_a_missing_date_among_numbers_is_a_missing_number() -> None:
    X = np.array([[1.0, pd.NaT], [2.0, 3.0]])
    assert to_array(X)[0] is X


def test_what_a_masked_array_hides_is_nan() -> None:
    mask = [[False, True], [False, False]]
    for kind in (np.float32, np.float64):
        X, names = to_array(np.ma.array([[1, 2], [3, 4]], mask=mask, dtype=kind))
        assert (type(X), X.dtype, names) == (np.ndarray, kind, None)
        np.testing.assert_array_equal(X, [[1, NAN], [3, 4]])
    for kind in (np.int8, np.uint64, bool, object):
        X, _ = to_array(np.ma.array([[1, 0], [1, 0]], mask=mask, dtype=kind))
        np.testing.assert_array_equal(X.astype(float), [[1, NAN], [1, 0]])
    X, _ = to_array([np.ma.array([1, 2], mask=[False, True]), np.ma.array([3, 4])])
    np.testing.assert_array_equal(X, [[1, NAN], [3, 4]])
    whole = np.ma.array([[1, 2]])
    assert np.shares_memory(to_array(whole)[0], whole.data)
    assert type(to_array(whole)[0]) is np.ndarray


def test_categories_are_refused() -> None:
    with pytest.raises(DataError, match="Encode them as numbers"):
        to_array(pd.DataFrame({"k": pd.Categorical(["u", "v"])}))


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"k": pd.Categorical(["u", "v"])}),
        pl.DataFrame({"k": pl.Series(["u", "v"], dtype=pl.Categorical)}),
        pa.table({"k": pa.array(["u", "v"]).dictionary_encode()}),
        pd.DataFrame({"k": [1j, 2]}),
        pd.DataFrame({"k": [1.0, "1.5"]}, dtype=object),
        pl.DataFrame({"k": [[1], [2]]}),
    ],
    ids=["pandas-category", "polars-category", "arrow-dictionary", "complex", "object", "nested"],
)
def test_no_numbers(frame) -> None:
    with pytest.raises(DataError, match="'k'"):
        to_array(frame)


@pytest.mark.parametrize("name", ["pandas", "pandas-pyarrow", "polars", "polars-lazy", "pyarrow"])
def test_float32_stays_if_all_columns_are(name) -> None:
    single = np.array([0.1, 0.2], np.float32)
    X, _ = to_array(MAKERS[name]({"a": single, "b": single}))
    assert X.dtype == np.float32
    np.testing.assert_array_equal(X, np.column_stack([single, single]))
    X, _ = to_array(MAKERS[name]({"a": single, "b": np.array([1.0, 2.0])}))
    assert X.dtype == np.float64
    np.testing.assert_array_equal(X[:, 0], single.astype(float))


def test_float32_with_nulls() -> None:
    for frame in (
        pl.DataFrame({"a": pl.Series([0.5, None], dtype=pl.Float32)}),
        pa.table({"a": pa.array([0.5, None], pa.float32())}),
        pd.DataFrame({"a": pd.array([0.5, None], dtype="Float32")}),
    ):
        X, _ = to_array(frame)
        assert X.dtype == np.float32
        np.testing.assert_array_equal(X, np.array([[0.5], [NAN]], np.float32))


def test_a_pandas_block_is_not_copied() -> None:
    frame = pd.DataFrame(np.arange(6.0).reshape(3, 2), columns=["a", "b"])
    X, names = to_array(frame)
    assert np.shares_memory(X, frame.to_numpy(copy=False))
    assert names == ("a", "b")


def test_objects_that_are_numbers_are_numbers() -> None:
    frame = pd.DataFrame({"a": [1, None, 2.5], "b": [True, Decimal("0.5"), pd.NA]}, dtype=object)
    X, _ = to_array(frame)
    np.testing.assert_array_equal(X, [[1, 1], [NAN, 0.5], [2.5, NAN]])


def test_decimals_sparse_and_all_missing() -> None:
    X, _ = to_array(pl.DataFrame({"a": [Decimal("0.1"), None], "b": [None, None]}))
    np.testing.assert_array_equal(X, [[0.1, NAN], [NAN, NAN]])
    X, _ = to_array(pd.DataFrame({"a": pd.arrays.SparseArray([0.0, 1.0])}))
    np.testing.assert_array_equal(X, [[0], [1]])


def test_names_follow_scikit_learn() -> None:
    values = np.zeros((2, 2))
    assert to_array(pd.DataFrame(values))[1] is None
    assert to_array(pd.DataFrame(values, columns=[("a", "b"), ("a", "c")]))[1] is None
    with pytest.raises(TypeError, match=r"\['int', 'str'\]"):
        to_array(pd.DataFrame(values, columns=["a", 1]))


def test_repeated_names() -> None:
    frame = pd.DataFrame(np.zeros((1, 3)), columns=["a", "b", "a"])
    with pytest.raises(DataError, match="'a' 2 times"):
        to_array(frame)


def test_series() -> None:
    for series in (
        pd.Series([1, None], name="s"),
        pl.Series("s", [1, None]),
        pd.Series(pd.array([1, None], dtype="Int64"), name="s"),
    ):
        x, names = to_array(series)
        assert names == ("s",)
        np.testing.assert_array_equal(x, [1, NAN])
    assert to_array(pd.Series([1.0]))[1] is None
    assert to_array(pa.chunked_array([[1.0], [2.0]]))[0].tolist() == [1, 2]


def test_order_of_rows_and_filtered_frames() -> None:
    frame = pd.DataFrame({"a": [3, 1, 2], "b": [0.5, 1.5, 2.5]}, index=[7, 5, 6])[
        lambda f: f.a > 1
    ]
    np.testing.assert_array_equal(to_array(frame)[0], [[3, 0.5], [2, 2.5]])


class Other:
    """Something that is neither frame nor array."""


@pytest.mark.parametrize(
    "X",
    [np.zeros((2, 2)), [[1, 2]], ((1, 2),), sparse.eye_array(2).tocsr(), None, Other(), "text"],
    ids=lambda X: type(X).__name__,
)
def test_everything_else_is_left_alone(X) -> None:
    same, names = to_array(X)
    assert same is X
    assert names is None
