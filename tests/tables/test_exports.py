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


def said(table):
    return [COMMAND_LINE.words(note) for note in table.notes]


def test_rows_of_units_are_left_out_and_told():
    table = read(f"a,b\r\nkg,cm\r\n,mean\r\n{BODY}")
    assert table.names == ("a", "b")
    assert len(table.values) == 8
    (note,) = said(table)
    assert note == (
        "lines 2 to 3 are left out, with words above numbers, as units are: 'kg cm'; 'mean'"
    )
    assert said(read(f"# made\n\na,b\nkg,cm\nmin,mean\n{BODY}"))[0].startswith("lines 4 to 5")


def test_a_row_with_one_word_is_no_row_of_units():
    assert "'lb' in line 2" in refused("a,b\r\nlb,1\r\n1,2\r\n3,4\r\n").got
    assert "'?x' in line 2" in refused("a,b\r\n?x,\r\n1,2\r\n3,4\r\n").got


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


@pytest.mark.parametrize(
    "title", ["Customers 2024\r\n\r\n", "Customers\r\nof 2024\r\n", "Customers,,\r\n"]
)
def test_a_title_above_the_names_is_left_out_and_told(title):
    body = BODY.replace("\r\n", ",1\r\n")
    table = read(f"{title}a,b,c\r\n{body}")
    assert table.names == ("a", "b", "c")
    assert len(table.values) == 8
    assert "left out as a title: 'Customers" in said(table)[0]


def test_lines_are_skipped_as_told():
    text = f"1,2\r\nwords, of some, kind\r\na,b\r\n{BODY}"
    table = read(text, skip_lines=2)
    assert table.names == ("a", "b")
    assert len(table.values) == 8
    assert table.notes == ()
    assert "'x' in line 13" in refused(f"{text}9,1\r\nx,2\r\n", skip_lines=2).got
    assert "--skip-lines" in advised(refused("words\r\n1,2,3\r\n4,5,7\r\n", header=True))


def test_a_logger_is_known_by_its_name():
    table = read(
        '"TOA5","S","CR1000","1"\n"TIMESTAMP","RECORD","a"\n"TS","RN","degC"\n"","","Avg"\n'
        '"2024-01-01 00:00:00",7,1.5\n"2024-01-01 01:00:00",9,2.5\n"2024-01-01 02:00:00",8,NAN\n',
        exclude=["TIMESTAMP"],
    )
    assert table.names == ("RECORD", "a")
    assert np.array_equal(table.values, [[7, 1.5], [9, 2.5], [8, np.nan]], equal_nan=True)
    assert "a TOA5 file of a data logger" in said(table)[0]


@pytest.mark.parametrize("delimiter", [",", " "])
@pytest.mark.parametrize("quoted", [False, True])
def test_comments_among_the_rows_are_no_data(delimiter, quoted):
    quote = '"' if quoted else ""
    rows = ["1 2", "# 3 4", "", "  #5 6", "7 8"]
    lines = [row if "#" in row else row.replace(" ", delimiter) for row in rows]
    head = f"{quote}a{quote}{delimiter}b"
    table = read("\n".join([head, *lines]))
    assert table.values.tolist() == [[1, 2], [7, 8]]
    assert said(table) == ["2 lines among the rows are left out: they begin with #"]
    assert "'x' in line 7" in refused("\n".join([head, *lines, f"9{delimiter}x"])).got


def test_a_line_in_quotes_is_no_comment():
    table = read('a,b\n1,"2\n# of both"\n3,4\n', exclude=["b"])
    assert table.values.tolist() == [[1], [3]]
    assert table.notes == ()


def test_names_may_stand_in_a_comment():
    table = read(
        "# made by R\n#YY MM WSPD\n#yr mo m/s\n2024 1 MM\n2025 2 1.5\n2026 2 3\n",
        missing_values=["MM"],
    )
    assert table.names == ("YY", "MM", "WSPD")
    assert len(table.values) == 3
    assert "taken from a comment" in said(table)[0]
    assert read("# made by R\n1 2 3\n4 5 7\n", header=False).names == ("x1", "x2", "x3")


@pytest.mark.parametrize(
    ("first", "is_data"),
    [("5,120,M", True), ("5,120,125", True), ("site,1990,2000", False), ("a,b,c", False),
     ("a,b,7", False), ("5,x,M", True)],
)  # fmt: skip
def test_a_word_beside_numbers_of_the_same_size_is_no_name(first, is_data):
    text = f"{first}\n6,130,2\n7,125,1\n8,140,2\n"
    if not is_data:
        assert read(text).names == tuple(first.split(","))
        assert ("taken for names" in "".join(said(read(text)))) == ("0" in first or "7" in first)
        return
    if "M" not in first:
        assert len(read(text).values) == 4
        return
    error = refused(text)
    assert "'M' in line 1" in error.got
    assert "x" in first or "--missing-values=M" in advised(error)
    assert len(read(text, missing_values=["M", "x"]).values) == 4
    assert len(read(text, header=True).values) == 3


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
