"""Values with a probability of their own: densities, EM and its coordinates, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, multivariate_t

from bactrian import GaussianMixtureRegressor
from bactrian.backends import backend_for
from bactrian.core.covariance import STRUCTURES
from bactrian.core.mstep.chart import Chart
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.point_masses import PointMasses
from bactrian.core.values.spike import Spike
from bactrian.data.marking import marked
from bactrian.data.source import ArraySource
from bactrian.errors import BadInputError
from bactrian.mixture import Mixture
from bactrian.storage import MixtureModel

COLUMNS, VALUES = np.array([0, 0, 1, 2]), np.array([-2.0, 0.0, 1.5, 3.0])


def parameters_of(
    seed: int, *, noise: bool, tails: bool, structure: str = "full", shares: bool = True
) -> Parameters:
    """Two components in three columns; the first column has two point masses."""
    rng = np.random.RandomState(seed)
    form = STRUCTURES[structure].form
    root = rng.normal(size=(2, 3, 3))
    dense = root @ root.transpose(0, 2, 1) + np.eye(3)
    covariances = {3: dense, 2: np.diagonal(dense, axis1=1, axis2=2)}[len(form.shape(2, 3))]
    if form.shape(2, 3)[0] == 1:
        covariances = covariances[:1]
    weights = rng.dirichlet(np.ones(3))[:2] if noise else rng.dirichlet(np.ones(2))
    each = rng.dirichlet(np.ones(4), size=2 + noise) * 0.9
    return Parameters(
        weights,
        rng.normal(size=(2, 3)) * 2,
        covariances,
        STRUCTURES[structure],
        noise=np.array([[-5.0] * 3, [6.0] * 3]) if noise else None,
        dof=np.array([4.0, 9.0]) if tails else None,
        spikes=PointMasses(COLUMNS, VALUES, each) if shares else None,
    )


def rows_of(seed: int, n: int = 40, *, holes: bool = True) -> np.ndarray:
    """Rows of which many are at a point mass, and some are not complete."""
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n, 3)) * 2
    for column, value in zip(COLUMNS, VALUES, strict=True):
        X[rng.uniform(size=n) < 0.3, column] = value
    if holes:
        X[rng.uniform(size=X.shape) < 0.15] = np.nan
    return X


def joint_by_hand(X: np.ndarray, parameters: Parameters) -> np.ndarray:
    """Log of weight times probability times density, row by row and term by term, by SciPy."""
    spikes, covariances = parameters.spikes, parameters.dense_covariances()
    found = np.empty((len(X), parameters.n_terms))
    for i, row in enumerate(X):
        for k, weight in enumerate(parameters.term_weights):
            total, seen = np.log(weight), []
            for j, x in enumerate(row):
                own = np.flatnonzero(spikes.columns == j)
                shares = spikes.shares[k, own]
                if np.isnan(x):
                    continue
                at = spikes.values[own] == x
                total += np.log(shares[at][0] if at.any() else 1 - shares.sum())
                seen += [] if at.any() else [j]
            if seen and k == parameters.n_components:
                total -= np.log(np.diff(parameters.noise[:, seen], axis=0)).sum()
            elif seen:
                mean, cov = parameters.means[k, seen], covariances[k][np.ix_(seen, seen)]
                law = multivariate_normal(mean, cov)
                if parameters.dof is not None:
                    law = multivariate_t(mean, cov, parameters.dof[k])
                total += law.logpdf(row[seen])
            found[i, k] = total
    return found


@pytest.mark.parametrize("backend", ["auto", "numpy"])
@pytest.mark.parametrize(("noise", "tails"), [(False, False), (True, False), (True, True)])
def test_densities_and_responsibilities_are_those_by_hand(backend, noise, tails):
    X, parameters = rows_of(1), parameters_of(2, noise=noise, tails=tails)
    X[0], X[1] = [-2.0, 1.5, 3.0], [0.0, np.nan, 3.0]  # nothing has a density
    seen = ~np.isnan(X).all(axis=1)
    joint = joint_by_hand(X, parameters)
    found = Mixture.from_parameters(parameters).evaluate(
        X, "log_density", "resp", backend=backend_for(backend)
    )
    np.testing.assert_allclose(found.log_density, logsumexp(joint, axis=1), rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(
        found.resp, np.exp(joint - logsumexp(joint, axis=1)[:, None]), atol=1e-12
    )
    held = backend_for(backend).hold(ArraySource.of(marked(Chunk(X, None), parameters.spikes)))
    stats = held.accumulate(parameters.terms())
    resp = found.resp[seen]
    np.testing.assert_allclose(stats.log_likelihood, found.log_density[seen].sum(), rtol=1e-12)
    np.testing.assert_allclose(stats.resp_sum, resp[:, :2].sum(axis=0), rtol=1e-11)
    observed = ~np.isnan(X[seen][:, COLUMNS])
    np.testing.assert_allclose(
        stats.spikes.at, resp.T @ (X[seen][:, COLUMNS] == VALUES), atol=1e-9
    )
    np.testing.assert_allclose(stats.spikes.observed, resp.T @ observed, atol=1e-9)
    assert stats.weight == seen.sum()
    assert (2.0 * stats + stats).spikes.at == pytest.approx(3 * stats.spikes.at)


def test_probabilities_and_density_sum_to_one():
    spikes = PointMasses(np.array([0, 0]), np.array([0.0, 4.0]), np.array([[0.2, 0.15]]))
    parameters = Parameters(
        np.array([0.4, 0.6]),
        np.array([[1.0], [3.0]]),
        np.array([[[1.0]], [[0.5]]]),
        STRUCTURES["full"],
        spikes=spikes,
    )
    mixture = Mixture.from_parameters(parameters)
    mass = np.exp(mixture.log_density([[0.0], [4.0]])).sum()
    density = quad(lambda x: float(np.exp(mixture.log_density([[x]])[0])), -9, 12)[0]
    assert mass == pytest.approx(0.35)
    assert mass + density == pytest.approx(1.0, abs=1e-8)
    np.testing.assert_allclose(mixture.responsibilities([[0.0]]), [[0.4, 0.6]])


def test_a_value_that_no_component_has_is_impossible_and_says_nothing():
    parameters = parameters_of(3, noise=True, tails=False)
    shares = np.array(parameters.spikes.shares)
    shares[:, 1] = 0.0
    parameters = parameters.replaced(spikes=PointMasses(COLUMNS, VALUES, shares))
    mixture, without = (
        Mixture.from_parameters(parameters),
        Mixture.from_parameters(parameters.replaced(spikes=None)),
    )
    row = np.array([[0.0, 0.3, 0.4]])
    assert mixture.log_density(row) == -np.inf
    row[0, 0] = np.nan
    np.testing.assert_allclose(
        mixture.responsibilities([[0.0, 0.3, 0.4]]), without.responsibilities(row)
    )
    assert np.isfinite(mixture.impute([[0.0, np.nan, 0.4]])).all()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), noise=st.booleans(), size=st.floats(0.01, 1.0))
def test_coordinates_lead_back(seed, noise, size):
    parameters = parameters_of(seed, noise=noise, tails=False)
    chart = Chart(parameters)
    there = chart.vector(parameters)
    np.testing.assert_allclose(there, 0.0, atol=1e-7)
    step = np.random.RandomState(seed).normal(size=there.shape) * size
    point = chart.point(step)
    again = chart.point(chart.vector(point))
    np.testing.assert_allclose(again.spikes.shares, point.spikes.shares, rtol=1e-9)
    np.testing.assert_allclose(again.weights, point.weights, rtol=1e-9)
    totals = point.spikes.summed(point.spikes.shares) + point.spikes.rest
    np.testing.assert_allclose(totals, 1.0)
    assert not np.allclose(point.spikes.shares, parameters.spikes.shares)


def test_imputation_and_samples_follow_the_mixture():
    parameters = parameters_of(5, noise=True, tails=False)
    mixture = Mixture.from_parameters(parameters)
    X, labels = mixture.sample(40_000, random_state=0)
    for k, label in enumerate((0, 1, -1)):
        shares = (X[labels == label][:, COLUMNS] == VALUES).mean(axis=0)
        np.testing.assert_allclose(shares, parameters.spikes.shares[k], atol=0.02)
    row = np.array([[np.nan, 1.5, 0.2]])
    draws = mixture.impute(np.repeat(row, 4000, axis=0), 1, random_state=0)[0]
    assert (draws[:, 1:] == row[0, 1:]).all()
    near = (X[:, 1] == 1.5) & (np.abs(X[:, 2] - 0.2) < 0.5)
    assert (draws[:, 0] == 0.0).mean() == pytest.approx((X[near, 0] == 0.0).mean(), abs=0.04)
    assert mixture.impute(row)[0, 0] == pytest.approx(draws[:, 0].mean(), abs=0.15)


def test_the_model_file_keeps_them_and_names_what_is_wrong():
    parameters = parameters_of(6, noise=True, tails=True)
    model = MixtureModel(parameters)
    again = MixtureModel.from_json(model.to_json())
    X = rows_of(7)
    assert again.to_json() == model.to_json()
    np.testing.assert_array_equal(again.log_density(X), model.log_density(X))


def test_what_is_asked_of_densities_alone_is_refused():
    parameters = parameters_of(8, noise=False, tails=False)
    mixture = Mixture.from_parameters(parameters)
    row = [[0.0, 1.0, 2.0]]
    for ask in (
        lambda: mixture.logpdf(row),
        lambda: mixture.cdf(row),
        lambda: mixture.probability(),
        mixture.mean,
        mixture.entropy,
        mixture.modes,
        lambda: mixture.density_level(0.5),
        lambda: mixture.logpdf_gradient(row),
        lambda: mixture.condition({0: 0.0}),
        lambda: mixture.regress([[0.0, 1.0]], [2]),
        lambda: mixture.marginal([0]).thresholds(),
        lambda: GaussianMixtureRegressor(2, spikes="auto").fit([[0.0], [1.0]], [0.0, 1.0]),
    ):
        with pytest.raises(BadInputError, match="spikes must be"):
            ask()


def test_a_marginal_keeps_those_of_its_columns_and_equality_sees_them():
    parameters = parameters_of(9, noise=True, tails=False)
    mixture, X = Mixture.from_parameters(parameters), rows_of(10)
    bare = X.copy()
    bare[:, 1] = np.nan
    pair = mixture.marginal([0, 2])
    np.testing.assert_allclose(pair.log_density(X[:, [0, 2]]), mixture.log_density(bare))
    one = MixtureModel(mixture.marginal([0]).parameters)
    again = MixtureModel.from_json(one.to_json())
    assert again == one
    np.testing.assert_array_equal(again.log_density(X[:, :1]), one.log_density(X[:, :1]))
    assert one != MixtureModel(one.parameters.replaced(spikes=None))
    shares = 0.5 * one.parameters.spikes.shares
    spikes = PointMasses(np.array([0, 0]), VALUES[:2], shares)
    assert one != MixtureModel(one.parameters.replaced(spikes=spikes))


@given(
    n=st.integers(1, 300),
    shares=st.lists(st.floats(0.01, 0.2), min_size=2, max_size=2),
)
@settings(max_examples=10, deadline=None)
def test_shares_of_rows_are_counted(n, shares):
    spikes = PointMasses.of([Spike(0, 1.0, shares[1]), Spike(0, 0.0, shares[0])])
    assert spikes.values.tolist() == [0.0, 1.0]
    assert spikes.shares.tolist() == [shares]
    assert spikes.overall() == (Spike(0, 0.0, shares[0]), Spike(0, 1.0, shares[1]))
    assert spikes.marginal(np.array([1])) is None
    assert len(spikes.of_terms(3, 2).shares) == 3
    assert spikes.of_terms(3, 1).common
