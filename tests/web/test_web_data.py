"""Tables that are typed or sent as files: what is kept, left out, refused."""

from __future__ import annotations

import gzip
import io
import struct

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather, parquet
from serving import BYTES, SIX, groups


def refused(client, table=None, content=None, **query) -> dict:
    if content is None:
        answer = client.post("datasets", json=table)
    else:
        answer = client.post("datasets", params=query, content=content, headers=BYTES)
    assert answer.status_code == 422, answer.text
    return answer.json()


def table(*rows, columns=("a", "b")) -> dict:
    return {"name": "t", "columns": list(columns), "rows": [list(row) for row in rows]}


def test_a_typed_table_is_described(client):
    told = client.data(SIX)
    X = np.array(SIX["rows"])
    assert (told["name"], told["n_rows"], told["left_out"]) == ("six", 6, [])
    for j, column in enumerate(told["columns"]):
        assert column["name"] == SIX["columns"][j]
        assert column["mean"] == pytest.approx(X[:, j].mean())
        assert column["standard_deviation"] == pytest.approx(X[:, j].std())
        assert (column["minimum"], column["maximum"]) == (X[:, j].min(), X[:, j].max())
    assert client.get(f"datasets/{told['id']}").json() == told


def test_cells_are_read_as_in_a_file(client):
    told = client.data(table([" 1.5 ", "NA"], ["2e3", None], [-3, ""], ["4", "7"]))
    rows = client.get(f"datasets/{told['id']}/rows").json()
    assert rows["rows"] == [[1.5, None], [2000.0, None], [-3.0, None], [4.0, 7.0]]
    assert [column["n_missing"] for column in told["columns"]] == [0, 3]


def test_bad_cells_are_listed_as_they_were_typed(client):
    problem = refused(client, table([1, 2], ["1O", 3], [4, 5], [6, "x y"], [7, 8]))
    assert problem["field"] == "dataset"
    assert problem["cells"] == [
        {"row": 2, "column": 1, "got": "1O"},
        {"row": 4, "column": 2, "got": "x y"},
    ]
    assert problem["message"].startswith("2 cells are not numbers")


def test_no_more_than_fifty_bad_cells_are_listed_and_all_are_counted(client):
    rows = [[i, "bad" if i < 60 else i] for i in range(150)]
    problem = refused(client, table(*rows))
    assert len(problem["cells"]) == 50
    assert problem["got"] == "60 cells"


def test_a_decimal_comma_is_recognised_as_the_fault(client):
    problem = refused(client, table(["1,5", 1], [2, 2], [3, 3]))
    assert problem["remedy"] == "Write the decimal mark as a point."


def test_marks_between_thousands_are_read_where_a_column_leaves_no_doubt(client):
    told = client.data(table(["1,063.35", 1], ["2,100", 2], [" 7 ", "3"]))
    rows = client.get(f"datasets/{told['id']}/rows").json()["rows"]
    assert rows == [[1063.35, 1.0], [2100.0, 2.0], [7.0, 3.0]]
    problem = refused(client, table(["1,204", 1], ["2,310", 2]))
    assert problem["cells"][0] == {"row": 1, "column": 1, "got": "1,204"}
    assert problem["remedy"].startswith("Write the numbers without marks between thousands")


def test_ragged_rows_are_named(client):
    problem = refused(client, table([1, 2], [3], [4, 5, 6]))
    assert problem["code"] == "ragged"
    assert "row 2 has 1, row 3 has 3" in problem["message"]


@pytest.mark.parametrize(
    ("made", "field"),
    [
        (table(), "dataset"),
        (table([1, 2], columns=("a", "a")), "columns"),
        (table([1, "inf"], [2, 3], [4, 5]), "dataset"),
    ],
)
def test_what_is_no_table_is_refused(client, made, field):
    assert refused(client, made)["field"] == field


def test_columns_of_words_are_left_out_and_said_so(client):
    rows = [[1, "setosa", 2], [3, "setosa", 4], [5, None, 6]]
    told = client.data(table(*rows, columns=("a", "species", "b")))
    assert [column["name"] for column in told["columns"]] == ["a", "b"]
    (left,) = told["left_out"]
    assert left["name"] == "species"
    assert "setosa" in left["reason"]


def test_a_table_of_words_alone_is_refused(client):
    problem = refused(client, table(["a", "b"], ["c", "d"]))
    assert len(problem["cells"]) == 4


X = np.array([[1.5, 2.0], [np.nan, 4.0], [5.0, -6.25]])


def as_bytes(form: str) -> bytes:
    file = io.BytesIO()
    arrays = {"a": X[:, 0], "b": X[:, 1]}
    if form == "npy":
        np.save(file, X)
    elif form == "parquet":
        parquet.write_table(pa.table(arrays), file)
    elif form == "feather":
        feather.write_feather(pa.table(arrays), file)
    else:
        mark = "\t" if form == "tsv" else ","
        lines = [["a", "b"], ["1.5", "2.0"], ["", "4.0"], ["5.0", "-6.25"]]
        file.write("\n".join(mark.join(line) for line in lines).encode())
    return file.getvalue()


@pytest.mark.parametrize("form", ["csv", "tsv", "parquet", "feather", "npy"])
@pytest.mark.parametrize("packed", [False, True])
def test_files_of_all_formats_come_out_the_same(client, form, packed):
    content = as_bytes(form)
    name = f"data.{form}"
    told = client.file(gzip.compress(content) if packed else content, name)
    rows = client.get(f"datasets/{told['id']}/rows").json()
    assert rows["rows"] == [[1.5, 2.0], [None, 4.0], [5.0, -6.25]]
    assert rows["columns"] == (["x1", "x2"] if form == "npy" else ["a", "b"])
    assert told["name"] == name


def test_a_file_of_another_layout_is_read_as_told(client):
    told = client.file(b"1,5;2\n3,5;4\n", "x.csv", delimiter=";", decimal=",", header="no")
    assert client.get(f"datasets/{told['id']}/rows").json()["rows"] == [[1.5, 2.0], [3.5, 4.0]]


def test_thousands_in_a_file_are_read_as_they_seem_or_as_told(client):
    told = client.file(b"value;orders\n1.063,35;12\n980,10;7\n", "x.csv")
    assert client.get(f"datasets/{told['id']}/rows").json()["rows"] == [[1063.35, 12], [980.1, 7]]
    (note,) = told["notes"]
    assert note.startswith("points separate the thousands of 'value'")
    assert note.endswith("say so: nothing is between thousands")
    (note,) = client.file(b"visits;orders\n1,204;12\n980;7\n", "x.csv")["notes"]
    assert note.endswith("if they separate thousands, say so: ',' is between thousands")
    doubtful = b"visits\torders\n1,204\t12\n980\t7\n"
    problem = refused(client, content=doubtful, name="visits.txt")
    for part in ("visits.txt", "'visits' ('1,204' in line 2)"):
        assert part in problem["message"]
    assert "may be 1204 or 1.204" in problem["remedy"]
    assert "Say ',' is between thousands or ',' is the decimal mark" in problem["remedy"]
    told = client.file(doubtful, "visits.txt", thousands=",")
    assert client.get(f"datasets/{told['id']}/rows").json()["rows"] == [[1204, 12], [980, 7]]


def test_words_in_a_file_are_left_out_but_a_bad_cell_is_an_error(client):
    good = "id,a,note\n" + "".join(f"r{i},{i},n\n" for i in range(2000))
    told = client.file(good.encode(), "long.csv")
    assert [column["name"] for column in told["columns"]] == ["a"]
    assert [left["name"] for left in told["left_out"]] == ["id", "note"]
    bad = good.replace("r1500,1500,", "r1500,15OO,")
    problem = refused(client, content=bad.encode(), name="long.csv")
    assert problem["field"] == "file"
    for part in ("long.csv", "'a'", "15OO", "line 1502"):
        assert part in problem["message"]


def test_words_in_a_parquet_file_are_left_out(client):
    file = io.BytesIO()
    parquet.write_table(pa.table({"a": [1, 2], "word": ["x", "y"]}), file)
    told = client.file(file.getvalue(), "t.parquet")
    assert [column["name"] for column in told["columns"]] == ["a"]
    assert [left["name"] for left in told["left_out"]] == ["word"]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "empty.csv", "empty"),
        (b"a,b\n1,2\n3\n", "ragged.csv", "line 3"),
        (b"a,b\nx,y\n", "words.csv", "no column of numbers"),
        (b"PK\x03\x04 and so on", "book.xlsx", "zip"),
        (b"\x80\x04\x95 a pickle", "evil.npy", "pickle"),
        (b"a\n1\ninf\n2\n3\n", "infinite.csv", "row 2 of the data"),
        (b"\x1f\x8bbroken", "b.csv.gz", "damaged"),
    ],
)
def test_files_that_are_no_tables_are_refused_by_name(client, content, name, words):
    problem = refused(client, content=content, name=name)
    assert words in f"{problem['message']} {problem['remedy']}"
    assert name in problem["message"]
    assert "/tmp" not in str(problem)
    assert "--" not in str(problem)


def test_pickled_objects_are_never_opened(client):
    file = io.BytesIO()
    np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    problem = refused(client, content=file.getvalue(), name="objects.npy")
    assert "pickled objects are never opened" in problem["message"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\data.csv", "data.csv"),
        ("..", "table"),
        ("a\x00b\n.csv", "ab.csv"),
        ("", "table"),
    ],
)
def test_a_file_name_is_a_label_and_never_a_path(client, given, shown):
    assert client.file(b"a\n1\n2\n", given)["name"] == shown


def test_points_are_all_rows_or_a_sample_that_says_so(client):
    values = groups(5000, d=3)
    told = client.array(values)
    path = f"datasets/{told['id']}/points"
    answer = client.get(path, params={"column": ["x3", "x1"], "limit": 10_000})
    numbers = np.frombuffer(answer.content, "<f8").reshape(-1, 3)
    assert answer.headers["X-Bactrian-Rows"] == "5000"
    np.testing.assert_array_equal(numbers[:, 0], np.arange(1, 5001))
    np.testing.assert_array_equal(numbers[:, 1:], values[:, [2, 0]])
    some = client.get(path, params={"column": "x1", "limit": 1000})
    assert client.get(path, params={"column": "x1", "limit": 1000}).content == some.content
    assert some.headers["X-Bactrian-Rows"] == "5000"
    drawn = np.frombuffer(some.content, "<f8").reshape(-1, 2)
    assert len(drawn) == 1000
    assert (np.diff(drawn[:, 0]) > 0).all()
    np.testing.assert_array_equal(values[drawn[:, 0].astype(int) - 1, 0], drawn[:, 1])


def test_a_missing_value_is_nan_among_the_points(client):
    told = client.data(table([1, None], [2, 3]))
    content = client.get(f"datasets/{told['id']}/points", params={"column": "b"}).content
    assert struct.unpack("<4d", content)[0::2] == (1.0, 2.0)
    assert np.isnan(struct.unpack("<4d", content)[1])


def test_rows_are_given_in_pages(client):
    told = client.array(np.arange(10.0)[:, None])
    rows = client.get(f"datasets/{told['id']}/rows", params={"offset": 7, "limit": 2}).json()
    assert (rows["first"], rows["n_rows"], rows["rows"]) == (8, 10, [[7.0], [8.0]])


def test_a_data_set_can_be_forgotten(client):
    told = client.data(SIX)
    assert client.delete(f"datasets/{told['id']}").status_code == 204
    assert client.get(f"datasets/{told['id']}").status_code == 404
    problem = client.post("fits", json={"dataset": told["id"]}).json()
    assert (problem["code"], problem["field"]) == ("not_found", "dataset")


def test_examples_have_what_they_promise(client):
    for told in client.get("examples").json():
        found = client.get(f"examples/{told['id']}").json()
        assert {**found, "rows": None} == {**told, "rows": None}
        assert len(found["rows"]) == told["n_rows"]
        assert {len(row) for row in found["rows"]} == {len(told["columns"])}
        assert set(told["chosen"]) <= set(told["columns"])
        assert told["story"].endswith((".", "?"))


def test_examples_of_the_documents_are_those():
    from bactrian.web.examples import BY_ID

    assert BY_ID["sample"].make() == SIX["rows"]
    assert BY_ID["customers"].make() == [
        [150, 2], [30, 10], [160, 3], [25, 12], [140, 1], [35, 8]
    ]  # fmt: skip
    values = np.array(BY_ID["two-normals"].make())[:, 0]
    assert len(values) == 800
    assert BY_ID["iris"].chosen == ("sepal length", "sepal width")
