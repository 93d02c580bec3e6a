"""``bactrian select``: criteria, signs, tables, resuming, the bootstrap test."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from running import invoke

from bactrian import GaussianMixture, bootstrap_lrt, select_mixture
from bactrian.vocabulary import MEASURES

FEW = ("-k", "1:2", "--covariance", "tied,full", "--n-init", 1)


def document(*args):
    result = invoke("select", "faithful.csv", *args, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def records(path):
    return list(csv.DictReader(Path(path).read_text().splitlines()))


def test_all_criteria_stand_in_the_document(faithful):
    told = document(*FEW, "--criterion", "icl")
    assert (told["criterion"], told["sign"]) == ("icl", "lower")
    (best,) = [row for row in told["candidates"] if row["rank"] == 1]
    settings = {"random_state": 0, "n_init": 1}
    gm = GaussianMixture(2, covariance_type=best["covariance_type"], **settings).fit(faithful)
    for name in ("bic", "aic", "aicc", "icl", "caic", "hq"):
        assert best[name] == pytest.approx(getattr(gm, name)(faithful), rel=1e-12)
    assert best["cv"] is None
    assert [row["same_as"] for row in told["candidates"]] == [None, "tied", None, None]


def test_mclusts_sign():
    ours, theirs = document(*FEW), document(*FEW, "--sign", "mclust")
    for one, two in zip(ours["candidates"], theirs["candidates"], strict=True):
        for name in MEASURES:
            assert one[name] is two[name] is None or one[name] == -two[name]
        assert (one["rank"], one["log_likelihood"]) == (two["rank"], two["log_likelihood"])
    page = invoke("select", "faithful.csv", *FEW, "--sign", "mclust").stdout
    assert page.startswith("BIC of 4 models (mclust's sign: higher is better)")
    assert "-2322.192*" in page
    assert "-2607.623=" in page
    assert "= the same model as one to the left" in page
    assert "below the best" in page


def test_cross_validation():
    told = document(*FEW, "--criterion", "cv", "--cv", 3)
    library = select_mixture(
        np.loadtxt("faithful.csv", delimiter=",", skiprows=1),
        [1, 2], ["tied", "full"], "cv", cv=3, random_state=0, n_init=1,
    )  # fmt: skip
    assert [row["cv"] for row in told["candidates"]] == [row.cv for row in library.candidates]
    scaled = document(*FEW, "--criterion", "cv", "--cv", 3, "--standardize")
    for one, two in zip(told["candidates"], scaled["candidates"], strict=True):
        assert one["cv"] == pytest.approx(two["cv"], abs=1e-3)


def test_a_table_is_written_and_resumed():
    first = invoke("select", "faithful.csv", *FEW, "--table", "search.json")
    assert first.exit_code == 0, first.output
    assert first.stderr == "Table written to search.json\n"
    known = {
        (row["n_components"], row["covariance_type"]): row
        for row in json.loads(Path("search.json").read_text())["candidates"]
    }
    options = ("-k", "2:3", "--covariance", "full,tied", "--n-init", 1)
    told = document(*options, "--resume", "search.json", "--table", "search.json")
    for row in told["candidates"]:
        if row["n_components"] == 2:
            before = known[2, row["covariance_type"]]
            assert before | {"rank": row["rank"]} == row  # the seconds, too: it was not fitted
    assert json.loads(Path("search.json").read_text()) == told
    again = document(*options, "--resume", "search.json")
    assert again["candidates"] == told["candidates"]


def test_what_json_printed_is_resumed(folder):
    for unit in ([], ["--standardize"]):
        printed = invoke("select", "faithful.csv", *FEW, *unit, "--sign", "mclust", "--json")
        (folder / "printed.json").write_text(printed.stdout)
        again = document(*FEW, *unit, "--resume", "printed.json")
        for one, two in zip(
            again["candidates"], json.loads(printed.stdout)["candidates"], strict=True
        ):
            assert one["bic"] == pytest.approx(-two["bic"], rel=1e-12)
            assert one["seconds"] == two["seconds"]


@pytest.mark.parametrize("name", ["table.csv", "table.tsv", "table.parquet"])
def test_tables_of_other_formats(name):
    result = invoke("select", "faithful.csv", "-k", "1,300", *FEW[2:], "--table", name)
    assert result.exit_code in (0, 1), result.output
    result = invoke("select", "faithful.csv", *FEW, "--table", name, "-q")
    assert (result.exit_code, result.stdout) == (0, "")
    if name.endswith("csv"):
        rows = records(name)
        assert [row["covariance_type"] for row in rows] == ["tied", "full"] * 2
        assert [row["same_as"] for row in rows] == ["", "tied", "", ""]
        assert float(rows[3]["bic"]) == pytest.approx(2322.192, abs=1e-3)
        assert rows[0]["cv"] == "nan"


def test_failures_stand_in_the_table():
    rows = "\n".join(["a,b", "1,2", "2,1", "3,5", "4,3"])
    options = ("-k", "1,9", "--covariance", "diag", "--table", "table.csv")
    result = invoke("select", "-", *options, stdin=rows)
    assert result.exit_code == 0, result.output
    told = records("table.csv")
    assert (told[0]["failure"], told[1]["bic"]) == ("", "nan")
    assert told[1]["failure"].startswith("--components must be no more than the number of rows")


def test_bootstrap_test(faithful):
    options = ("-k", "1:2", "--covariance", "tied", "--bootstrap-test", 19)
    page = invoke("select", "faithful.csv", *options, "--table", "search.json").stdout
    told = json.loads(Path("search.json").read_text())["bootstrap_test"]
    assert told["covariance_type"] == "tied"
    assert told["n_components"] == 3
    assert told["rejected_all"]
    first = bootstrap_lrt(faithful, 1, "tied", n_resamples=19, random_state=0)
    assert told["tests"][0]["statistic"] == first.statistic
    assert told["tests"][0]["p_value"] == first.p_value
    assert told["tests"][0]["bootstrap"] == first.bootstrap.tolist()
    assert "Bootstrap likelihood-ratio test, tied" in page
    assert "1 or 2         299.220    0.0500          19" in page
    assert "At 0.05, at least 3 components are needed." in page


def test_processors_make_no_difference():
    one, two = document(*FEW), document(*FEW, "--jobs", 2)
    for row in (*one["candidates"], *two["candidates"]):
        del row["seconds"]
    assert one["candidates"] == two["candidates"]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--resume", "nowhere.json"), 1, "there is no such file"),
        (("--resume", "faithful.csv"), 1, "--resume must be the file of a search"),
        (("--bootstrap-test", "9"), 2, "9 is not in the range x>=19"),
        (("--cv", "1"), 2, "1 is not in the range x>=2"),
        (("--cv", "999"), 1, "--cv must be no more than the number of rows, but got 999"),
        (("--criterion", "best"), 2, "'best' is not one of"),
        (("--table", "table.xyz"), 2, ".xyz is not one of"),
        (("--table", "faithful.csv"), 2, "would overwrite DATA"),
    ],
)
def test_errors_in_words(options, code, message):
    result = invoke("select", "faithful.csv", *FEW, *options)
    assert result.exit_code == code
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_another_search_is_not_resumed():
    invoke("select", "faithful.csv", *FEW, "--table", "search.json")
    for option, words in (("--seed=1", "other settings"), ("--exclude=1", "other rows")):
        result = invoke("select", "faithful.csv", *FEW, option, "--resume", "search.json")
        assert result.exit_code == 1
        assert words in result.stderr
