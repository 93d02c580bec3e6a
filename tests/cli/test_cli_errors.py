from __future__ import annotations

import os
from pathlib import Path

import pytest
from running import invoke


def files() -> dict[str, bytes]:
    return {
        "binary.dat": bytes(range(256)) * 4,
        "empty.csv": b"",
        "ragged.csv": b"a,b\n1,2\n3\n4,5\n",
        "words.csv": b"a,b,c\n1,2,x\n3,4,y\n5,6,z\n",
        "missing.csv": b"a,b\n1,2\n3,\n5,6\nNA,3\n",
        "infinite.csv": b"a,b\n1,2\n3,inf\n5,6\n",
        "constant.csv": b"a,b\n1,2\n3,2\n5,2\n",
        "same.csv": b"a,b\n1,2\n1,2\n1,2\n",
        "one.csv": b"a,b\n1,2\n",
        "negative.csv": b"a,w\n1,1\n2,-1\n4,1\n",
        "zero.csv": b"a,w\n1,0\n2,0\n4,0\n",
        "other.csv": b"waiting,x\n1,2\n3,4\n",
        "cut.json": b'{"format": "bactrian-mix',
        "else.json": b'{"a": 1}',
    }


# What is asked for; exit code; what the message must say.
FAILURES = [
    (("fit", "nope.csv", "-k", 2), 1, "nope.csv: there is no such file"),
    (("fit", "faithfull.csv", "-k", 2), 1, "Did you mean faithful.csv"),
    (("select", ".", "-k", 2), 1, "this is a directory"),
    (("fit", "binary.dat", "-k", 2), 1, "this is not text"),
    (("fit", "empty.csv", "-k", 2), 1, "the file is empty"),
    (("fit", "ragged.csv", "-k", 1), 1, "ragged.csv, line 3: the rows differ in length"),
    (
        ("fit", "words.csv", "-k", 1, "--columns", "a,b,c"),
        1,
        "Choose the numeric columns: --columns a,b\n",
    ),
    (
        ("fit", "missing.csv", "-k", 1, "--missing", "error"),
        1,
        "row 2 of the data, column 'b': a value is missing",
    ),
    (("fit", "infinite.csv", "-k", 1), 1, "row 2 of the data, column 'b': a value is infinite"),
    (
        ("fit", "constant.csv", "-k", 1, "--reg-covar", 0),
        1,
        "The data must be of columns that vary, but got the constant column 'b' (2). Drop",
    ),
    (
        ("select", "constant.csv", "-k", "1:2", "--reg-covar", 0),
        1,
        "the constant column 'b' (2). Drop constant columns, or give --reg-covar auto",
    ),
    (("fit", "same.csv", "-k", 1), 1, "must be of columns that vary, but got identical rows."),
    (("fit", "same.csv", "-k", 2, "--standardize"), 1, "got identical rows. Set --reg-covar"),
    (("select", "same.csv", "-k", 1), 1, "must be of columns that vary, but got identical rows."),
    (("fit", "one.csv", "-k", 1), 1, "too few rows: got 1 row of 2 values, wanted at least 2"),
    (("fit", "faithful.csv", "-k", 500), 1, "got 272 rows, wanted at least 500"),
    (("select", "faithful.csv", "-k", "300:302"), 1, "wanted at least 300"),
    (("fit", "negative.csv", "-k", 1, "--weights-column", "w"), 1, "row weight is negative"),
    (("fit", "zero.csv", "-k", 1, "--weights-column", "w"), 1, "all row weights are 0"),
    (("fit", "faithful.csv", "-k", 1, "--weights-column", "w"), 1, "there is no column 'w'"),
    (("fit", "faithful.csv", "-k", 1, "--columns", "a"), 1, "there is no column 'a'"),
    (("fit", "faithful.csv", "-k", 1, "-o", "no/m.json"), 1, "there is no directory 'no'"),
    (("fit", "faithful.csv", "-k", 1, "-o", "."), 1, "-o .: this is a directory"),
    (("fit", "faithful.csv", "--start", "nope.json"), 1, "nope.json: there is no such file"),
    (("predict", "cut.json", "faithful.csv"), 1, "cut.json must be whole JSON"),
    (("predict", "else.json", "faithful.csv"), 1, "not a model file of bactrian"),
    (("predict", "faithful.csv", "faithful.csv"), 1, "faithful.csv: this is not a model file"),
    (("predict", "model.json", "other.csv"), 1, "1 column of the model is not in the file"),
    (("predict", "model.json", "faithful.csv", "--columns", 1), 1, "wanted 2, one for each of"),
    (("score", "model.json", "nope.csv"), 1, "nope.csv: there is no such file"),
    (("info", "nope.json"), 1, "nope.json: there is no such file"),
    (("sample", "binary.dat"), 1, "binary.dat"),
    (("export", "else.json", "--format", "json", "-o", "x"), 1, "not a model file of bactrian"),
    (("fit", "faithful.csv"), 2, "The number of components is missing."),
    (("fit", "faithful.csv", "-k", 0), 2, "0 is not in the range x>=1"),
    (("fit", "faithful.csv", "-k", "two"), 2, "'two' is not a valid integer"),
    (("fit", "faithful.csv", "-k", 2, "--covariance", "round"), 2, "'round' is not one of"),
    (("fit", "faithful.csv", "-k", 2, "--tol", "nan"), 2, "is not a number of at least 0"),
    (("fit", "faithful.csv", "-k", 2, "--reg-covar", "-1"), 2, "neither auto nor a number"),
    (("fit", "faithful.csv", "-k", 2, "--n-init", "0"), 2, "neither auto nor a whole number"),
    (("fit", "faithful.csv", "-k", 2, "--seed", "-1"), 2, "not a whole number from 0"),
    (("fit", "faithful.csv", "-k", 2, "--columns", "a,,b"), 2, "has an empty name"),
    (("fit", "faithful.csv", "-k", 2, "--labels", "x.foo"), 2, ".foo is not one of .csv"),
    (("fit", "faithful.csv", "-k", 2, "-o", "-"), 2, "standard output is taken"),
    (("fit", "faithful.csv", "-k", 2, "--fixed", "means"), 2, "Name it with --start MODEL"),
    (("fit", "faithful.csv", "-k", 2, "--fixed", "weights"), 2, "needs --start-weights"),
    (("fit", "faithful.csv", "-k", 2, "--fixed", "all"), 2, "'all' is not one of weights"),
    (("fit", "faithful.csv", "-k", 2, "--start-weights", "a"), 2, "is not a list of numbers"),
    (("fit", "faithful.csv", "-k", 2, "--start-weights", "1,0,0"), 2, "has 3 weights"),
    (("fit", "faithful.csv", "-k", 2, "--start-weights", "1,1"), 1, "--start-weights must be"),
    (("fit", "faithful.csv", "-k", 3, "--start", "model.json"), 2, "has 2 components"),
    (("fit", "faithful.csv", "-k", 2, "--start-mean", "1,2"), 2, "is given 1 time."),
    (("fit", "faithful.csv", "--start-mean", "1,2,3"), 2, "has 3 values, but there are 2 columns"),
    (("fit", "faithful.csv", "--start-mean", "1,nan"), 1, "--start-mean must be finite"),
    (
        ("fit", "faithful.csv", "--start", "model.json", "--start-mean", "1,2"),
        2,
        "is given 1 time, but the model of",
    ),
    (("fit", "faithful.csv", "--start", "model.json", "--columns", 1), 2, "has 2 columns"),
    (("select", "faithful.csv", "--covariance", "full,round"), 2, "'round' is not one of"),
    (("predict", "model.json", "faithful.csv", "-o", "x.foo"), 2, ".foo is not one of"),
    (("sample", "model.json", "-n", 0), 2, "0 is not in the range"),
    (("export", "model.json", "--format", "mat", "-o", "x"), 2, "'mat' is not one of"),
    (("frobnicate",), 2, "No such command 'frobnicate'"),
    (("fit", "faithful.csv", "-k", 2, "--frobnicate"), 2, "No such option"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "words"), FAILURES, ids=lambda value: str(value).replace("/", ":")[:60]
)
def test_failure_is_one_clear_message(arguments, code, words, model):
    for name, content in files().items():
        Path(name).write_bytes(content)
    before = sorted(os.listdir())
    result = invoke(*arguments)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert words in result.stderr
    assert result.stderr.count("Error: ") == 1
    assert "Traceback" not in result.stderr
    assert sorted(os.listdir()) == before


def test_unexpected_errors_ask_for_a_report(model, monkeypatch):
    def broken(*args, **settings):
        raise RuntimeError("the moon is out")

    monkeypatch.setattr("bactrian.mixture.Mixture.sample", broken)
    result = invoke("sample", model)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: An unexpected RuntimeError: the moon is out\n")
    assert "Traceback" not in result.stderr
    assert "Traceback" in invoke("--traceback", "sample", model).stderr


def test_too_little_memory_is_said(model, monkeypatch):
    def hungry(*args, **settings):
        raise MemoryError

    monkeypatch.setattr("bactrian.mixture.Mixture.sample", hungry)
    result = invoke("sample", model)
    assert result.exit_code == 1
    assert "not enough memory" in result.stderr


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_output_that_may_not_be_written_is_refused_before_the_fit(folder):
    Path("closed").mkdir(mode=0o500)
    result = invoke("fit", "faithful.csv", "-k", 2, "-o", "closed/m.json")
    assert result.exit_code == 1
    assert "you may not write to it" in result.stderr
