"""Files that are larger than the memory for them."""

from __future__ import annotations

import gzip
import json
import os

import pytest
from running import invoke

from bactrian.tables import scan

pytest.importorskip("pyarrow")


@pytest.fixture
def parts(folder):
    """Old Faithful in three files of a directory."""
    head, *lines = (folder / "faithful.csv").read_text().splitlines()
    (folder / "parts").mkdir()
    for number, some in enumerate((lines[:100], lines[100:101], lines[101:])):
        (folder / "parts" / f"{number}.csv").write_text("\n".join([head, *some]) + "\n")
    return "parts"


@pytest.fixture
def little_memory(monkeypatch):
    """A budget that faithful.csv is larger than."""
    monkeypatch.setattr(scan, "LEAST_BUDGET", 1)
    return ("--memory-budget", "1kB")


def told(*arguments):
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    return result


def test_a_fit_of_parts_is_that_of_the_whole(parts) -> None:
    whole = json.loads(told("fit", "faithful.csv", "-k", 2, "--json").stdout)
    found = json.loads(told("fit", parts, "-k", 2, "--json").stdout)
    for name in ("log_likelihood", "bic"):
        assert found["fit"][name] == pytest.approx(whole["fit"][name], rel=1e-12), name
    assert found["data"] == whole["data"]
    assert found["certainty"]["probabilities"] == pytest.approx(
        whole["certainty"]["probabilities"], rel=1e-9
    )
    by_pattern = json.loads(told("fit", "parts/*.csv", "-k", 2, "--json").stdout)
    assert by_pattern["model"] == found["model"]


def test_a_large_file_is_read_in_pieces_and_it_is_said(little_memory) -> None:
    options = ("-k", 2, "--seed", 1, "-o", "m.json", "--labels", "l.csv", "--trace", "t.csv")
    result = told("fit", "faithful.csv", *options, *little_memory)
    assert "read in pieces from 1 file" in result.stderr
    told("fit", "faithful.csv", "-k", 2, "--seed", 1, "-o", "w.json", "--labels", "k.csv")
    with open("l.csv") as ours, open("k.csv") as theirs:
        assert ours.read() == theirs.read()
    assert os.path.exists("t.csv")


@pytest.mark.parametrize("output", ["out.csv", "out.csv.gz", "out.parquet"])
def test_rows_go_from_file_to_file(model, parts, output) -> None:
    told("predict", model, "faithful.csv", "-o", f"whole-{output}")
    told("predict", model, parts, "-o", output)
    if output.endswith("parquet"):
        from pyarrow import parquet

        assert parquet.read_table(output).equals(parquet.read_table(f"whole-{output}"))
    else:
        read = gzip.open if output.endswith("gz") else open
        with read(output, "rt") as ours, read(f"whole-{output}", "rt") as theirs:
            assert ours.read() == theirs.read()


def test_scores_of_parts(model, parts) -> None:
    whole = told("score", model, "faithful.csv", "--mean", "--below", "-5")
    found = told("score", model, parts, "--mean", "--below", "-5")
    assert found.stdout == whole.stdout
    assert [line for line in found.stderr.splitlines() if "in pieces" not in line] == (
        whole.stderr.splitlines()
    )


def test_weights_of_parts(parts) -> None:
    whole = told("fit", "faithful.csv", "-k", 1, "--weights-column", "waiting", "--json")
    found = told("fit", parts, "-k", 1, "--weights-column", "waiting", "--json")
    ours, theirs = (json.loads(one.stdout) for one in (found, whole))
    assert ours["data"] == theirs["data"]
    assert ours["fit"]["bic"] == pytest.approx(theirs["fit"]["bic"], rel=1e-12)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--plot", "f.svg"), "--plot needs all rows in memory"),
        (("--standardize",), "--standardize needs all rows in memory"),
        (("--bayes",), "--bayes needs all rows in memory"),
        (("--memory-budget", "much"), "--memory-budget"),
        (("--thousands", ","), "--thousands , needs all rows in memory"),
        (("--labels", "l.npy"), "npy cannot be written in pieces"),
    ],
)
def test_what_wants_all_rows_is_refused(parts, options, said) -> None:
    result = invoke("fit", parts, "-k", 2, *options)
    assert result.exit_code != 0, result.output
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_part_that_differs_is_named(parts, folder) -> None:
    (folder / "parts" / "3.csv").write_text("eruptions,wait\n1,2\n")
    result = invoke("fit", parts, "-k", 2)
    assert result.exit_code != 0
    assert "3.csv" in result.stderr
    assert "waiting" in result.stderr
    assert "Traceback" not in result.stderr
