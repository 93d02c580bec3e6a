from __future__ import annotations

import json

import numpy as np
import pytest
from running import invoke

from bactrian import BadInputError, load_model


def test_table_marks_the_best():
    result = invoke("select", "faithful.csv", "-k", "1:3", "-o", "best.json")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "BIC of 42 models (lower is better)"
    assert lines[3].split() == ["components", "full", "tied", "diag", "spherical", "EII"]
    assert [line.split()[0] for line in lines[4:7]] == ["1", "2", "3"]
    assert "2314.296*" in lines[6]
    assert result.stdout.count("*") == 2  # and in the legend
    best = load_model("best.json")
    assert (best.parameters.n_components, best.parameters.structure.name) == (3, "tied")
    assert best.feature_names == ("eruptions", "waiting")
    assert result.stderr == "Model written to best.json\n"


def test_document_holds_all_candidates(faithful):
    options = ("-k", "2,1", "--covariance", "diag,full", "--criterion", "aic", "--json")
    result = invoke("select", "faithful.csv", *options)
    document = json.loads(result.stdout)
    rows = document["candidates"]
    assert [(row["n_components"], row["covariance_type"]) for row in rows] == [
        (1, "diag"), (1, "full"), (2, "diag"), (2, "full"),
    ]  # fmt: skip
    assert document["criterion"] == "aic"
    assert document["best"] == {"n_components": 2, "covariance_type": "full"}
    best = min(rows, key=lambda row: row["aic"])
    assert best["rank"] == 1
    assert document["fit"]["aic"] == pytest.approx(best["aic"], rel=1e-12)
    # one Gaussian with independent columns, in closed form
    deviance = len(faithful) * (np.log(2 * np.pi * faithful.var(axis=0)) + 1).sum()
    assert rows[0]["log_likelihood"] == pytest.approx(-deviance / 2, rel=1e-12)


def test_standardized_criteria_are_those_of_the_data():
    options = ("-k", 2, "--covariance", "full,diag", "--json")
    plain = json.loads(invoke("select", "faithful.csv", *options).stdout)
    scaled = json.loads(invoke("select", "faithful.csv", *options, "--standardize").stdout)
    for one, two in zip(plain["candidates"], scaled["candidates"], strict=True):
        assert one["bic"] == pytest.approx(two["bic"], abs=1e-3)


def test_failures_are_marked():
    rows = "\n".join(["a,b", "1,2", "2,1", "3,5", "4,3"])
    result = invoke("select", "-", "-k", "1,9", "--covariance", "diag", stdin=rows)
    assert result.exit_code == 0, result.output
    assert "- could not be fitted" in result.stdout
    assert result.stdout.splitlines()[5].split() == ["9", "-"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0", "begins below 1"),
        ("3:1", "ends before it begins"),
        ("a", "is not of the form 3, 1:9 or 1,2,5"),
        ("1:", "is not of the form"),
        ("1:99999999", "goes beyond"),
    ],
)
def test_counts_that_make_no_sense(text, message):
    result = invoke("select", "faithful.csv", "-k", text)
    assert result.exit_code == 2
    assert message in result.stderr


def test_labels_and_starting_values(faithful):
    kinds = np.where(np.arange(len(faithful)) % 3, -1, np.where(faithful[:, 0] < 3, 2, 1))
    np.savetxt("kinds.csv", np.column_stack([kinds, faithful]), delimiter=",",
               header="kind,eruptions,waiting", comments="")  # fmt: skip
    few = ("--covariance", "tied,full", "--n-init", 1, "--json")
    told = json.loads(
        invoke("select", "kinds.csv", "-k", "1:2", "--labels-column", "kind", *few).stdout
    )
    fit = invoke("fit", "kinds.csv", "-k", 2, "--labels-column", "kind", *few[2:]).stdout
    assert [bool(row["failure"]) for row in told["candidates"]] == [True, True, False, False]
    assert told["candidates"][3]["bic"] == json.loads(fit)["fit"]["bic"]
    assert told["data"]["labelled"] == 91
    begun = ("--start-mean", "2,55", "--start-mean", "4.3,80", "--fixed", "means")
    told = json.loads(invoke("select", "faithful.csv", *begun, *few).stdout)
    assert [row["n_components"] for row in told["candidates"]] == [2, 2]
    assert told["model"]["means"] == [[2, 55], [4.3, 80]]
    invoke("fit", "faithful.csv", "-k", 3, "-o", "three.json", "-q")
    told = json.loads(invoke("select", "faithful.csv", "--start", "three.json", *few).stdout)
    assert [row["n_components"] for row in told["candidates"]] == [3, 3]
    refused = invoke("select", "faithful.csv", *begun, "-k", "2:3")
    assert "Starting values are those of one number of components" in refused.stderr


def test_a_ratio_of_eigenvalues_leaves_structures_out_by_name():
    result = invoke("select", "faithful.csv", "-k", 2, "--eigenvalue-ratio", 20)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[4].split()[1:5].count("-") == 0
    assert "- could not be fitted" in result.stdout


def test_a_test_that_fails_leaves_the_search(monkeypatch):
    def fails(*_, **__):
        raise BadInputError("n_components", "too many", "fewer")

    where = "bactrian.selection.tests.likelihood_ratio.bootstrap_lrt"
    few = ("-k", "1:2", "--covariance", "tied", "--n-init", 1, "--bootstrap-test", 19)
    files = ("-o", "best.json", "--table", "table.json")
    with monkeypatch.context() as changed:
        changed.setattr(where, fails)
        result = invoke("select", "faithful.csv", *few, *files)
    assert result.exit_code == 1
    assert "BIC of 2 models" in result.stdout
    assert result.stdout.rstrip().endswith("! --components must be fewer, but got too many.")
    assert "The search is done, but not the test: --components must be fewer" in result.stderr
    assert load_model("best.json").parameters.n_components == 2
    assert invoke("select", "faithful.csv", *few[:4], "--n-init", 1, "--resume", "table.json",
                  "-q").exit_code == 0  # fmt: skip
    refused = invoke("select", "faithful.csv", *few, "--equal-weights")
    assert "--bootstrap-test does not go with --equal-weights" in refused.stderr


def test_a_best_at_the_edge_and_weights_that_are_shares_are_told():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(10 * k, 1, 40) for k in range(3)])
    rows = "\n".join(["v,share", *(f"{value},{1 / 120}" for value in values)])
    options = ("-k", "2:3", "--covariance", "tied")
    result = invoke("select", "-", *options, "--columns", "v", stdin=rows)
    said = " ".join(result.stdout.split())
    assert "the best has 3 components, the most that were tried (2 to 3): raise --comp" in said
    result = invoke("select", "-", *options, "--weights-column", "share", "--json", stdin=rows)
    document = json.loads(result.stdout)
    assert [one["kind"] for one in document["choice"]["objections"]] == ["edge"]
    assert "weights" in {one["kind"] for one in document["objections"]}
    assert document["certainty"]["relative_entropy"] == pytest.approx(
        document["candidates"][-1]["relative_entropy"]
    )


def test_what_is_said_of_the_best_is_in_units_of_the_data():
    rng = np.random.default_rng(0)
    rows = "\n".join(map(str, np.r_[rng.normal(2, 0.4, 400), rng.normal(4, 2, 100)]))
    options = ("-k", 2, "--covariance", "full")
    reports = [
        invoke("select", "-", *options, *more, stdin=rows).stdout.partition("  ! ")[2]
        for more in ((), ("--standardize",))
    ]
    assert "on both sides of component" in " ".join(reports[0].split())
    assert reports[0] == reports[1]
