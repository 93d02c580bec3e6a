"""What must not matter: units, order, the cut of the rows, how a weight is written."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bactrian import GaussianMixture
from bactrian.init.starts import STARTS

STRUCTURES = ("full", "tied", "diag", "spherical")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def mixture(seed, n_samples=120, n_features=2, n_components=2):
    rng = np.random.default_rng(seed)
    labels = rng.integers(n_components, size=n_samples)
    means = 4 * rng.standard_normal((n_components, n_features))
    return means[labels] + rng.standard_normal((n_samples, n_features))


def by_first_mean(gm):
    return np.argsort(gm.means_[:, 0])


@pytest.mark.parametrize("factors", [(1e-4, 1.0), (1e6, 1.0), (1e6, 1e-4), (1e-90, 1e90)])
@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag"])
@pytest.mark.parametrize(
    "init_params", ["kmeans", "k-means++", "sample_variance", "hierarchical", "ward"]
)
def test_units_of_a_column_do_not_matter(faithful, covariance_type, factors, init_params):
    settings = {"covariance_type": covariance_type, "init_params": init_params, "random_state": 0}
    plain = GaussianMixture(3, **settings).fit(faithful)
    scale = np.array(factors)
    scaled = GaussianMixture(3, **settings).fit(faithful * scale)
    square = np.square(scale) if covariance_type == "diag" else np.outer(scale, scale)
    np.testing.assert_allclose(scaled.weights_, plain.weights_, rtol=1e-6)
    np.testing.assert_allclose(scaled.means_ / scale, plain.means_, rtol=1e-6)
    np.testing.assert_allclose(scaled.covariances_ / square, plain.covariances_, rtol=1e-4)
    density = scaled.score(faithful * scale) + np.log(scale).sum()
    assert density == pytest.approx(plain.score(faithful), abs=1e-6)


def test_a_common_unit_does_not_matter_to_spheres(faithful):
    plain = GaussianMixture(3, covariance_type="spherical", random_state=0).fit(faithful)
    scaled = GaussianMixture(3, covariance_type="spherical", random_state=0).fit(faithful * 1e-6)
    np.testing.assert_allclose(scaled.means_ * 1e6, plain.means_, rtol=1e-6)
    np.testing.assert_allclose(scaled.covariances_ * 1e12, plain.covariances_, rtol=1e-6)


@pytest.mark.parametrize("factor", [1e-4, 1e6])
def test_the_default_bound_scales_with_the_units(factor):
    """A component on equal rows stops at the same relative variance, whatever the unit."""
    X = np.concatenate([np.random.default_rng(0).normal(size=(60, 2)), np.full((9, 2), 0.25)])
    start = {"means_init": [[0, 0], [0.25, 0.25]], "weights_init": [0.9, 0.1]}
    precisions = np.stack([np.eye(2), np.eye(2) * 1e6])
    plain = GaussianMixture(2, precisions_init=precisions, **start).fit(X)
    start["means_init"] = np.array(start["means_init"]) * factor
    scaled = GaussianMixture(2, precisions_init=precisions / factor**2, **start).fit(X * factor)
    np.testing.assert_allclose(scaled.covariances_ / factor**2, plain.covariances_, rtol=1e-6)
    assert np.linalg.eigvalsh(plain.covariances_[1])[0] < 1e-8


@given(seed=st.integers(0, 10**6), covariance_type=st.sampled_from(STRUCTURES))
@settings(max_examples=20)
def test_integer_weights_are_repeated_rows(seed, covariance_type):
    X = mixture(seed)
    weights = np.random.default_rng(seed).integers(0, 4, size=len(X))
    options = {"covariance_type": covariance_type, "random_state": 0, "n_init": 1}
    weighted = GaussianMixture(2, **options).fit(X, sample_weight=weights)
    repeated = GaussianMixture(2, **options).fit(np.repeat(X, weights, axis=0))
    np.testing.assert_allclose(weighted.weights_, repeated.weights_, rtol=1e-6)
    np.testing.assert_allclose(weighted.means_, repeated.means_, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(weighted.covariances_, repeated.covariances_, rtol=1e-5, atol=1e-8)
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-9)
    every_row = np.repeat(X, weights, axis=0)
    for method in ("score", "bic", "aic"):
        ours = getattr(weighted, method)(X, sample_weight=weights)
        assert ours == pytest.approx(getattr(repeated, method)(every_row), rel=1e-7)


def test_large_weights_do_not_make_a_small_group_look_collapsed():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(size=(60, 2)) * 5, rng.normal(size=(5, 2)) * 0.1 + 30])
    weights = np.r_[np.full(60, 10), np.ones(5, dtype=int)]
    weighted = GaussianMixture(2, random_state=0).fit(X, sample_weight=weights)
    repeated = GaussianMixture(2, random_state=0).fit(np.repeat(X, weights, axis=0))
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-7)
    assert weighted.converged_
    assert repeated.converged_


@given(seed=st.integers(0, 10**6), covariance_type=st.sampled_from(STRUCTURES))
@settings(max_examples=20)
def test_order_does_not_matter(seed, covariance_type):
    rng = np.random.default_rng(seed)
    X = mixture(seed)
    options = {
        "covariance_type": covariance_type,
        "means_init": X[:2],
        "max_iter": 30,
        "tol": 0.0,
    }
    plain = GaussianMixture(2, **options).fit(X)
    rows = GaussianMixture(2, **options).fit(X[rng.permutation(len(X))])
    np.testing.assert_allclose(rows.means_, plain.means_, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(rows.covariances_, plain.covariances_, rtol=1e-6, atol=1e-9)
    components = GaussianMixture(2, **{**options, "means_init": X[1::-1]}).fit(X)
    np.testing.assert_allclose(components.means_[::-1], plain.means_, rtol=1e-7, atol=1e-9)
    features = GaussianMixture(2, **{**options, "means_init": X[:2, ::-1]}).fit(X[:, ::-1])
    np.testing.assert_allclose(features.means_[:, ::-1], plain.means_, rtol=1e-7, atol=1e-9)


def test_shuffled_rows_start_alike(faithful):
    """A start sorts the rows: their order does not decide what is drawn."""
    shuffled = faithful[np.random.default_rng(0).permutation(len(faithful))]
    for init_params in sorted({*STARTS} - {"random"}):
        a, b = (
            GaussianMixture(3, random_state=1, n_init=1, init_params=init_params).fit(X)
            for X in (faithful, shuffled)
        )
        np.testing.assert_allclose(a.means_, b.means_, rtol=1e-6)


def test_the_layout_of_the_array_does_not_matter(faithful):
    wide = np.repeat(faithful, 2, axis=1)[:, ::2]
    fits = [
        GaussianMixture(2, random_state=0).fit(X)
        for X in (faithful, np.asfortranarray(faithful), wide, faithful.tolist())
    ]
    for gm in fits[1:]:
        np.testing.assert_array_equal(gm.means_, fits[0].means_)
        np.testing.assert_array_equal(gm.covariances_, fits[0].covariances_)


@pytest.mark.parametrize("n_samples", [20_001, 30_000])
def test_many_rows_start_from_a_sample(n_samples):
    X = mixture(1, n_samples, 3, 4)
    gm = GaussianMixture(4, random_state=0).fit(X)
    report = gm.fit_report_
    assert gm.converged_
    assert report.n_samples == n_samples
    assert report.optima_samples == 10_000
    assert 3 <= report.optima[0].times <= 6  # three starts, and three moves that led back
    patient = GaussianMixture(4, random_state=0, n_init=5).fit(X)
    assert gm.score(X) == pytest.approx(patient.score(X), abs=1e-4)
