"""Which columns are measurements, and which numbers may mean a missing value."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_reading import advised, read, refused

from bactrian.report.command_line import COMMAND_LINE
from bactrian.tables.files import read_table
from bactrian.tables.kinds import kind_of
from bactrian.tables.numeric import read_numeric
from bactrian.tables.sentinels import Sentinel, sentinels
from bactrian.tables.write import write_table

RNG = np.random.default_rng(0)
MEASURED = RNG.normal(3, 1, 40).round(2)
COUNTS = RNG.poisson(4, 40).astype(float)
MONTHS = np.array([202300.0 + 100 * (i // 12) + i % 12 + 1 for i in range(40)])
DAYS = 20240101.0 + 100 * (np.arange(40) % 12) + np.arange(40) % 28


def said(table) -> list[str]:
    return [COMMAND_LINE.words(note) for note in table.notes]


def text_of(**columns) -> str:
    rows = zip(*columns.values(), strict=True)
    lines = [",".join("" if v != v else f"{v:.15g}" for v in row) for row in rows]
    return "\n".join([",".join(columns), *lines])


# ------------------------------------------------------------------------------- kinds
@pytest.mark.parametrize(
    ("values", "name", "kind"),
    [
        (MEASURED, "a", "number"),
        (np.arange(40.0) ** 2, "a", "number"),
        (np.arange(40) + 17.0, "No", "counter"),
        (np.arange(40) * 2.0, "a", "number"),
        (np.array([1.0, np.inf, np.inf, 4.0, 5.0, 6.0]), "a", "number"),  # and no warning
        (np.array([1e308, -1e308, 1e308, 3.0, 4.0, 5.0]), "a", "number"),
        (MONTHS, "a", "date"),
        (MONTHS + 20, "a", "number"),
        (DAYS, "a", "date"),
        (DAYS + 50, "a", "number"),
        (1.7e9 + 3600 * np.arange(40), "a", "date"),
        (1.7e12 + 3.6e6 * np.arange(40), "a", "date"),
        (1.7e9 + 1e5 * COUNTS, "a", "code"),
        (1.7e9 + 1e5 * COUNTS, "timestamp", "date"),
        (COUNTS + 1, "Month", "date"),
        (COUNTS + 1999, "year", "date"),
        (1000 + 7.0 * np.arange(40)[::-1], "customer_id", "id"),
        (1000 + 7.0 * np.arange(40)[::-1], "humid", "number"),
        (np.resize([4.0, 6.0, 8.0], 40), "cylinders", "code"),
        (np.resize([0.4, 0.6, 0.8], 40), "a", "number"),
        (np.full(40, 1.5), "a", "constant"),
        (np.full(40, np.nan), "a", "empty"),
    ],
)
def test_kinds(values, name, kind) -> None:
    assert kind_of(values, name).name == kind
    if kind not in ("counter", "constant"):
        holes = values.copy()
        holes[::9] = np.nan
        assert kind_of(holes, name).name == kind


def test_columns_that_are_no_measurements_are_told_unless_they_are_chosen() -> None:
    text = text_of(a=MEASURED, No=np.arange(40) + 1, when=MONTHS, size=np.resize([4, 6, 8], 40))
    named, coded = said(read(text))
    assert named == (
        "'No' counts the rows from 1; 'when' holds months as numbers, such as 202401; they are "
        "used like any other column: if they are no measurements, leave them out: "
        "--exclude No,when"
    )
    assert "'size' takes only the values 4, 6 and 8; a component can collapse" in coded
    assert said(read(text, columns=["a", "No", "size"])) == []
    assert "--exclude No,when" in said(read(text, last="size"))[0]
    assert len(said(read(text, last="size"))) == 1
    assert "counts the rows" in said(read(text.split("\n", 1)[1]))[-2]  # without a header


def test_many_columns_make_a_short_note() -> None:
    many = {f"q{j}": np.resize([1, 2, 3, 4], 40) for j in range(300)}
    (note,) = said(read(text_of(a=MEASURED, **many)))
    assert note.startswith("'q0', 'q1'")
    assert "292 more take few different whole numbers" in note
    assert len(note) < 250


# ------------------------------------------------------------------------------- missing values
@pytest.mark.parametrize(
    ("code", "others"),
    [(-200, MEASURED), (-999, MEASURED), (9999, MEASURED), (99.9, MEASURED), (-1, COUNTS),
     (9, COUNTS % 4), (-9999, MEASURED * 1e2), (8888, COUNTS), (1e20, MEASURED)],
)  # fmt: skip
def test_codes_are_found(code, others) -> None:
    values = np.concatenate([others, [code] * 3])
    if code == 1e20:
        assert [one.count for one in sentinels(values)] == [3]
        return
    assert sentinels(values) == (Sentinel(float(code), 3),)
    assert [one.count for one in sentinels(values.astype(np.float32))] == [3]
    assert sentinels(values[:-2]) == ()  # one alone is an outlier
    assert sentinels(others) == sentinels(np.resize([4.0, 6.0, 8.0], 40)) == ()


def test_each_of_two_codes_is_found() -> None:
    values = np.concatenate([COUNTS, [-77.0] * 2, [-99.0] * 2, [999.0] * 4])
    assert {one.value for one in sentinels(values)} == {-77, -99, 999}


@given(st.lists(st.integers(0, 99), min_size=10, max_size=60))
@settings(max_examples=60, deadline=None)
def test_what_is_found_lies_outside_all_others(numbers) -> None:
    values = np.array(numbers, float)
    for one in sentinels(values):
        assert one.count == (values == one.value).sum() > 1
        assert one.value in (values.min(), values.max())


@pytest.mark.parametrize("form", ["csv", "parquet", "npy", "arrow"])
def test_missing_values_are_told_in_any_format(form, tmp_path) -> None:
    path = tmp_path / f"table.{form}"
    values = np.concatenate([MEASURED, [-200.0] * 3])
    if form == "npy":
        np.save(path, np.column_stack([values, values[::-1]]))
    else:
        write_table(path, ["a", "b"], [values, values[::-1]])
    first = read_table(path).names[0]
    (note,) = [note for note in said(read_table(path)) if "missing" in note]
    assert note == (
        f"-200 may mean a missing value: it is in 3 rows of {first!r} (and in "
        f"'{'x2' if form == 'npy' else 'b'}'), far outside its other values; if it does, say so: "
        "--missing-values=-200"
    )
    told = read_table(path, missing_values=[-200])
    assert np.isnan(told.values).sum() == 6
    assert not any("missing" in note for note in said(told))
    assert np.nanmin(told.values) > -3


@pytest.mark.parametrize("written", ["-200", "-200.0", "\u2212200", "-2e2"])
def test_a_number_is_meant_in_every_way_of_writing_it(written) -> None:
    table = read(f"a,b\n1,{written}\n2,3\n", missing_values=["-200"])
    assert np.array_equal(table.values, [[1, np.nan], [2, 3]], equal_nan=True)


def test_words_for_missing_values_are_advised_and_read() -> None:
    lines = "".join(f"{i},{'MM' if i % 4 else i * 1.5}\n" for i in range(8))
    mostly = "a,b\n" + lines.replace("MM", "1") + "9,MM\n"
    assert "--missing-values=MM" in advised(refused(mostly))
    assert np.isnan(read(mostly, missing_values=["MM"]).values[-1, 1])
    # Mostly markers, among which the numbers would be lost.
    table = read(f"a,b\n{lines}", missing_values=["MM"])
    assert np.isnan(table.values[:, 1]).sum() == 6
    with pytest.raises(Exception, match="must be a list"):
        read(mostly, missing_values="MM")


# ------------------------------------------------------------------------------- left out
def test_text_and_empty_columns_are_left_out_with_a_note() -> None:
    text = "\n".join([",name,a,b,e,", *(f"{i},n{i},{i * 1.5},{7 - i % 4},," for i in range(12))])
    found = read_numeric(io.BytesIO(text.encode()))
    assert found.table.names == ("a", "b")
    assert list(found.left_out) == ["name", "e"]
    assert found.notes() == [
        "'name' is left out: not numbers: 'n0' in line 2",
        "'e' is left out: no values",
    ]
    assert "counts the rows from 0 and is left out" in said(found.table)[0]
    assert read_numeric(io.BytesIO(text.encode()), last="e").table.names == ("a", "b", "e")
    assert read_numeric(io.BytesIO(text.encode()), exclude=["name"]).table.names == ("a", "b")


def test_many_columns_left_out_make_one_note() -> None:
    names = [f"w{j}" for j in range(9)]
    text = "\n".join([",".join(["a", *names]), *(",".join([f"{i}.5", *names]) for i in range(9))])
    (note,) = read_numeric(io.BytesIO(text.encode())).notes()
    assert note.startswith("9 columns without numbers are left out: 'w0', ")


def test_a_file_of_text_alone_is_an_error() -> None:
    with pytest.raises(Exception, match="None of the chosen columns is numeric"):
        read_numeric(io.BytesIO(b"a,b\nx,y\nz,w\n"))
