"""Numbers in one line: a column to be fitted to, or a row for a mixture of several columns."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bactrian.report.command_line import COMMAND_LINE
from bactrian.tables.files import read_cells, read_table, text_columns


def read(text: str, **options):
    return read_table(io.BytesIO(text.encode()), **options)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1.20, 1.40, 1.35", [1.2, 1.4, 1.35]),
        ("1.20, 1.40, 1.35,\n", [1.2, 1.4, 1.35]),
        ("1,20; 1,40; 1,35\n", [1.2, 1.4, 1.35]),
        ("# heights\n\n1 2 3 4\n\n", [1, 2, 3, 4]),
        ("1\t-2e3\tNA\t4\n", [1, -2000, np.nan, 4]),
        ("1.063,5;1.200,0;3", [1063.5, 1200, 3]),
    ],
)
def test_one_line_of_numbers_is_one_column(text, values):
    table = read(text)
    np.testing.assert_array_equal(table.values, np.c_[values])
    assert table.names == ("x1",)
    said = [COMMAND_LINE.words(note) for note in table.notes]
    assert f"its one line is read as one column of {len(values)} values" in said
    assert not any("header" in one for one in said)
    assert text_columns(io.BytesIO(text.encode())) == (("x1",), {})


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "1,2\n3,4\n", "7\n"])
def test_other_texts_stay_as_they_are(text):
    column, row = read(text), read(text, line="row")
    np.testing.assert_array_equal(column.values, row.values)
    assert (column.names, column.notes) == (row.names, row.notes)


def test_a_line_can_be_a_row():
    assert read("1,2,3", line="row").values.shape == (1, 3)
    assert read_cells(io.BytesIO(b"1,2,3"))[0] == ("x1", "x2", "x3")
    assert read_cells(io.BytesIO(b"1,2,3"), line="column")[1] == [["1", "2", "3"]]


def test_an_array_of_one_row_is_one_column():
    stream = io.BytesIO()
    np.save(stream, np.arange(5.0)[None])
    table = read_table(io.BytesIO(stream.getvalue()))
    assert table.values.tolist() == [[0.0], [1.0], [2.0], [3.0], [4.0]]
    assert len(table.notes) == 1
    assert read_table(io.BytesIO(stream.getvalue()), line="row").values.shape == (1, 5)


@settings(max_examples=25)
@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60),
    delimiter=st.sampled_from([",", ", ", ";", "\t", " ", " | "]),
)
def test_values_come_back_from_one_line(values, delimiter):
    table = read(delimiter.join(map(repr, values)))
    np.testing.assert_array_equal(table.values[:, 0], values)
