from __future__ import annotations

import csv
import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest
from running import invoke
from scipy.stats import multivariate_normal

from bactrian import GaussianMixture, load_model
from bactrian.tables.write import write_table


def fit(*args, stdin=None):
    result = invoke("fit", *args, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result


def fit_json(*args, stdin=None) -> dict:
    result = fit(*args, "--json", stdin=stdin)
    return json.loads(result.stdout)


def table(path) -> list[list[str]]:
    with open(path, newline="") as stream:
        return list(csv.reader(stream))


def test_report_tells_parameters_fit_and_certificate():
    result = fit("faithful.csv", "-k", 2, "--seed", 1, "-o", "model.json")
    for words in (
        "Gaussian mixture of 2 components with full covariances",
        "faithful.csv: 272 rows, 2 columns",
        "Weights and means",
        "Standard deviations",
        "Covariances and correlations",
        "-1130.264   11 free parameters",
        "BIC               2322.192",
        "AIC               2282.528",
        "gain still to come",
        "largest score entry",
        "rate of EM",
        "Optima found",
    ):
        assert words in result.stdout
    assert result.stderr == "Model written to model.json\n"


def test_document_agrees_with_the_estimator_and_with_scipy(faithful):
    document = fit_json("faithful.csv", "-k", 2, "--seed", 1)
    gm = GaussianMixture(2, random_state=1).fit(faithful)
    model, found = document["model"], document["fit"]
    np.testing.assert_allclose(model["means"], gm.means_, rtol=1e-10)
    np.testing.assert_allclose(model["covariances"], gm.covariances_, rtol=1e-10)
    assert found["bic"] == pytest.approx(gm.bic(faithful))
    assert found["aic"] == pytest.approx(gm.aic(faithful))
    components = zip(model["weights"], model["means"], model["covariances"], strict=True)
    density = sum(w * multivariate_normal(m, c).pdf(faithful) for w, m, c in components)
    assert found["log_likelihood"] == pytest.approx(np.log(density).sum(), rel=1e-9)
    deviations = np.asarray(model["standard_deviations"])
    scale = deviations[:, :, None] * deviations[:, None, :]
    np.testing.assert_allclose(np.asarray(model["correlations"]) * scale, model["covariances"])
    assert model["feature_names"] == ["eruptions", "waiting"]
    assert document["data"] == {"n_samples": 272, "weight": 272.0}


def test_same_seed_same_document():
    one, two = (fit_json("faithful.csv", "-k", 3, "--seed", 7) for _ in range(2))
    one["fit"].pop("seconds"), two["fit"].pop("seconds")
    assert one == two


@pytest.mark.parametrize("covariance", ["full", "tied", "diag", "spherical"])
def test_standardized_likelihood_is_that_of_the_data(covariance, faithful):
    options = ("-k", 2, "--covariance", covariance, "--standardize", "-o", "z.json")
    document = fit_json("faithful.csv", *options, "--trace", "trace.csv")
    model = document["model"]
    components = zip(model["weights"], model["means"], model["covariances"], strict=True)
    density = sum(w * multivariate_normal(m, c).pdf(faithful) for w, m, c in components)
    log_likelihood = np.log(density).sum()
    assert document["fit"]["log_likelihood"] == pytest.approx(log_likelihood, rel=1e-9)
    assert document["optima"][0]["log_likelihood"] == pytest.approx(log_likelihood, rel=1e-6)
    kept = load_model("z.json")
    assert kept.scaling is not None
    assert kept.log_density(faithful).sum() == pytest.approx(log_likelihood, rel=1e-9)
    _header, *rows = table("trace.csv")
    best = max(float(row[2]) for row in rows)
    assert best == pytest.approx(log_likelihood, rel=1e-6)


def test_standardized_full_covariances_are_those_of_a_plain_fit():
    plain = fit_json("faithful.csv", "-k", 2)
    scaled = fit_json("faithful.csv", "-k", 2, "--standardize")
    for name in ("log_likelihood", "bic", "aic"):
        assert scaled["fit"][name] == pytest.approx(plain["fit"][name], abs=1e-3)


def test_labels_and_trace(faithful):
    fit("faithful.csv", "-k", 2, "--labels", "labels.csv", "--trace", "trace.csv", "-o", "m.json")
    header, *labels = table("labels.csv")
    assert header == ["component", "probability_1", "probability_2"]
    responsibilities = load_model("m.json").responsibilities(faithful)
    np.testing.assert_array_equal(
        [int(row[0]) for row in labels], responsibilities.argmax(axis=1) + 1
    )
    np.testing.assert_array_equal(np.array(labels, float)[:, 1:], responsibilities)
    header, *rows = table("trace.csv")
    assert header == ["start", "iteration", "log_likelihood", "lower_bound", "gain"]
    assert {row[0] for row in rows} >= {"1"}
    assert all(float(row[4]) > -1e-9 for row in rows)


def test_weights_column_counts_rows_twice():
    lines = Path("faithful.csv").read_text().splitlines()
    first, rows = lines[0], lines[1:101]
    doubled = [f"{row},{2 if i < 50 else 1}" for i, row in enumerate(rows)]
    Path("weighted.csv").write_text("\n".join([f"{first},n", *doubled, "9,9,0"]))
    Path("repeated.csv").write_text("\n".join([first, *rows, *rows[:50]]))
    options = ("-k", 1, "--json")
    weighted = fit_json("weighted.csv", *options, "--weights-column", "n")
    repeated = fit_json("repeated.csv", *options)
    assert weighted["data"]["weight"] == repeated["data"]["weight"] == 150
    np.testing.assert_allclose(weighted["model"]["means"], repeated["model"]["means"])
    assert weighted["fit"]["bic"] == pytest.approx(repeated["fit"]["bic"])
    by_position = fit_json("weighted.csv", *options, "--weights-column", 3, "--columns", "1,2")
    assert by_position["model"] == weighted["model"]


def test_start_resumes_at_the_maximum(model):
    document = fit_json("faithful.csv", "--start", model)
    assert document["model"]["n_components"] == 2
    assert document["fit"]["n_iter"] <= 5
    assert document["fit"]["log_likelihood"] == pytest.approx(-1130.264, abs=1e-3)


@pytest.mark.parametrize("scaled", [(), ("--standardize",)])
@pytest.mark.parametrize("covariance", ["full", "tied", "diag", "spherical"])
def test_fixed_means_are_those_of_the_start(model, covariance, scaled):
    options = ("--start", model, "--fixed", "means", "--covariance", covariance, *scaled)
    document = fit_json("faithful.csv", *options)
    start = load_model(model).in_original_units().means
    np.testing.assert_allclose(document["model"]["means"], start, rtol=1e-12)
    assert document["model"]["covariance_type"] == covariance


def test_start_in_the_nearest_covariances(model):
    """Without iterations, a start of another structure shows what was made of it."""
    dense = load_model(model).in_original_units().dense_covariances()
    weights = load_model(model).parameters.weights
    options = ("--start", model, "--max-iter", 0)
    tied = fit_json("faithful.csv", *options, "--covariance", "tied")["model"]["covariances"]
    np.testing.assert_allclose(tied[0], np.tensordot(weights, dense, 1), rtol=1e-9)
    diag = fit_json("faithful.csv", *options, "--covariance", "diag")["model"]["covariances"]
    np.testing.assert_allclose(diag, dense * np.eye(2), rtol=1e-9, atol=1e-12)
    sphere = fit_json("faithful.csv", *options, "--covariance", "spherical")
    variances = np.diagonal(dense, axis1=1, axis2=2).mean(axis=1)
    expected = variances[:, None, None] * np.eye(2)
    np.testing.assert_allclose(sphere["model"]["covariances"], expected, rtol=1e-9, atol=1e-12)


def test_start_finds_its_columns_by_name(model):
    lines = Path("faithful.csv").read_text().splitlines()
    swapped = ["waiting,note,eruptions"]
    swapped += [f"{row.split(',')[1]},word,{row.split(',')[0]}" for row in lines[1:]]
    Path("swapped.csv").write_text("\n".join(swapped))
    document = fit_json("swapped.csv", "--start", model)
    assert document["model"]["feature_names"] == ["eruptions", "waiting"]
    assert document["fit"]["log_likelihood"] == pytest.approx(-1130.264, abs=1e-3)


def test_fixed_weights():
    document = fit_json(
        "faithful.csv", "-k", 2, "--start-weights", "0.4,0.6", "--fixed", "weights"
    )
    assert document["model"]["weights"] == [0.4, 0.6]
    assert document["fit"]["n_parameters"] == 10


@pytest.mark.parametrize("standardize", [(), ("--standardize",)], ids=["plain", "z-scores"])
def test_starting_means_are_in_units_of_the_data(standardize):
    means = ("--start-mean", "4,80", "--start-mean", "2,55")
    document = fit_json("faithful.csv", *means, "--max-iter", 0, *standardize)
    np.testing.assert_allclose(document["model"]["means"], [[4, 80], [2, 55]], rtol=1e-12)
    document = fit_json("faithful.csv", *means, *standardize)
    assert document["fit"]["log_likelihood"] == pytest.approx(-1130.264, abs=1e-3)
    assert document["model"]["means"][0][0] > 4


def test_starting_means_may_be_held_or_stand_for_those_of_a_model(model):
    means = ("--start-mean", "4,80", "--start-mean", "-1,55")
    document = fit_json("faithful.csv", *means, "--fixed", "means")
    assert document["model"]["means"] == [[4, 80], [-1, 55]]
    given = json.loads(Path(model).read_text())
    document = fit_json("faithful.csv", "--start", model, *means, "--max-iter", 0)
    assert document["model"]["means"] == [[4, 80], [-1, 55]]
    assert document["model"]["weights"] == pytest.approx(given["weights"])


def test_not_converged_is_a_warning_and_no_failure():
    result = fit("faithful.csv", "-k", 4, "--max-iter", 3, "--n-init", 1)
    assert re.search("converged +NO   the iteration limit", result.stdout)
    assert "! stopped at the limit of 3 iterations" in result.stdout
    [warning] = result.stderr.splitlines()
    assert warning == "Warning: the fit did not converge: stopped at the limit of 3 iterations"


def test_quiet_warns_a_line_each():
    result = fit("faithful.csv", "-k", 4, "--max-iter", 3, "--n-init", 1, "--quiet")
    first, *others = result.stderr.splitlines()
    assert first == "Warning: the fit did not converge: stopped at the limit of 3 iterations"
    assert others
    assert all(line.startswith("Warning: ") for line in others)
    assert len({first, *others}) == 1 + len(others)


def test_quiet_prints_nothing_but_warnings():
    result = fit("faithful.csv", "-k", 2, "--quiet", "-o", "m.json")
    assert result.output == ""
    assert Path("m.json").exists()
    few = Path("faithful.csv").read_text().splitlines()[:12]
    result = fit("-", "-k", 1, "--covariance", "full", "-q", stdin="\n".join(few[:8]))
    assert result.stdout == ""
    assert "rows are few for 5 free parameters; lower --components" in result.stderr


def test_json_is_strict_and_alone():
    result = fit("faithful.csv", "-k", 4, "--max-iter", 0, "--json", "-o", "m.json")

    def refuse(name):
        raise AssertionError(name)

    document = json.loads(result.stdout, parse_constant=refuse)
    assert document["certificate"]["gain_to_come"] is None  # infinite, as far as is known
    assert document["fit"]["converged"] is False
    assert document["warnings"]


def semicolons(text: str) -> bytes:
    return text.replace(",", ";").replace(".", ",").encode()


def test_dialects_of_text_agree(faithful):
    text = Path("faithful.csv").read_text()
    plain = fit_json("faithful.csv", "-k", 2)
    Path("decimal.csv").write_bytes(semicolons(text))
    Path("packed.csv.gz").write_bytes(gzip.compress(text.encode()))
    columns = [faithful[:, 0], faithful[:, 1]]
    for name in ("t.parquet", "t.feather", "t.tsv"):
        write_table(name, ["eruptions", "waiting"], columns)
    np.save("t.npy", faithful)
    for name in ("decimal.csv", "packed.csv.gz", "t.parquet", "t.feather", "t.tsv", "t.npy"):
        document = fit_json(name, "-k", 2)
        assert document["fit"]["bic"] == plain["fit"]["bic"], name
    piped = fit_json("-", "-k", 2, stdin=gzip.compress(semicolons(text)))
    assert piped["fit"]["bic"] == plain["fit"]["bic"]
    assert piped["source"] == "standard input"
    told = fit_json("decimal.csv", "-k", 2, "--delimiter", ";", "--decimal", ",", "--header")
    assert told["fit"]["bic"] == plain["fit"]["bic"]


def test_columns_by_name_and_position():
    by_name = fit_json("faithful.csv", "-k", 2, "--columns", "waiting")
    by_position = fit_json("faithful.csv", "-k", 2, "--columns", "2")
    assert by_name["model"] == by_position["model"]
    assert by_name["model"]["feature_names"] == ["waiting"]


def test_failed_fit_keeps_an_older_file():
    Path("model.json").write_text("older")
    result = invoke("fit", "faithful.csv", "-k", 500, "-o", "model.json")
    assert result.exit_code == 1
    assert Path("model.json").read_text() == "older"


def test_a_constant_column_is_fitted_with_a_warning():
    rows = np.random.default_rng(0).normal(size=(40, 2)).round(3)
    lines = [f"{a},5,{b}" for a, b in rows]
    Path("flat.csv").write_text("\n".join(["a,flat,b", *lines]), encoding="utf-8")
    words = "column 'flat' is constant; leave it out, because its density is a convention"
    for standardize in ((), ("--standardize",)):
        result = invoke("fit", "flat.csv", "-k", 1, *standardize, "-o", "flat.json")
        assert result.exit_code == 0, result.output
        assert words in " ".join(result.stdout.split())
    for command in ("fit", "select"):
        result = invoke(command, "flat.csv", "-k", 1, "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["warnings"] == [words]
    assert invoke("predict", "flat.json", "flat.csv").exit_code == 0
