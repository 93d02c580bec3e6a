from __future__ import annotations

import csv
import io
import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from running import invoke

from bactrian import load_model
from bactrian.tables.files import read_table


def apply(*args, stdin=None) -> list[list[str]]:
    result = invoke(*args, stdin=stdin)
    assert result.exit_code == 0, result.output
    return list(csv.reader(io.StringIO(result.stdout)))


def test_predict_is_aligned_with_the_rows(model, faithful):
    header, *rows = apply("predict", model, "faithful.csv")
    assert header == ["component", "probability_1", "probability_2"]
    responsibilities = load_model(model).responsibilities(faithful)
    values = np.array(rows, float)
    np.testing.assert_array_equal(values[:, 0], responsibilities.argmax(axis=1) + 1)
    np.testing.assert_array_equal(values[:, 1:], responsibilities)


def test_columns_are_found_by_name(model):
    other = "note,waiting,x,eruptions\nhello,79,?,3.6\nthere,54,7,1.8\n"
    Path("other.csv").write_text(other)
    expected = apply("predict", model, "faithful.csv")[:3]
    assert apply("predict", model, "other.csv") == expected
    assert apply("predict", model, "-", stdin=other) == expected


def test_columns_without_names_are_taken_by_position(model):
    expected = apply("predict", model, "faithful.csv")[:3]
    assert apply("predict", model, "-", stdin="3.6,79\n1.8,54\n") == expected


def test_columns_that_stand_for_the_models(model):
    expected = apply("predict", model, "faithful.csv")[:3]
    rows = "w,e\n79,3.6\n54,1.8\n"
    assert apply("predict", model, "-", "--columns", "e,w", stdin=rows) == expected
    assert apply("predict", model, "-", "--columns", "2,1", stdin=rows) == expected


def test_missing_columns_are_all_listed(model):
    result = invoke("predict", model, "-", stdin="a,b\n1,2\n3,4\n")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "2 columns of the model are not in the file" in result.stderr
    assert "'eruptions', 'waiting'" in result.stderr
    assert "'a', 'b'" in result.stderr


def test_append_copies_the_models_columns(model):
    header, first, *_ = apply("predict", model, "faithful.csv", "--append")
    assert header == ["eruptions", "waiting", "component", "probability_1", "probability_2"]
    assert first[:3] == ["3.6", "79.0", first[2]]


@pytest.mark.parametrize("name", ["o.csv", "o.tsv", "o.csv.gz", "o.parquet", "o.feather"])
def test_output_by_extension(model, name, faithful):
    result = invoke("score", model, "faithful.csv", "-o", name)
    assert result.output == ""
    written = read_table(name)
    assert written.names == ("log_density",)
    np.testing.assert_array_equal(written.values[:, 0], load_model(model).log_density(faithful))


def test_score_mean_goes_to_standard_error(model):
    result = invoke("score", model, "faithful.csv", "--mean")
    assert len(result.stdout.splitlines()) == 273
    assert result.stderr == "mean -4.15538, sum -1130.264 nats over 272 rows\n"


def test_scores_of_a_standardized_model_are_those_of_the_data():
    invoke("fit", "faithful.csv", "-k", 2, "--standardize", "-o", "z.json")
    result = invoke("score", "z.json", "faithful.csv", "--mean")
    assert "sum -1130.264" in result.stderr


def test_sample_has_the_columns_and_the_law_of_the_model(model, faithful):
    options = ("-n", 20000, "--seed", 1, "--with-component")
    header, *rows = apply("sample", model, *options)
    assert header == ["eruptions", "waiting", "component"]
    values = np.array(rows, float)
    np.testing.assert_allclose(values[:, :2].mean(axis=0), faithful.mean(axis=0), rtol=0.02)
    weights = load_model(model).parameters.weights
    np.testing.assert_allclose((values[:, 2] == 1).mean(), weights[0], atol=0.02)
    assert apply("sample", model, *options) == [header, *rows]
    components = values[:, 2]
    assert (np.diff(components) < 0).any()
    ordered = np.array(apply("sample", model, *options, "--sort")[1:], float)[:, 2]
    assert (np.diff(ordered) >= 0).all()


def test_info_repeats_the_report(model):
    told = invoke("info", model)
    assert "model.json: 272 rows, 2 columns" in told.stdout
    assert "BIC               2322.192" in told.stdout
    document = json.loads(invoke("info", model, "--json").stdout)
    assert document["command"] == "info"
    assert document["fit"]["log_likelihood"] == pytest.approx(-1130.264, abs=1e-3)


def test_info_of_a_model_that_tells_nothing_of_its_fit(model):
    text = json.loads(Path(model).read_text())
    text["training"], text["feature_names"] = {}, None
    del text["checksum"]
    Path("bare.json").write_text(json.dumps(text))
    told = invoke("info", "bare.json")
    assert told.exit_code == 0
    assert "bare.json: 2 columns" in told.stdout
    assert "x2" in told.stdout
    assert "Fit" not in told.stdout
    assert apply("sample", "bare.json")[0] == ["x1", "x2"]


def test_export_speaks_of_the_units_of_the_data(faithful):
    invoke("fit", "faithful.csv", "-k", 2, "--standardize", "-o", "z.json")
    for form in ("sklearn", "json"):
        result = invoke("export", "z.json", "--format", form, "-o", f"out.{form}")
        assert result.exit_code == 0, result.output
        assert result.stdout == ""
    expected = load_model("z.json").log_density(faithful)
    with open("out.sklearn", "rb") as stream:
        theirs = pickle.load(stream)
    del theirs.feature_names_in_  # or it asks for a data frame
    np.testing.assert_allclose(theirs.score_samples(faithful), expected, rtol=1e-9)
    plain = load_model("out.json")
    assert plain.scaling is None
    np.testing.assert_allclose(plain.log_density(faithful), expected, rtol=1e-9)


def test_export_onnx(model, faithful):
    runtime = pytest.importorskip("onnxruntime")
    result = invoke("export", model, "--format", "onnx", "-o", "model.onnx")
    assert result.exit_code == 0, result.output
    session = runtime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    [scores] = session.run(["score_samples"], {name: faithful})
    np.testing.assert_allclose(np.ravel(scores), load_model(model).log_density(faithful))


def lines_of(*args):
    result = invoke(*args, "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_rows_as_json_lines(model, faithful):
    rows = lines_of("predict", model, "faithful.csv", "-o", "labels.csv")
    table = apply("predict", model, "faithful.csv")
    assert [list(map(str, row.values())) for row in rows] == table[1:]
    assert list(rows[0]) == table[0]
    assert Path("labels.csv").read_text().splitlines()[1] == ",".join(table[1])
    (density, *_) = lines_of("score", model, "faithful.csv")
    assert density["log_density"] == load_model(model).log_density(faithful[:1])[0]
    Path("holes.csv").write_text("name,eruptions,waiting\na,3.6,\n,1.8,54\n")
    filled = lines_of("impute", model, "holes.csv")
    assert filled[1] == {"name": None, "eruptions": 1.8, "waiting": 54.0}
    assert filled[0]["waiting"] > 60
    drawn = lines_of("sample", model, "-n", 3, "--seed", 1, "--with-component")
    assert [list(row) for row in drawn] == [["eruptions", "waiting", "component"]] * 3


def test_what_was_done_as_json(model):
    done = json.loads(
        invoke("export", model, "--format", "json", "-o", "out.json", "--json").stdout
    )
    assert (done["command"], done["output"], done["format"]) == ("export", "out.json", "json")


def test_unlikely_rows_are_marked(model, faithful):
    mixture = load_model(model)
    table = apply("score", model, "faithful.csv", "--share", 0.02)
    marked = np.array([row[1] for row in table[1:]]) == "1"
    assert table[0] == ["log_density", "unlikely"]
    assert marked.sum() == 5  # two of a hundred
    densities = mixture.log_density(faithful)
    assert densities[marked].max() < densities[~marked].min()
    assert mixture.unlikely(faithful, 0.02).rows.tolist() == marked.tolist()
    below = invoke("score", model, "faithful.csv", "--below", -6.5)
    assert f"{(densities <= -6.5).sum()} rows of 272 are marked as unlikely" in below.stderr
    both = invoke("score", model, "faithful.csv", "--below", -6.5, "--share", 0.1)
    assert "--share and --below do not go together" in both.stderr


def test_score_is_weighted(model, faithful):
    weights = np.arange(len(faithful)) % 3
    np.savetxt("weighted.csv", np.column_stack([weights, faithful]), delimiter=",",
               header="w,eruptions,waiting", comments="")  # fmt: skip
    told = invoke("score", model, "weighted.csv", "--mean", "--weights-column", "w").stderr
    mean = np.average(load_model(model).log_density(faithful), weights=weights)
    said = f"mean {mean:.6g}, sum {mean * weights.sum():.8g} nats over 272 rows"
    assert told == f"{said} of weight {weights.sum()}\n"


def test_samples_of_one_component(model):
    drawn = apply("sample", model, "-n", 50, "--component", 2, "--with-component", "--seed", 1)
    assert {row[2] for row in drawn[1:]} == {"2"}
    mean = load_model(model).parameters.means[1]
    values = np.array(drawn[1:], dtype=float)[:, :2]
    np.testing.assert_allclose(values.mean(axis=0), mean, rtol=0.1)
    for wrong in (0, 3, -1):
        result = invoke("sample", model, "--component", wrong)
        assert result.exit_code == 2
        assert f"{wrong} is not in the model; give 1 to 2." in result.stderr


def test_a_model_without_names_takes_columns_by_position(model, faithful):
    mixture = replace(load_model(model), feature_names=())
    mixture.save("nameless.json")
    result = invoke("predict", "nameless.json", "faithful.csv")
    assert result.stdout == invoke("predict", model, "faithful.csv").stdout
    assert "'eruptions', 'waiting' are taken in this order" in result.stderr
    Path("more.csv").write_text("a,b,c\n1,2,3\n")
    assert "say with --columns" in invoke("predict", "nameless.json", "more.csv").stderr
