"""Structures and equal weights through the estimator and the command line."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from bactrian import GaussianMixture, load_model
from bactrian.errors import BadInputError, DegenerateCovarianceError

SHARED = ("EII", "EEI", "VEI", "EVI", "VEE", "EVE", "VVE", "EEV", "VEV", "EVV")


def three_groups(n=90, d=2, seed=0):
    rng = np.random.RandomState(seed)
    places = np.array([[0.0, 0], [7, 1], [2, 8]]) @ np.eye(2, d)
    return np.concatenate([rng.randn(n // 3, d) * (1 + j) + m for j, m in enumerate(places)])


# -------------------------------------------------------------- equal weights


def test_equal_weights_are_held_and_not_counted():
    X = three_groups()
    X = X[:70]  # unequal groups
    free = GaussianMixture(3, random_state=0).fit(X)
    equal = GaussianMixture(3, equal_weights=True, random_state=0).fit(X)
    np.testing.assert_array_equal(equal.weights_, 1 / 3)
    assert equal.fit_report_.n_parameters == free.fit_report_.n_parameters - 2
    assert equal.bic(X) == pytest.approx(equal.fit_report_.bic, rel=1e-12)
    assert equal.log_likelihood_ < free.log_likelihood_
    by_hand = GaussianMixture(3, fixed="weights", weights_init=np.full(3, 1 / 3), random_state=0)
    assert by_hand.fit(X).log_likelihood_ == equal.log_likelihood_
    assert equal.converged_
    assert equal.fit(X).weights_.tolist() == [1 / 3] * 3


def test_one_component_has_an_equal_weight():
    X = three_groups()
    one, other = (GaussianMixture(equal_weights=e).fit(X).fit_report_ for e in (False, True))
    assert one.n_parameters == other.n_parameters


def test_equal_weights_stay_equal_in_a_model_file(tmp_path):
    X = three_groups()
    gm = GaussianMixture(3, covariance_type="VEI", equal_weights=True, random_state=0).fit(X)
    gm.save(tmp_path / "model.json")
    again = GaussianMixture.from_mixture(load_model(tmp_path / "model.json"))
    assert again.equal_weights
    assert again.bic(X) == gm.bic(X)
    assert again.fit(X).log_likelihood_ == pytest.approx(gm.log_likelihood_, rel=1e-9)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"equal_weights": "yes"}, "equal_weights must be True or False, but got 'yes'"),
        (
            {"equal_weights": True, "weights_init": [0.5, 0.5]},
            "Leave out one of weights_init and equal_weights",
        ),
    ],
)
def test_what_equal_weights_cannot_be(settings, message):
    with pytest.raises(BadInputError, match=message):
        GaussianMixture(2, **settings).fit(three_groups())


# ------------------------------------------------------------------ structures


@pytest.mark.parametrize("name", SHARED)
def test_units_of_the_data_change_no_fit(name):
    X = three_groups()
    gm = GaussianMixture(3, covariance_type=name, random_state=0).fit(X)
    scale = 2.0**20 if name in ("EII", "EVE", "VVE", "EEV", "VEV") else np.array([2.0**20, 0.25])
    other = GaussianMixture(3, covariance_type=name, random_state=0).fit(X * scale)
    shift = len(X) * np.log(np.broadcast_to(scale, 2)).sum()
    assert other.log_likelihood_ + shift == pytest.approx(gm.log_likelihood_, abs=1e-4)
    np.testing.assert_allclose(other.means_ / scale, gm.means_, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["VEI", "VVE", "VEV", "EVV"])
def test_given_covariances_are_taken_to_the_nearest(name):
    X = three_groups()
    precisions = np.array([[[1.0, 0.3], [0.3, 2.0]], [[0.5, -0.1], [-0.1, 0.2]], np.eye(2)])
    if name == "VEI":
        precisions = np.diagonal(precisions, axis1=1, axis2=2)
    gm = GaussianMixture(
        3, covariance_type=name, weights_init=np.full(3, 1 / 3), means_init=X[[0, 40, 80]],
        precisions_init=precisions,
    ).fit(X)  # fmt: skip
    assert np.diff(gm.fit_report_.trace).min() >= -1e-12
    held = GaussianMixture(
        3, covariance_type=name, fixed="covariances", weights_init=np.full(3, 1 / 3),
        means_init=X[[0, 40, 80]], precisions_init=precisions,
    ).fit(X)  # fmt: skip
    np.testing.assert_allclose(held.precisions_, precisions, rtol=1e-12)


def test_warm_start_in_another_structure_rises():
    X = three_groups()
    gm = GaussianMixture(3, warm_start=True, random_state=0).fit(X)
    gm.set_params(covariance_type="VEV").fit(X)
    assert np.diff(gm.fit_report_.trace).min() >= -1e-12
    values = np.linalg.eigvalsh(gm.covariances_)
    shapes = values[:, 0] / values[:, 1]
    np.testing.assert_allclose(shapes, shapes[0], rtol=1e-10)


@pytest.mark.parametrize("name", ["VEI", "VEE", "EVE", "VEV"])
def test_a_ridge_leaves_what_is_shared(name):
    gm = GaussianMixture(3, covariance_type=name, reg_covar=0.1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        gm.fit(three_groups())
    dense = gm.mixture_.parameters.dense_covariances()
    values = np.linalg.eigvalsh(dense)
    if name[1] == "E":
        np.testing.assert_allclose(values[:, 1] / values[:, 0], values[0, 1] / values[0, 0])
    if name[0] == "E":
        np.testing.assert_allclose(values.prod(axis=1), values[0].prod())


def test_groups_too_small_are_an_error_that_says_what_to_do():
    X = np.repeat(np.eye(3), 4, axis=0)  # four times three points, three components
    with pytest.raises(DegenerateCovarianceError, match="positive-definite covariance"):
        GaussianMixture(3, covariance_type="VEV", random_state=0).fit(X)
    gm = GaussianMixture(3, covariance_type="EEV", random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert gm.fit(X).fit_report_.certificate.collapses  # on the floor, and says so


def test_a_component_thinner_than_the_rounding_is_no_maximum(faithful):
    # Six eruptions are followed by 90 minutes to the minute: their likelihood has no bound but
    # that of the axes, which the other components hold.
    gm = GaussianMixture(3, covariance_type="VVE", random_state=0).fit(faithful)
    assert not gm.fit_report_.certificate.collapses
    assert gm.log_likelihood_ < -1115
    thin = [optimum for optimum in gm.fit_report_.optima if optimum.log_likelihood > -1105]
    assert [optimum.collapsed for optimum in thin] == [True]


def test_on_the_command_line(tmp_path, monkeypatch, faithful):
    from click.testing import CliRunner

    from bactrian.cli.application import application

    monkeypatch.chdir(tmp_path)
    np.savetxt("f.csv", faithful, delimiter=",", header="eruptions,waiting", comments="")

    def run(*words):
        result = CliRunner().invoke(application, list(map(str, words)))
        assert result.exit_code == 0, result.output
        return " ".join(result.stdout.split())

    report = run("fit", "f.csv", "-k", 2, "--covariance", "VEV", "-o", "m.json")
    assert "VEV covariances (volume variable, shape equal, orientation variable)" in report
    assert load_model("m.json").parameters.structure.name == "VEV"
    assert "VEI covariances (volume variable, shape equal, orientation that of the axes)" in run(
        "fit", "f.csv", "-k", 2, "--covariance", "VEI"
    )
    told = run("fit", "f.csv", "-k", 2, "--equal-weights", "--start", "m.json", "--json")
    assert json.loads(told)["model"]["weights"] == [0.5, 0.5]
    chosen = run("select", "f.csv", "-k", 2, "--covariance", "VVV,VVE,EEE", "--json")
    names = [row["covariance_type"] for row in json.loads(chosen)["candidates"]]
    assert names == ["full", "VVE", "tied"]
    scaled = run("fit", "f.csv", "-k", 2, "--covariance", "EVE", "--standardize", "--json")
    assert json.loads(scaled)["model"]["standardized"]
