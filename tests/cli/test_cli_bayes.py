"""``fit --bayes`` and ``posterior``: what is written, what is told, what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from running import invoke
from scipy import stats

from bactrian import BayesianGaussianMixture, load_model
from bactrian.core.values.shares import Dirichlet, Gamma, Sticks

HYPERPRIOR = ("--weight-concentration-hyperprior",)


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    X = np.r_[rng.normal(0, 1, (60, 2)), rng.normal(8, 2, (40, 2))] * [1, 100]
    np.savetxt("data.csv", X, delimiter=",", header="a,b", comments="")
    return X


def ok(*arguments: str) -> str:
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("standardize", [(), ("--standardize",)])
def test_a_posterior_is_that_of_the_library(data, standardize):
    priors = ("--mean-prior=3,300", "--covariance-prior", "9,0,0,90000", "--n-init", "1")
    options = (*priors, "--weight-concentration-hyperprior", "2,3", *standardize)
    printed = ok("fit", "data.csv", "-k", "4", "--bayes", "-o", "model.json", *options)
    assert "P(empty)" in printed
    own = BayesianGaussianMixture(
        4,
        weight_concentration_hyperprior=(2, 3),
        mean_prior=[3, 300],
        covariance_prior=[[9, 0], [0, 90000]],
        n_init=1,
        random_state=0,
    ).fit(data)
    told = json.loads(ok("posterior", "model.json", "--level", "0.9", "--json"))
    assert told["evidence_bound"] == pytest.approx(own.lower_bound_, abs=1e-6)
    said = own.posterior_summary(0.9)
    records = {
        (one["parameter"], one["component"], one["feature"]): one for one in told["parameters"]
    }
    for k in range(2):
        for j, name in enumerate("ab"):
            for parameter, part in (("mean", said.means), ("variance", said.variances)):
                record = records[parameter, k + 1, name]
                ends = record["low"], record["mode"], record["high"]
                expected = part.low[k, j], part.mode[k, j], part.high[k, j]
                np.testing.assert_allclose(ends, expected, rtol=1e-5)
        rho = records["correlation", k + 1, "a"]
        assert (rho["low"], rho["high"]) == pytest.approx(
            (said.correlations.low[k, 0, 1], said.correlations.high[k, 0, 1]), abs=1e-5
        )
    empty = [one["probability_empty"] for one in told["components"]]
    np.testing.assert_allclose(empty, own.probability_empty(data), atol=1e-5)
    assert told["prior"]["features"][1]["mean"] == pytest.approx(300)
    # Two degrees of freedom leave one for each variance: inverse gamma of shape 1/2.
    spread = np.sqrt(stats.invgamma(0.5, scale=90000 / 2).interval(0.9))
    told_spread = [told["prior"]["features"][1][f"deviation_{end}"] for end in ("low", "high")]
    np.testing.assert_allclose(told_spread, spread)


def test_the_table_and_its_words(data):
    ok("fit", "data.csv", "-k", "3", "--bayes", "--covariance", "diag", "-q", "-o", "model.json")
    printed = ok("posterior", "model.json")
    assert "1 component without rows" in printed
    assert "correlation" not in printed
    ok("posterior", "model.json", "-o", "table.csv")
    lines = Path("table.csv").read_text().splitlines()
    assert lines[0] == "parameter,component,feature,other_feature,mean,mode,deviation,low,high"
    assert len(lines) == 1 + 3 * (1 + 2 + 2)
    assert load_model("model.json").training["posterior"]["empty"][2] > 0.5


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--mean-prior", "1,2"), "--mean-prior needs a posterior. Give --bayes as well."),
        (("--bayes", "--family", "t"), "--bayes and --family do not go together"),
        (("--bayes", "--prior", "default"), "--bayes and --prior do not go together"),
        (("--bayes", "--equal-weights"), "--bayes and --equal-weights do not go together"),
        (("--bayes", "--start-mean", "1,2"), "--bayes and --start"),
        (("--bayes", "--mean-prior", "1"), "--mean-prior has 1 numbers, but there are 2 columns"),
        (("--bayes", "--mean-precision-prior", "0"), "--mean-precision-prior"),
        (("--bayes", "--degrees-of-freedom-prior", "1"), "--degrees-of-freedom-prior must be"),
        (("--bayes", "--covariance-prior", "1,2,3"), "--covariance-prior must be"),
        (("--bayes", "--covariance-prior", "1,2,2,1"), "--covariance-prior must be"),
        (("--bayes", "--covariance", "VEV"), "--covariance must be"),
        (("--bayes", *HYPERPRIOR, "1"), "hyperprior must be"),
        (
            ("--bayes", *HYPERPRIOR, "1,1", "--weight-concentration-prior", "2"),
            "--weight-concentration-hyperprior must be",
        ),
    ],
)
def test_what_is_refused(data, options, said):
    k = () if "--start-mean" in options else ("-k", "2")
    result = invoke("fit", "data.csv", *k, *options)
    assert result.exit_code in (1, 2)
    assert said in " ".join(result.stderr.split())


def test_a_model_without_a_posterior(data):
    ok("fit", "data.csv", "-k", "2", "-q", "-o", "plain.json")
    result = invoke("posterior", "plain.json")
    assert result.exit_code == 2
    assert "plain.json has no posterior. Fit it with fit --bayes" in result.stderr
    assert invoke("posterior", "plain.json", "--level", "95").exit_code == 2


def test_expected_numbers_of_components():
    rng = np.random.default_rng(0)

    def process(c: float) -> int:
        """How many tables a Chinese restaurant of 30 guests has."""
        return int((rng.random(30) < c / (c + np.arange(30))).sum())

    drawn = [process(1.7) for _ in range(4000)]
    assert Sticks(1.7).expected_groups(30, 5) == pytest.approx(np.mean(drawn), rel=0.03)
    learned = Sticks(0.5, Gamma(2.0, 4.0)).expected_groups(30, 5)
    drawn = [process(c) for c in rng.gamma(2.0, 1 / 4.0, 8000)]
    assert learned == pytest.approx(np.mean(drawn), rel=0.03)
    shares = rng.dirichlet(np.full(4, 0.3), 4000)
    drawn = [(rng.multinomial(12, share) > 0).sum() for share in shares]
    assert Dirichlet(0.3).expected_groups(12, 4) == pytest.approx(np.mean(drawn), rel=0.03)
    assert Dirichlet(0.3).expected_groups(12, 1) == 1
