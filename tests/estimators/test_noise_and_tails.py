"""Noise and t distributions: the estimator among outliers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import multivariate_normal, multivariate_t

from bactrian import BadInputError, GaussianMixture
from strategies import NAMES


def contaminated(seed=0, share=0.05):
    """Two groups and uniform clutter, and which rows are clutter."""
    rng = np.random.default_rng(seed)
    groups = rng.standard_normal((600, 2))
    groups[300:, 0] += 8
    clutter = rng.uniform(-60, 60, (round(600 * share / (1 - share)), 2))
    return np.concatenate([groups, clutter]), np.arange(600 + len(clutter)) >= 600


def error_of_means(gm):
    """Largest distance of the two means from where they are, in deviations."""
    return np.abs(gm.means_[np.argsort(gm.means_[:, 0])] - [[0, 0], [8, 0]]).max()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("settings", [{"noise": True}, {"family": "t"}])
def test_outliers_move_plain_means_and_not_these(settings, seed):
    X, clutter = contaminated(seed)
    assert error_of_means(GaussianMixture(2, random_state=0).fit(X)) > 1
    gm = GaussianMixture(2, random_state=0, **settings).fit(X)
    assert gm.converged_
    assert error_of_means(gm) < 0.25
    if gm.noise:
        assert ((gm.predict(X) == -1) == clutter).mean() > 0.98
        assert gm.noise_weight_ == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_the_likelihood_is_scipys(name):
    X, _ = contaminated()
    gm = GaussianMixture(2, covariance_type=name, noise=True, family="t", dof="each", n_init=2)
    gm.set_params(random_state=0).fit(X)
    p = gm.mixture_.parameters
    density = gm.noise_weight_ / np.prod(np.ptp(X, axis=0))
    for w, m, c, v in zip(p.weights, p.means, p.dense_covariances(), gm.dof_, strict=True):
        density = density + w * multivariate_t(m, c, v).pdf(X)
    assert gm.log_likelihood_ == pytest.approx(np.log(density).sum(), rel=1e-10)
    np.testing.assert_allclose(gm.score_samples(X), np.log(density), rtol=1e-9)
    assert gm.weights_.sum() + gm.noise_weight_ == pytest.approx(1.0)
    proba = gm.predict_proba(X)
    assert proba.shape == (len(X), 3)
    np.testing.assert_allclose(proba.sum(axis=1), 1.0)
    labels = proba.argmax(axis=1)
    np.testing.assert_array_equal(gm.predict(X), np.where(labels == 2, -1, labels))
    np.testing.assert_allclose(gm.uncertainty(X), 1 - proba.max(axis=1))


@pytest.mark.parametrize(
    ("settings", "shares"),
    [
        ({"equal_weights": True}, [0.5, 0.5]),
        ({"equal_weights": True, "family": "t", "covariance_type": "VEV"}, [0.5, 0.5]),
    ],
    ids=["equal", "of t"],
)
def test_equal_weights_are_shares_of_what_the_noise_leaves(settings, shares):
    X, _ = contaminated(1)
    gm = GaussianMixture(2, noise=True, random_state=0, n_init=2, **settings).fit(X)
    assert gm.converged_
    assert (np.diff(gm.fit_report_.trace) >= -1e-12).all()
    left = 1 - gm.noise_weight_
    np.testing.assert_allclose(gm.weights_, np.multiply(shares, left), rtol=1e-12)
    free = GaussianMixture(2, noise=True, **settings).set_params(equal_weights=False)
    free.set_params(random_state=0, n_init=2).fit(X)
    assert gm.fit_report_.n_parameters == free.fit_report_.n_parameters - 1
    # No other weight of the noise is likelier, all else as it is.
    densities = np.exp(gm.score_samples(X))[:, None] * gm.predict_proba(X)
    noise, others = densities[:, 2] / gm.noise_weight_, densities[:, :2].sum(axis=1) / left
    best = minimize_scalar(
        lambda w: -np.log(w * noise + (1 - w) * others).sum(), bounds=(0, 1), method="bounded"
    )
    assert gm.noise_weight_ == pytest.approx(best.x, abs=2e-4)


def test_degrees_of_freedom_are_found():
    rng = np.random.default_rng(0)
    X = multivariate_t([0, 0], np.eye(2), 3.0, seed=rng).rvs(4000)
    gm = GaussianMixture(1, family="t").fit(X)
    assert gm.dof_ == pytest.approx([3.0], rel=0.12)
    np.testing.assert_allclose(gm.covariances_[0], np.eye(2), atol=0.1)
    normal = GaussianMixture(1, family="t").fit(rng.standard_normal((4000, 2)))
    assert normal.dof_[0] > 30


def test_given_degrees_of_freedom_are_held():
    X, _ = contaminated()
    for dof in (5.0, [3.0, 7.0]):
        gm = GaussianMixture(2, family="t", dof=dof, random_state=0, n_init=1).fit(X)
        np.testing.assert_array_equal(gm.dof_, np.atleast_1d(dof))
    free = GaussianMixture(2, family="t", random_state=0, n_init=1).fit(X)
    assert free.fit_report_.n_parameters == gm.fit_report_.n_parameters + 1
    assert free.log_likelihood_ > gm.log_likelihood_
    bic = -2 * free.log_likelihood_ + 12 * np.log(len(X))
    assert free.bic(X) == pytest.approx(bic)


def test_many_degrees_of_freedom_are_nearly_gaussian():
    X = contaminated()[0][:600]
    init = {"means_init": [[0, 0], [8, 0]]}
    gm, t = (
        GaussianMixture(2, **init).fit(X),
        GaussianMixture(2, family="t", dof=200, **init).fit(X),
    )
    np.testing.assert_allclose(t.means_, gm.means_, atol=0.02)
    assert t.log_likelihood_ == pytest.approx(gm.log_likelihood_, rel=1e-3)


def test_samples_have_the_distribution():
    X, _ = contaminated()
    gm = GaussianMixture(2, noise=True, family="t", dof=5.0, random_state=0).fit(X)
    drawn, labels = gm.sample(20_000)
    assert set(labels) == {-1, 0, 1}
    assert (labels == -1).mean() == pytest.approx(gm.noise_weight_, abs=0.01)
    clutter = drawn[labels == -1]
    assert (clutter >= gm.noise_box_[0]).all()
    assert (clutter <= gm.noise_box_[1]).all()
    own = drawn[labels == 0]
    np.testing.assert_allclose(np.cov(own.T), gm.covariances_[0] * 5 / 3, rtol=0.15, atol=0.1)
    assert gm.score(drawn) == pytest.approx(gm.score(gm.sample(20_000)[0]), abs=0.1)


def test_volume_and_first_guess_of_the_noise():
    X, clutter = contaminated()
    known = GaussianMixture(2, noise=True, noise_init=clutter, random_state=0, n_init=1).fit(X)
    guess = GaussianMixture(2, noise=True, noise_init=0.2, random_state=0).fit(X)
    assert known.log_likelihood_ == pytest.approx(guess.log_likelihood_, rel=1e-8)
    given = GaussianMixture(2, noise=14_400.0, random_state=0).fit(X)
    assert np.prod(np.ptp(given.noise_box_, axis=0)) == pytest.approx(14_400.0)
    far = given.predict([[1e3, 1e3]])
    np.testing.assert_array_equal(far, [-1])


def test_units_change_nothing():
    X, _ = contaminated()
    scale = np.array([1e-3, 1e4])
    for settings in ({"noise": True}, {"family": "t"}):
        gm = GaussianMixture(2, random_state=0, **settings).fit(X)
        scaled = GaussianMixture(2, random_state=0, **settings).fit(X * scale)
        shift = len(X) * np.log(scale).sum()
        assert scaled.log_likelihood_ + shift == pytest.approx(gm.log_likelihood_, rel=1e-9)


def test_a_fit_without_noise_forgets_it():
    X, _ = contaminated()
    gm = GaussianMixture(2, noise=True, family="t", random_state=0, n_init=1).fit(X)
    gm.set_params(noise=False, family="gaussian").fit(X)
    assert not {"noise_box_", "noise_weight_", "dof_"} & vars(gm).keys()
    density = sum(
        w * multivariate_normal(m, c).pdf(X)
        for w, m, c in zip(gm.weights_, gm.means_, gm.covariances_, strict=True)
    )
    np.testing.assert_allclose(gm.score_samples(X), np.log(density))


def test_fixed_weights_leave_the_noise_its_share():
    X, _ = contaminated()
    gm = GaussianMixture(
        2, noise=True, noise_init=0.1, weights_init=[0.3, 0.7], fixed="weights", random_state=0
    ).fit(X)
    np.testing.assert_allclose(gm.weights_, [0.27, 0.63])
    assert gm.noise_weight_ == pytest.approx(0.1)


def test_warm_start_goes_on_from_noise_and_tails():
    X, _ = contaminated()
    gm = GaussianMixture(2, noise=True, family="t", random_state=0, warm_start=True, n_init=1)
    first = gm.fit(X).log_likelihood_
    assert gm.fit(X).log_likelihood_ >= first - 1e-9
    assert gm.n_iter_ < 10


def test_warm_start_in_another_family():
    X, _ = contaminated()
    plain, noise, tails = {}, {"noise": True}, {"family": "t", "dof": "each"}
    for before, after in [(noise, plain), (plain, noise), (tails, plain), (plain, tails)]:
        gm = GaussianMixture(2, random_state=0, n_init=1, warm_start=True, **before).fit(X)
        gm.set_params(noise=False, family="gaussian", dof="shared").set_params(**after).fit(X)
        fresh = GaussianMixture(2, random_state=0, **after).fit(X)
        assert vars(gm).keys() == vars(fresh).keys()
        assert gm.log_likelihood_ == pytest.approx(gm.score_samples(X).sum(), rel=1e-10)
        assert gm.weights_.sum() + getattr(gm, "noise_weight_", 0) == pytest.approx(1.0)
    for dof, wanted in (("shared", 1), ("each", 2), ([3.0, 5.0], 2), (4.0, 1)):
        gm = GaussianMixture(2, family="t", random_state=0, n_init=1, warm_start=True).fit(X)
        gm.set_params(dof=dof).fit(X)
        assert gm.dof_.shape == (wanted,)
        if not isinstance(dof, str):
            np.testing.assert_array_equal(gm.dof_, np.atleast_1d(dof))


def test_warm_start_takes_the_box_of_the_new_data():
    X, _ = contaminated()
    gm = GaussianMixture(2, noise=True, random_state=0, n_init=1, warm_start=True).fit(X)
    gm.fit(2 * X)
    np.testing.assert_allclose(gm.noise_box_, [2 * X.min(axis=0), 2 * X.max(axis=0)])


def test_warm_start_of_fixed_parameters_keeps_the_noise():
    X, _ = contaminated()
    gm = GaussianMixture(2, noise=True, weights_init=[0.3, 0.7], random_state=0, warm_start=True)
    gm.set_params(fixed="weights").fit(X).fit(X)
    assert gm.noise_weight_ == pytest.approx(0.05)
    one = np.broadcast_to(np.eye(2), (2, 2, 2))
    gm = GaussianMixture(2, noise=True, family="t", warm_start=True, random_state=0)
    gm.set_params(precisions_init=one, fixed="covariances").fit(X)
    first = gm.noise_weight_, gm.dof_, gm.log_likelihood_
    gm.fit(X)
    np.testing.assert_allclose(gm.noise_weight_, first[0], rtol=1e-2)
    np.testing.assert_allclose(gm.dof_, first[1], rtol=1e-2)
    assert gm.log_likelihood_ >= first[2] - 1e-9


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"family": "cauchy"}, "family.*gaussian, t"),
        ({"family": "t", "dof": "all"}, "dof.*shared, each"),
        ({"family": "t", "dof": [1.0, 2.0, 3.0]}, "dof.*one or 2 numbers"),
        ({"family": "t", "dof": 0.0}, "dof.*0.1 to 200"),
        ({"noise": -1.0}, "noise.*above 0"),
        ({"noise": "yes"}, "noise.*True, False"),
        ({"noise": True, "noise_init": 1.0}, "noise_init.*between 0 and 1"),
        ({"noise": True, "noise_init": [True, False]}, "noise_init.*each of 632 rows"),
    ],
)
def test_settings_that_cannot_be_used(settings, message):
    X, _ = contaminated()
    with pytest.raises(BadInputError, match=message):
        GaussianMixture(2, **settings).fit(X)
