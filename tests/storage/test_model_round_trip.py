"""What is saved is what is loaded, to the last bit."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mixtures import fitted
from sklearn.mixture import GaussianMixture as SklearnMixture

from bactrian import GaussianMixture, MixtureModel, load_model
from bactrian.core.covariance import STRUCTURES
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError, DegenerateCovarianceError
from bactrian.mixture import Scaling

ARRAYS = ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_")


def same_bits(a, b) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def assert_same_fit(a: GaussianMixture, b: GaussianMixture) -> None:
    for name in ARRAYS:
        assert same_bits(getattr(a, name), getattr(b, name)), name


reals = st.floats(allow_nan=False, allow_infinity=False)
widths = st.floats(1e-100, 1e100)


@st.composite
def any_parameters(draw) -> Parameters:
    structure = STRUCTURES[draw(st.sampled_from(sorted(STRUCTURES)))]
    shape = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    raw = draw(arrays(np.float64, shape[0], elements=st.floats(0, 1)))
    weights = (raw + 1e-3) / (raw + 1e-3).sum()
    means = draw(arrays(np.float64, shape, elements=reals))
    size = structure.form.shape(*shape)
    if len(size) == 3:
        root = draw(arrays(np.float64, size, elements=st.floats(-1, 1)))
        covariances = root @ root.transpose(0, 2, 1) + np.eye(shape[1])
        covariances *= draw(widths)
    else:
        covariances = draw(arrays(np.float64, size, elements=widths))
    noise = dof = None
    if draw(st.booleans()):
        low, width = draw(arrays(np.float64, (2, shape[1]), elements=st.floats(1e-3, 1e9)))
        noise, weights = np.stack([low, low + width]), weights * draw(st.floats(0.1, 1))
    if draw(st.booleans()):
        dof = draw(arrays(np.float64, draw(st.sampled_from([1, shape[0]])), elements=widths))
    return Parameters(weights, means, covariances, structure, noise=noise, dof=dof)


@settings(deadline=None, max_examples=150)
@given(any_parameters())
def test_every_float_survives(parameters):
    model = MixtureModel(parameters)
    again = MixtureModel.from_json(model.to_json()).parameters
    assert again.structure is parameters.structure
    for name in ("weights", "means", "covariances", "precisions_cholesky", "noise", "dof"):
        assert same_bits(getattr(again, name), getattr(parameters, name)), name


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(sorted(STRUCTURES)),
    st.integers(1, 3),
    st.integers(0, 2**32 - 1),
    st.sampled_from([np.float64, np.float32]),
    st.floats(1e-20, 1e20),
)
def test_a_fitted_estimator_survives(tmp_path, covariance_type, n_components, seed, dtype, unit):
    rng = np.random.RandomState(seed)
    X = (rng.randn(40, 2) @ rng.randn(2, 2) * (1 if dtype is np.float32 else unit)).astype(dtype)
    gm = fitted(X, covariance_type, n_components, max_iter=20)
    path = tmp_path / "model.json"
    gm.save(path)
    again = GaussianMixture.load(path)
    for name in ("weights_", "means_", "covariances_", "precisions_cholesky_"):
        assert same_bits(getattr(gm, name), getattr(again, name)), name
    assert same_bits(gm.predict_proba(X), again.predict_proba(X))
    assert same_bits(gm.score_samples(X), again.score_samples(X))
    assert same_bits(gm.predict(X), again.predict(X))
    if dtype is np.float64:
        assert same_bits(load_model(path).log_density(X), gm.score_samples(X))
        assert same_bits(load_model(path).responsibilities(X), gm.predict_proba(X))


def test_factors_that_do_not_follow_from_the_covariances_are_kept(X, tmp_path):
    sk = SklearnMixture(2, random_state=0).fit(X)
    ours = GaussianMixture.from_sklearn(sk)
    ours.precisions_cholesky_ = np.nextafter(ours.precisions_cholesky_, np.inf) * (
        ours.precisions_cholesky_ != 0
    )
    ours.save(tmp_path / "m.json")
    document = json.loads((tmp_path / "m.json").read_text())
    assert document["precisions_cholesky"] is not None
    again = GaussianMixture.load(tmp_path / "m.json")
    assert same_bits(again.precisions_cholesky_, ours.precisions_cholesky_)


def test_float32_close_to_singular_survives(tmp_path):
    x = np.random.RandomState(0).randn(300, 1)
    X = np.hstack([x, x + 1e-3 * np.random.RandomState(1).randn(300, 1)]).astype(np.float32)
    gm = fitted(X, "full", 2)
    gm.save(tmp_path / "m.json")
    again = GaussianMixture.load(tmp_path / "m.json")
    assert again.means_.dtype == np.float32
    assert same_bits(gm.score_samples(X), again.score_samples(X))


def test_what_is_known_of_the_fit_survives(estimator, tmp_path):
    estimator.save(tmp_path / "m.json")
    again = GaussianMixture.load(tmp_path / "m.json")
    assert_same_fit(estimator, again)
    old, new = estimator.fit_report_, again.fit_report_
    assert {**vars(old)} == {**vars(new)}
    for name in ("converged_", "n_iter_", "lower_bound_", "lower_bounds_", "log_likelihood_"):
        assert getattr(again, name) == getattr(estimator, name), name
    assert again.n_features_in_ == 2
    assert not hasattr(again, "feature_names_in_")
    assert again.get_params() == estimator.get_params()


def test_a_loaded_estimator_goes_on_where_it_was(X, tmp_path):
    gm = fitted(X, "full", 3, max_iter=7, warm_start=True)
    assert not gm.converged_
    gm.save(tmp_path / "m.json")
    again = GaussianMixture.load(tmp_path / "m.json")
    assert again.warm_start
    again.set_params(max_iter=1000).fit(X)
    gm.set_params(max_iter=1000).fit(X)
    assert_same_fit(gm, again)
    assert again.n_iter_ == gm.n_iter_


def test_names_survive_and_are_asked_for(X, tmp_path):
    frame = pd.DataFrame(X, columns=["Größe", "weight [kg]"])
    gm = fitted(frame)
    gm.save(tmp_path / "m.json")
    again = GaussianMixture.load(tmp_path / "m.json")
    assert list(again.feature_names_in_) == ["Größe", "weight [kg]"]
    assert again.feature_names_in_.dtype == object
    assert same_bits(again.predict_proba(frame), gm.predict_proba(frame))
    with pytest.raises(ValueError, match="feature names should match"):
        again.predict(frame.rename(columns={"Größe": "size"}))
    assert "Größe" in (tmp_path / "m.json").read_text(encoding="utf-8")


def test_fixed_blocks_stay_held(X, tmp_path):
    gm = fitted(X, fixed=("weights",), weights_init=[0.5, 0.5])
    gm.save(tmp_path / "m.json")
    again = GaussianMixture.load(tmp_path / "m.json")
    assert again.fixed == ("weights",)
    assert again.bic(X) == gm.bic(X)
    assert again.fit(X).weights_ == pytest.approx([0.5, 0.5], abs=0)


def test_what_is_not_finite_becomes_null(X, tmp_path):
    gm = fitted(X, "full", 3, max_iter=0)
    assert gm.fit_report_.certificate.gain_to_come == np.inf
    gm.save(tmp_path / "m.json")
    text = (tmp_path / "m.json").read_text()
    assert "Infinity" not in text
    assert "NaN" not in text
    assert json.loads(text)["training"]["gain_to_come"] is None
    assert GaussianMixture.load(tmp_path / "m.json").fit_report_.certificate.gain_to_come == np.inf


def test_a_model_from_elsewhere_has_no_report(X, tmp_path):
    ours = GaussianMixture.from_sklearn(SklearnMixture(2, random_state=0).fit(X))
    ours.save(tmp_path / "m.json")
    again = GaussianMixture.load(tmp_path / "m.json")
    assert not hasattr(again, "fit_report_")
    assert again.converged_
    assert np.isnan(again.lower_bound_)
    assert same_bits(again.predict(X), ours.predict(X))


def test_values_are_frozen_and_pickle(X):
    model = fitted(X).to_model()
    with pytest.raises(ValueError, match="read-only"):
        model.parameters.means[0, 0] = 1.0
    with pytest.raises(AttributeError):
        model.feature_names = ("a", "b")
    again = pickle.loads(pickle.dumps(model))
    assert again.to_json() == model.to_json()


def test_training_must_be_json():
    parameters = Parameters([1.0], [[0.0]], [[[1.0]]], STRUCTURES["full"])
    assert MixtureModel(parameters, training={"a": np.float32(0.5)}).training == {"a": 0.5}
    with pytest.raises(BadInputError, match=r"training\.a\[0\] must be text, a number"):
        MixtureModel(parameters, training={"a": [object()]})


@pytest.mark.parametrize("names", [("a",), ("a", "a")])
def test_names_must_fit(X, names):
    parameters = fitted(X).to_model().parameters
    with pytest.raises(BadInputError, match="2 different names"):
        MixtureModel(parameters, feature_names=names)


def test_scaling_must_fit(X):
    parameters = fitted(X).to_model().parameters
    with pytest.raises(BadInputError, match="of 2 features"):
        MixtureModel(parameters, Scaling([0.0], [1.0]))


def test_an_unfitted_estimator_is_refused():
    with pytest.raises(ValueError, match="not fitted"):
        GaussianMixture().to_model()


def test_degenerate_parameters_never_become_a_model():
    with pytest.raises(DegenerateCovarianceError):
        Parameters([1.0], [[0.0]], [[[0.0]]], STRUCTURES["full"])
