"""Which columns become features, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import invoke


def names_and_notes(*args: object, stdin: str | None = None) -> tuple[list[str], str]:
    result = invoke("fit", *args, "-k", 1, "--json", stdin=stdin)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["model"]["feature_names"], result.stderr


def numbered(name: str, first: int) -> str:
    header, *rows = Path("faithful.csv").read_text().splitlines()
    lines = [f"{name},{header}", *(f"{first + i},{row}" for i, row in enumerate(rows))]
    return "\n".join(lines)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("name", ["", '""', "Unnamed: 0"])
def test_row_numbers_without_a_name_are_left_out(name, first):
    names, notes = names_and_notes("-", stdin=numbered(name, first))
    assert names == ["eruptions", "waiting"]
    assert f"counts the rows from {first} and is left out" in notes
    assert "--columns 1" in notes


def test_row_numbers_can_be_asked_for():
    names, notes = names_and_notes("-", "--columns", "1,3", stdin=numbered("", 1))
    assert (names, notes) == (["column_1", "waiting"], "")


@pytest.mark.parametrize("name", ["index", "rownames"])
def test_row_numbers_with_a_name_stay_with_a_note(name):
    text = numbered(name, 0)
    names, notes = names_and_notes("-", stdin=text)
    assert names == [name, "eruptions", "waiting"]
    assert f"if it is no measurement, leave it out: --exclude {name}" in notes
    names, notes = names_and_notes("-", "--exclude", name, stdin=text)
    assert (names, notes) == (["eruptions", "waiting"], "")


def test_other_numbers_without_a_name_stay_with_a_note():
    names, notes = names_and_notes("-", stdin=",a\n3,1\n5,2\n9,4\n")
    assert names == ["column_1", "a"]
    assert "has no name and is used as 'column_1'" in notes
    assert "--exclude column_1" in notes


def test_select_says_it_and_quiet_does_not():
    Path("r.csv").write_text(numbered("", 1))
    said = invoke("select", "r.csv", "-k", "1:2", "--covariance", "tied")
    assert said.exit_code == 0
    assert said.stderr.startswith("r.csv: the first column, without a name, counts the rows")
    assert "272 rows, 2 columns" in said.stdout
    assert invoke("fit", "r.csv", "-k", 1, "--quiet").stderr == ""


def test_weights_by_position_are_those_of_the_file():
    lines = numbered("", 1).splitlines()
    text = "\n".join([f"{lines[0]},w", *(f"{line},{i % 3}" for i, line in enumerate(lines[1:]))])
    by_name = invoke("fit", "-", "-k", 1, "--weights-column", "w", "--json", stdin=text)
    by_position = invoke("fit", "-", "-k", 1, "--weights-column", 4, "--json", stdin=text)
    documents = [json.loads(result.stdout) for result in (by_name, by_position)]
    assert documents[0]["model"] == documents[1]["model"]
    assert documents[0]["data"]["weight"] == sum(i % 3 for i in range(272))
    assert documents[0]["model"]["feature_names"] == ["eruptions", "waiting"]


def test_a_header_of_years_is_pointed_out():
    years = "2019,2020\n1.5,2\n2.5,7\n3,4\n"
    names, notes = names_and_notes("-", stdin=years)
    assert names == ["x1", "x2"]
    assert notes == (
        "standard input: no header found: columns are named x1, x2; "
        "if the first line holds names, say so: --header\n"
    )
    assert names_and_notes("-", "--header", stdin=years) == (["2019", "2020"], "")
    assert names_and_notes("-", "--no-header", stdin=years) == (["x1", "x2"], "")


def test_rows_of_a_model_without_a_header_are_pointed_out_too(model):
    result = invoke("predict", model, "-", stdin="3.6,79\n1.8,54\n")
    assert len(result.stdout.splitlines()) == 3
    assert "no header found" in result.stderr


@pytest.mark.parametrize("header", ["a,b,", "a,b,,"])
def test_delimiters_at_line_ends_make_no_column(header):
    end = "," * (header.count(",") - 1)
    text = "\n".join([header, *(f"{row}{end}" for row in ("1,2", "3,5", "4,4"))])
    assert names_and_notes("-", stdin=text) == (["a", "b"], "")


def test_a_last_column_with_one_value_is_a_column():
    args = ("fit", "-", "-k", 1, "--missing", "error")
    result = invoke(*args, stdin="a,b,\n1,2,\n3,5,7\n4,4,\n")
    assert result.exit_code == 1
    assert "row 1 of the data, column 'column_3': a value is missing" in result.stderr


@pytest.mark.parametrize("command", ["fit", "select"])
def test_excluded_columns_need_not_be_numbers(command):
    text = "a,word,b\n1,x,5\n2,y,3\n4,z,4\n7,x,1\n"
    for which in ("word", "2"):
        result = invoke(command, "-", "-k", 1, "--exclude", which, "--json", stdin=text)
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["model"]["feature_names"] == ["a", "b"]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--exclude", "waiting", "--columns", "eruptions"), 2, "do not go together"),
        (("--exclude", "waiting", "--start", "model.json"), 2, "does not go with --start"),
        (("--exclude", "a,"), 2, "has an empty name"),
        (("--exclude", "wating"), 1, "Did you mean 'waiting'"),
        (("--exclude", "1,2"), 1, "there is no column left"),
        (("--exclude", "1", "--weights-column", "2"), 1, "no column besides the weights"),
    ],
)
def test_exclusions_that_make_no_sense(options, code, words, model):
    result = invoke("fit", "faithful.csv", "-k", 2, *options)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert result.stdout == ""
