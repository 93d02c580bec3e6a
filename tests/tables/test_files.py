"""From bytes to numbers and back: layouts, formats, and one clear error for each fault."""

from __future__ import annotations

import csv
import gzip
import io
import os
import pickle
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bactrian.errors import DataError
from bactrian.report.command_line import COMMAND_LINE
from bactrian.tables.files import read_table
from bactrian.tables.lines import can_spell
from bactrian.tables.table import Table
from bactrian.tables.write import write_columns, write_table

pa = pytest.importorskip("pyarrow")
from pyarrow import feather, ipc, parquet  # noqa: E402

NAN = float("nan")
ANY_FLOAT = st.floats(width=64)


def read(text: str | bytes, **options):
    options = {"line": "row", **options}
    return read_table(io.BytesIO(text.encode() if isinstance(text, str) else text), **options)


def advised(error: DataError) -> str:
    """What the command line says is to be done."""
    return COMMAND_LINE.remedies(error.remedies)


def refused(text: str | bytes, **options) -> DataError:
    with pytest.raises(DataError) as caught:
        read(text, **options)
    return caught.value


def same_bits(left: np.ndarray, right: np.ndarray) -> bool:
    """Equal bit for bit, signed zeros too; every NaN is the same."""
    both = np.isnan(left) & np.isnan(right)
    return left.shape == right.shape and np.array_equal(
        np.where(both, 0, left).view(np.uint64), np.where(both, 0, right).view(np.uint64)
    )


def tables(min_side: int) -> st.SearchStrategy[np.ndarray]:
    shapes = st.tuples(st.integers(min_side, 6), st.integers(min_side, 4))
    return hnp.arrays(np.float64, shapes, elements=ANY_FLOAT)


def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take Arrow away, which leaves the reader in plain Python."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)


# ------------------------------------------------------------- layouts of text
@pytest.mark.parametrize("reader", ["fast", "slow"])
@pytest.mark.parametrize(
    ("text", "names", "values"),
    [
        ("a,b\n1,2\n3,4\n", "a b", [[1, 2], [3, 4]]),
        ("1,2\n3,4", "x1 x2", [[1, 2], [3, 4]]),
        ("1,2,3\n", "x1 x2 x3", [[1, 2, 3]]),
        ("a;b\n1,5;2,5\n", "a b", [[1.5, 2.5]]),
        ("1,5;2,5\n2;3\n", "x1 x2", [[1.5, 2.5], [2, 3]]),
        ("1.5;2\n", "x1 x2", [[1.5, 2]]),
        ("a\tb\n1\t\n\t2\n", "a b", [[1, NAN], [NAN, 2]]),
        ("a\tb\n1,5\t2,25\n", "a b", [[1.5, 2.25]]),
        ("a|b\n1|2\n", "a b", [[1, 2]]),
        ("a b\n1 2\n", "a b", [[1, 2]]),
        ("  1   2\n 3\t4 \n", "x1 x2", [[1, 2], [3, 4]]),
        ("1,5 2,5\n3,5 4,5\n", "x1 x2", [[1.5, 2.5], [3.5, 4.5]]),
        ('"a b" c\n1 2\n"3" 4\n', "a_b c", [[1, 2], [3, 4]]),
        ("1, 2, 3\n4, 5, 6\n", "x1 x2 x3", [[1, 2, 3], [4, 5, 6]]),
        ("height\n1\n2\n", "height", [[1], [2]]),
        ("height\n1,5\n2,7\n", "height", [[1.5], [2.7]]),
        ("1\n2\n3,5\n", "x1", [[1], [2], [3.5]]),
        ('"height, cm"\n1\n2\n', "height,_cm", [[1], [2]]),
        ('x\n""\n1\n', "x", [[NAN], [1]]),
        ('"a ""q""","b\nc"\n"1","2"\n', 'a_"q" b_c', [[1, 2]]),
        (",a\n0,1\n2,2\n", "column_1 a", [[0, 1], [2, 2]]),
        ("NA,1\n2,3\n", "x1 x2", [[NAN, 1], [2, 3]]),
        ("# made by hand\n\n# twice\na,b\n\n1,2\n   \n3,4\n\n", "a b", [[1, 2], [3, 4]]),
        ("2nd,1st\n1,2\n3,4\n", "2nd 1st", [[1, 2], [3, 4]]),
        ("a,b\r\n1,2\r\n", "a b", [[1, 2]]),
        ("a,b\r1,2\r3,4\r", "a b", [[1, 2], [3, 4]]),
        ("a,b\n+1.,.5e1\n-inf,Infinity\n1e400, 7 \n", "a b",
         [[1, 5], [-np.inf, np.inf], [np.inf, 7]]),
        ("\ufeffa,b\n1,2\n", "a b", [[1, 2]]),
        ("größe,b\n1,2\n".encode("latin-1"), "größe b", [[1, 2]]),
        ("größe;b\n1,5;2\n".encode("utf-16"), "größe b", [[1.5, 2]]),
    ],
)  # fmt: skip
def test_layout_is_told(text, names, values, reader, monkeypatch) -> None:
    if reader == "slow":
        slowly(monkeypatch)
    table = read(text)
    assert tuple(name.replace(" ", "_") for name in table.names) == tuple(names.split(" "))
    np.testing.assert_array_equal(table.values, np.array(values, float))
    assert table.values.dtype == np.float64
    assert table.values.flags.c_contiguous


@pytest.mark.parametrize("reader", ["fast", "slow"])
@pytest.mark.parametrize(
    "marker",
    ["", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "null", "NULL", "None", "?", "-", "."],
)  # fmt: skip
def test_missing_markers(marker, reader, monkeypatch) -> None:
    if reader == "slow":
        slowly(monkeypatch)
    table = read(f"a,b\n1,{marker}\n{marker},2\n")
    np.testing.assert_array_equal(table.values, [[1, NAN], [NAN, 2]])


@pytest.mark.parametrize(
    ("text", "options", "names", "values"),
    [
        ("1,2\n3,4\n", {"header": True}, ("1", "2"), [[3, 4]]),
        ("1:2\n3::4\n"[:4], {"delimiter": ":"}, ("x1", "x2"), [[1, 2]]),
        ("1\t\t2\n", {"delimiter": "\\t"}, ("x1", "x2", "x3"), [[1, NAN, 2]]),
        ("1\t\t2\n", {"delimiter": "space"}, ("x1", "x2"), [[1, 2]]),
        ("1,5\n2,7\n", {}, ("x1", "x2"), [[1, 5], [2, 7]]),
        ("1,5\n2,7\n", {"decimal": ","}, ("x1",), [[1.5], [2.7]]),
        ('"1,5","2"\n', {"decimal": ","}, ("x1", "x2"), [[1.5, 2]]),
        ("a\tb\n1,234\t2,500\n", {"decimal": ","}, ("a", "b"), [[1.234, 2.5]]),
        ("1\t2\n", {"format": "tsv"}, ("x1", "x2"), [[1, 2]]),
    ],
)
def test_what_is_told_is_not_guessed(text, options, names, values) -> None:
    table = read(text, **options)
    assert table.names == names
    np.testing.assert_array_equal(table.values, values)


def test_long_quoted_names_do_not_shift_the_first_row() -> None:
    names = [f"line one\nline {i}" for i in range(5)]
    text = io.StringIO()
    write_columns(text, names, np.arange(10.0).reshape(2, 5))
    table = read("# top\n" + text.getvalue())
    assert table.names == tuple(f"line one line {i}" for i in range(5))
    np.testing.assert_array_equal(table.values, np.arange(10.0).reshape(2, 5))


def test_wide_rows_beyond_the_first_sample() -> None:
    values = np.random.default_rng(0).normal(size=(4, 20_000))
    text = io.StringIO()
    write_columns(text, [f"feature_{i}" for i in range(20_000)], values)
    table = read(text.getvalue())
    assert table.names[-1] == "feature_19999"
    np.testing.assert_array_equal(table.values, values)


# ---------------------------------------------------------------- round trips
@given(values=tables(min_side=1))
@example(values=np.array([[np.inf], [0.0], [0.0]]))  # inf is a word, and no unit
@example(values=np.array([[-np.inf, np.inf], [1.0, 2.0], [3.0, 4.0]]))
@pytest.mark.parametrize("extension", ["csv", "tsv", "csv.gz", "parquet", "feather", "npy"])
@settings(max_examples=40, deadline=None)
def test_every_float_comes_back(values, extension, tmp_path_factory) -> None:
    path = tmp_path_factory.getbasetemp() / f"round.{extension}"
    names = [f"name {i}" for i in range(values.shape[1])]
    write_table(path, names, values)
    table = read_table(path, line="row")
    assert same_bits(table.values, values)
    if extension != "npy":
        assert table.names == tuple(names)


@given(
    values=tables(min_side=2),
    delimiter=st.sampled_from([",", ";", "\t", "|", " "]),
    decimal=st.sampled_from([".", ","]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    header=st.booleans(),
    ending=st.sampled_from(["\n", "\r\n"]),
    told=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(max_examples=150, deadline=None)
def test_any_layout_reads_the_same(
    values, delimiter, decimal, quoting, header, ending, told, encoding
) -> None:
    values[0, :] = 0.5  # a digit behind the mark: otherwise there is nothing to tell it by
    names = tuple(f"c{i}" for i in range(values.shape[1]))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=ending)
    if header:
        writer.writerow(names)
    writer.writerows([repr(cell).replace(".", decimal) for cell in row] for row in values.tolist())
    ambiguous = decimal == delimiter == ","  # never guessed, so it must be told
    options = {"delimiter": delimiter, "decimal": decimal} if told or ambiguous else {}
    table = read(text.getvalue().encode(encoding), **options)
    assert same_bits(table.values, values)
    assert table.names == (names if header else tuple(f"x{i + 1}" for i in range(len(names))))


@given(
    cells=st.lists(
        ANY_FLOAT.map(repr) | st.integers().map(str) | st.text("0123456789.+-eE ", max_size=9),
        min_size=1,
    )
)
@settings(max_examples=150, deadline=None)
def test_both_readers_agree(cells) -> None:
    """Arrow and plain Python read the same numbers, or refuse the same file."""
    text = "a,b\n" + "".join(f"{cell},1\n" for cell in cells)
    outcomes = []
    for take_away in (False, True):
        with pytest.MonkeyPatch.context() as monkeypatch:
            if take_away:
                slowly(monkeypatch)
            try:
                outcomes.append(read(text).values)
            except DataError as error:
                outcomes.append(str(error))
    fast, slow = outcomes
    if isinstance(slow, str):
        assert fast == slow
    else:
        assert same_bits(fast, slow)


@pytest.mark.parametrize(
    "text",
    ["9007199254740993", "0.1", "1.7976931348623157e308", "5e-324", "2.2250738585072011e-308",
     "0.500000000000000166533453693773481063544750213623046875", "123456789012345678901234567890"],
)  # fmt: skip
def test_numbers_are_rounded_as_python_does(text) -> None:
    assert read(f"a,b\n{text},1\n").values[0, 0] == float(text)


# --------------------------------------------------------------- columns chosen
def test_only_chosen_columns_are_checked() -> None:
    text = "id,a,b\nx,1,2\ny,3,4\n"
    table = read(text, columns=["b", "2"])
    assert table.names == ("b", "a")
    np.testing.assert_array_equal(table.values, [[2, 1], [4, 3]])


def test_a_name_that_is_a_number_is_a_name_first() -> None:
    table = read("2,1,z\n5,6,7\n", header=True, columns=["1", "3"])
    assert table.names == ("1", "z")
    np.testing.assert_array_equal(table.values, [[6, 7]])


def test_repeated_names_can_be_told_apart_by_position() -> None:
    text = "a,b,a\n1,2,3\n"
    error = refused(text)
    assert "'a' as columns 1, 3" in error.got
    assert "--columns 1,2" in advised(error)
    assert "ambiguous" in refused(text, columns=["a"]).what
    np.testing.assert_array_equal(read(text, columns=["3", "b"]).values, [[3, 2]])


def test_an_unknown_column_is_answered_with_close_ones() -> None:
    error = refused("alpha,beta\n1,2\n", columns=["Alhpa"])
    assert "'Alhpa'" in error.what
    assert "'alpha', 'beta'" in error.wanted
    assert advised(error) == "Did you mean 'alpha'?"
    assert "0" in refused("a,b\n1,2\n", columns=["0"]).what


@pytest.mark.parametrize("columns", [[], ["a", "a"], ["a", "1"], "a,b"])
def test_a_choice_without_sense(columns) -> None:
    with pytest.raises(DataError, match="column"):
        read("a,b\n1,2\n", columns=columns)


def test_table_selects() -> None:
    table = Table(np.arange(6.0).reshape(2, 3), ("a", "b", "c"))
    chosen = table.select(["c", "1"])
    assert chosen.names == ("c", "a")
    assert chosen.values.flags.c_contiguous
    np.testing.assert_array_equal(chosen.values, [[2, 0], [5, 3]])
    with pytest.raises(DataError, match="one name for each column"):
        Table(np.zeros((2, 3)), ("a",))


# ---------------------------------------------------------------- faults of text
number = st.from_regex(r"-?[1-9]?[0-9](\.[0-9]{1,2})?", fullmatch=True)
grids = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(number, min_size=width, max_size=width), min_size=1)
)


@given(rows=grids, delimiter=st.sampled_from([",", ";", "\t", " "]))
@settings(deadline=None)
def test_numbers_are_read_as_they_are_written(rows, delimiter) -> None:
    table = read("\n".join(delimiter.join(row) for row in rows))
    np.testing.assert_array_equal(table.values, np.array(rows, float))


@given(
    text=st.text('ab019.,;|-+eE\t" #\n\r', max_size=60).map(str.encode)
    | st.binary(max_size=60)
    | st.tuples(
        st.sampled_from([b"PAR1", b"ARROW1\0\0", b"\x93NUMPY", b"\x1f\x8b\x08", b"\xff\xfe"]),
        st.binary(max_size=60),
    ).map(b"".join),
    options=st.fixed_dictionaries(
        {},
        optional={
            "header": st.booleans(),
            "delimiter": st.sampled_from([",", ";", "tab", "space"]),
            "decimal": st.sampled_from([".", ","]),
        },
    ),
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_a_table_or_one_clear_error(text, options) -> None:
    try:
        table = read(text, **options)
    except DataError as error:
        assert error.what  # noqa: PT017
    else:
        assert table.values.ndim == 2
        assert table.values.shape[1] == len(table.names)
        assert len(table.values) >= 1


def test_columns_that_are_not_numeric_are_all_named() -> None:
    error = refused('id,a,"b c","d, e"\nu1,1,2,3\nu2,x,4,5\n')
    assert "2 columns" in error.what
    assert "'id' ('u1' in line 2); 'a' ('x' in line 3)" in error.got
    assert "--columns 'b c,4'" in advised(error)
    assert str(error).startswith("the stream: 2 columns are not numeric: got 'id'")


def test_a_typing_error_in_the_first_row_is_no_header() -> None:
    error = refused("1O.5,2\n3,4\n5,6\n")
    assert "'x1' ('1O.5' in line 1)" in error.got


def test_a_late_fault_is_found_with_its_line() -> None:
    text = "# top\na,b\n" + "1,2\n" * 30_000 + "3,oops\n" + "1,2\n" * 10
    assert "'b' ('oops' in line 30003)" in refused(text).got


def test_thousands_separators_are_not_guessed() -> None:
    error = refused('a,b\n"1,234",5\n"2,500",6\n')
    assert "'a' ('1,234' in line 2)" in error.got
    assert "'1,234' may be 1234 or 1.234" in advised(error)
    assert "--thousands ',' or --decimal ','" in advised(refused("a\tb\n1,234\t2,500\n"))
    assert "1_000" in refused("a,b\n1_000,2\n3,4\n").got
    assert "'true'" in refused("a,b\ntrue,2\n").got


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_ragged_rows(ending) -> None:
    error = refused(ending.join(["a,b", '1,"2', '"', "3,4,5", "6,7", ""]))
    assert error.where == "the stream, line 4"
    assert error.got == "3 fields"
    assert "2 fields" in error.wanted
    assert "'a b'" not in str(error)
    assert refused("1,2\n3\n").got == "1 field"


def test_row_names_of_r_are_recognised() -> None:
    error = refused('"a" "b"\n"1" 5.1 3.5\n"2" 4.9 3.0\n')
    assert error.got == "3 fields"
    assert "row names" in advised(error)


def packed(content: bytes) -> bytes:
    """The same at any time: it is part of the names of tests."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    ("text", "what", "got"),
    [
        (b"", "empty", "0 bytes"),
        (packed(b""), "empty", "0 bytes"),
        (b"# only\n\n# words\n", "no rows", "comment"),
        (b"a,b,c\n", "no rows", "header"),
        (b"a,b,c", "no rows", "header"),
        (b"\x00\x01\x02\x03", "not text", "byte 0"),
        ("a,b\n1,2\n".encode("utf-16-le"), "not text", "byte 0"),
        (b"\xff\xfea\x00\x00\xd8", "UTF-16", "utf-16"),
        (b"PK\x03\x04 rest", "not a table", "xlsx"),
        (pickle.dumps([1.0], protocol=4), "not a table", "pickle"),
        (packed(packed(b"1,2\n")), "not a table", "gzip file inside"),
        (packed(b"1,2\n" * 9000)[:-12], "cut short", ""),
        (packed(b"1,2\n")[:12] + b"nonsense", "cut short", ""),
        (b'a,b\n1,"' + b"x" * 200_000, "cannot be split", "field"),
    ],
)
def test_bytes_that_are_no_table(text, what, got) -> None:
    error = refused(text)
    assert what in str(error)
    assert got in error.got


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"delimiter": "::"}, "delimiter"),
        ({"delimiter": '"'}, "delimiter"),
        ({"decimal": "'"}, "decimal"),
        ({"format": "xml"}, "format"),
        ({"format": "parquet"}, "not in parquet format"),
        ({"dtype": np.int64}, "dtype"),
    ],
)
def test_options_without_meaning(options, what) -> None:
    assert what in refused("a,b\n1,2\n", **options).what


# -------------------------------------------------------------------- the places
def test_files_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "iris.csv").write_text("1,2\n")
    for path, words in [
        (tmp_path / "irsi.csv", "Did you mean"),
        (tmp_path / "nowhere" / "iris.csv", "no directory"),
        (tmp_path / "iris.csv" / "x", "no such file"),
        (tmp_path, "directory"),
    ]:
        with pytest.raises(DataError, match=words):
            read_table(path)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind root"
)
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("1,2\n")
    path.chmod(0)
    with pytest.raises(DataError, match="permission denied"):
        read_table(path)


def test_a_refused_permission_is_explained(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("1,2\n")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match="permission denied"):
        read_table(path)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", ["csv", "parquet", "feather", "npy"])
def test_standard_input(form, packed, tmp_path, monkeypatch) -> None:
    path = tmp_path / f"table.{form}"
    write_table(path, ["x1", "x2"], np.array([[1.0, 2.5], [NAN, 4.0]]))
    body = gzip.compress(path.read_bytes(), mtime=0) if packed else path.read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))
    table = read_table("-")
    assert table.names == ("x1", "x2")
    np.testing.assert_array_equal(table.values, [[1, 2.5], [NAN, 4]])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"a,b\n1,2\n",))
    writer.start()
    table = read_table(pipe)
    writer.join()
    assert table.names == ("a", "b")


def test_the_extension_is_a_hint_and_the_bytes_decide(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with path.open("wb") as stream:
        write_table(stream, ["a"], [[1.5]], format="parquet")
    assert read_table(path).names == ("a",)
    text = tmp_path / "table.parquet"
    text.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="format='csv'") as caught:
        read_table(text)
    assert "--format csv" in advised(caught.value)
    assert read_table(text, format="csv").names == ("a", "b")
    tabs = tmp_path / "odd.tsv"
    tabs.write_text("a,b\tc,d\n1,2\t3,4\nu,v\tw,z\n")  # two explanations, equally good
    with pytest.raises(DataError, match="'a,b'"):
        read_table(tabs)


# ------------------------------------------------------------- columnar formats
def columnar(table, form: str) -> bytes:
    sink = io.BytesIO()
    if form == "parquet":
        parquet.write_table(table, sink, row_group_size=2)
    elif form == "feather":
        feather.write_feather(table, sink, compression="uncompressed", chunksize=2)
    else:
        with ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize("form", ["parquet", "feather", "stream"])
def test_every_numeric_type_of_arrow(form) -> None:
    from decimal import Decimal

    table = pa.table(
        {
            "i8": pa.array([1, None, -3], pa.int8()),
            "u64": pa.array([2**53, 1, 2], pa.uint64()),
            "f16": pa.array([np.float16(0.5), None, np.float16(2)], pa.float16()),
            "f32": pa.array([0.5, None, 2], pa.float32()),
            "flag": pa.array([True, False, None]),
            "money": pa.array([Decimal("0.1"), None, Decimal("12345678901234567.89")]),
            "none": pa.nulls(3),
            "coded": pa.array([1.5, 2.5, None]).dictionary_encode(),
        }
    )
    read_back = read(columnar(table, form))
    assert read_back.names == tuple(table.column_names)
    np.testing.assert_array_equal(
        read_back.values,
        [
            [1, 2**53, 0.5, 0.5, 1, 0.1, NAN, 1.5],
            [NAN, 1, NAN, NAN, 0, NAN, NAN, 2.5],
            [-3, 2, 2, 2, NAN, 12345678901234567.89, NAN, NAN],
        ],
    )


@pytest.mark.parametrize("form", ["parquet", "feather", "stream"])
def test_other_types_of_arrow_are_named(form) -> None:
    table = pa.table(
        {"a": [1.0, 2.0], "s": [None, "word"], "t": [pa.scalar(0, pa.timestamp("s"))] * 2,
         "n": [[1], [2]], "b": [1, 2]}
    )  # fmt: skip
    body = columnar(table, form)
    error = refused(body)
    assert "3 columns" in error.what
    assert "'s' (string with 'word' in row 2)" in error.got
    assert "'t' (timestamp[" in error.got
    assert "'n' (list" in error.got
    assert advised(error).endswith("--columns a,b")
    np.testing.assert_array_equal(read(body, columns=["b", "a"]).values, [[1, 1], [2, 2]])


def test_repeated_names_of_arrow() -> None:
    table = pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], names=["a", "a"])
    for form in ("parquet", "feather"):
        body = columnar(table, form)
        assert "repeated" in refused(body).what
        assert read(body, columns=["2"]).values[0, 0] == 2


def test_the_index_of_pandas_is_no_feature() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1.0, 2.0]}, index=[7, 5])
    for named in (frame, frame.rename_axis("key")):
        sink = io.BytesIO()
        named.to_parquet(sink)
        assert read(sink.getvalue()).names == ("a",)
    np.testing.assert_array_equal(read(sink.getvalue(), columns=["key"]).values, [[7], [5]])


@pytest.mark.parametrize("form", ["parquet", "feather", "stream"])
def test_damaged_columnar_files(form, tmp_path: Path) -> None:
    body = columnar(pa.table({"a": np.arange(1000.0)}), form)
    for kept in (len(body) // 2, len(body) - 9 if form != "stream" else 300, 12):
        path = tmp_path / "cut"
        path.write_bytes(body[:kept])
        with pytest.raises(DataError, match="cut short or damaged"):
            read_table(path)
    assert "no rows" in refused(columnar(pa.table({"a": pa.array([], pa.float64())}), form)).what


def test_columnar_files_without_pyarrow(monkeypatch) -> None:
    body = columnar(pa.table({"a": [1.0]}), "parquet")
    slowly(monkeypatch)
    assert 'pip install "bactrian[cli]"' in advised(refused(body))
    with pytest.raises(DataError, match="pip install"):
        write_table(io.BytesIO(), ["a"], [[1.0]], format="parquet")


def npy(array: object) -> bytes:
    sink = io.BytesIO()
    np.save(sink, array, allow_pickle=True)
    return sink.getvalue()


def test_npy() -> None:
    grid = np.asfortranarray(np.arange(6).reshape(3, 2))
    table = read(npy(grid), dtype=np.float32)
    assert table.values.dtype == np.float32
    assert table.values.flags.c_contiguous
    np.testing.assert_array_equal(table.values, grid)
    assert read(npy(np.arange(3.0))).values.shape == (3, 1)
    np.testing.assert_array_equal(read(npy(grid), columns=["x2"]).values, grid[:, 1:])


@pytest.mark.parametrize(
    "body",
    [
        npy(np.array([{"a": 1}], dtype=object)),
        npy(np.zeros((2, 2, 2))),
        npy(np.array(1.0)),
        npy(np.array(["a"])),
        npy(np.array([1j])),
        npy(np.zeros((0, 2))),
        npy(np.zeros(2, dtype=[("a", float)])),
        npy(np.arange(100.0))[:-50],
        npy(np.arange(100.0))[:20],
        b"\x93NUMPY\x09\x09",
    ],
)
def test_npy_that_is_no_table(body) -> None:
    assert ".npy" in refused(body).what or "array" in refused(body).what


def test_float32_is_the_rounded_float64() -> None:
    for body in (b"a,b\n0.1,2\n", columnar(pa.table({"a": [0.1], "b": [2.0]}), "parquet")):
        table = read(body, dtype=np.float32)
        assert table.values.dtype == np.float32
        assert table.values[0, 0] == np.float32(0.1)


# ----------------------------------------------------------------------- writing
def test_cells_as_written() -> None:
    text = io.StringIO()
    write_columns(
        text,
        ["f", "single", "n", "flag", "word"],
        [
            np.array([0.1, NAN, np.inf]),
            np.array([0.1, 1e20, -0.0], np.float32),
            np.array([1, 2**62, -3]),
            np.array([True, False, True]),
            np.array(["a,b", 'q"', ""], dtype=object),
        ],
    )
    assert text.getvalue() == (
        'f,single,n,flag,word\n0.1,0.1,1,1,"a,b"\n'
        'nan,1e+20,4611686018427387904,0,"q"""\ninf,-0.0,-3,1,\n'
    )


def test_a_name_like_a_comment_is_read_back() -> None:
    text = io.StringIO()
    write_columns(text, ["#a", "b"], [[1.0], [2.0]])
    assert read(text.getvalue()).names == ("#a", "b")


def test_standard_output(capsys) -> None:
    write_table("-", ["a", "b"], [[1, 2], [0.5, 1.5]])
    assert capsys.readouterr().out == "a,b\n1,0.5\n2,1.5\n"


def test_streams_stay_open() -> None:
    binary = io.BytesIO()
    write_table(binary, ["a"], [[1.0]])
    assert binary.getvalue() == b"a\n1.0\n"
    with pytest.raises(DataError, match="not text"):
        write_table(io.StringIO(), ["a"], [[1.0]], format="parquet")


@pytest.mark.parametrize(
    ("names", "columns"), [(["a"], [[1.0], [2.0]]), (["a", "b"], [[1.0], [2.0, 3.0]]), ([], [])]
)
def test_columns_that_make_no_table(names, columns) -> None:
    with pytest.raises(DataError, match="do not make a table"):
        write_table(io.StringIO(), names, columns)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("precious")
    path.chmod(0o640)

    class Explosive:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    with pytest.raises(RuntimeError, match="no text"):
        write_table(path, ["a"], [np.array([Explosive()], dtype=object)])
    assert path.read_text() == "precious"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.csv"]
    write_table(path, ["a"], [[1.0]])
    assert path.read_text() == "a\n1.0\n"
    assert path.stat().st_mode & 0o777 == 0o640
    link = tmp_path / "link.csv"
    link.symlink_to(path)
    write_table(link, ["b"], [[2.0]])
    assert link.is_symlink()
    assert path.read_text() == "b\n2.0\n"


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no directory"):
        write_table(tmp_path / "nowhere" / "out.csv", ["a"], [[1.0]])
    with pytest.raises(DataError, match="cannot be written"):
        write_table(tmp_path, ["a"], [[1.0]])
    with pytest.raises(DataError, match="does not name a format"):
        write_table(tmp_path / "out.xlsx", ["a"], [[1.0]])
    with pytest.raises(DataError, match="no such format"):
        write_table(tmp_path / "out", ["a"], [[1.0]], format="xlsx")
    assert not list(tmp_path.iterdir())


def test_packing_is_reproducible(tmp_path: Path) -> None:
    bodies = []
    for name in ("one.csv.gz", "two.csv.gz"):
        write_table(tmp_path / name, ["a"], [[1.0]])
        bodies.append((tmp_path / name).read_bytes())
    assert bodies[0] == bodies[1]
    assert gzip.decompress(bodies[0]) == b"a\n1.0\n"


def test_the_error_travels_between_processes() -> None:
    error = refused("a,b\n1,2,3\n")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert copy.__dict__ == error.__dict__


def bits(n: int) -> np.ndarray:
    """Floats of all sizes, most of which take 17 digits."""
    rng = np.random.default_rng(3)
    return np.concatenate(
        [
            rng.integers(0, 2**64, n, dtype=np.uint64).view(np.float64),
            rng.choice([-1, 1], n) * 10.0 ** rng.uniform(-12, 18, n),
            rng.normal(size=n),
            np.round(rng.normal(size=n), 3) * 100,
            10.0 ** np.arange(-330, 309),
            [0.0, -0.0, 1.0, np.nan, np.inf, -np.inf, 5e-324, 1e-10, 1e-4, 1e9, 1e10, 1e16],
            np.nextafter([1e-10, 1e-4, 1e-5, 1e9, 1e10, 1e16, 1.0], 0),
        ]
    )


def test_many_rows_are_written_in_the_same_words(monkeypatch):
    floats = bits(20_000)
    whole = np.arange(len(floats)) - 100
    columns = [whole, floats, whole % 2 == 0, floats[::-1], whole.astype(np.uint8)]
    names = list("abcde")
    for delimiter in (",", "\t"):
        quick, plain = io.StringIO(), io.StringIO()
        write_columns(quick, names, columns, delimiter=delimiter)
        with monkeypatch.context() as patch:
            patch.setattr("bactrian.tables.write.can_spell", lambda *_: False)
            write_columns(plain, names, columns, delimiter=delimiter)
        assert quick.getvalue() == plain.getvalue()


def test_few_rows_and_words_are_not_left_to_arrow():
    numbers = np.arange(10_000.0)
    assert can_spell([numbers], ",")
    assert not can_spell([numbers[:10]], ",")
    assert not can_spell([numbers.astype(str)], ",")
    assert not can_spell([numbers.astype(np.float32)], ",")  # its digits are fewer
    assert not can_spell([numbers], ".")
