"""Where the most probable component changes: closed forms, SciPy, and what labels say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from bactrian import BadInputError, GaussianMixture, Mixture, bootstrap


@pytest.mark.parametrize(("covariance_type", "value"), [("full", 66.583), ("tied", 66.579)])
def test_old_faithfuls_waiting_time_is_cut_where_scipys_densities_are_equal(
    faithful, covariance_type, value
):
    gm = GaussianMixture(2, covariance_type=covariance_type, random_state=0).fit(faithful[:, 1:])
    (cut,) = gm.thresholds()
    assert cut.value == pytest.approx(value, abs=2e-3)
    assert gm.means_[cut.below] < cut.value < gm.means_[cut.above]
    deviations = np.sqrt(gm.covariances_.ravel())
    weighted = gm.weights_ * norm(gm.means_.ravel(), deviations).pdf(cut.value)
    assert weighted[0] == pytest.approx(weighted[1], rel=1e-9)


def test_equal_variances_have_the_closed_form():
    w, m, s = np.array([0.3, 0.7]), np.array([1.0, 4.0]), 1.5
    (cut,) = Mixture(w, m[:, None], [[s**2]], "tied").thresholds()
    assert cut.value == pytest.approx(m.mean() + s**2 * np.log(w[0] / w[1]) / (m[1] - m[0]))
    assert (cut.below, cut.above) == (0, 1)


@pytest.mark.parametrize("more", [{}, {"dof": [3.0]}, {"noise": [[-9.0], [9.0]]}])
@pytest.mark.parametrize("seed", range(4))
def test_labels_change_there_and_nowhere_else_within_the_data(more, seed):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(3)) * (0.9 if "noise" in more else 1.0)
    means, deviations = rng.normal(0, 3, (3, 1)), rng.uniform(0.3, 3, 3)
    mixture = Mixture(weights, means, deviations**2, "spherical", **more)
    cuts = mixture.thresholds()
    values = np.array([cut.value for cut in cuts])
    rows = np.sort(mixture.sample(4000, seed)[0], axis=0)
    labels = mixture.labels(rows)
    after = np.array([labels[0], *(cut.above for cut in cuts)])
    np.testing.assert_array_equal(labels, after[np.searchsorted(values, rows[:, 0])])
    moved = Mixture(
        weights, 2 * means + 5, 4 * deviations**2, "spherical",
        **{name: [[-13.0], [23.0]] if name == "noise" else value for name, value in more.items()},
    )  # fmt: skip
    again = [cut.value for cut in moved.thresholds()]
    np.testing.assert_allclose(again, 2 * values + 5, rtol=1e-9, atol=1e-9)


def test_how_sure_a_threshold_is():
    """Half-way between two distant groups: half the root of the sum of the squared errors."""
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(0, 1, (80, 1)), rng.normal(100, 1, (160, 1))]
    gm = GaussianMixture(2, covariance_type="tied", random_state=0).fit(X)
    found = bootstrap(gm, X, n_resamples=300, random_state=0)
    expected = np.sqrt((1 / 80 + 1 / 160) * gm.covariances_.item()) / 2
    for kind in ("percentile", "basic", "bias_corrected"):
        (cut,) = found.thresholds(kind)
        assert cut["value"] == gm.thresholds()[0].value
        assert cut["standard_error"] == pytest.approx(expected, rel=0.15)
        assert cut["low"] < cut["value"] < cut["high"]
        assert cut["n_resamples"] == 300


def test_what_has_no_thresholds(faithful):
    gm = GaussianMixture(2, random_state=0, n_init=1).fit(faithful)
    with pytest.raises(BadInputError, match="one feature"):
        gm.thresholds()
    noisy = GaussianMixture(2, noise=True, random_state=0, n_init=1).fit(faithful[:, :1])
    assert len(noisy.thresholds()) > 0
    with pytest.raises(BadInputError, match="noise must be one without"):
        bootstrap(noisy, faithful[:, :1], n_resamples=2, random_state=0).thresholds()
