"""What a mixture says of rows: a law and an oracle for each method."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy as scipy_entropy
from scipy.stats import kstest, multivariate_normal, multivariate_t, norm, uniform

from bactrian import BadInputError, GaussianMixture, Mixture
from bactrian.backends import BACKENDS, backend_for
from bactrian.core.covariance import STRUCTURES
from bactrian.mixture import Scaling
from bactrian.mixture.certainty import Certainty
from bactrian.mixture.evaluation import ROWS_AT_ONCE
from strategies import cases, drawn, random_parameters, scipy_log_density, seeds

moderate = cases(scales=st.just(1.0), offsets=st.just(0.0))
NAMES = sorted(STRUCTURES)


@st.composite
def scaled(draw) -> tuple[Mixture, np.ndarray]:
    """A mixture in units other than those of the data, and rows in those of the data."""
    case = draw(moderate)
    n_features = case.parameters.n_features
    centre, scale = case.rng.normal(size=n_features), 10 ** case.rng.uniform(-2, 2, n_features)
    scaling = Scaling(centre, scale)
    return Mixture.from_parameters(case.parameters, scaling), scaling.original(case.X)


def with_holes(rng, X):
    X = np.array(X, dtype=float)
    X[rng.random(X.shape) < 0.3] = np.nan
    return X


def robust(seed=0, n_features=3) -> Mixture:
    """Two t distributions and noise, in units other than those of the data."""
    rng = np.random.default_rng(seed)
    parameters = random_parameters(rng, STRUCTURES["full"], 2, n_features)
    box = np.stack([np.full(n_features, -9.0), np.full(n_features, 8.0)])
    parameters = replace(
        parameters, weights=0.8 * parameters.weights, noise=box, dof=np.array([3.0, 9.0])
    )
    scale = np.geomspace(0.1, 50, n_features)
    return Mixture.from_parameters(parameters, Scaling(np.linspace(-5, 3, n_features), scale))


def numerical_density(mixture: Mixture, x: np.ndarray) -> np.ndarray:
    """Weight times density of each term at a complete row, by SciPy, in units of the data."""
    p = mixture.in_original_units()
    dofs = [None] * p.n_components if p.dof is None else np.broadcast_to(p.dof, p.n_components)
    parts = [
        w * (multivariate_normal(m, c) if dof is None else multivariate_t(m, c, dof)).pdf(x)
        for w, m, c, dof in zip(p.weights, p.means, p.dense_covariances(), dofs, strict=True)
    ]
    if p.noise is not None:
        parts.append((1 - p.weights.sum()) / np.ptp(p.noise, axis=0).prod())
    return np.array(parts)


# ---- densities, responsibilities, labels


@given(moderate)
def test_log_density_is_scipys(case):
    found = Mixture.from_parameters(case.parameters).log_density(case.X)
    np.testing.assert_allclose(found, scipy_log_density(case.X, case.parameters), atol=1e-8)


@given(scaled())
def test_what_is_said_does_not_depend_on_the_units_of_the_fit(pair):
    mixture, X = pair
    same = Mixture.from_parameters(mixture.in_original_units())
    np.testing.assert_allclose(mixture.log_density(X), same.log_density(X), atol=1e-7)
    np.testing.assert_allclose(mixture.responsibilities(X), same.responsibilities(X), atol=1e-7)
    ours, theirs = mixture.likelihoods(X), same.likelihoods(X)
    np.testing.assert_allclose(ours[:3], theirs[:3], rtol=1e-7, atol=1e-6)


def test_noise_tails_and_scaling_together_are_scipys():
    mixture = robust()
    X, _ = mixture.sample(60, 1, sort=False)
    parts = np.array([numerical_density(mixture, x) for x in X])
    total = parts.sum(axis=1)
    np.testing.assert_allclose(mixture.log_density(X), np.log(total), atol=1e-9)
    expected = parts / total[:, None]
    np.testing.assert_allclose(mixture.responsibilities(X), expected, atol=1e-9)
    largest = expected.argmax(axis=1)
    np.testing.assert_array_equal(mixture.labels(X), np.where(largest == 2, -1, largest))
    assert set(mixture.labels(X)) == {-1, 0, 1}


@given(moderate)
def test_labels_are_the_largest_responsibilities(case):
    mixture = Mixture.from_parameters(case.parameters)
    resp = mixture.responsibilities(case.X)
    np.testing.assert_allclose(resp.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_array_equal(mixture.labels(case.X), resp.argmax(axis=1))


@given(scaled(), seeds)
def test_a_row_that_is_not_complete_has_the_density_of_the_marginal(pair, seed):
    mixture, X = pair
    X = with_holes(np.random.default_rng(seed), X)
    p = mixture.in_original_units()
    for x, found in zip(X, mixture.log_density(X), strict=True):
        seen = np.flatnonzero(~np.isnan(x))
        expected = 0.0
        if len(seen):
            expected = Mixture.from_parameters(p.marginal(seen)).log_density(x[seen][None])[0]
        assert found == pytest.approx(expected, abs=1e-7)


def test_rows_beyond_one_piece_are_those_of_one_piece():
    mixture = robust()
    X = np.tile(mixture.sample(1000, 0)[0], (ROWS_AT_ONCE // 1000 + 2, 1))
    for name in ("log_density", "responsibilities", "labels"):
        few, many = (getattr(mixture, name)(rows) for rows in (X[:1000], X))
        np.testing.assert_allclose(many[-1000:], few, rtol=1e-13, atol=1e-13)
        assert len(many) == len(X)


def test_columns_of_a_frame_are_found_by_name():
    mixture = robust().replaced(feature_names=("a", "b", "c"))
    X, _ = mixture.sample(5, 0)
    frame = pd.DataFrame(X[:, ::-1], columns=["c", "b", "a"])
    np.testing.assert_array_equal(mixture.log_density(frame), mixture.log_density(X))
    np.testing.assert_array_equal(mixture.labels(frame), mixture.labels(X))
    with pytest.raises(BadInputError, match="a frame without 'a'"):
        mixture.labels(frame.drop(columns="a"))


def test_no_rows_give_no_results():
    mixture, nothing = robust(), np.empty((0, 3))
    assert mixture.log_density(nothing).shape == mixture.labels(nothing).shape == (0,)
    assert mixture.responsibilities(nothing).shape == (0, 3)
    assert mixture.impute(nothing).shape == (0, 3)
    assert mixture.likelihoods(nothing) == (0.0, 0.0, 0.0, Certainty(None, (None,) * 3))


# ---- rows that were checked, by a back end


@pytest.mark.parametrize("name", BACKENDS)
@given(scaled())
def test_all_back_ends_say_the_same(name, pair):
    mixture, X = pair
    found = mixture.evaluate(X, "log_density", "resp", backend=backend_for(name))
    np.testing.assert_allclose(found.log_density, mixture.log_density(X), atol=1e-8)
    np.testing.assert_allclose(found.resp, mixture.responsibilities(X), atol=1e-8)
    assert found.labels is None


@pytest.mark.parametrize("name", BACKENDS)
def test_results_have_the_type_of_the_rows_in_units_of_the_fit_only(name):
    mixture, backend = robust(), backend_for(name)
    X = mixture.sample(20, 0)[0].astype(np.float32)
    plain = Mixture.from_parameters(mixture.in_original_units())
    wanted = "log_density", "resp", "labels"
    single, double = (m.evaluate(X, *wanted, backend=backend) for m in (plain, mixture))
    assert single.log_density.dtype == single.resp.dtype == np.float32
    assert double.log_density.dtype == double.resp.dtype == np.float64
    np.testing.assert_allclose(single.log_density, double.log_density, rtol=1e-3)
    np.testing.assert_array_equal(single.labels, double.labels)
    assert plain.log_density(X).dtype == np.float64


# ---- likelihoods


@given(scaled(), seeds)
def test_likelihoods_are_sums_over_rows(pair, seed):
    mixture, X = pair
    rng = np.random.default_rng(seed)
    X, weights = with_holes(rng, X), rng.integers(0, 4, len(X)).astype(float)
    kept = weights > 0
    seen = ~np.isnan(X).all(axis=1)
    resp = mixture.responsibilities(X).max(axis=1)
    found = mixture.likelihoods(X, weights)
    expected = weights @ mixture.log_density(X)
    assert found.log_likelihood == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert found.weight == weights[seen].sum()
    certainty = weights[kept & seen] @ np.log(resp[kept & seen])
    assert found.classification == pytest.approx(expected + certainty, rel=1e-9, abs=1e-9)
    repeated = mixture.likelihoods(np.repeat(X, weights.astype(int), axis=0))
    np.testing.assert_allclose(found[:3], repeated[:3], rtol=1e-9, atol=1e-9)
    same = (one.certainty.relative_entropy for one in (found, repeated))
    assert next(same) == pytest.approx(next(same), abs=1e-6)


def test_certainty_is_a_mean_of_entropies_and_of_largest_probabilities():
    mixture = robust()
    X, _ = mixture.sample(300, 2, sort=False)
    resp = mixture.responsibilities(X)
    found, labels = mixture.certainty(X), resp.argmax(axis=1)
    entropies = [scipy_entropy(row) for row in resp]  # of SciPy, row by row
    assert found.relative_entropy == pytest.approx(1 - np.mean(entropies) / np.log(3))
    means = [resp[labels == k].max(axis=1).mean() for k in range(3)]
    np.testing.assert_allclose(found.probabilities, means)


def test_certainty_of_old_faithful_is_known(faithful):
    # Relative entropy and mean largest probabilities, of three components with one covariance.
    tied = GaussianMixture(3, covariance_type="tied", random_state=0).fit(faithful)
    found = tied.certainty(faithful)
    assert found.relative_entropy == pytest.approx(0.857, abs=5e-4)
    np.testing.assert_allclose(sorted(found.probabilities), [0.834, 0.914, 0.999], atol=5e-4)
    weighted = tied.certainty(faithful, sample_weight=np.full(272, 2.0))
    assert weighted.relative_entropy == pytest.approx(found.relative_entropy)
    assert GaussianMixture(1).fit(faithful).certainty(faithful).relative_entropy is None


def test_a_row_of_weight_0_counts_for_nothing():
    mixture = Mixture([1.0], [[0.0]], [1.0], "spherical")
    X, weights = np.array([[0.0], [1e200]]), np.array([1.0, 0.0])
    assert mixture.likelihoods(X, weights) == mixture.likelihoods(X[:1])


# ---- imputation and samples


@given(scaled(), seeds)
def test_imputation_does_not_depend_on_the_units_and_keeps_what_is_there(pair, seed):
    mixture, whole = pair
    X = with_holes(np.random.default_rng(seed), whole)
    there = ~np.isnan(X)
    same = Mixture.from_parameters(mixture.in_original_units())
    scale = 1e-7 * mixture.scaling.scale
    assert (np.abs(mixture.impute(X) - same.impute(X)) <= scale * 10).all()
    for filled in (mixture.impute(X), *mixture.impute(X, 2, seed)):
        assert filled[there].tobytes() == X[there].tobytes()
        assert np.isfinite(filled).all()


def test_the_expectation_of_a_gaussian_is_its_regression():
    covariance = np.array([[2.0, 1.2], [1.2, 1.5]])
    mixture = Mixture([1.0], [[1.0, -2.0]], [covariance])
    (filled,) = mixture.impute([[3.0, np.nan]])
    assert filled[1] == pytest.approx(-2.0 + 1.2 / 2.0 * (3.0 - 1.0))
    draws = mixture.impute(np.tile([3.0, np.nan], (20_000, 1)), 1, 0)[0][:, 1]
    assert draws.mean() == pytest.approx(filled[1], abs=0.03)
    assert draws.var() == pytest.approx(1.5 - 1.2**2 / 2.0, abs=0.03)


@given(scaled(), seeds)
def test_samples_are_those_of_the_units_of_the_fit(pair, seed):
    mixture, _ = pair
    rows, labels = mixture.sample(40, seed)
    z, same = Mixture.from_parameters(mixture.parameters).sample(40, seed)
    np.testing.assert_array_equal(rows, mixture.scaling.original(z))
    np.testing.assert_array_equal(labels, same)


def test_samples_have_the_mean_and_covariance_of_the_mixture():
    parameters = random_parameters(np.random.default_rng(3), STRUCTURES["VEV"], 3, 2)
    rows, labels = Mixture.from_parameters(parameters).sample(60_000, 0)
    mean = parameters.weights @ parameters.means
    centred = parameters.means - mean
    total = np.tensordot(parameters.weights, parameters.dense_covariances(), 1)
    total += (parameters.weights * centred.T) @ centred
    np.testing.assert_allclose(rows.mean(axis=0), mean, atol=0.1)
    np.testing.assert_allclose(np.cov(rows.T), total, rtol=0.05, atol=0.05)
    np.testing.assert_allclose(np.bincount(labels) / 60_000, parameters.weights, atol=0.01)


# ---- as a value


def test_through_pickle_it_gives_the_same_bits():
    mixture = robust().replaced(feature_names=("a", "b", "c"), component_names=("left", None))
    X = with_holes(np.random.default_rng(0), mixture.sample(300, 0)[0])
    again = pickle.loads(pickle.dumps(mixture))
    for name in ("log_density", "responsibilities", "labels", "impute"):
        assert getattr(again, name)(X).tobytes() == getattr(mixture, name)(X).tobytes(), name
    assert again.sample(50, 1)[0].tobytes() == mixture.sample(50, 1)[0].tobytes()
    assert again.likelihoods(X) == mixture.likelihoods(X)
    assert again.feature_names == ("a", "b", "c")
    assert again.component_names == ("left", None)
    assert again.n_parameters() == mixture.n_parameters()


@pytest.mark.parametrize("name", NAMES)
def test_free_parameters_are_those_of_the_units_of_the_fit(name):
    parameters = random_parameters(np.random.default_rng(0), STRUCTURES[name], 3, 2)
    mixture = Mixture.from_parameters(parameters, Scaling([0.0, 0.0], [2.0, 3.0]))
    own = STRUCTURES[name].n_parameters(3, 2)
    assert mixture.n_parameters() == own + 3 * 2 + 2
    assert mixture.n_parameters(frozenset({"means", "weights"})) == own


# ---- of an estimator


@pytest.mark.parametrize("name", ["full", "tied", "diag", "spherical", "VEV", "EEI"])
def test_an_estimator_says_what_its_mixture_says(name):
    rng = np.random.default_rng(0)
    X = with_holes(rng, drawn(rng, random_parameters(rng, STRUCTURES[name], 2, 3), 150))
    gm = GaussianMixture(2, covariance_type=name, random_state=0, n_init=1, tol=1e-3).fit(X)
    mixture = gm.mixture_
    np.testing.assert_allclose(gm.score_samples(X), mixture.log_density(X), rtol=1e-12)
    np.testing.assert_allclose(gm.predict_proba(X), mixture.responsibilities(X), rtol=1e-9)
    np.testing.assert_array_equal(gm.predict(X), mixture.labels(X))
    np.testing.assert_array_equal(gm.impute(X), mixture.impute(X))
    np.testing.assert_array_equal(gm.impute(X, 2), mixture.impute(X, 2, 0))
    np.testing.assert_array_equal(gm.sample(9)[0], mixture.sample(9, 0)[0])
    likelihoods = mixture.likelihoods(X)
    assert likelihoods.log_likelihood == pytest.approx(gm.log_likelihood_, rel=1e-10)
    bic = -2 * likelihoods.log_likelihood + mixture.n_parameters() * np.log(likelihoods.weight)
    assert gm.bic(X) == pytest.approx(bic)


def test_the_mixture_of_an_estimator_is_that_of_its_attributes_as_they_are():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 2)), columns=["a", "b"])
    gm = GaussianMixture(1)
    assert not hasattr(gm, "mixture_")
    with pytest.raises(AttributeError, match="not fitted"):
        gm.mixture_  # noqa: B018
    gm.fit(X)
    assert gm.mixture_.feature_names == ("a", "b")
    gm.means_ = np.array([[5.0, 6.0]])
    np.testing.assert_array_equal(gm.mixture_.parameters.means, [[5.0, 6.0]])
    assert "mixture_" not in vars(gm)


def test_an_estimator_of_a_mixture_has_it():
    mixture = robust()
    gm = GaussianMixture.from_mixture(mixture)
    X = mixture.sample(30, 0)[0]
    np.testing.assert_allclose(gm.score_samples(X), mixture.log_density(X), atol=1e-9)
    assert (gm.n_components, gm.family, gm.noise, gm.converged_) == (2, "t", True, False)
    again = gm.to_model()
    np.testing.assert_array_equal(again.parameters.means, gm.means_)
    assert again.training["converged"] is False


def test_samples_of_one_component_are_from_its_distribution():
    """Kolmogorov-Smirnov against SciPy, and the noise from its box."""
    mixture = Mixture([0.2, 0.7], [[0.0], [9.0]], [1.0, 4.0], "spherical", noise=[[-50.0], [50.0]])
    X, y = mixture.sample(2000, 0, component=1)
    assert (y == 1).all()
    assert kstest(X[:, 0], norm(9, 2).cdf).pvalue > 0.01
    X, y = mixture.sample(2000, 0, component=-1)
    assert (y == -1).all()
    assert kstest(X[:, 0], uniform(-50, 100).cdf).pvalue > 0.01
    with pytest.raises(BadInputError, match="a component from 0 to 1, or -1 for noise, but got 2"):
        mixture.sample(5, component=2)
    with pytest.raises(BadInputError, match="from 0 to 1, but"):
        Mixture([0.5, 0.5], [[0.0], [9.0]], [1.0, 4.0], "spherical").sample(5, component=-1)


def test_the_least_likely_rows():
    mixture = Mixture([1.0], [[0.0]], [1.0], "spherical")
    X = np.arange(-10.0, 11.0)[:, None]
    threshold, rows = mixture.unlikely(X, 0.1)
    assert np.flatnonzero(rows).tolist() == [0, 20]
    assert threshold == pytest.approx(norm.logpdf(10))
    assert mixture.unlikely(X).rows.sum() == 2  # one of a hundred, and one that is as likely
    assert mixture.unlikely(X, below=norm.logpdf(8) + 1e-9).rows.sum() == 6
    for wrong in ({"share": 0.0}, {"share": 1.1}, {"share": 0.1, "below": -3.0}):
        with pytest.raises(BadInputError, match="share must be"):
            mixture.unlikely(X, **wrong)
