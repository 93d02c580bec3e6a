"""Fits and searches through the API: their numbers are the library's."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import warnings
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from serving import SIX, groups
from sklearn.exceptions import ConvergenceWarning

from bactrian import BayesianGaussianMixture, GaussianMixture, select_mixture
from bactrian.cli.application import application
from bactrian.storage import MixtureModel

X = groups(400, seed=5)
LOOSE = {"n_components": 3, "tol": 1e-6, "seed": 4}


@pytest.fixture(scope="module")
def data(url):
    from serving import client_of

    with client_of(url) as client:
        yield client.array(X, "groups.npy")


@pytest.fixture(scope="module")
def job(url, data):
    from serving import client_of

    with client_of(url) as client:
        return client.fit(data, **LOOSE)


@pytest.fixture(scope="module")
def fitted():
    settings = {"max_iter": 100, "tol": 1e-6, "acceleration": "none"}
    return GaussianMixture(3, random_state=4, **settings).fit(X)


def mixture_density(mixture: dict, rows: np.ndarray) -> np.ndarray:
    unit = rows.std(axis=0)
    parts = zip(
        mixture["weights"],
        mixture["means"] / unit,
        mixture["covariances"] / np.outer(unit, unit),
        strict=True,
    )
    densities = sum(w * multivariate_normal(m, c).pdf(rows / unit) for w, m, c in parts)
    return densities / unit.prod()


def test_a_fit_is_that_of_the_library(job, fitted):
    assert (job["status"], job["problem"], job["kind"]) == ("done", None, "fit")
    found = job["fit"]
    np.testing.assert_array_equal(found["mixture"]["weights"], fitted.weights_)
    np.testing.assert_array_equal(found["mixture"]["means"], fitted.means_)
    np.testing.assert_array_equal(found["mixture"]["covariances"], fitted.covariances_)
    assert found["document"]["fit"]["log_likelihood"] == fitted.log_likelihood_
    assert found["columns"] == ["x1", "x2"]
    assert found["n_rows"] == 400


def test_criteria_are_those_of_the_estimator(job, fitted):
    for name in ("bic", "aic", "aicc", "icl", "caic", "hq"):
        assert job["fit"]["criteria"][name] == pytest.approx(getattr(fitted, name)(X), rel=1e-12)


def test_certainty_is_that_of_the_estimator(job, fitted):
    told, own = job["fit"]["document"]["certainty"], fitted.certainty(X)
    assert told["relative_entropy"] == pytest.approx(own.relative_entropy, rel=1e-12)
    assert told["probabilities"] == pytest.approx(own.probabilities, rel=1e-12)


def test_the_document_is_what_the_command_prints(job, tmp_path, capsys):
    path = tmp_path / "groups.npy"
    np.save(path, X)
    words = job["fit"]["command"].replace("groups.npy", str(path)).split()[1:]
    assert application.status([*words, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    told = job["fit"]["document"]
    for document in (printed, told):
        document["fit"].pop("seconds")
        document.pop("source")
    printed["model"].pop("feature_names")
    told["model"].pop("feature_names")
    assert printed == told


def test_the_text_is_the_report(job):
    text = job["fit"]["text"]
    assert text.startswith("Gaussian mixture of 3 components")
    assert max(map(len, text.splitlines())) <= 80
    assert "groups.npy: 400 rows, 2 columns" in text


def test_frames_lead_from_the_starting_values_to_the_result(client, job):
    told = client.get(f"fits/{job['id']}/frames").json()
    frames = told["frames"]
    assert [frame["iteration"] for frame in frames] == list(range(len(frames)))
    assert len(frames) == 1 + job["fit"]["document"]["fit"]["n_iter"]
    assert frames[-1]["mixture"] == job["fit"]["mixture"]
    likelihoods = [frame["log_likelihood"] for frame in frames]
    assert (np.diff(likelihoods) > -1e-9).all()
    assert not any(frame["accelerated"] for frame in frames)
    for frame in frames:
        own = np.log(mixture_density(frame["mixture"], X)).sum()
        assert frame["log_likelihood"] == pytest.approx(own, rel=1e-9)


def test_steps_that_move_only_the_covariances_are_on_the_way(client):
    """In the sample, weights and means stand still before the covariances do."""
    rows = client.get("examples/sample").json()["rows"]
    job = client.fit(client.array(np.array(rows)), n_components=2, init_params="sample_variance")
    frames = client.get(f"fits/{job['id']}/frames").json()["frames"]
    assert len(frames) == 1 + job["fit"]["document"]["fit"]["n_iter"]
    assert frames[-2]["mixture"]["means"] == frames[-1]["mixture"]["means"]


def test_each_frame_is_one_step_of_em_from_the_one_before(client, job):
    """The M-step in its textbook form, from the responsibilities of the frame before."""
    frames = client.get(f"fits/{job['id']}/frames").json()["frames"]
    for before, after in pairwise(frames[:6]):
        mixture = before["mixture"]
        densities = np.stack(
            [
                w * multivariate_normal(m, c).pdf(X)
                for w, m, c in zip(*(mixture[n] for n in ("weights", "means", "covariances")),
                                   strict=True)
            ],
            axis=1,
        )  # fmt: skip
        resp = densities / densities.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(after["mixture"]["weights"], resp.mean(axis=0), rtol=1e-8)
        means = resp.T @ X / resp.sum(axis=0)[:, None]
        np.testing.assert_allclose(after["mixture"]["means"], means, rtol=1e-8)


def test_accelerated_steps_are_marked(client):
    rng = np.random.default_rng(0)
    slow = np.r_[rng.normal(0, 1, (300, 1)), rng.normal(1.5, 1, (300, 1))]
    job = client.fit(client.array(slow), tol=1e-9, max_iter=500, acceleration="anderson")
    frames = client.get(f"fits/{job['id']}/frames").json()["frames"]
    assert any(frame["accelerated"] for frame in frames)
    assert not frames[0]["accelerated"]
    assert frames[-1]["mixture"] == job["fit"]["mixture"]


def test_a_search_along_the_slowest_direction_is_no_iteration(client):
    rng = np.random.default_rng(0)
    centres = np.repeat(rng.uniform(-20, 20, (12, 2)), 60, axis=0)
    rows = centres + rng.normal(size=centres.shape)
    job = client.fit(client.array(rows), n_components=12, n_init=5)
    frames = client.get(f"fits/{job['id']}/frames").json()["frames"]
    numbers = [frame["iteration"] for frame in frames]
    searched = [b for a, b in pairwise(frames) if a["iteration"] == b["iteration"]]
    assert searched
    assert all(frame["accelerated"] for frame in searched)
    assert sorted(set(numbers)) == list(range(1 + job["fit"]["document"]["fit"]["n_iter"]))
    assert numbers == sorted(numbers)


def test_phases_on_samples_of_many_rows_are_part_of_the_way(client):
    rows = groups(60_000, seed=2)
    job = client.fit(client.array(rows), n_components=3)
    frames = client.get(f"fits/{job['id']}/frames").json()["frames"]
    sizes = [frame["n_rows"] for frame in frames]
    assert sizes[0] == 10_000
    assert sizes == sorted(sizes)
    assert sizes[-1] == 60_000
    assert [frame["iteration"] for frame in frames] == list(range(len(frames)))
    for frame in (frames[0], frames[-1]):
        own = np.log(mixture_density(frame["mixture"], rows)).sum()
        assert frame["log_likelihood"] == pytest.approx(own, rel=0.02)
    assert frames[-1]["mixture"] == job["fit"]["mixture"]
    assert frames[-1]["log_likelihood"] == pytest.approx(
        job["fit"]["document"]["fit"]["log_likelihood"], rel=1e-12
    )


SCALED = X * [1e3, 1e-3] + [5e5, 2.0]


def test_a_standardised_fit_speaks_in_units_of_the_data(client):
    job = client.fit(client.array(SCALED), **LOOSE, standardize=True)
    found = job["fit"]
    own = np.log(mixture_density(found["mixture"], SCALED)).sum()
    assert found["document"]["fit"]["log_likelihood"] == pytest.approx(own, rel=1e-9)
    assert found["criteria"]["icl"] >= found["criteria"]["bic"] - 1e-6
    frames = client.get(f"fits/{job['id']}/frames").json()["frames"]
    for frame in (frames[0], frames[-1]):
        own = np.log(mixture_density(frame["mixture"], SCALED)).sum()
        assert frame["log_likelihood"] == pytest.approx(own, rel=1e-9)
    means = np.array(found["kmeans"]["centres"])
    assert (np.abs(means - SCALED.mean(axis=0)) < 4 * SCALED.std(axis=0)).all()


def test_kmeans_is_as_good_as_that_of_scikit_learn(job):
    from sklearn.cluster import KMeans

    centres = np.array(job["fit"]["kmeans"]["centres"])
    squared = ((X[:, None] - centres) ** 2).sum(axis=2)
    theirs = KMeans(3, n_init=10, random_state=0).fit(X)
    assert squared.min(axis=1).sum() <= theirs.inertia_ * 1.01
    sizes = np.bincount(squared.argmin(axis=1), minlength=3)
    assert job["fit"]["kmeans"]["sizes"] == sizes.tolist()


FILE = "a,word,b,w\n" + "".join(
    f"{x!r},n,{y!r},{1 + i % 3}\n" for i, (x, y) in enumerate(X[:300].tolist())
)
REQUESTS = [
    {"n_components": 2},
    {"n_components": 2, "standardize": True, "tol": 1e-8},
    {"n_components": 3, "columns": ["b"], "covariance_type": "tied"},
    {"n_components": 2, "columns": ["a", "b"], "weights": "w", "standardize": True},
    {"n_components": 2, "noise": True, "columns": ["a", "b"]},
    {"n_components": 2, "family": "t", "columns": ["a", "b"], "prior": "default"},
    {"n_components": 2, "init_params": "kmeans", "n_init": 2, "reg_covar": 1e-6, "seed": 9},
    {"n_components": 2, "columns": ["a", "b"], "means_init": [[0.0, 0.0], [2.0, 1.0]],
     "standardize": True, "equal_weights": True},
    {"n_components": 2, "columns": ["b"], "means_init": [[-1e-7], [2]]},
    {"n_components": 2, "covariance_type": "VEV", "stopping": "aitken", "columns": ["b", "a"]},
    {"n_components": 3, "columns": ["a", "b"], "labels": "w", "covariance_type": "diag",
     "fixed": ["weights"], "weights_init": [0.5, 0.25, 0.25]},
    {"n_components": 2, "columns": ["a", "b"], "family": "t", "dof": [4.0, 6.0], "noise": 50.0,
     "noise_init": 0.1, "eigenvalue_ratio": 20.0, "standardize": True},
    {"n_components": 2, "columns": ["a", "b"], "standardize": True,
     "spikes": {"b": [float(X[0, 1]), 0.0]}},
    {"n_components": 2, "columns": ["b"], "spikes": [float(X[0, 1])]},
    {"n_components": 4, "columns": ["a", "b"], "estimation": "bayes", "standardize": True},
]  # fmt: skip


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_the_code_and_the_command_fit_the_same_mixture(
    client, request_, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my data.csv").write_text(FILE)
    job = client.fit(client.file(FILE.encode(), "my data.csv"), **request_)
    found = job["fit"]
    check_code(found)
    assert application.status([*shlex.split(found["command"])[1:], "--json"]) == 0
    model = json.loads(capsys.readouterr().out)["model"]
    for name in ("weights", "means", "covariances"):
        np.testing.assert_array_equal(model[name], found["mixture"][name])


def test_a_posterior_is_that_of_the_library(client, data):
    found = client.fit(data, n_components=4, estimation="bayes", tol=1e-7, max_iter=1000)["fit"]
    own = BayesianGaussianMixture(4, random_state=0, acceleration="none").fit(X)
    told, said = found["document"]["posterior"], own.posterior_summary()
    assert told["evidence_bound"] == pytest.approx(own.lower_bound_)
    np.testing.assert_allclose(
        [one["probability_empty"] for one in told["components"]], own.probability_empty(X)
    )
    lows = [one["low"] for one in told["parameters"] if one["parameter"] == "mean"]
    np.testing.assert_allclose(lows, said.means.low.ravel())
    np.testing.assert_allclose(told["components"][0]["mean_scale"], said.mean_scales[0][0])
    assert "Posterior" in found["text"]
    assert "small_component" not in [note["kind"] for note in found["notes"]]


def test_starting_values_and_a_prior_of_ones_own(client, data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("groups.npy", X)
    settings = {
        "weights_init": [0.3, 0.7],
        "means_init": [[0.0, 0.0], [2.0, 1.0]],
        "precisions_init": [[[1.0, 0.0], [0.0, 2.0]], [[2.0, 0.5], [0.5, 1.0]]],
        "prior": {"shrinkage": 0.5, "scale": [1.0, 2.0], "dof": 5.0, "concentration": 3.0},
        "fixed": ["covariances"],
    }
    found = client.fit(data, **settings)["fit"]
    fitted = GaussianMixture(2, max_iter=100, tol=1e-4, acceleration="none", **settings).fit(X)
    np.testing.assert_array_equal(found["mixture"]["means"], fitted.means_)
    np.testing.assert_array_equal(found["mixture"]["weights"], fitted.weights_)
    check_code(found)
    assert found["command"].startswith("# The command line has no options")


def test_labels_are_known_components_and_no_column(client):
    y = np.where(np.arange(len(X)) % 5 == 0, 1.0 + (X[:, 0] > 1), np.nan)
    job = client.fit(client.array(np.c_[X, y]), n_components=2, labels="x3")
    assert job["fit"]["columns"] == ["x1", "x2"]
    known = np.where(np.isnan(y), -1, y - 1).astype(int)
    fitted = GaussianMixture(2, max_iter=100, tol=1e-4, acceleration="none", random_state=0)
    fitted.fit(X, known)
    np.testing.assert_array_equal(job["fit"]["mixture"]["means"], fitted.means_)


def test_the_code_and_the_command_choose_columns_of_an_array(
    client, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    np.save("rows.npy", X[:300])
    data = client.file((tmp_path / "rows.npy").read_bytes(), "rows.npy")
    found = client.fit(data, columns=["x2"])["fit"]
    check_code(found)
    assert application.status([*shlex.split(found["command"])[1:], "--json"]) == 0
    model = json.loads(capsys.readouterr().out)["model"]
    np.testing.assert_array_equal(model["means"], found["mixture"]["means"])


def check_code(found: dict) -> None:
    """Run the program in a namespace, and compare what it prints with."""
    code = found["code"].replace("print(", "printed.append(")
    space: dict = {"printed": []}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        exec(compile(code, "the program", "exec"), space)
    weights, means, covariances, report = space["printed"]
    mixture = found["mixture"]
    np.testing.assert_array_equal(weights, mixture["weights"])
    np.testing.assert_array_equal(means, mixture["means"])
    if np.shape(covariances) == np.shape(mixture["covariances"]):
        np.testing.assert_array_equal(covariances, mixture["covariances"])
    assert report.n_samples == found["n_rows"]


def test_the_code_of_typed_data_stands_alone(client, tmp_path):
    table = {**SIX, "rows": [*SIX["rows"], [3.0, None]]}
    found = client.fit(client.data(table), standardize=True)["fit"]
    check_code(found)
    assert "np.nan" in found["code"]
    done = subprocess.run(
        [sys.executable, "-c", found["code"]], capture_output=True, text=True, check=True,
        cwd=tmp_path,
    )  # fmt: skip
    assert "log-likelihood" in done.stdout


def test_many_typed_rows_are_read_from_a_file_of_their_name(client):
    rows = X[:200].repeat(4, axis=0).tolist()
    found = client.fit(client.data({"name": "My table!", "columns": ["a", "b"], "rows": rows}))
    code = found["fit"]["code"]
    assert "read_table('my-table.csv', columns=['a', 'b'])" in code
    assert found["fit"]["command"].startswith("bactrian fit my-table.csv -k 2")


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"n_components": 0}, "n_components"),
        ({"estimation": "bayes", "family": "t"}, "family"),
        ({"estimation": "bayes", "equal_weights": True}, "equal_weights"),
        ({"estimation": "bayes", "covariance_type": "VEV"}, "covariance_type"),
        ({"estimation": "bayes", "means_init": [[0.0, 0.0], [1.0, 1.0]]}, "means_init"),
        ({"n_components": 401}, "n_components"),
        ({"seed": -1}, "seed"),
        ({"tol": -1.0}, "tol"),
        ({"max_iter": -5}, "max_iter"),
        ({"covariance_type": "round"}, "covariance_type"),
        ({"init_params": "guess"}, "init_params"),
        ({"stopping": "never"}, "stopping"),
        ({"acceleration": "warp"}, "acceleration"),
        ({"reg_covar": -1.0}, "reg_covar"),
        ({"n_init": 0}, "n_init"),
        ({"means_init": [[1.0]]}, "means_init"),
        ({"family": "cauchy"}, "family"),
        ({"missing": "drop"}, "missing"),
        ({"covariance_type": "E"}, "covariance_type"),
        ({"equal_weights": True, "weights_init": [0.4, 0.6]}, "equal_weights"),
        ({"fixed": ["means"]}, "fixed"),
        ({"eigenvalue_ratio": 4.0, "covariance_type": "VEV"}, "covariance_type"),
        ({"precisions_init": [[1.0], [2.0]]}, "precisions_init"),
        ({"prior": {"strength": 3.0}}, "prior"),
        ({"prior": {"dof": 3.0}, "standardize": True}, "prior"),
        ({"family": "t", "dof": -1.0}, "dof"),
        ({"noise": -1.0}, "noise"),
    ],
    ids=str,
)
def test_wrong_settings_are_refused_at_once_in_words_of_the_page(client, data, settings, field):
    answer = client.post("fits", json={"dataset": data["id"], "settings": settings})
    problem = answer.json()
    assert (answer.status_code, problem["field"]) == (422, field)
    assert problem["message"].endswith(".")
    assert "random_state" not in str(problem)
    assert " -k" not in str(problem)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"settings": {"tol": -1.0}}, "tol"),
        ({"n_components": [2, 0]}, "n_components"),
        ({"covariance_types": ["full", "round"]}, "covariance_type"),
        ({"covariance_types": ["E"]}, "covariance_type"),
        ({"settings": {"family": "t", "dof": "none"}}, "dof"),
        ({"n_components": [500, 401]}, "n_components"),
        ({"settings": {"means_init": [[1.0, 2.0]], "standardize": True}}, "means_init"),
    ],
    ids=str,
)
def test_a_search_of_which_nothing_can_come_is_refused_at_once(client, data, request_, field):
    answer = client.post("searches", json={"dataset": data["id"], **request_})
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_what_only_the_data_can_tell_is_the_problem_of_the_job(client):
    weighted = {"columns": ["a", "w"], "rows": [[i, i < 2] for i in range(9)]}
    weighted["rows"] = [[a, float(w)] for a, w in weighted["rows"]]
    job = client.fit(client.data(weighted), n_components=3, weights="w")
    assert (job["status"], job["problem"]["field"]) == ("failed", "n_components")


def test_faults_of_the_data_name_the_columns(client):
    table = {"columns": ["a", "b"], "rows": [[i, 7] for i in range(20)]}
    flat = client.fit(client.data(table), reg_covar=0.0)["problem"]
    table["rows"] = [[i, None] for i in range(20)]
    empty = client.fit(client.data(table))["problem"]
    for problem, code in ((flat, "constant_column"), (empty, "empty_column")):
        assert (problem["field"], problem["code"]) == ("columns", code)
        assert "'b'" in problem["message"]
        assert "--" not in str(problem)
    weighted = {"columns": ["a", "w"], "rows": [[i, -1] for i in range(20)]}
    problem = client.fit(client.data(weighted), weights="w")["problem"]
    assert problem["field"] == "weights"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"columns": ["x1", "nope"]}, "columns"),
        ({"columns": ["x1", "x1"]}, "columns"),
        ({"columns": []}, "columns"),
        ({"weights": "nope"}, "weights"),
        ({"columns": ["x1"], "weights": "x1"}, "weights"),
    ],
    ids=str,
)
def test_columns_that_are_not_there_are_refused_at_once(client, data, request_, field):
    answer = client.post("fits", json={"dataset": data["id"], **request_})
    assert answer.status_code == 422
    assert answer.json()["field"] == field


def kinds(job: dict) -> dict[str, str]:
    return {note["kind"]: note["field"] for note in job["fit"]["notes"]}


def test_notes_say_what_speaks_against_a_fit(client, data):
    assert kinds(client.fit(client.data(SIX))) == {"few_rows": "covariance_type"}
    short = client.fit(data, n_components=3, max_iter=2, tol=1e-9)
    assert kinds(short)["limit"] == "max_iter"
    assert "limit of 2 iterations" in short["fit"]["text"]
    spike = {"columns": ["a"], "rows": [[i] for i in range(30)] + [[100.0], [100.0]]}
    collapsed = client.fit(client.data(spike), n_components=2, n_init=5)
    assert "collapse" in kinds(collapsed)
    empty = {"columns": ["a", "b"], "rows": [*X[:50].tolist(), [None, None]]}
    assert "empty_rows" in kinds(client.fit(client.data(empty)))


def test_a_component_of_few_rows_is_told(client):
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.normal(size=(120, 2)), rng.normal(30, 1, size=(6, 2))])
    job = client.fit(client.array(rows), n_components=2)
    (note,) = [note for note in job["fit"]["notes"] if note["kind"] == "small_component"]
    assert "holds about 6 rows, few for 5 parameters" in note["text"]


def test_starts_that_stop_on_one_flat_hill_do_not_disagree(client):
    heights = client.get("examples/heights").json()
    fit = client.fit(example(client, "heights"), **heights["settings"])["fit"]
    falls = [optimum["shortfall"] for optimum in fit["document"]["optima"]]
    assert max(falls) > 10 * 1e-4 * 320
    assert "starts" not in {note["kind"] for note in fit["notes"]}


def test_starts_that_collapsed_are_told(client):
    """Each group of customers lies on a line: with full covariances that is no mixture."""
    customers = client.get("examples/customers").json()
    data = client.data({name: customers[name] for name in ("columns", "rows")})
    told = client.fit(data, standardize=True, n_init=30)["fit"]["notes"]
    assert any("do not count" in note["text"] for note in told)
    few = client.fit(example(client, "sample"), init_params="sample_variance")["fit"]
    assert any(optimum["collapsed"] for optimum in few["document"]["optima"])
    assert not any("do not count" in note["text"] for note in few["notes"])
    found = client.fit(data, **customers["settings"])["fit"]
    assert not any("do not count" in note["text"] for note in found["notes"])
    np.testing.assert_allclose(sorted(found["mixture"]["means"]), [[30, 10], [150, 2]], rtol=1e-6)


def example(client, name: str) -> str:
    return client.array(np.array(client.get(f"examples/{name}").json()["rows"]))


def test_starts_that_disagree_are_told(client):
    job = client.fit(example(client, "elongated"), n_components=4, n_init=10)
    best, *others = job["fit"]["document"]["optima"]
    assert best["times"] == 1
    assert min(other["shortfall"] for other in others) > 100
    assert "starts" in kinds(job)


def test_starts_that_differ_within_the_tolerance_agree(client):
    job = client.fit(example(client, "two-normals"), n_components=2, tol=1e-4)
    best, *others = job["fit"]["document"]["optima"]
    assert best["times"] == 1
    assert 0 < others[0]["shortfall"] < 10 * 1e-4 * 800
    assert "starts" not in kinds(job)


def test_a_search_is_that_of_the_library(client, data):
    job = client.search(
        data, n_components=[1, 2, 3, 4], covariance_types=["full", "tied"], criterion="icl"
    )
    settings = {"max_iter": 100, "tol": 1e-4, "acceleration": "none"}
    own = select_mixture(
        X, range(1, 5), ("full", "tied"), criterion="icl", random_state=0, **settings
    )
    found = job["search"]
    assert job["status"] == "done"
    assert found["criterion"] == "icl"
    assert len(found["candidates"]) == 8
    best = found["candidates"][found["best"]]
    assert (best["n_components"], best["covariance_type"]) == own.best.pair
    for told, known in zip(found["candidates"], own.candidates, strict=True):
        assert told["bic"] == pytest.approx(known.bic, rel=1e-12)
        assert told["relative_entropy"] == known.relative_entropy
    kinds = {note["kind"] for note in found["notes"]}
    assert {one.kind for one in (*own.objections, *own.best.objections)} == kinds
    assert job["progress"]["total"] == 8
    assert len(job["progress"]["candidates"]) == 8


def test_a_standardised_search_compares_with_a_fit(client):
    data = client.array(SCALED)
    search = client.search(data, n_components=[2], settings={"standardize": True})
    fit = client.fit(data, n_components=2, standardize=True)
    (row,) = search["search"]["candidates"]
    assert row["bic"] == pytest.approx(fit["fit"]["criteria"]["bic"], rel=1e-9)


def test_candidates_that_cannot_be_fitted_say_why(client):
    job = client.search(client.data(SIX), n_components=[1, 9])
    assert job["search"]["best"] == 0
    why = job["search"]["candidates"][1]["failure"]
    assert why.startswith("The number of components must be no more than the number of rows")


def test_the_least_likely_rows_are_those_of_the_library(client, job, data, fitted):
    densities = fitted.score_samples(X)
    path = f"fits/{job['id']}/anomalies"
    told = client.get(path, params={"share": 0.05, "limit": 7}).json()
    assert (told["count"], told["n_rows"]) == (20, 400)
    order = np.argsort(densities)
    assert [row["row"] for row in told["rows"]] == (order[:7] + 1).tolist()
    assert told["threshold"] == pytest.approx(np.sort(densities)[19])
    first = told["rows"][0]
    np.testing.assert_array_equal(first["values"], X[order[0]])
    np.testing.assert_allclose(first["responsibilities"], fitted.predict_proba(X)[order[0]])
    below = client.get(path, params={"below": -6.0}).json()
    assert (below["count"], below["threshold"]) == ((densities <= -6.0).sum(), -6.0)


def test_samples_densities_model_and_labels_are_those_of_the_library(client, job, fitted):
    path = f"fits/{job['id']}"
    model = MixtureModel.from_json(client.get(f"{path}/model").text)
    drawn = client.post(f"{path}/sample", json={"n": 50, "seed": 3, "sort": False}).json()
    rows, components = model.sample(50, 3, sort=False)
    np.testing.assert_array_equal(drawn["rows"], rows)
    assert drawn["components"] == (components + 1).tolist()
    asked = [[0.5, 1.0], [None, 2.0]]
    told = client.post(f"{path}/evaluate", json={"rows": asked}).json()
    values = np.array(asked, dtype=float)
    np.testing.assert_allclose(told["log_densities"], fitted.score_samples(values))
    np.testing.assert_allclose(told["responsibilities"], fitted.predict_proba(values))
    answer = client.get(f"{path}/labels")
    assert answer.headers["content-disposition"] == 'attachment; filename="labels.csv"'
    lines = answer.text.splitlines()
    names = "row,component,probability_1,probability_2,probability_3,log_density"
    assert lines[0] == names
    table = np.array([line.split(",") for line in lines[1:]], dtype=float)
    np.testing.assert_array_equal(table[:, 0], np.arange(1, 401))
    np.testing.assert_array_equal(table[:, 1], fitted.predict(X) + 1)
    np.testing.assert_allclose(table[:, 2:5], fitted.predict_proba(X))
    np.testing.assert_allclose(table[:, 5], fitted.score_samples(X))


def test_noise_and_tails_reach_the_page(client):
    data = client.array(np.r_[X, 30 * groups(20, seed=9)])
    mixture = client.fit(data, n_components=3, noise=True)["fit"]["mixture"]
    assert sum(mixture["weights"]) + mixture["noise"]["weight"] == pytest.approx(1)
    job = client.fit(data, n_components=3, family="t")
    assert len(job["fit"]["mixture"]["dof"]) == 1
    told = client.post(f"fits/{job['id']}/evaluate", json={"rows": [[1.0, None]]}).json()
    assert sum(told["responsibilities"][0]) == pytest.approx(1)


def test_point_masses_reach_the_page_in_units_of_the_data(client):
    rows = np.where(np.random.RandomState(0).uniform(size=X.shape) < [0.3, 0.0], 0.7, X)
    data = client.array(rows)
    job = client.fit(data, n_components=3, spikes="auto", standardize=True)
    fitted = GaussianMixture(3, random_state=0, spikes={0: 0.7}).fit(rows)
    mixture = job["fit"]["mixture"]
    (spike,) = mixture["spikes"]
    assert (spike["column"], spike["value"]) == (0, 0.7)
    shares = np.sort(fitted.spikes_.shares[:, 0])
    np.testing.assert_allclose(np.sort(spike["shares"]), shares, atol=0.02)
    frames = client.get(f"fits/{job['id']}/frames").json()["frames"]
    assert {frame["mixture"]["spikes"][0]["value"] for frame in frames} == {0.7}
    told = client.post(f"fits/{job['id']}/evaluate", json={"rows": [[0.7, None]]}).json()
    weighted = np.array(mixture["weights"]) * spike["shares"]
    assert told["log_densities"][0] == pytest.approx(np.log(weighted.sum()))
    np.testing.assert_allclose(told["responsibilities"][0], weighted / weighted.sum())


def test_progress_is_told_while_a_fit_runs(client):
    rows = groups(40_000, k=6, d=6, seed=1)
    job = client.begin(client.array(rows), n_components=12, n_init=3, tol=1e-9, max_iter=400)
    events = client.follow(job)
    told = [event["progress"] for event in events if event["progress"] is not None]
    assert events[0]["status"] in ("queued", "running")
    assert len(told) > 1
    last = told[-1]
    assert last["n_rows"] == 40_000
    assert np.shape(last["mixture"]["covariances"]) == (12, 6, 6)
    assert last["iteration"] > 0


FLAT = np.c_[X, np.full(400, 5.0)]


def test_a_constant_column_is_fitted_with_a_note(client):
    job = client.fit(client.array(FLAT), **LOOSE)
    assert (job["status"], job["problem"]) == ("done", None)
    words = "olumn 'x3' is constant; leave it out, because its density is a convention"
    assert [note["text"] for note in job["fit"]["notes"] if "constant" in note["text"]] == [
        f"C{words}."
    ]
    assert f"c{words}" in job["fit"]["document"]["warnings"]
    assert "Column 'x3' is constant" in job["fit"]["text"]
    found = client.search(client.array(FLAT), n_components=[1, 2], covariance_types=["full"])
    assert found["status"] == "done"
    assert [row["failure"] for row in found["search"]["candidates"]] == [None, None]


@pytest.mark.parametrize("kind", ["fit", "search"])
@pytest.mark.parametrize(
    ("rows", "settings", "code", "got", "remedy"),
    [
        (
            FLAT,
            {"reg_covar": 0.0},
            "constant_column",
            "the constant column 'x3' (5)",
            "set the added variance to 'auto'",
        ),
        (np.ones((20, 2)), {}, "identical_rows", "identical rows", "Set the added variance to"),
    ],
    ids=["nothing added", "identical rows"],
)
def test_rows_without_a_likelihood_are_one_problem(
    client, kind, rows, settings, code, got, remedy
):
    data = client.array(rows)
    if kind == "fit":
        job = client.fit(data, **LOOSE, **settings)
    else:
        given = {"n_components": [1, 2], "covariance_types": ["full"], "settings": settings}
        job = client.search(data, **given)
    problem = job["problem"]
    assert (job["status"], problem["code"], problem["field"]) == ("failed", code, "columns")
    assert problem["message"].startswith("The data must be of columns that vary, but got ")
    assert problem["got"] == got
    assert remedy in problem["remedy"]
