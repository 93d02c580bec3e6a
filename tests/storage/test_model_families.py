"""Noise, t distributions and missing values in model files, other units and exports."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from mixtures import STRUCTURES, fitted, two_groups
from scipy.stats import multivariate_normal, multivariate_t

from bactrian import (
    BadInputError,
    GaussianMixture,
    MixtureModel,
    ModelFileError,
    export,
    load_model,
)
from bactrian.mixture import Scaling
from bactrian.storage.fields import VERSION
from bactrian.storage.schema import schema

CENTRE, SCALE = np.array([1e3, -2.0]), np.array([50.0, 0.01])
FAMILIES = {
    "noise": {"noise": True},
    "t": {"family": "t"},
    "each": {"family": "t", "dof": "each"},
    "held": {"family": "t", "dof": [3.0, 8.0], "noise": 400.0, "noise_init": 0.1},
}


def outlying() -> np.ndarray:
    clutter = np.random.RandomState(1).uniform(-15, 25, (10, 2))
    return np.concatenate([two_groups(), clutter])


def holes(X: np.ndarray) -> np.ndarray:
    X = X.copy()
    X[np.random.RandomState(2).uniform(size=X.shape) < 0.15] = np.nan
    X[5] = np.nan
    return X


def log_densities(X, p) -> np.ndarray:
    """Of what is observed of each row, by SciPy."""
    found = np.zeros(len(X))
    for i, x in enumerate(X):
        seen = np.flatnonzero(~np.isnan(x))
        if not len(seen):
            continue
        total = 0.0
        for k, (w, m, c) in enumerate(zip(p.weights, p.means, p.dense_covariances(), strict=True)):
            own = m[seen], c[np.ix_(seen, seen)]
            if p.dof is None:
                total += w * multivariate_normal(*own).pdf(x[seen])
            else:
                dof = np.broadcast_to(p.dof, p.n_components)[k]
                total += w * multivariate_t(*own, dof).pdf(x[seen])
        if p.noise is not None:
            total += (1 - p.weights.sum()) / np.prod(np.ptp(p.noise[:, seen], axis=0))
        found[i] = np.log(total)
    return found


@pytest.fixture(scope="module", params=FAMILIES)
def gm(request) -> GaussianMixture:
    return fitted(holes(outlying()), n_init=2, **FAMILIES[request.param])


def test_a_file_holds_all_of_it(gm, tmp_path):
    X = holes(outlying())
    gm.save(tmp_path / "m.json")
    document = json.loads((tmp_path / "m.json").read_text())
    jsonschema.validate(document, schema(), jsonschema.Draft202012Validator)
    again = GaussianMixture.load(tmp_path / "m.json")
    for name in ("weights_", "means_", "covariances_", "noise_box_", "noise_weight_", "dof_"):
        np.testing.assert_array_equal(getattr(again, name, None), getattr(gm, name, None))
    for method in ("predict", "predict_proba", "score_samples", "impute"):
        assert getattr(again, method)(X).tobytes() == getattr(gm, method)(X).tobytes()
    assert again.impute(X, 2).tobytes() == gm.impute(X, 2).tobytes()
    assert [part.tobytes() for part in again.sample(50)] == [
        part.tobytes() for part in gm.sample(50)
    ]
    assert again.bic(X) == gm.bic(X)
    assert str(again.fit_report_) == str(gm.fit_report_)
    assert again.fit_report_.missing == gm.fit_report_.missing
    for name in ("noise", "noise_init", "family", "dof", "missing", "labels"):
        assert getattr(again, name) == getattr(gm, name), name
    assert again.fit(X).log_likelihood_ == gm.log_likelihood_
    again.save(tmp_path / "again.json")
    ours, theirs = (load_model(tmp_path / name) for name in ("m.json", "again.json"))
    assert ours.parameters.n_parameters() == theirs.parameters.n_parameters()


def test_the_report_counts_what_was_missing():
    X, weights = holes(outlying()), np.random.RandomState(0).uniform(0.5, 2, 190)
    gone = np.isnan(X)
    missing = fitted(X).fit_report_.missing
    assert (missing.rows, missing.empty) == (gone.any(axis=1).sum(), gone.all(axis=1).sum())
    assert missing.values == tuple(gone.sum(axis=0))
    np.testing.assert_allclose(missing.observed, (~gone).sum(axis=0))
    gm = GaussianMixture(2, random_state=0, n_init=2).fit(X, sample_weight=weights)
    np.testing.assert_allclose(gm.fit_report_.missing.observed, weights @ ~gone)
    assert f"missing         {gone.sum()} values, in {gone.any(axis=1).sum()} rows" in str(
        gm.fit_report_
    )
    assert fitted(outlying()).fit_report_.missing is None


@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_in_other_units_it_is_the_same_mixture(covariance_type):
    Z = holes(outlying())
    gm = fitted(Z, covariance_type, noise=True, family="t", n_init=2)
    model = gm.to_model(Scaling(CENTRE, SCALE))
    X = CENTRE + SCALE * Z
    folded = model.in_original_units()
    expected = log_densities(X, folded)
    np.testing.assert_allclose(model.log_density(X), expected, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(
        GaussianMixture.from_mixture(model).score_samples(X), expected, atol=1e-8
    )
    np.testing.assert_allclose(folded.noise, CENTRE + SCALE * gm.noise_box_, rtol=1e-12)
    np.testing.assert_array_equal(folded.dof, gm.dof_)
    np.testing.assert_allclose(model.responsibilities(X), gm.predict_proba(Z), atol=1e-8)
    training = model.training
    assert training["log_likelihood"] == pytest.approx(expected.sum(), abs=1e-7)
    assert training["trace"][-1] == pytest.approx(expected.sum() / gm.fit_report_.weight, abs=1e-9)
    filled = model.impute(X)
    gone = np.isnan(X)
    assert filled[~gone].tobytes() == X[~gone].tobytes()
    np.testing.assert_allclose(filled, CENTRE + SCALE * gm.impute(Z), rtol=1e-9)
    draws = model.impute(X, 3, random_state=5)
    assert draws.tobytes() == model.impute(X, 3, random_state=5).tobytes()
    assert (draws[0] != draws[1]).any(axis=None)
    assert draws[:, ~gone].tobytes() == np.tile(X[~gone], (3, 1)).tobytes()
    rows, labels = model.sample(2000, 0)
    assert (labels == -1).mean() == pytest.approx(gm.noise_weight_, abs=0.03)
    low, high = CENTRE + SCALE * gm.noise_box_
    assert ((rows[labels == -1] >= low) & (rows[labels == -1] <= high)).all()


def test_a_volume_in_other_units_is_forgotten():
    gm = fitted(outlying(), noise=400.0, n_init=2)
    assert GaussianMixture.from_mixture(gm.to_model()).noise == 400.0
    assert GaussianMixture.from_mixture(gm.to_model(Scaling(CENTRE, SCALE))).noise is True


def test_rows_of_which_nothing_is_known():
    model = fitted(outlying(), noise=True, n_init=2).to_model()
    nothing = np.full((2, 2), np.nan)
    np.testing.assert_array_equal(model.log_density(nothing), 0.0)
    np.testing.assert_allclose(model.responsibilities(nothing)[0], model.parameters.term_weights)
    scaled = replace(model, scaling=Scaling(CENTRE, SCALE))
    np.testing.assert_allclose(scaled.log_density(nothing), 0.0, atol=1e-14)


@pytest.mark.parametrize("n_draws", [0, 1.5, True])
def test_number_of_draws_is_checked(n_draws):
    with pytest.raises(BadInputError, match="n_draws"):
        fitted(two_groups()).to_model().impute(two_groups(), n_draws)


def test_a_file_of_version_1_still_loads():
    path = Path(__file__).parent / "files" / "version-1.json"
    assert json.loads(path.read_text())["version"] == 1
    model = load_model(path)
    assert model.parameters.noise is None
    assert model.parameters.dof is None
    gm = GaussianMixture.from_mixture(model)
    assert (gm.noise, gm.family, gm.fit_report_.missing) == (False, "gaussian", None)
    faithful = Path(__file__).parents[2] / "src/bactrian/data/samples/old_faithful.csv"
    X = np.loadtxt(faithful, delimiter=",", skiprows=1)
    assert model.log_density(X).sum() == pytest.approx(gm.log_likelihood_, rel=1e-12)
    assert json.loads(model.to_json())["version"] == VERSION


def test_a_file_of_version_3_still_loads_without_point_masses():
    path = Path(__file__).parent / "files" / "version-3.json"
    document = json.loads(path.read_text())
    assert document["version"] == 3
    model = load_model(path)
    assert model.parameters.spikes is None
    assert GaussianMixture.from_mixture(model).fit_report_.spikes == ()
    faithful = Path(__file__).parents[2] / "src/bactrian/data/samples/old_faithful.csv"
    X = np.loadtxt(faithful, delimiter=",", skiprows=1)
    told = model.training["log_likelihood"]
    assert model.log_density(X).sum() == pytest.approx(told, rel=1e-12)
    assert json.loads(model.to_json())["spikes"] is None


def test_a_file_of_version_2_still_loads_and_its_component_names_move():
    path = Path(__file__).parent / "files" / "version-2.json"
    document = json.loads(path.read_text())
    assert document["version"] == 2
    assert document["training"]["component_names"] == ["short", None]
    model = load_model(path)
    assert model.component_names == ("short", None)
    assert "component_names" not in model.training
    assert model.feature_names == ("duration", "waiting")
    faithful = Path(__file__).parents[2] / "src/bactrian/data/samples/old_faithful.csv"
    X = np.loadtxt(faithful, delimiter=",", skiprows=1)
    assert model.log_density(X).sum() == pytest.approx(-1130.1790205216953, rel=1e-12)
    assert model.training["log_likelihood"] == pytest.approx(-1130.1790205216953, rel=1e-12)
    again = json.loads(model.to_json())
    assert again["version"] == VERSION
    assert again["component_names"] == ["short", None]
    document["training"]["component_names"] = ["short"]
    with pytest.raises(ModelFileError, match=r"training\.component_names must be null or a list"):
        MixtureModel.from_json(json.dumps(document))


# ---- other programs


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"noise": True}, "uniform noise"),
        ({"family": "t"}, "t distributions"),
        ({"noise": True, "family": "t"}, "uniform noise and t distributions"),
    ],
)
def test_scikit_learn_has_no_such_mixtures(settings, words, tmp_path):
    gm = fitted(outlying(), n_init=1, **settings)
    with pytest.raises(
        BadInputError, match=f"a mixture with {words}, which scikit-learn does not have"
    ):
        gm.to_sklearn()
    with pytest.raises(BadInputError, match="ONNX"):
        export(gm, tmp_path / "m.pkl")
    assert not list(tmp_path.iterdir())
    with pytest.raises(BadInputError):
        GaussianMixture.from_mixture(gm.mixture_).to_sklearn()


@pytest.mark.parametrize("covariance_type", STRUCTURES)
@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("scaling", [None, Scaling(CENTRE, SCALE)])
def test_onnx_agrees(covariance_type, name, scaling, tmp_path):
    pytest.importorskip("onnx", reason="extra onnx not installed")
    runtime = pytest.importorskip("onnxruntime", reason="extra onnx not installed")
    Z = outlying()
    gm = fitted(Z, covariance_type, n_init=1, **FAMILIES[name])
    model = gm.to_model(scaling)
    X = Z if scaling is None else scaling.original(Z)
    X = np.concatenate([X, 1e6 * X[:1], 1e100 * X[:1]])
    export(model, tmp_path / "m.onnx")
    session = runtime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    labels, probabilities, densities = session.run(None, {"X": X})
    expected = model.responsibilities(X)
    np.testing.assert_allclose(probabilities, expected, atol=1e-12)
    np.testing.assert_allclose(densities, model.log_density(X), rtol=1e-12)
    wanted = expected.argmax(axis=1)
    n_components = model.parameters.n_components
    np.testing.assert_array_equal(labels, np.where(wanted == n_components, -1, wanted))
