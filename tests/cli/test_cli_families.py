"""Missing values, noise, t distributions and labels on the command line."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from running import invoke

from bactrian import GaussianMixture, load_model
from bactrian.mixture import Scaling

OUTLIERS = [[12.0, 20.0], [15.0, 150.0], [9.0, 5.0]]


@pytest.fixture
def frame(faithful):
    """Old Faithful with outliers, holes, and a name for every seventh eruption."""
    X = np.concatenate([faithful, OUTLIERS])
    kinds = np.where(X[:, 0] > 3, "long", "short")
    found = pd.DataFrame({"id": [f"e{i}" for i in range(len(X))], "eruptions": X[:, 0]})
    found["kind"] = [kind if i % 7 == 0 and i < 272 else None for i, kind in enumerate(kinds)]
    found["waiting"] = X[:, 1]
    found.loc[::5, "waiting"] = np.nan
    found.loc[3::9, "eruptions"] = np.nan
    found.to_csv("data.csv", index=False)
    return found


def run(*args, stdin=None):
    result = invoke(*args, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result


def rows_of(text):
    return list(csv.reader(io.StringIO(text)))


FIT = ("fit", "data.csv", "--columns", "eruptions,waiting", "-k", 2, "--n-init", 3, "--seed", 1)


def estimated(frame, y=None, **settings):
    X = frame[["eruptions", "waiting"]].to_numpy()
    return GaussianMixture(2, n_init=3, random_state=1, **settings).fit(X, y)


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ((), {}),
        (("--noise",), {"noise": True}),
        (("--noise-volume", "5e3", "--noise-init", 0.1), {"noise": 5e3, "noise_init": 0.1}),
        (("--family", "t"), {"family": "t"}),
        (("--family", "t", "--dof", "each", "--noise"),
         {"family": "t", "dof": "each", "noise": True}),
        (("--family", "t", "--dof", "3,9"), {"family": "t", "dof": (3, 9)}),
    ],
)  # fmt: skip
def test_options_reach_the_estimator(frame, options, settings):
    document = json.loads(run(*FIT, *options, "--json").stdout)
    gm = estimated(frame, **settings)
    assert document["fit"]["log_likelihood"] == gm.log_likelihood_
    assert document["fit"]["n_parameters"] == gm.fit_report_.n_parameters
    model = document["model"]
    assert model["family"] == gm.family
    assert model["dof"] == (None if gm.family == "gaussian" else gm.dof_.tolist())
    if gm.noise:
        assert model["noise"]["weight"] == gm.noise_weight_
        assert model["noise"]["box"] == gm.noise_box_.tolist()
    else:
        assert model["noise"] is None
    gone = frame[["eruptions", "waiting"]].isna()
    assert document["data"]["missing"] == {
        "rows": int(gone.any(axis=1).sum()),
        "empty_rows": int(gone.all(axis=1).sum()),
        "values": gone.sum().to_dict(),
    }


@pytest.mark.parametrize("options", [(), ("--noise",), ("--noise-volume", 700)])
def test_standardized_reports_in_units_of_the_data(frame, options):
    run(*FIT, *options, "--standardize", "-o", "m.json", "--quiet", "--trace", "t.csv")
    model = load_model("m.json")
    X = frame[["eruptions", "waiting"]].to_numpy()
    total = model.log_density(X).sum()
    assert model.training["log_likelihood"] == pytest.approx(total, rel=1e-10)
    last = rows_of(Path("t.csv").read_text())[-1]
    assert float(last[3]) == pytest.approx(float(last[2]) / model.training["weight"], rel=1e-9)
    document = json.loads(run("info", "m.json", "--json").stdout)
    if options == ("--noise-volume", 700):
        assert document["model"]["noise"]["log_density"] == pytest.approx(-np.log(700))
    elif options:
        box = [np.nanmin(X, axis=0), np.nanmax(X, axis=0)]
        np.testing.assert_allclose(document["model"]["noise"]["box"], box)


def test_select_takes_them_too(frame):
    told = run("select", "data.csv", "--columns", "eruptions,waiting", "-k", "1,2", "--n-init", 1,
               "--covariance", "full", "--noise", "--family", "t", "--standardize",
               "-o", "best.json", "--json").stdout  # fmt: skip
    document, model = json.loads(told), load_model("best.json")
    assert model.parameters.noise is not None
    assert model.parameters.dof is not None
    X = frame[["eruptions", "waiting"]].to_numpy()
    best = next(one for one in document["candidates"] if one["rank"] == 1)
    assert best["log_likelihood"] == pytest.approx(model.log_density(X).sum(), rel=1e-9)
    assert document["fit"]["log_likelihood"] == pytest.approx(best["log_likelihood"])


def test_the_page_shows_them(frame):
    page = run(*FIT, "--noise", "--family", "t", "--dof", "each").stdout
    title = "Mixture of t distributions: 2 components with full covariances and uniform noise"
    for words in (title,
                  "weight of noise", "degrees of freedom", "Scale matrices and correlations",
                  "Missing values", "rows not complete   80   of 275",
                  "waiting             55   20.0% of the rows"):  # fmt: skip
        assert words in page
    assert "Missing" not in run("fit", "faithful.csv", "-k", 1).stdout


def test_missing_values_can_be_refused(frame):
    result = invoke(*FIT, "--missing", "error")
    assert result.exit_code == 1
    assert "row 1 of the data, column 'waiting': a value is missing" in result.stderr
    assert "--missing em" in result.stderr
    frame["waiting"] = np.nan
    frame.to_csv("data.csv", index=False)
    result = invoke(*FIT)
    assert result.exit_code == 1
    assert "1 column is empty" in result.stderr
    assert "'waiting'" in result.stderr
    Path("w.csv").write_text("a,b,w\n1,2,1\n2,,1\n3,1,NA\n")
    result = invoke("fit", "w.csv", "-k", 1, "--weights-column", "w")
    assert result.exit_code == 1
    assert "column 'w'" in result.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--noise-init", 0.1), "Give --noise as well"),
        (("--dof", "shared"), "Give --family t as well"),
        (("--no-noise", "--noise-volume", 3), "Leave one of them out"),
        (("--noise-volume", 0), "not a number above 0"),
        (("--noise", "--noise-init", 1), "not a number between 0 and 1"),
        (("--family", "t", "--dof", "many"), "neither shared nor each nor numbers"),
        (("--family", "t", "--dof", "1,-2"), "neither shared nor each nor numbers"),
        (("--family", "t", "--dof", "1,2,3"), "--dof must be .*one or 2 numbers"),
        (("--labels-column", "colour"), "there is no column 'colour'"),
        (
            ("--labels-column", "id"),
            "there are more labels than components.*Raise --components to 275",
        ),
        (("--labels-column", "blank"), "no label is known"),
    ],
)
def test_what_does_not_go_together_is_said(frame, options, message):
    frame.assign(blank=None).to_csv("data.csv", index=False)
    result = invoke(*FIT, *options)
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
    assert re.search(message, " ".join(result.stderr.split())), result.stderr


# ---- applying


def test_predict_score_and_sample_know_the_noise(frame):
    run(*FIT, "--noise", "-o", "m.json", "--quiet")
    gm = estimated(frame, noise=True)
    X = frame[["eruptions", "waiting"]].to_numpy()
    result = run("predict", "m.json", "data.csv")
    header, *rows = rows_of(result.stdout)
    assert header == ["component", "probability_1", "probability_2", "probability_noise"]
    values = np.array(rows, dtype=float)
    labels = gm.predict(X)
    assert set(labels[272:]) >= {-1}
    np.testing.assert_array_equal(values[:, 0], np.where(labels < 0, -1, labels + 1))
    np.testing.assert_array_equal(values[:, 1:], gm.predict_proba(X))
    assert "values missing in 80 rows" in result.stderr
    densities = np.array(rows_of(run("score", "m.json", "data.csv").stdout)[1:], dtype=float)
    np.testing.assert_array_equal(densities[:, 0], gm.score_samples(X))
    told = run("sample", "m.json", "-n", 2000, "--seed", 1, "--with-component").stdout
    drawn = np.array(rows_of(told)[1:], dtype=float)[:, -1]
    assert set(drawn) == {-1.0, 1.0, 2.0}


def test_start_from_such_a_model_goes_on_with_it(frame):
    run(*FIT, "--noise", "--family", "t", "-o", "m.json", "--quiet")
    again = json.loads(run(*FIT[:4], "--start", "m.json", "--json").stdout)
    first = load_model("m.json")
    assert again["model"]["family"] == "t"
    assert again["fit"]["log_likelihood"] == pytest.approx(
        first.training["log_likelihood"], abs=1e-3
    )
    plain = ("--no-noise", "--family", "gaussian")
    without = json.loads(run(*FIT[:4], "--start", "m.json", *plain, "--json").stdout)
    assert without["model"]["noise"] is None
    assert without["model"]["dof"] is None
    assert sum(without["model"]["weights"]) == pytest.approx(1.0)


# ---- imputation


def test_impute_keeps_columns_and_their_order(frame):
    run(*FIT, "-o", "m.json", "--quiet")
    gone = frame[["eruptions", "waiting"]].isna().to_numpy()
    expected = load_model("m.json").impute(frame[["eruptions", "waiting"]].to_numpy())
    result = run("impute", "m.json", "data.csv", "-o", "filled.csv")
    assert result.stdout == ""
    assert "values missing in 80 rows" in result.stderr
    filled = pd.read_csv("filled.csv")
    assert list(filled) == ["id", "eruptions", "kind", "waiting"]
    np.testing.assert_array_equal(filled[["eruptions", "waiting"]], expected)
    assert (gone.sum(), filled[["eruptions", "waiting"]].isna().sum().sum()) == (86, 0)
    pd.testing.assert_frame_equal(filled[["id", "kind"]], frame[["id", "kind"]], check_dtype=False)
    from_pipe = run("impute", "m.json", "-", stdin=Path("data.csv").read_bytes())
    assert from_pipe.stdout == Path("filled.csv").read_text()
    assert "no value is missing" in run("impute", "m.json", "filled.csv").stderr


@pytest.mark.parametrize("extension", ["parquet", "feather"])
def test_impute_of_typed_files_keeps_the_types(frame, extension):
    run(*FIT, "-o", "m.json", "--quiet")
    typed = frame.assign(n=range(275))
    getattr(typed, f"to_{extension}")(f"data.{extension}")
    run("impute", "m.json", f"data.{extension}", "-o", f"filled.{extension}")
    filled = getattr(pd, f"read_{extension}")(f"filled.{extension}")
    assert list(filled) == list(typed)
    assert filled["n"].tolist() == list(range(275))
    assert filled["n"].dtype.kind == "i"
    assert filled["kind"].isna().sum() == frame["kind"].isna().sum()
    run("impute", "m.json", "data.csv", "-o", "text.csv")
    again = pd.read_csv("text.csv")["waiting"]
    np.testing.assert_array_equal(filled["waiting"], again)


def test_draws_are_tables_one_below_the_other(frame):
    run(*FIT, "-o", "m.json", "--quiet")
    run("impute", "m.json", "data.csv", "--draws", 3, "--seed", 7, "-o", "long.csv")
    long = pd.read_csv("long.csv")
    assert list(long) == ["draw", "id", "eruptions", "kind", "waiting"]
    assert long["draw"].tolist() == [1] * 275 + [2] * 275 + [3] * 275
    X = frame[["eruptions", "waiting"]].to_numpy()
    draws = load_model("m.json").impute(X, 3, 7)
    values = long[["eruptions", "waiting"]].to_numpy()
    np.testing.assert_array_equal(values, np.concatenate(draws))
    again = run("impute", "m.json", "data.csv", "--draws", 3, "--seed", 7).stdout
    assert again == Path("long.csv").read_text()
    frame.rename(columns={"id": "draw"}).to_csv("data.csv", index=False)
    result = invoke("impute", "m.json", "data.csv", "--draws", 2)
    assert result.exit_code == 1
    assert "Rename it" in result.stderr


def test_impute_by_position_and_by_other_names(frame):
    run(*FIT, "-o", "m.json", "--quiet")
    expected = rows_of(run("impute", "m.json", "data.csv").stdout)
    columns = [[row[1], row[3]] for row in expected[1:]]
    frame[["eruptions", "waiting"]].to_csv("bare.csv", index=False, header=False)
    assert rows_of(run("impute", "m.json", "bare.csv").stdout) == [["x1", "x2"], *columns]
    frame.rename(columns={"eruptions": "e", "waiting": "w"}).to_csv("other.csv", index=False)
    told = rows_of(run("impute", "m.json", "other.csv", "--columns", "e,w").stdout)
    assert told == [["id", "e", "kind", "w"], *expected[1:]]


def test_numbers_only_in_npy(frame):
    run(*FIT, "-o", "m.json", "--quiet")
    result = invoke("impute", "m.json", "data.csv", "-o", "filled.npy")
    assert result.exit_code == 1
    assert "a .npy file holds numbers only: got the column 'id'" in " ".join(result.stderr.split())
    np.save("data.npy", frame[["eruptions", "waiting"]].to_numpy())
    run("impute", "m.json", "data.npy", "-o", "filled.npy")
    assert np.isfinite(np.load("filled.npy")).all()


# ---- labels


def test_names_stand_for_components_in_sorted_order(frame):
    y = frame["kind"].map({"long": 0, "short": 1}).fillna(-1).to_numpy()
    args = ("fit", "data.csv", "--exclude", "id", *FIT[4:], "--labels-column", "kind")
    document = json.loads(run(*args, "-o", "m.json", "--labels", "l.csv", "--json").stdout)
    gm = estimated(frame, y, labels="use")
    assert document["fit"]["log_likelihood"] == gm.log_likelihood_
    assert document["model"]["means"] == gm.means_.tolist()
    assert document["component_names"] == ["long", "short"]
    assert load_model("m.json").component_names == ("long", "short")
    assert "Components by name: 1 long, 2 short" in run("info", "m.json").stdout
    found = pd.read_csv("l.csv")
    np.testing.assert_array_equal(found["component"][y >= 0], y[y >= 0] + 1)
    np.testing.assert_array_equal(found["probability_1"][y >= 0], y[y >= 0] == 0)


def numbered(frame, one, two, unknown):
    numbers = frame["kind"].map({"long": one, "short": two}).fillna(unknown)
    return frame.assign(kind=numbers)


@pytest.mark.parametrize(
    ("one", "two", "unknown", "names"),
    [
        ("2", "1", "", None),
        ("1", "2", "-1", None),
        ("1", "0", "-1", ["0", "1"]),
        ("b", "a", "?", ["a", "b"]),
    ],
)
def test_numbers_are_components(frame, one, two, unknown, names):
    numbered(frame, one, two, unknown).to_csv("data.csv", index=False)
    args = ("fit", "data.csv", "--exclude", "id", *FIT[4:], "--labels-column", "kind", "--json")
    document = json.loads(run(*args).stdout)
    assert document.get("component_names") == names
    means = np.array(document["model"]["means"])[:, 0]
    first_is_long = means[0] > means[1]
    assert first_is_long == (one == "1" and names is None)


def test_a_number_beyond_the_last_component_is_refused_with_the_remedy(frame):
    numbered(frame, "10", "9", "NA").to_csv("data.csv", index=False)
    args = ("fit", "data.csv", "--exclude", "id", *FIT[4:], "--labels-column", "kind", "--json")
    assert "Raise --components to 10" in invoke(*args).stderr


def test_labels_of_typed_files(frame):
    y = frame["kind"].map({"long": 0, "short": 1}).fillna(-1).astype(int)
    frame.assign(kind=frame["kind"].astype("category"), y=y).to_parquet("data.parquet")
    args = ("--columns", "eruptions,waiting", *FIT[4:], "--json", "--labels-column")
    by_text = json.loads(run("fit", "data.csv", *args, "kind").stdout)
    by_category = json.loads(run("fit", "data.parquet", *args, "kind").stdout)
    by_number = json.loads(run("fit", "data.parquet", *args, "y").stdout)
    from_pipe = run("fit", "-", *args, "kind", stdin=Path("data.csv").read_bytes()).stdout
    for other in (by_category, by_number, json.loads(from_pipe)):
        assert other["model"]["means"] == by_text["model"]["means"]
    assert by_number["component_names"] == ["0", "1"]


def test_scaling_of_incomplete_rows():
    scaling = Scaling([1.0, 2.0], [10.0, 0.1])
    X = np.array([[1.0, 2.0], [np.nan, 2.0], [1.0, np.nan], [np.nan, np.nan]])
    np.testing.assert_allclose(
        scaling.log_volumes(X), [0.0, np.log(0.1), np.log(10), 0.0], atol=1e-15
    )
