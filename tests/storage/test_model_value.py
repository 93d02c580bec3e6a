"""The model as a value: units, densities, samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mixtures import SHARING, fitted, two_groups
from scipy.stats import multivariate_normal

from bactrian import BadInputError, GaussianMixture, MixtureModel
from bactrian.core.values.chunk import CHUNK_ROWS
from bactrian.mixture import Scaling
from bactrian.storage.training import in_other_units

CENTRE, SCALE = np.array([1e3, -2.0]), np.array([50.0, 0.01])


def dense(model: MixtureModel) -> np.ndarray:
    """Density by SciPy, one component after another."""
    p = model.in_original_units()

    def density(rows):
        parts = [
            w * multivariate_normal(m, c).pdf(rows)
            for w, m, c in zip(p.weights, p.means, p.dense_covariances(), strict=True)
        ]
        return np.stack(parts, axis=1)

    return density


@pytest.fixture(scope="module", params=SHARING)
def scaled(request) -> MixtureModel:
    gm = fitted(two_groups(), request.param)
    return gm.to_model(Scaling(CENTRE, SCALE))


def original(X):
    return CENTRE + SCALE * X


def test_density_and_responsibilities_are_those_of_scipy(scaled, X):
    rows = original(X)
    parts = dense(scaled)(rows)
    total = parts.sum(axis=1)
    np.testing.assert_allclose(scaled.log_density(rows), np.log(total), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        scaled.responsibilities(rows), parts / total[:, None], rtol=1e-7, atol=1e-9
    )


def test_fold_is_exact(scaled):
    p, folded = scaled.parameters, scaled.in_original_units()
    S = np.diag(SCALE)
    np.testing.assert_allclose(folded.means, CENTRE + p.means * SCALE, rtol=1e-15)
    np.testing.assert_allclose(
        folded.dense_covariances(), S @ p.dense_covariances() @ S, rtol=1e-14
    )
    inverse = np.linalg.inv(folded.dense_covariances())
    factors = [np.diag(f) if f.ndim == 1 else f for f in folded.factors()]
    np.testing.assert_allclose([f @ f.T for f in factors], inverse, rtol=1e-8)
    expected = {"spherical": "diag", "EII": "diag", "VEV": "full"}
    expected = expected.get(p.structure.name, p.structure.name)
    assert folded.structure.name == expected


def test_without_scaling_units_are_the_original_ones(X):
    model = fitted(X, "spherical").to_model()
    assert model.in_original_units() is model.parameters


def test_training_is_in_original_units(scaled, X):
    rows = original(X)
    density = scaled.log_density(rows)
    training = scaled.training
    assert training["log_likelihood"] == pytest.approx(density.sum(), abs=1e-8)
    assert training["trace"][-1] == pytest.approx(density.mean(), abs=1e-10)
    assert training["optima"][0]["log_likelihood"] == pytest.approx(density.sum(), abs=1e-3)
    n, k = len(rows), training["n_parameters"]
    assert training["bic"] == pytest.approx(-2 * density.sum() + k * np.log(n), abs=1e-7)
    assert training["aic"] == pytest.approx(-2 * density.sum() + 2 * k, abs=1e-7)


def test_optima_of_a_sample_of_the_rows_are_lowered_by_its_share():
    optimum = {"log_likelihood": -10.0, "times": 1, "shortfall": 0.0, "distance": 0.0}
    training = {"n_samples": 40, "weight": 80.0, "optima_samples": 10, "optima": [optimum]}
    changed = in_other_units(training, 2.0)
    assert changed["optima"] == [{**optimum, "log_likelihood": -10.0 - 20.0 * 2.0}]
    assert training["optima"] == [optimum]


def test_estimator_of_a_scaled_model_predicts_the_same(scaled, X):
    rows = original(X)
    gm = GaussianMixture.from_mixture(scaled)
    np.testing.assert_allclose(gm.score_samples(rows), scaled.log_density(rows), atol=1e-9)
    np.testing.assert_allclose(gm.predict_proba(rows), scaled.responsibilities(rows), atol=1e-9)
    assert gm.lower_bound_ == pytest.approx(gm.score(rows), abs=1e-4)
    assert gm.log_likelihood_ == scaled.training["log_likelihood"]


def test_scaled_model_survives_a_file(scaled, tmp_path, X):
    scaled.save(tmp_path / "m.json")
    again = MixtureModel.load(tmp_path / "m.json")
    assert (again.scaling.centre == CENTRE).all()
    assert (again.scaling.scale == SCALE).all()
    rows = original(X)
    assert (again.log_density(rows) == scaled.log_density(rows)).all()
    assert again.training == scaled.training


def test_a_ridge_in_other_units_is_forgotten(X):
    gm = fitted(X, reg_covar=1e-3)
    assert GaussianMixture.from_mixture(gm.to_model()).reg_covar == 1e-3
    assert GaussianMixture.from_mixture(gm.to_model(Scaling(CENTRE, SCALE))).reg_covar == "auto"


def test_samples_have_the_moments_of_the_mixture(scaled):
    rows, labels = scaled.sample(40_000, random_state=1)
    p = scaled.in_original_units()
    assert (np.diff(labels) >= 0).all()
    for k in range(2):
        own = rows[labels == k]
        deviations = np.sqrt(np.diagonal(p.dense_covariances()[k]))
        assert len(own) / 40_000 == pytest.approx(p.weights[k], abs=0.015)
        assert np.abs((own.mean(axis=0) - p.means[k]) / deviations).max() < 0.05
        ratio = np.cov(own.T) / np.outer(deviations, deviations)
        expected = p.dense_covariances()[k] / np.outer(deviations, deviations)
        assert np.abs(ratio - expected).max() < 0.05


def test_samples_depend_on_the_seed_alone(scaled):
    a, b = scaled.sample(50, 7, sort=False), scaled.sample(50, 7, sort=False)
    assert (a[0] == b[0]).all()
    assert (a[1] == b[1]).all()
    assert (np.diff(a[1]) < 0).any()
    assert scaled.sample(3, np.random.default_rng(0))[0].shape == (3, 2)
    state = np.random.RandomState(0)
    assert (scaled.sample(3, state)[0] != scaled.sample(3, state)[0]).any()


@pytest.mark.parametrize("n", [0, 1.5, True, "3"])
def test_number_of_samples_is_checked(X, n):
    with pytest.raises(BadInputError, match="n_samples"):
        fitted(X).to_model().sample(n)


# ---- rows


@pytest.fixture(scope="module")
def named() -> MixtureModel:
    frame = pd.DataFrame(two_groups(), columns=["a", "b"])
    return fitted(frame).to_model()


def test_columns_are_found_by_name(named, X):
    expected = named.log_density(X)
    frame = pl.DataFrame({"z": X[:, 0] * 7, "b": X[:, 1], "a": X[:, 0]})
    assert named.feature_names == ("a", "b")
    assert (named.log_density(frame) == expected).all()
    with pytest.raises(BadInputError, match="a frame without 'b'"):
        named.log_density(frame.drop("b"))


def test_columns_without_names_are_taken_in_order(X):
    model = fitted(X).to_model()
    frame = pd.DataFrame(X, columns=["p", "q"])
    assert (model.log_density(frame) == model.log_density(X.tolist())).all()


def test_many_rows_are_read_in_pieces(named):
    rows = two_groups(3)
    few = named.log_density(rows), named.responsibilities(rows)
    times = 2 * CHUNK_ROWS // len(rows) + 1
    many = np.tile(rows, (times, 1))
    np.testing.assert_allclose(named.log_density(many), np.tile(few[0], times), rtol=1e-14)
    np.testing.assert_allclose(named.responsibilities(many), np.tile(few[1], (times, 1)), 1e-12)
    rows[100, 1] = np.inf
    with pytest.raises(BadInputError, match="infinity in row 100, column 1"):
        named.log_density(rows)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([1.0, 2.0], r"1 dimensions\. Reshape"),
        ([[1.0, 2.0, 3.0]], "of 2 columns, but got 3 columns"),
        ([["1", "2"]], "numbers"),
        ([[1.0, np.inf]], "infinity in row 0, column 1"),
        ([[1j, 2]], "numbers"),
        ("text", "numbers"),
        ([[1, 2], [3]], "numbers"),
    ],
)
def test_rows_are_checked(named, rows, message):
    with pytest.raises(BadInputError, match=message):
        named.log_density(rows)


def test_no_rows_give_no_densities(named):
    assert named.log_density(np.empty((0, 2))).shape == (0,)
    assert named.responsibilities(np.empty((0, 2))).shape == (0, 2)


def test_integers_and_one_dimension_are_rows_too():
    model = fitted(two_groups()[:, :1]).to_model()
    flat = model.log_density([1, 2, 3])
    assert (flat == model.log_density([[1.0], [2.0], [3.0]])).all()


# ---- scaling


@pytest.mark.parametrize(
    ("centre", "scale", "message"),
    [
        ([0.0, 0.0], [1.0, 0.0], r"scaling\.scale\[1\] must be finite and above 0"),
        ([0.0, 0.0], [1.0, -1.0], r"scaling\.scale\[1\]"),
        ([0.0, np.nan], [1.0, 1.0], r"scaling\.centre\[1\] must be finite"),
        ([0.0], [1.0, 1.0], "one entry for each feature"),
        ([[0.0]], [[1.0]], "one entry for each feature"),
    ],
)
def test_scaling_is_checked(centre, scale, message):
    with pytest.raises(BadInputError, match=message):
        Scaling(centre, scale)


def test_a_fold_beyond_float64_is_refused(X):
    gm = fitted(X)
    for scale in (1e200, 1e-200):
        model = gm.to_model(Scaling([0.0, 0.0], [scale, 1.0]))
        with pytest.raises(BadInputError, match="beyond float64"):
            model.in_original_units()


@given(st.integers(0, 2**32 - 1), st.booleans(), st.floats(-1e6, 1e6))
def test_a_scaling_makes_columns_of_mean_0_and_variance_1(seed, weighted, offset):
    rng = np.random.default_rng(seed)
    X = offset + rng.standard_normal((50, 3)) * [1e-2, 1.0, 1e4]
    X[:, 1][rng.random(50) < 0.3] = np.nan
    X = np.column_stack([X, np.full(50, offset)])
    weights = rng.integers(0, 4, 50).astype(float) if weighted else np.ones(50)
    scaling = Scaling.of(X, weights if weighted else None)
    repeated = np.repeat(X, weights.astype(int), axis=0)
    np.testing.assert_allclose(scaling.centre, np.nanmean(repeated, axis=0), rtol=1e-9)
    np.testing.assert_allclose(scaling.scale[:3], np.nanstd(repeated, axis=0)[:3], rtol=1e-6)
    assert scaling.scale[3] == 1.0
    np.testing.assert_allclose(scaling.original(scaling.scaled(X)), X, rtol=1e-9)


def test_rows_of_weight_0_leave_no_trace_in_a_scaling():
    X = np.random.default_rng(0).standard_normal((50, 2))
    there = Scaling.of(np.r_[X, np.full((1, 2), 1e300)], np.r_[np.ones(50), 0.0])
    without = Scaling.of(X, np.ones(50))
    np.testing.assert_array_equal(there.centre, without.centre)
    np.testing.assert_array_equal(there.scale, without.scale)
