from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from running import invoke

from bactrian import bootstrap, load_model

FEW = ("--resamples", 20)


def test_report_document_and_file_tell_what_the_library_says(model, faithful):
    found = bootstrap(load_model(model), faithful, n_resamples=20, random_state=3)
    rows = found.table("basic")
    options = (*FEW, "--seed", 3, "--interval", "basic", "-o", "errors.csv")
    result = invoke("bootstrap", model, "faithful.csv", *options, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["n_done"] == 20
    assert [one["standard_error"] for one in document["parameters"]] == [
        row["standard_error"] for row in rows
    ]
    assert {one["component"] for one in document["parameters"]} == {1, 2}
    table = list(csv.DictReader(Path("errors.csv").read_text().splitlines()))
    assert [float(one["low"]) for one in table] == [row["low"] for row in rows]
    assert table[-2]["feature"] == "eruptions"
    assert table[-2]["other_feature"] == "waiting"
    assert table[-1]["other_feature"] == ""
    report = invoke("bootstrap", model, "faithful.csv", *FEW, "--seed", 3, "-o", "errors.json")
    lines = report.stdout.splitlines()
    assert lines[0] == "Weighted bootstrap of 20 resamples, percentile intervals of 95 %"
    assert "  covariance eruptions, waiting" in report.stdout
    assert report.stderr == "Table written to errors.json\n"
    written = json.loads(Path("errors.json").read_text())
    assert written["parameters"][0]["estimate"] == rows[0]["estimate"]


def test_what_all_components_share_stands_last():
    invoke("fit", "faithful.csv", "-k", 2, "--covariance", "tied", "-o", "tied.json", "-q")
    result = invoke("bootstrap", "tied.json", "faithful.csv", *FEW)
    titles = [line for line in result.stdout.splitlines() if "omponent" in line]
    assert titles == ["Component 1", "Component 2", "All components"]


def test_weights_are_those_of_the_fit(faithful):
    counts = 1.0 + np.arange(len(faithful)) % 3
    np.savetxt("counted.csv", np.column_stack([counts, faithful]), delimiter=",",
               header="count,eruptions,waiting", comments="")  # fmt: skip
    invoke("fit", "counted.csv", "-k", 2, "--weights-column", "count", "-o", "model.json", "-q")
    forgotten = invoke("bootstrap", "model.json", "counted.csv", *FEW, "-q")
    assert "Warning: the fit is not a maximum for these rows" in forgotten.stderr
    for more in ((), ("--counts",)):
        options = ("--weights-column", "count", *more, "--json")
        result = invoke("bootstrap", "model.json", "counted.csv", *FEW, *options)
        assert result.exit_code == 0, result.output
        assert result.stderr == ""
        errors = [one["standard_error"] for one in json.loads(result.stdout)["parameters"]]
        expected = bootstrap(
            load_model("model.json"), faithful, None, counts,
            counts=bool(more), n_resamples=20, random_state=0,
        )  # fmt: skip
        assert errors == pytest.approx([row["standard_error"] for row in expected.table()])


def test_labels_are_those_of_the_fit(faithful):
    kinds = np.where(np.arange(len(faithful)) % 3, "", np.where(faithful[:, 0] < 3, "b", "a"))
    lines = [f"{kind},{x},{y}" for kind, (x, y) in zip(kinds, faithful, strict=True)]
    Path("kinds.csv").write_text("\n".join(["kind,eruptions,waiting", *lines]))
    fit = invoke("fit", "kinds.csv", "-k", 2, "--labels-column", "kind", "-o", "model.json")
    assert "the component of 91 rows is known" in fit.stdout
    forgotten = invoke("bootstrap", "model.json", "kinds.csv", *FEW)
    assert forgotten.exit_code == 1
    assert "--labels-column must be the labels of the fit" in forgotten.stderr
    result = invoke("bootstrap", "model.json", "kinds.csv", *FEW, "--labels-column", 1, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    y = np.select([kinds == "a", kinds == "b"], [0, 1], -1)
    known = bootstrap(load_model("model.json"), faithful, y, n_resamples=20, random_state=0)
    errors = [one["standard_error"] for one in json.loads(result.stdout)["parameters"]]
    assert errors == [row["standard_error"] for row in known.table()]
    Path("kinds.csv").write_text("\n".join(["kind,eruptions,waiting", *lines]).replace("b", "c"))
    other = invoke("bootstrap", "model.json", "kinds.csv", *FEW, "--labels-column", "kind")
    assert "a label is no component of the model: got 'c', wanted some of 'a', 'b'" in other.stderr


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--resamples", 1), 2, "--resamples"),
        (("--level", 95), 2, "--level"),
        (("--method", "jackknife"), 2, "--method"),
        (("-o", "errors.npy"), 2, ".npy holds no text"),
        (("-o", "errors.json.gz"), 2, "not compressed"),
        (("-o", "errors.xlsx"), 2, ".xlsx is not one of"),
        (("--weights-column", "nope"), 1, "there is no column 'nope'"),
        (("-o", "faithful.csv"), 2, "would overwrite"),
        (("--weights-column", "eruptions", "--counts"), 1, "--weights-column must be whole"),
    ],
)
def test_options_that_cannot_be_used(model, options, code, message):
    result = invoke("bootstrap", model, "faithful.csv", *options)
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_thresholds_of_one_column():
    options = ("--columns", "waiting", "-k", 2, "--seed", 1, "-o", "waiting.json")
    report = invoke("fit", "faithful.csv", *options)
    place = report.stdout.index("\nThresholds\n")
    assert "66.58" in report.stdout[place:].splitlines()[2]
    (cut,) = json.loads(invoke("info", "waiting.json", "--json").stdout)["model"]["thresholds"]
    assert cut["value"] == pytest.approx(66.583, abs=1e-2)
    assert {cut["below"], cut["above"]} == {1, 2}
    few = ("waiting.json", "faithful.csv", "--resamples", 20)
    told = json.loads(invoke("bootstrap", *few, "--json").stdout)
    assert told["thresholds"][0]["value"] == cut["value"]
    assert 0.5 < told["thresholds"][0]["standard_error"] < 2
    assert "  component " in invoke("bootstrap", *few).stdout.split("\nThresholds\n")[1]
