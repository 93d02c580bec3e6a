"""modes, condition and regress: what they print is what the library says."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from running import invoke

from bactrian import load_model


def ran(*args, stdin=None) -> str:
    result = invoke(*args, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result.stdout


def table(text) -> tuple[list[str], np.ndarray]:
    header, *rows = csv.reader(io.StringIO(text))
    return header, np.array(rows)


def test_modes_are_the_librarys(model):
    header, rows = table(ran("modes", model))
    assert header == ["eruptions", "waiting", "log_density", "components"]
    modes = load_model(model).modes()
    np.testing.assert_array_equal(rows[:, :2].astype(float), [mode.location for mode in modes])
    assert [row[3] for row in rows] == [str(mode.components[0] + 1) for mode in modes]
    (first, _) = map(json.loads, ran("modes", model, "--json").splitlines())
    assert first["log_density"] == modes[0].log_density


def test_a_conditional_is_a_model_file(model):
    given = load_model(model).condition({"eruptions": 2.0})
    text = ran("condition", model, "eruptions=2")
    Path("given.json").write_text(text)
    assert load_model("given.json") == given
    assert (
        "Written to other.json"
        in invoke("condition", model, "eruptions=2", "-o", "other.json").stderr
    )
    assert Path("other.json").read_text() == text
    assert "waiting" in ran("info", "given.json")


def test_regression_is_aligned_with_the_rows(model):
    rows = "note,eruptions\na,2\nb,\nc,4.5\n"
    header, values = table(
        ran("regress", model, "-", "--target", "waiting", "--quantiles", "0.05,0.95", stdin=rows)
    )
    assert header == ["waiting", "waiting_std", "waiting_0.05", "waiting_0.95"]
    found = load_model(model).regress([[2.0], [np.nan], [4.5]], "waiting")
    expected = [found.mean(), found.std(), *found.icdf([0.05, 0.95])]
    np.testing.assert_array_equal(values.astype(float), np.hstack(expected))
    appended, _ = table(ran("regress", model, "-", "--target", "waiting", "--append", stdin=rows))
    assert appended == ["eruptions", "waiting", "waiting_std"]
    lines = ran("regress", model, "-", "--target", "waiting", "--json", stdin=rows).splitlines()
    assert json.loads(lines[1])["waiting_std"] == found.std()[1, 0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("condition", "nix=2"), "'nix' is not a column of the model; it has eruptions, waiting"),
        (("condition", "eruptions"), "is not a column with a finite value"),
        (("condition", "eruptions=inf"), "is not a column with a finite value"),
        (("condition", "eruptions=1", "waiting=2"), "at least one must be left"),
        (("condition", "eruptions=1", "eruptions=2"), "each once"),
        (("regress", "faithful.csv", "--target", "nix"), "name some of the columns"),
        (("regress", "faithful.csv", "--target", "waiting,eruptions"), "name some of the columns"),
        (("regress", "faithful.csv", "--target", "waiting", "--quantiles", "0.5,1"), "below 1"),
        (("regress", "faithful.csv"), "Missing option '--target'"),
    ],
)
def test_mistakes_are_told(model, arguments, words):
    result = invoke(arguments[0], model, *arguments[1:])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in " ".join(result.stderr.split())


def test_the_distance_of_two_models(model):
    result = invoke("fit", "faithful.csv", "-k", 3, "--seed", 1, "-o", "three.json", "--quiet")
    assert result.exit_code == 0, result.output
    printed = invoke("distance", model, "three.json")
    assert printed.exit_code == 0, printed.output
    assert "Kullback-Leibler, first to second" in printed.stdout
    found = json.loads(invoke("distance", model, "three.json", "--json").stdout)["distances"]
    one, two = (load_model(path) for path in (model, "three.json"))
    assert found["kl_divergence"]["value"] == one.kl_divergence(two).value
    assert found["transport"] == one.transport(two).distance
    same = json.loads(invoke("distance", model, model, "--json").stdout)["distances"]
    assert same["kl_divergence"]["value"] < 1e-8


def test_models_of_other_columns_have_no_distance(model):
    invoke("fit", "faithful.csv", "-k", 2, "--columns", "waiting", "-o", "w.json", "--quiet")
    result = invoke("distance", model, "w.json")
    assert result.exit_code != 0
    assert "columns" in result.stderr
    assert "Traceback" not in result.stderr


def test_components_are_merged_into_clusters(folder):
    told = ran("fit", "faithful.csv", "-k", 4, "--seed", 1, "-o", "four.json")
    assert told
    printed = ran("merge", "four.json", "faithful.csv", "-o", "clusters.csv")
    assert "advised by entropy" in printed
    found = json.loads(ran("merge", "four.json", "faithful.csv", "--groups", 3, "--json"))
    mixture = load_model("four.json")
    rows = np.loadtxt("faithful.csv", delimiter=",", skiprows=1)
    merging = mixture.merging(rows)
    assert found["advised"] == merging.advised
    assert found["clusters"] == [[k + 1 for k in group] for group in merging.groups(3)]
    header, clusters = table(Path("clusters.csv").read_text())
    assert header[:2] == ["cluster", "probability_1"]
    assert (clusters[:, 0].astype(int) - 1 == mixture.group_labels(rows, merging.groups())).all()
    refused = invoke("merge", "four.json", "faithful.csv", "--groups", 5)
    assert refused.exit_code != 0
    assert "has 4 components" in refused.stderr
