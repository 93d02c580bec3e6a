"""Starts by responsibilities are the model's own M-step; starts that must fail are few."""

import warnings

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.exceptions import ConvergenceWarning

from bactrian import DegenerateCovarianceError, GaussianMixture
from bactrian.core.covariance import STRUCTURES

SHARING = [name for name, structure in STRUCTURES.items() if not structure.name.islower()]


def two_groups(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Columns of unlike scale, and soft responsibilities for unequal groups."""
    rng = np.random.default_rng(seed)
    unit = np.array([1000.0, 0.3])
    X = np.r_[rng.normal(size=(150, 2)) * (1, 2), rng.normal(4, 1.5, (50, 2))] * unit
    resp = np.r_[np.tile([0.9, 0.1], (150, 1)), np.tile([0.2, 0.8], (50, 1))]
    return X, resp


def started(X: np.ndarray, resp: np.ndarray, covariance_type: str, **settings) -> GaussianMixture:
    settings = {"reg_covar": 0, "max_iter": 0, "resp_init": resp, **settings}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return GaussianMixture(2, covariance_type=covariance_type, **settings).fit(X)


def moments(X: np.ndarray, resp: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How many rows each holds, means, and scatters about these."""
    counts = resp.sum(axis=0)
    means = resp.T @ X / counts[:, None]
    apart = X - means[:, None]
    return counts, means, np.einsum("ik,kid,kie->kde", resp, apart, apart)


class TestResponsibilities:
    def test_of_one_volume_and_shape_in_closed_form(self):
        """Celeux & Govaert (1995), model [lambda D_k A D_k']."""
        X, resp = two_groups()
        counts, means, scatters = moments(X, resp)
        values, axes = np.linalg.eigh(scatters)
        covariances = (axes * (values.sum(axis=0) / len(X))) @ axes.transpose(0, 2, 1)
        density = sum(
            share * multivariate_normal(mean, covariance).pdf(X)
            for share, mean, covariance in zip(counts / len(X), means, covariances, strict=True)
        )
        gm = started(X, resp, "EEV")
        assert gm.log_likelihood_ == pytest.approx(np.log(density).sum(), rel=1e-9)
        np.testing.assert_allclose(gm.covariances_, covariances, rtol=1e-7, atol=1e-9)

    @pytest.mark.parametrize("covariance_type", STRUCTURES)
    def test_one_more_step_on_them_changes_nothing(self, covariance_type):
        X, resp = two_groups(1)
        p = started(X, resp, covariance_type).mixture_.parameters
        counts, means, _ = moments(X, resp)
        np.testing.assert_allclose(p.weights, counts / len(X), rtol=1e-12)
        np.testing.assert_allclose(p.means, means, rtol=1e-9)
        scatter = p.form.scatter(X, resp, p.means)
        again = p.structure.maximise(scatter, counts, p.covariances, 2)
        np.testing.assert_allclose(again, p.covariances, rtol=1e-5, atol=1e-7)

    @pytest.mark.parametrize("covariance_type", SHARING)
    def test_equal_weights_do_not_change_what_is_shared(self, covariance_type):
        X, resp = two_groups(2)
        even = started(X, resp, covariance_type, equal_weights=True)
        own = started(X, resp, covariance_type)
        assert even.weights_.tolist() == [0.5, 0.5]
        np.testing.assert_allclose(even.covariances_, own.covariances_, rtol=1e-6)

    def test_a_component_without_volume_begins_with_that_of_all(self):
        X, _ = two_groups(3)
        labels = np.zeros(len(X), dtype=int)
        labels[7] = 1
        gm = started(X, labels, "full", reg_covar="auto")
        np.testing.assert_allclose(gm.covariances_[1], np.cov(X.T, ddof=0), rtol=1e-9)

    def test_what_is_added_to_the_variances_is_added(self):
        X, resp = two_groups(4)
        plain, ridged = (started(X, resp, "full", reg_covar=number) for number in (0, 0.5))
        added = ridged.covariances_ - plain.covariances_
        np.testing.assert_allclose(added, [np.eye(2) / 2] * 2, atol=1e-9)


def one_hot(rows: int) -> np.ndarray:
    """Indicators of a code, each in a column."""
    return np.eye(10)[np.random.default_rng(0).integers(10, size=rows)]


class TestStartsThatMustFail:
    @pytest.mark.parametrize("covariance_type", ["full", "tied", "EEV"])
    def test_rows_in_a_plane_take_one_start(self, covariance_type):
        X = np.c_[one_hot(60), np.random.default_rng(1).normal(size=60)]
        with pytest.warns(ConvergenceWarning, match="60 of them different"):
            gm = GaussianMixture(3, covariance_type=covariance_type, random_state=0).fit(X)
        (flat,) = (one for one in gm.fit_report_.objections if one.kind == "flat")
        assert (flat.directions, flat.columns, flat.distinct, flat.rows) == (10, 11, 60, 60)
        assert sum(optimum.times for optimum in gm.fit_report_.optima) == 1

    def test_the_error_says_so(self):
        with pytest.raises(DegenerateCovarianceError, match="vary in 9 directions of 10"):
            GaussianMixture(2, covariance_type="VEV", random_state=0).fit(one_hot(50))

    def test_a_number_makes_them_sound(self):
        gm = GaussianMixture(2, reg_covar=0.1, random_state=0).fit(one_hot(50))
        assert gm.converged_
        assert not gm.fit_report_.certificate.collapses

    def test_one_gaussian_takes_one_start(self):
        X, _ = two_groups()
        (optimum,) = GaussianMixture(1, random_state=0).fit(X).fit_report_.optima
        assert optimum.times == 1


class TestANumberAddedToTheVariances:
    def test_fewer_rows_than_columns_are_no_collapse(self):
        X = np.random.default_rng(0).normal(size=(8, 12)) * np.logspace(-2, 3, 12)
        gm = GaussianMixture(1, reg_covar=0.1).fit(X)
        assert gm.converged_
        np.testing.assert_allclose(gm.covariances_[0], np.cov(X.T, ddof=0) + 0.1 * np.eye(12))

    def test_a_component_that_is_nothing_else_has_collapsed(self):
        X = np.r_[np.random.default_rng(0).normal(size=(60, 2)), [[9.0, 9.0]]]
        start = [[0.0, 0.0], [9.0, 9.0]]
        with pytest.warns(ConvergenceWarning, match="component 2 is close to collapse"):
            GaussianMixture(2, reg_covar=1e-6, means_init=start).fit(X)
        assert GaussianMixture(2, reg_covar=0.1, means_init=start).fit(X).converged_


@pytest.mark.parametrize("covariance_type", ["EEV", "VEV", "EVE", "VVE"])
def test_columns_of_unlike_scale_are_no_collapse(covariance_type):
    """The finest column has a millionth of the deviation of the coarsest."""
    rng = np.random.default_rng(5)
    turns = np.array([[1.0, 0.3, 0.2], [0, 1.0, 0.4], [0, 0, 1.0]])
    X = np.r_[rng.normal(size=(150, 3)) @ turns, 5 + rng.normal(size=(100, 3)) @ turns]
    settings = {"covariance_type": covariance_type, "random_state": 0}
    gm = GaussianMixture(2, **settings).fit(X * (1e3, 1.0, 1e-3))
    assert gm.converged_, gm.fit_report_
    assert not any(optimum.collapsed for optimum in gm.fit_report_.optima)
