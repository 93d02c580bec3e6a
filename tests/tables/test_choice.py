"""Which columns of a file are read, and which are none."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest

from bactrian.errors import DataError
from bactrian.report.command_line import COMMAND_LINE
from bactrian.tables.files import read_table

pa = pytest.importorskip("pyarrow")
from pyarrow import feather  # noqa: E402


@pytest.fixture(params=["fast", "slow"])
def read(request, monkeypatch):
    if request.param == "slow":
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    return lambda text, **options: read_table(io.BytesIO(text.encode()), line="row", **options)


@pytest.mark.parametrize(
    ("text", "names", "values"),
    [
        (",a\n1,5\n2,6\n3,7\n", ("a",), [[5], [6], [7]]),
        ('"";"a"\n"1";5,5\n"2";6,5\n', ("a",), [[5.5], [6.5]]),
        ("Unnamed: 0,a,b\n0,5,1\n1,6,1\n", ("a", "b"), [[5, 1], [6, 1]]),
        (",a\n1,5\n3,6\n", ("column_1", "a"), [[1, 5], [3, 6]]),
        (",a\n2,5\n3,6\n", ("column_1", "a"), [[2, 5], [3, 6]]),
        (",a\n1,5\n", ("column_1", "a"), [[1, 5]]),
        ("index,a\n0,5\n1,6\n", ("index", "a"), [[0, 5], [1, 6]]),
        ("0,5\n1,6\n", ("x1", "x2"), [[0, 5], [1, 6]]),
        ("a,b,\n1,2,\n3,4,\n", ("a", "b"), [[1, 2], [3, 4]]),
        ("a;b;;\n1;2;;\n3;4; ;\n", ("a", "b"), [[1, 2], [3, 4]]),
        ("1,2,\n3,4,\n", ("x1", "x2"), [[1, 2], [3, 4]]),
        (",a,\n1,5,\n2,6,\n", ("a",), [[5], [6]]),
        ("a,c\n1,\n2,\n", ("a", "c"), [[1, np.nan], [2, np.nan]]),
        ("a,b,\n1,2,\n3,4,NA\n", ("a", "b", "column_3"), [[1, 2, np.nan], [3, 4, np.nan]]),
    ],
)
def test_what_is_no_column_of_data_is_left_out(read, text, names, values):
    table = read(text)
    assert table.names == names
    np.testing.assert_array_equal(table.values, np.array(values, float))
    assert table.values.flags.c_contiguous


def test_a_value_far_below_makes_a_column_of_what_seemed_none(read):
    text = "a,b,\n" + "1,2,\n" * 30_000 + "3,4,5\n"
    table = read(text)
    assert table.names == ("a", "b", "column_3")
    assert np.isnan(table.values[:-1, 2]).all()
    assert table.values[-1, 2] == 5


def test_notes_tell_what_was_done(read):
    assert read("a,b\n1,2\n2,2\n").notes == ()
    assert "left out" in COMMAND_LINE.words(read(",a\n0,2\n1,3\n").notes[0])
    assert "--exclude index" in COMMAND_LINE.words(
        read("index,a\n0,2\n1,3\n2,5\n3,7\n4,1\n").notes[0]
    )
    assert read("a,index\n5,0\n6,1\n").notes == ()  # by chance
    assert "columns are named x1 to x4;" in COMMAND_LINE.words(read("1,2,3,4\n").notes[0])
    assert read("1,2\n", header=False).notes == ()


def test_a_choice_is_by_positions_in_the_file(read):
    text = ",a,word,b\n1,5,x,8\n2,6,y,9\n"
    table = read(text, exclude=["3"], last="2")
    assert table.names == ("b", "a")
    np.testing.assert_array_equal(table.values, [[8, 5], [9, 6]])
    table = read(text, columns=["1", "b"])
    assert table.names == ("column_1", "b")
    assert table.notes == ()
    with pytest.raises(DataError, match="there is no column left"):
        read(text, exclude=["1", "2", "3", "4"])
    with pytest.raises(DataError, match="there is no column 'c'"):
        read(text, exclude=["c"])


def test_repeated_names_may_be_excluded(read):
    assert read("a,a,b\n5,2,3\n6,5,6\n", exclude=["2"]).names == ("a", "b")
    with pytest.raises(DataError, match="'a' as columns 1, 2"):
        read("a,a,b\n5,2,3\n6,5,6\n", exclude=["b"])


def test_columns_of_arrow_files(tmp_path):
    path = tmp_path / "t.feather"
    feather.write_feather(
        pa.table({"Unnamed: 0": [0, 1, 2], "a": [1.5, 2, 3], "word": ["x", "y", "z"]}), str(path)
    )
    table = read_table(path, exclude=["word"])
    assert table.names == ("a",)
    assert "counts the rows from 0 and is left out" in COMMAND_LINE.words(table.notes[0])
    assert read_table(path, columns=["1", "a"]).names == ("Unnamed: 0", "a")
    assert read_table(path, exclude=["word"], last="1").names == ("a", "Unnamed: 0")


def test_columns_of_arrays(tmp_path):
    path = tmp_path / "t.npy"
    np.save(path, np.arange(6.0).reshape(2, 3))
    table = read_table(path, exclude=["x2"], last="1")
    assert table.names == ("x3", "x1")
    np.testing.assert_array_equal(table.values, [[2, 0], [5, 3]])
