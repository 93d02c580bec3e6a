"""Tables as people export them: what is no row of data is named, and what to do about it."""

from __future__ import annotations

import numpy as np
import pytest
from table_reading import advised, read, refused

from bactrian.report.command_line import COMMAND_LINE

BODY = "".join(f"{i * 1.5},{7 - i % 4}\r\n" for i in range(1, 9))


@pytest.mark.parametrize("mark", [";", ",", "\t"])
@pytest.mark.parametrize("quoted", [False, True])
def test_the_delimiter_that_excel_tells_is_no_row(mark, quoted):
    line = f'"sep={mark}"' if quoted else f"sep={mark}"
    table = read(f"\ufeff{line}\r\na{mark}b\r\n1.5{mark}2\r\n2.5{mark}3\r\n")
    assert table.names == ("a", "b")
    assert table.values.tolist() == [[1.5, 2], [2.5, 3]]


def test_the_line_of_a_fault_is_counted_below_it():
    assert "'x' in line 4" in refused("sep=,\na,b\n1,2\n3,x\n").got


def test_a_row_of_units_is_named():
    error = refused(f"a,b\r\nkg,cm\r\n{BODY}")
    assert "Line 2 holds no numbers there" in advised(error)
    assert "units" in advised(error)
    assert "units" not in advised(refused("a,b\r\nkg,cm\r\nlb,1\r\n1,2\r\n"))


def test_words_below_numbers_may_be_a_total():
    error = refused(f"a,b\r\n{BODY}Total,40\r\n")
    assert "'a' ('Total' in line 10)" in error.got
    assert "such as a total" in advised(error)
    assert "such as a total" in advised(refused(f"a,b\r\n{BODY}Source: our shop\r\n"))


def test_a_last_row_that_is_the_sum_of_the_others_is_noted():
    rows = np.random.default_rng(0).normal(10, 3, (12, 2)).round(2)
    lines = "".join(f"c{i},{a:.2f},{b:.2f}\n" for i, (a, b) in enumerate(rows))
    total = "Total,{:.2f},{:.2f}\n".format(*rows.sum(axis=0))
    (note,) = map(COMMAND_LINE.words, read(f"name,a,b\n{lines}{total}", exclude=["name"]).notes)
    assert note.startswith("the last row is the sum of the others")
    assert read(f"name,a,b\n{lines}", exclude=["name"]).notes == ()
    assert read("a,b\n" + "0,0\n" * 9).notes == ()


def test_a_title_above_the_names_is_named():
    assert "a title" in advised(refused(f"Customers 2024\r\n\r\na,b\r\n{BODY}"))


@pytest.mark.parametrize("name", ["customer_id", "Order ID", "orderId"])
def test_ids_are_noted(name):
    lines = "".join(f"{1000 + 7 * i},{i % 3}.5\n" for i in range(9))
    (note,) = map(COMMAND_LINE.words, read(f"{name},a\n{lines}").notes)
    assert "another whole number in each row" in note
    assert "--exclude" in note
    assert read(f"humid,a\n{lines}").notes == ()
    assert read(f"{name},a\n{lines}1000,3\n").notes == ()


def test_dates_have_no_marks_between_thousands():
    assert "three digits" not in advised(refused("day,a\n31.01.2024,1\n01.02.2024,2\n"))
