"""Numbers with marks: the same table of cases as the page's, and laws over all styles."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_reading import advised, read, refused

from bactrian.errors import DataError
from bactrian.report.command_line import COMMAND_LINE
from bactrian.tables import arrow_text
from bactrian.tables.text import Text

CASES = json.loads(Path(__file__).with_name("numbers.json").read_text())
STYLES = [(".", ","), (",", "."), *((d, t) for d in ".," for t in (" ", "\u00a0", "\u202f", "'"))]
SPELLED = {" ": "space", "\u00a0": "space", "\u202f": "space", "'": "apostrophe"}


@pytest.fixture(params=["arrow", "plain"], autouse=True)
def reader(request, monkeypatch):
    """Both ways through a file: Arrow's, and plain Python's."""
    if request.param == "plain":
        take_arrow_away(monkeypatch)
    return request.param


def take_arrow_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_text, "_read", lambda *_: None)


def text_of(columns) -> str:
    names = "\t".join("abcdefgh"[: len(columns)])
    lines = ["\t".join(f'"{cell}"' for cell in row) for row in zip(*columns, strict=True)]
    return "\n".join([names, *lines, ""])


# ------------------------------------------------------------ the cases, shared with the page
@pytest.mark.parametrize(("cell", "wanted"), CASES["alone"], ids=lambda value: ascii(value))
def test_a_cell_alone(cell, wanted):
    text = text_of([[cell, ""], ["7", "8"]])
    if wanted == "refused":
        assert "'a'" in refused(text).got
    else:
        value = read(text).values[0, 0]
        assert math.isnan(value) if wanted == "missing" else value == wanted


@pytest.mark.parametrize("case", CASES["tables"], ids=lambda case: case["why"].replace(" ", "_"))
def test_a_table(case):
    columns, wanted = case["columns"], case["read"]
    named = dict(zip("abcdefgh", wanted, strict=False))
    bad = [name for name, numbers in named.items() if numbers == "refused"]
    good = [name for name in named if name not in bad]
    text = text_of(columns)
    if bad:
        assert re.findall(r"'([a-h])' \(", refused(text).got) == bad
    if good:
        values = read(text, exclude=bad).values if bad else read(text, columns=good).values
        np.testing.assert_array_equal(values.T, np.array([named[name] for name in good], float))


# ------------------------------------------------------------------------------------ laws
def written(value: float, decimal: str, thousands: str) -> str:
    """All digits of a number, in groups."""
    text = f"{value:,.20f}" if abs(value) < 1e15 else f"{value:,.1f}"
    whole, _, fraction = text.partition(".")
    return f"{whole.replace(',', thousands)}{decimal}{fraction.rstrip('0') or '0'}"


NUMBERS = st.floats(-1e300, 1e300, allow_nan=False) | st.integers(-(10**9), 10**9).map(float)


@given(values=st.lists(NUMBERS, min_size=1, max_size=6), style=st.sampled_from(STYLES))
@settings(max_examples=100, deadline=None)
def test_a_column_in_any_style_comes_back(values, style):
    decimal, thousands = style
    values = [float(f"{value:.20f}") for value in values]
    text = text_of([[written(value, decimal, thousands) for value in values], ["1"] * len(values)])
    told = {"decimal": decimal, "thousands": SPELLED.get(thousands, thousands)}
    np.testing.assert_array_equal(read(text, **told).values[:, 0], values)
    sure = text_of([["1234567.5", *map(repr, values)], ["1"] * (len(values) + 1)])
    sure = sure.replace("1234567.5", written(1234567.5, decimal, thousands))
    body = [written(value, decimal, thousands) for value in (1234567.5, *values)]
    table = read(text_of([body, ["1"] * len(body)]))
    np.testing.assert_array_equal(table.values[1:, 0], values)


CELLS = st.text("0123456789", min_size=1, max_size=4).flatmap(
    lambda first: st.lists(
        st.tuples(st.sampled_from(",. '\u00a0"), st.text("0123456789", min_size=1, max_size=4)),
        max_size=3,
    ).map(lambda rest: first + "".join(mark + digits for mark, digits in rest))
)
COLUMNS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5)


def meanings(cell: str) -> set[float]:
    """Every number that a cell can be, in groups of three or with one decimal mark: by itself."""
    found = set()
    for decimal, thousands in STYLES:
        group = f"[1-9][0-9]{{0,2}}(?:{re.escape(thousands)}[0-9]{{3}})*|[0-9]+"
        match = re.fullmatch(rf"({group})(?:{re.escape(decimal)}([0-9]+))?", cell)
        if match:
            found.add(float(f"{match[1].replace(thousands, '')}.{match[2] or 0}"))
    return found


@given(rows=COLUMNS)
@settings(max_examples=150, deadline=None)
def test_what_is_read_is_one_of_what_it_can_mean(rows):
    columns = list(zip(*rows, strict=True))
    text = text_of(columns)
    try:
        values = read(text).values
    except DataError as error:
        refused = error.code
    else:
        refused = ""
    if refused:  # digits alone never are
        assert refused in ("not_a_number", "ragged")
        assert not all(cell.isdigit() for row in rows for cell in row)
        return
    for column, numbers in zip(columns, values.T, strict=True):
        for cell, number in zip(column, numbers, strict=True):
            assert number in meanings(cell)


@given(rows=COLUMNS)
@settings(max_examples=150, deadline=None)
def test_arrow_and_python_agree(rows):
    text = text_of(list(zip(*rows, strict=True)))
    outcomes = []
    for take_away in (False, True):
        with pytest.MonkeyPatch.context() as monkeypatch:
            if take_away:
                take_arrow_away(monkeypatch)
            try:
                table = read(text)
                outcomes.append((table.values.tolist(), table.notes))
            except DataError as error:
                outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]


def test_arrow_reads_them_and_not_the_rows_one_by_one(reader, monkeypatch):
    if reader == "arrow":
        monkeypatch.setattr(Text, "rows", None)
    values = np.random.default_rng(0).normal(0, 1e5, (5000, 2)).round(2)
    lines = "".join(f'"{a:,.2f}","{b:,.2f}"\n' for a, b in values)
    np.testing.assert_array_equal(read("a,b\n" + lines).values, values)


# ------------------------------------------------------------------------------- as told
@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"thousands": ","}, [1204, 980]),
        ({"decimal": ","}, [1.204, 980]),
        ({"decimal": ".", "thousands": ","}, [1204, 980]),
    ],
)
def test_what_could_be_two_numbers_is_read_as_told(options, wanted):
    table = read("a\tb\n1,204\t1\n980\t2\n", **options)
    assert table.values[:, 0].tolist() == wanted
    assert table.notes == ()


def test_points_as_told():
    text = "a\tb\n1.204\t1\n980\t2\n"
    assert read(text, thousands=".").values[:, 0].tolist() == [1204, 980]
    assert read(text, thousands="none").values[:, 0].tolist() == [1.204, 980]
    assert "0.5" in refused("a\tb\n1.204\t1\n0.5\t2\n", thousands=".").got


def test_none_reads_no_marks():
    error = refused("a\tb\n1,063.35\t1\n", thousands="none")
    assert "'1,063.35' in line 2" in error.got
    assert "--decimal '.' --thousands ','" in advised(error)


def test_spaces_as_told_are_no_delimiters():
    assert read("visits\n1 204\n2 310\n", thousands="space").values.tolist() == [[1204], [2310]]
    assert read("1 204\n2 310\n").values.tolist() == [[1, 204], [2, 310]]


@pytest.mark.parametrize("mark", [",", "."])
def test_one_mark_is_not_both(mark):
    assert f"{mark!r} as both" in refused("a\n1\n", decimal=mark, thousands=mark).got


def test_marks_without_meaning():
    assert "'x'" in refused("a\n1\n", thousands="x").got


# --------------------------------------------------------------------------- said, and refused
def test_a_note_says_what_was_taken_for_thousands():
    table = read('a,b,c\n"1,063.35",1,"2,000,000"\n980,2,3\n')
    (note,) = map(COMMAND_LINE.words, table.notes)
    assert note.startswith("commas separate the thousands of 'a', 'c'")
    assert "--thousands none" in note


def test_a_note_says_where_decimal_commas_may_part_thousands():
    text = "a;b;c\n1,063;1,5;2\n980;2,063;3\n"
    table = read(text)
    assert table.values[0].tolist() == [1.063, 1.5, 2.0]
    (note,) = map(COMMAND_LINE.words, table.notes)
    assert note.startswith("commas are read as decimal marks in 'a';")
    assert "--thousands ','" in note
    assert read(text, decimal=",").notes == read(text, thousands="none").notes == ()


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a\tb\n1\t1,204\n2\t980\n", "'b' ('1,204' in line 2)",
         "may be 1204 or 1.204, and no other cell of its column tells. Say --thousands ',' or"),
        ("a\tb\n1,5\t1.204\n2\t980\n", "'b' ('1.204' in line 2)", "--thousands '.' or --decimal"),
        ("a\tb\n1\t12%\n2\t5\n", "'b' ('12%' in line 2)", "Currency signs, percent signs"),
        ("a\tb\n1\t5\n2\t$1,063.35\n", "'b' ('$1,063.35' in line 3)", "as plain numbers"),
        ("a\tb\n1\t12,34,567\n", "'b' ('12,34,567' in line 2)", "do not part groups of three"),
        ("a\tb\n1.5\t1.063,35\n2.5\t2\n3.5\t4\n", "'b' ('1.063,35' in line 2)",
         "say so: --decimal ',' --thousands '.'."),
        ("a\tb\n1\t1 063\n2\t1,063,000\n", "'b' ('1 063' in line 2)", "--thousands space"),
    ],
)  # fmt: skip
def test_errors_say_where_what_and_what_to_do(text, place, said):
    error = refused(text)
    assert place in error.got
    assert said in advised(error)
    assert "--columns a" in advised(error)


# ------------------------------------------------------------------- marks that are delimiters
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("value\n1,063.35\n980.10\n", [[1063.35], [980.1]]),
        ("1,063.35\n2,100.05\n980.10\n", [[1063.35], [2100.05], [980.1]]),
        ("order value\n1 063,35\n980,10\n1 204 500\n", [[1063.35], [980.1], [1204500]]),
        ("value\n1.063,35\n980,10\n", [[1063.35], [980.1]]),
        ("1,100.5\n2,200.5\n", [[1, 100.5], [2, 200.5]]),
        ("1 001\n1 002\n", [[1, 1], [1, 2]]),
        ("1,063\n2,204\n", [[1, 63], [2, 204]]),
    ],
)
def test_one_column_without_quotes(text, wanted):
    assert read(text).values.tolist() == wanted


def test_row_names_of_r_do_not_become_thousands():
    assert "row names" in advised(refused("v\n1 100\n2 200\n"))
