"""sample-posterior: what it prints is what the library draws."""

from __future__ import annotations

import json

import numpy as np
import pytest
from running import invoke

from bactrian import FitInterrupted, sample_posterior
from bactrian.estimators import posterior_sampling

pytestmark = pytest.mark.filterwarnings("ignore:The chains disagree")
QUICK = ("--covariance", "diag", "--draws", 40, "--chains", 2, "--warmup", 20, "--seed", 3)


def told(*args):
    result = invoke("sample-posterior", *args)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def rows(folder):
    return np.loadtxt("faithful.csv", delimiter=",", skiprows=1)


def drawn(rows, **more):
    return sample_posterior(
        rows, covariance_type="diag", n_draws=40, n_chains=2, n_warmup=20, random_state=3, **more
    )


def test_the_document_is_what_the_library_draws(rows):
    found = json.loads(told("faithful.csv", *QUICK, "--json").stdout)
    draws = drawn(rows)
    counts = draws.component_counts()
    assert [one["n_components"] for one in found["n_components"]] == counts.n_components.tolist()
    assert [one["probability"] for one in found["n_components"]] == counts.probability.tolist()
    partition = draws.partition("vi")
    assert found["partition"]["sizes"] == np.bincount(partition.labels).tolist()
    assert found["partition"]["ball_radius"] == partition.credible_ball(0.95).radius
    summary = draws.relabelled("vi").summary(0.95)
    for k, cluster in enumerate(found["clusters"]):
        assert cluster["means"]["low"] == summary["means"].low[k].tolist()
        assert cluster["weights"]["mean"] == summary["weights"].mean[k]
    assert found["columns"] == ["eruptions", "waiting"]
    assert sum(one["probability"] for one in found["n_components"]) == pytest.approx(1)


def test_files_hold_the_draws_and_the_partition(rows):
    result = told("faithful.csv", *QUICK, "-o", "draws.npz", "--labels", "partition.csv")
    assert "Partition of least expected loss (vi)" in result.stdout
    draws = drawn(rows)
    with np.load("draws.npz") as kept:
        np.testing.assert_array_equal(kept["labels"], draws.labels)
        np.testing.assert_array_equal(kept["means"], draws.means)
    labels = np.loadtxt("partition.csv", skiprows=1, dtype=int)
    np.testing.assert_array_equal(labels - 1, draws.partition("vi").labels)


def test_priors_and_losses_are_passed_on(rows):
    options = ("-k", 3, "--loss", "binder", "--mean-precision-prior", 0.5, "--json")
    found = json.loads(told("faithful.csv", *QUICK, *options).stdout)
    draws = drawn(rows, n_components=3, mean_precision_prior=0.5)
    assert found["partition"]["expected_loss"] == draws.partition("binder").expected_loss
    assert max(one["n_components"] for one in found["n_components"]) <= 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--draws", 1), "--draws"),
        (("--chains", 1), "--chains"),
        (("-k", 0), "-k"),
        (("--covariance", "VEV"), "--covariance"),
        (("--level", 2), "--level"),
        (("--mean-prior", "1"), "mean"),
        (("-o", "draws.doc"), ".doc"),
    ],
)
def test_bad_options_are_named(options, said):
    result = invoke("sample-posterior", "faithful.csv", *options)
    assert result.exit_code != 0
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_an_interrupt_reports_what_there_is(rows, monkeypatch):
    draws = drawn(rows)

    def interrupted(*_, **__):
        raise FitInterrupted(draws)

    monkeypatch.setattr(posterior_sampling, "sample_posterior", interrupted)
    result = invoke("sample-posterior", "faithful.csv", "-o", "draws.npz")
    assert result.exit_code == 130
    assert "Interrupted after 40 draws of each chain" in result.stderr
    assert "Components that hold rows" in result.stdout
    with np.load("draws.npz") as kept:
        np.testing.assert_array_equal(kept["labels"], draws.labels)
    draws = None
    early = invoke("sample-posterior", "faithful.csv")
    assert early.exit_code == 130
    assert "before the first draw" in early.stderr


def test_clusters_that_few_draws_have_are_left_out(rows):
    options = ("-k", 3, "--loss", "binder", "--mean-precision-prior", 0.5)
    result = told("faithful.csv", *QUICK, *options)
    assert "in 0 % of the draws" in result.stdout
