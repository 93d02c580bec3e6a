"""The same mixture in scikit-learn and in ONNX."""

from __future__ import annotations

import pickle
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
from mixtures import SHARING, STRUCTURES, fitted, two_groups
from sklearn.mixture import BayesianGaussianMixture
from sklearn.mixture import GaussianMixture as SklearnMixture

from bactrian import BadInputError, GaussianMixture, export
from bactrian.mixture import Scaling
from bactrian.storage import ModelFileError

SCALING = Scaling([10.0, -20.0], [3.0, 0.5])


def assert_agree(a, b, X, atol=1e-10) -> None:
    assert (a.predict(X) == b.predict(X)).all()
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=0, atol=atol)
    np.testing.assert_allclose(a.score_samples(X), b.score_samples(X), rtol=0, atol=atol)


# ---- scikit-learn


def test_to_sklearn_agrees(estimator, X):
    sk = estimator.to_sklearn()
    assert type(sk) is SklearnMixture
    assert_agree(sk, estimator, X)
    if estimator.covariance_type in STRUCTURES:  # scikit-learn counts what it knows
        assert sk.bic(X) == pytest.approx(estimator.bic(X), abs=1e-8)
    assert sk.n_iter_ == estimator.n_iter_
    assert sk.converged_ == estimator.converged_
    assert sk.lower_bound_ == estimator.lower_bound_
    np.testing.assert_array_equal(sk.precisions_, estimator.precisions_)
    sk.fit(X)  # its settings are ones that scikit-learn takes


def test_samples_of_both_are_of_one_mixture(estimator):
    ours, theirs = estimator.sample(20_000)[0], estimator.to_sklearn().sample(20_000)[0]
    deviation = ours.std(axis=0)
    assert np.abs((ours.mean(axis=0) - theirs.mean(axis=0)) / deviation).max() < 0.05
    assert np.abs(np.corrcoef(ours.T) - np.corrcoef(theirs.T)).max() < 0.03
    assert np.abs(theirs.std(axis=0) / deviation - 1).max() < 0.03


def test_to_sklearn_of_a_scaled_model(X):
    for name in SHARING:
        model = fitted(X, name).to_model(SCALING)
        rows = SCALING.original(X)
        sk = GaussianMixture.from_mixture(model).to_sklearn()
        np.testing.assert_allclose(sk.score_samples(rows), model.log_density(rows), atol=1e-10)
        np.testing.assert_allclose(
            sk.predict_proba(rows), model.responsibilities(rows), atol=1e-10
        )


def test_to_sklearn_of_what_is_shared_is_of_the_same_form(X):
    for name, form in {"EII": "spherical", "VEI": "diag", "VEV": "full", "EEE": "tied"}.items():
        gm = fitted(X, name)
        sk = gm.to_sklearn()
        assert sk.covariance_type == form
        np.testing.assert_array_equal(sk.covariances_, gm.covariances_)
        np.testing.assert_allclose(sk.score_samples(X), gm.score_samples(X), atol=1e-10)


def test_settings_that_scikit_learn_lacks_are_replaced(X):
    gm = fitted(X, init_params="sample_variance", reg_covar="auto", stopping="aitken")
    sk = gm.to_sklearn().fit(X)
    assert sk.get_params()["init_params"] == "random_from_data"
    assert fitted(X, init_params="ward").to_sklearn().init_params == "kmeans"
    assert sk.get_params()["reg_covar"] == 1e-6


@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_from_sklearn_and_back_is_the_same(X, covariance_type):
    frame = pd.DataFrame(X, columns=["a", "b"])
    sk = SklearnMixture(2, covariance_type=covariance_type, tol=1e-5, random_state=3).fit(frame)
    ours = GaussianMixture.from_sklearn(sk)
    assert isinstance(ours, GaussianMixture)
    assert_agree(ours, sk, frame)
    assert (ours.tol, ours.random_state, ours.stopping) == (1e-5, 3, "log_likelihood")
    assert ours.n_iter_ == sk.n_iter_
    assert ours.lower_bounds_ == sk.lower_bounds_
    again = ours.to_sklearn()
    for name in ("weights_", "means_", "covariances_", "precisions_cholesky_"):
        np.testing.assert_array_equal(getattr(again, name), getattr(sk, name))
    assert list(again.feature_names_in_) == ["a", "b"]
    assert again.get_params() == sk.get_params()


def test_from_sklearn_does_not_share_memory(X):
    sk = SklearnMixture(2, random_state=3).fit(X)
    ours = GaussianMixture.from_sklearn(sk)
    before = ours.means_.copy()
    sk.means_[:] = 0
    assert (ours.means_ == before).all()
    theirs = ours.to_sklearn()
    theirs.means_[:] = 0
    assert (ours.means_ == before).all()


def test_from_sklearn_refuses_others(X):
    other = BayesianGaussianMixture(n_components=2, random_state=0).fit(X)
    with pytest.raises(BadInputError, match="but got a BayesianGaussianMixture"):
        GaussianMixture.from_sklearn(other)
    with pytest.raises(ValueError, match="not fitted"):
        GaussianMixture.from_sklearn(SklearnMixture(2))


@pytest.mark.parametrize("name", ["m.joblib", "m.pickle", "m.pkl"])
@pytest.mark.parametrize("load", [joblib.load, lambda path: pickle.loads(path.read_bytes())])
def test_sklearn_files_are_read_by_joblib_and_pickle(estimator, X, tmp_path, name, load):
    export(estimator, tmp_path / name)
    assert_agree(load(tmp_path / name), estimator, X)


# ---- ONNX


@pytest.fixture
def session(tmp_path):
    """Run an exported file."""
    pytest.importorskip("onnx", reason="extra onnx not installed")
    runtime = pytest.importorskip("onnxruntime", reason="extra onnx not installed")

    def run(model, X):
        export(model, tmp_path / "m.onnx")
        found = runtime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
        assert [entry.name for entry in found.get_inputs()] == ["X"]
        names = [entry.name for entry in found.get_outputs()]
        assert names == ["label", "probabilities", "score_samples"]
        return found.run(None, {"X": np.asarray(X, dtype=np.float64)})

    return run


def test_onnx_agrees(estimator, X, session):
    label, probabilities, densities = session(estimator, X)
    assert label.dtype == np.int64
    assert probabilities.dtype == densities.dtype == np.float64
    assert (label == estimator.predict(X)).all()
    np.testing.assert_allclose(probabilities, estimator.predict_proba(X), rtol=0, atol=1e-14)
    np.testing.assert_allclose(densities, estimator.score_samples(X), rtol=1e-14)


@pytest.mark.parametrize("covariance_type", SHARING)
def test_onnx_of_a_scaled_model_agrees(X, session, covariance_type):
    model = fitted(X, covariance_type).to_model(SCALING)
    rows = SCALING.original(X)
    label, probabilities, densities = session(model, rows)
    assert (label == model.responsibilities(rows).argmax(axis=1)).all()
    np.testing.assert_allclose(probabilities, model.responsibilities(rows), atol=1e-13)
    np.testing.assert_allclose(densities, model.log_density(rows), atol=1e-12)


@pytest.mark.parametrize("covariance_type", SHARING)
def test_onnx_keeps_its_digits_far_from_the_origin(session, covariance_type):
    X = two_groups() + 1e6
    gm = fitted(X, covariance_type)
    _, probabilities, densities = session(gm, X)
    np.testing.assert_allclose(probabilities, gm.predict_proba(X), rtol=0, atol=1e-14)
    np.testing.assert_allclose(densities, gm.score_samples(X), rtol=1e-13)


def test_onnx_takes_far_rows_components_of_no_weight_and_one_feature(session):
    gm = fitted(two_groups()[:, :1], "full", 2)
    gm.weights_ = np.array([1.0, 0.0])
    rows = np.array([[1e5], [-1e5], [0.0]])
    label, probabilities, densities = session(gm, rows)
    assert (label == 0).all()
    np.testing.assert_array_equal(probabilities, [[1.0, 0.0]] * 3)
    np.testing.assert_allclose(densities, gm.score_samples(rows), rtol=1e-13)


def test_without_onnx_the_remedy_is_told(estimator, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(BadInputError, match=r'pip install "bactrian\[onnx\]"'):
        export(estimator, tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()


# ---- formats


def test_formats_are_checked(estimator, tmp_path):
    with pytest.raises(
        BadInputError, match=r"format must be one of onnx, sklearn, but got 'pmml'"
    ):
        export(estimator, tmp_path / "m", "pmml")
    with pytest.raises(BadInputError, match=r"Or an extension: \.onnx, \.joblib"):
        export(estimator, tmp_path / "m.txt")
    export(estimator, tmp_path / "m.txt", "sklearn")
    assert (tmp_path / "m.txt").exists()
    with pytest.raises(ModelFileError, match="Make the directory first"):
        export(estimator, tmp_path / "none" / "m.pkl")
