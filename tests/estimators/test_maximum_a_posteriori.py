"""Priors and the eigenvalue ratio through the estimator: what they promise, on real data."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

from bactrian import BadInputError, GaussianMixture, Prior, load_model, select_mixture
from bactrian.core.covariance import STRUCTURES

FOUR = ("full", "tied", "diag", "spherical")
FIELDS = ("weights_", "means_", "covariances_")


def rows_by_name():
    rng = np.random.default_rng(0)
    return {
        "20 components on 40 rows": (rng.normal(size=(40, 2)), 20),
        "few distinct rows": (np.repeat(rng.normal(size=(5, 2)), 8, axis=0), 5),
        "identical rows": (np.full((40, 3), 7.0), 3),
        "more features than rows": (rng.normal(size=(20, 30)), 2),
        "a group of one point": (np.r_[rng.normal(size=(60, 2)), np.full((8, 2), 0.25)], 2),
        "collinear columns": (rng.normal(size=(50, 1)) @ np.ones((1, 3)), 2),
        "far away": (1e6 + rng.normal(size=(40, 2)), 20),
    }


@pytest.mark.parametrize("covariance_type", FOUR)
@pytest.mark.parametrize(("n", "d", "k"), [(12, 2, 12), (40, 1, 20), (40, 2, 39)])
def test_components_too_many_may_die_but_none_collapses(n, d, k, covariance_type):
    """The mode may have a weight of 0; nothing is unbounded."""
    X = np.random.default_rng(0).normal(size=(n, d))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gm = GaussianMixture(
            k, covariance_type=covariance_type, prior="default", random_state=0, n_init=3
        ).fit(X)
    assert all(collapse.dead for collapse in gm.fit_report_.certificate.collapses)
    smallest = np.linalg.eigvalsh(np.cov(X.T, ddof=0).reshape(d, d))[0] / k ** (2 / d)
    if covariance_type != "spherical":
        p = gm.mixture_.parameters
        least = p.form.limits.smallest_variances(p.covariances, np.ones(d))
        # No covariance is below that of a component without rows that holds them all.
        assert least.min() >= smallest / (n + k + 2 * d + 4)


@pytest.mark.parametrize("name", rows_by_name())
@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_with_the_default_prior_nothing_collapses(name, covariance_type):
    X, k = rows_by_name()[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gm = GaussianMixture(
            k, covariance_type=covariance_type, prior="default", random_state=0, n_init=3
        ).fit(X)
    report = gm.fit_report_
    assert report.converged
    assert not report.certificate.collapses
    assert (np.diff(report.trace) >= -1e-10 * max(1.0, abs(report.trace[-1]))).all()
    assert not any("collapse" in words or "died" in words for words in report.warnings)


@pytest.mark.parametrize("covariance_type", FOUR)
def test_the_log_posterior_is_reported_as_such(faithful, covariance_type):
    gm = GaussianMixture(2, covariance_type=covariance_type, prior="default", random_state=0)
    report = gm.fit(faithful).fit_report_
    assert gm.score(faithful) * len(faithful) == pytest.approx(report.log_likelihood)
    assert report.trace[-1] == pytest.approx(report.log_posterior / len(faithful), rel=1e-14)
    assert gm.lower_bound_ == pytest.approx(report.trace[-2])
    # mclust's way: the criteria are those of the log-likelihood at the mode.
    assert report.bic == pytest.approx(gm.bic(faithful))
    assert "log-posterior" in str(report)
    plain = GaussianMixture(2, covariance_type=covariance_type, random_state=0).fit(faithful)
    assert plain.fit_report_.log_posterior is None
    assert "log-posterior" not in str(plain.fit_report_)
    assert plain.log_likelihood_ > gm.log_likelihood_ > plain.log_likelihood_ - 2


@pytest.mark.parametrize("covariance_type", FOUR)
def test_a_flat_prior_is_no_prior(faithful, covariance_type):
    settings = {"covariance_type": covariance_type, "random_state": 0}
    plain = GaussianMixture(3, **settings).fit(faithful)
    flat = GaussianMixture(3, prior=Prior(), **settings).fit(faithful)
    for name in FIELDS:
        np.testing.assert_allclose(getattr(flat, name), getattr(plain, name), rtol=1e-9)
    assert flat.fit_report_.log_posterior == pytest.approx(flat.log_likelihood_)
    wide = GaussianMixture(3, eigenvalue_ratio=1e12, **settings).fit(faithful)
    for name in FIELDS:
        np.testing.assert_allclose(getattr(wide, name), getattr(plain, name), rtol=1e-9)


@pytest.mark.parametrize("covariance_type", FOUR)
def test_the_mode_of_one_component_in_closed_form(covariance_type):
    X = load_iris().data[:50]
    n, d = X.shape
    mean, centred = X.mean(axis=0), X - X.mean(axis=0)
    gm = GaussianMixture(covariance_type=covariance_type, prior="default").fit(X)
    covariance = centred.T @ centred / n
    total = covariance + centred.T @ centred  # scale (K = 1) and scatter; the means agree
    expected = {
        "full": (total / (n + d + 2 + d + 2))[None],
        "tied": total / (n + d + 2 + d + 2),
        "diag": np.diag(total)[None] / (n + d + 2 + 3),
        "spherical": (np.diag(covariance).mean() + n * np.trace(covariance))
        / (n * d + d + d + 2 + 2),
    }[covariance_type]
    np.testing.assert_allclose(gm.means_[0], mean, rtol=1e-12)
    np.testing.assert_allclose(gm.covariances_, expected, rtol=1e-10)


def test_a_dict_changes_parts_of_the_default(faithful):
    settings = {"n_components": 2, "random_state": 0}
    default = GaussianMixture(prior="default", **settings).fit(faithful)
    same = GaussianMixture(prior={}, **settings).fit(faithful)
    variance = np.cov(faithful.T, ddof=0)
    said = Prior(faithful.mean(axis=0), 0.01, variance / 2, 4)
    spelled = GaussianMixture(prior=said, **settings).fit(faithful)
    other = GaussianMixture(prior={"shrinkage": 50.0}, **settings).fit(faithful)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(same, name), getattr(default, name))
        np.testing.assert_allclose(getattr(spelled, name), getattr(default, name), rtol=1e-9)
    assert np.ptp(other.means_[:, 0]) < 0.95 * np.ptp(default.means_[:, 0])
    even = GaussianMixture(prior={"concentration": 1e6}, **settings).fit(faithful)
    np.testing.assert_allclose(even.weights_, 0.5, atol=1e-3)


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag"])
@pytest.mark.parametrize("chosen", [{"prior": "default"}, {"eigenvalue_ratio": 2.0}])
def test_units_of_a_column_do_not_matter(faithful, covariance_type, chosen):
    settings = {"covariance_type": covariance_type, "random_state": 0, **chosen}
    plain = GaussianMixture(3, **settings).fit(faithful)
    scale = np.array([1e5, 1e-7])
    scaled = GaussianMixture(3, **settings).fit(faithful * scale)
    np.testing.assert_allclose(scaled.weights_, plain.weights_, rtol=1e-6)
    np.testing.assert_allclose(scaled.means_ / scale, plain.means_, rtol=1e-6)
    if "prior" in chosen:
        shift = np.log(scale).sum() * len(faithful)
        theirs = plain.fit_report_.log_posterior
        assert scaled.fit_report_.log_posterior + shift == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("covariance_type", FOUR)
@pytest.mark.parametrize("chosen", [{"prior": "default"}, {"eigenvalue_ratio": 2.0}])
def test_a_weight_of_two_is_the_row_twice(faithful, covariance_type, chosen):
    rows = faithful[::4]
    counts = np.random.default_rng(0).integers(1, 4, len(rows))
    settings = {
        "covariance_type": covariance_type,
        "means_init": [[2.0, 55.0], [4.3, 80.0]],
        "tol": 1e-10,
        **chosen,
    }
    weighted = GaussianMixture(2, **settings).fit(rows, sample_weight=counts)
    repeated = GaussianMixture(2, **settings).fit(np.repeat(rows, counts, axis=0))
    for name in FIELDS:
        np.testing.assert_allclose(getattr(weighted, name), getattr(repeated, name), rtol=1e-5)


def test_what_is_held_fixed_stays_under_a_prior(faithful):
    means, weights = np.array([[2.0, 55.0], [4.3, 80.0]]), np.array([0.0, 1.0])
    prior = {"shrinkage": 10.0, "concentration": 3.0}
    gm = GaussianMixture(2, prior=prior, means_init=means, fixed="means").fit(faithful)
    np.testing.assert_array_equal(gm.means_, means)
    with pytest.warns(ConvergenceWarning, match="component 1 died"):
        gm = GaussianMixture(
            2, prior=prior, means_init=means, weights_init=weights, fixed="weights"
        ).fit(faithful)  # the prior says nothing of the weights, not even of one that is 0
    np.testing.assert_array_equal(gm.weights_, weights)
    assert np.isfinite(gm.fit_report_.trace).all()
    precisions = np.stack([np.diag([10.0, 0.03])] * 2)
    gm = GaussianMixture(
        2, prior=prior, means_init=means, precisions_init=precisions, fixed="covariances"
    ).fit(faithful)
    np.testing.assert_allclose(gm.precisions_, precisions, rtol=1e-12)
    assert gm.converged_


def test_samples_of_many_rows_lead_to_the_same_mode():
    rng = np.random.default_rng(1)
    X = np.r_[rng.normal(size=(15_000, 2)), rng.normal([3, 0], size=(15_000, 2))]
    prior = Prior(X.mean(axis=0), 20_000.0, 5_000 * np.eye(2), 9_000.0, 1_000.0)
    settings = {"prior": prior, "random_state": 0, "tol": 1e-9}
    sampled = GaussianMixture(2, **settings).fit(X)
    assert sampled.fit_report_.optima_samples < len(X)
    whole = GaussianMixture(2, n_init=3, **settings).fit(X)
    assert sampled.fit_report_.log_posterior == pytest.approx(
        whole.fit_report_.log_posterior, abs=1e-3
    )
    assert sampled.n_iter_ <= 10  # the samples had the prior in proportion
    assert sampled.fit_report_.certificate.rate == pytest.approx(
        whole.fit_report_.certificate.rate, abs=0.05
    )


@pytest.mark.parametrize("chosen", [{"prior": "default"}, {"eigenvalue_ratio": 2.0}])
@pytest.mark.parametrize("covariance_type", FOUR)
def test_acceleration_leads_to_the_same_mode(faithful, covariance_type, chosen):
    settings = {"covariance_type": covariance_type, "random_state": 0, "n_init": 3, **chosen}
    fits = [
        GaussianMixture(3, acceleration=name, max_iter=5000, **settings).fit(faithful)
        for name in ("none", "anderson")
    ]
    ends = [gm.fit_report_.trace[-1] for gm in fits]
    assert ends[0] == pytest.approx(ends[1], abs=1e-5)
    for gm in fits:
        assert (np.diff(gm.fit_report_.trace) > -1e-12).all()


OTHERS = {
    "missing values": ({}, "missing"),
    "noise": ({"noise": True}, ""),
    "t": ({"family": "t"}, ""),
    "t of known dof, and noise": ({"family": "t", "dof": 5.0, "noise": True}, ""),
    "labels": ({}, "labels"),
    "all": ({"family": "t", "noise": True}, "missing, labels"),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("chosen", [{"prior": "default"}, {"eigenvalue_ratio": 3.0}, "both"])
@pytest.mark.parametrize("covariance_type", ["full", "tied"])
def test_it_goes_with_the_rest(faithful, name, chosen, covariance_type):
    settings, spoiled = OTHERS[name]
    chosen = {"prior": "default", "eigenvalue_ratio": 3.0} if chosen == "both" else chosen
    rng, X, y = np.random.default_rng(0), faithful.copy(), None
    if "missing" in spoiled:
        X[rng.uniform(size=X.shape) < 0.2] = np.nan
    if "labels" in spoiled:
        y = np.full(len(X), -1)
        y[:20] = faithful[:20, 0] > 3
    gm = GaussianMixture(
        2, covariance_type=covariance_type, n_init=2, random_state=0, **settings, **chosen
    ).fit(X, y, sample_weight=rng.integers(1, 3, len(X)))
    report = gm.fit_report_
    assert report.converged
    assert (np.diff(report.trace) > -1e-11).all()
    if "prior" in chosen:
        objective = report.log_posterior / report.weight
        assert report.trace[-1] == pytest.approx(objective, rel=1e-13)
    if "eigenvalue_ratio" in chosen:
        p = gm.mixture_.parameters
        values = p.form.limits.eigenvalues(p.covariances, _units(p, X))
        assert values.max() <= 3 * values.min() * 1.02


def _units(p, X):
    """Deviations of the columns, as nearly as it matters here; weights are left out."""
    return p.structure.units(np.nanvar(X, axis=0))


# ---------------------------------------------------------- eigenvalue ratio


@pytest.mark.parametrize("covariance_type", [*FOUR, "EII", "EEI", "EEV"])
@pytest.mark.parametrize("prior", [None, "default"])
def test_the_ratio_holds_in_units_of_the_columns(covariance_type, prior):
    X = load_iris().data
    gm = GaussianMixture(
        3, covariance_type=covariance_type, eigenvalue_ratio=5.0, prior=prior, random_state=0
    ).fit(X)
    assert gm.converged_
    p = gm.mixture_.parameters
    variances = X.var(axis=0)
    units = p.structure.units(variances)
    values = np.linalg.eigvalsh(p.dense_covariances() / units[:, None] / units)
    assert values.max() / values.min() <= 5 * (1 + 1e-12)
    if p.form.multiplicity(4) == 1:
        assert values.max() / values.min() == pytest.approx(5, rel=1e-9)


def test_the_ratio_holds_where_a_number_is_added():
    X = load_iris().data
    gm = GaussianMixture(3, eigenvalue_ratio=5.0, reg_covar=0.01, random_state=0).fit(X)
    values = np.linalg.eigvalsh(gm.covariances_ / X.std(axis=0)[:, None] / X.std(axis=0))
    assert values.max() / values.min() == pytest.approx(5, rel=1e-9)


def test_under_a_ratio_a_component_does_not_collapse():
    rng = np.random.default_rng(1)
    X = np.concatenate([rng.normal(size=(60, 2)), np.full((8, 2), 0.25)])
    start = {
        "means_init": [[0, 0], [0.25, 0.25]],
        "precisions_init": [np.eye(2), np.eye(2) * 1e6],
        "weights_init": [0.9, 0.1],
    }
    gm = GaussianMixture(2, eigenvalue_ratio=50.0, **start).fit(X)
    assert gm.converged_
    values = np.linalg.eigvalsh(gm.covariances_ / X.std(axis=0)[:, None] / X.std(axis=0))
    assert values.max() / values.min() == pytest.approx(50.0, rel=1e-9)


# ------------------------------------------------------- errors, copies, files

FAULTS = {
    "text": ({"prior": "strong"}, "prior must be None, 'default', a bactrian.Prior, or a dict"),
    "a number": ({"prior": 3}, "prior must be None"),
    "unknown part": ({"prior": {"strength": 2}}, "a dict with 'strength'"),
    "bad part": ({"prior": {"dof": -1}}, "dof of the prior must be at least 0"),
    "features": ({"prior": {"mean": [1, 2, 3]}}, r"mean of the prior must be .*\(2,\)"),
    "components": ({"prior": Prior(concentration=[1, 2, 3])}, "one number, or 2"),
    "below 1": ({"eigenvalue_ratio": 0.5}, "eigenvalue_ratio must be .* at least 1"),
    "no number": ({"eigenvalue_ratio": "wide"}, "eigenvalue_ratio must be"),
    "infinite": ({"eigenvalue_ratio": np.inf}, "eigenvalue_ratio must be .*finite"),
    "fixed": (
        {
            "eigenvalue_ratio": 2,
            "fixed": "covariances",
            "precisions_init": np.stack([np.eye(2)] * 2),
        },
        "with fixed covariances",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_used_is_refused(faithful, name):
    settings, words = FAULTS[name]
    with pytest.raises(BadInputError, match=words):
        GaussianMixture(2, **settings).fit(faithful)


def test_a_ratio_is_for_structures_whose_eigenvalues_are_free(faithful):
    for name in set(STRUCTURES) - {*FOUR, "EII", "EEI", "EEV"}:
        with pytest.raises(BadInputError, match=r"full, tied, diag, spherical.*prior instead"):
            GaussianMixture(2, covariance_type=name, eigenvalue_ratio=3).fit(faithful)


@pytest.mark.parametrize(
    "prior",
    [
        None,
        "default",
        {"shrinkage": 2.0, "mean": np.array([3.0, 70.0])},
        {"scale": None},
        Prior([3.0, 70.0], 0.5, np.diag([0.1, 9.0]), 5, [1.0, 2.0]),
    ],
    ids=repr,
)
def test_settings_survive_copies_and_files(faithful, tmp_path, prior):
    gm = GaussianMixture(2, prior=prior, eigenvalue_ratio=40.0, random_state=0).fit(faithful)
    gm.save(tmp_path / "model.json")
    loaded = GaussianMixture.load(tmp_path / "model.json")
    assert loaded.eigenvalue_ratio == 40.0
    assert loaded.fit_report_.log_posterior == gm.fit_report_.log_posterior
    assert loaded.lower_bounds_ == gm.lower_bounds_
    for other in (clone(gm), clone(loaded)):
        other.fit(faithful)
        for name in FIELDS:
            np.testing.assert_array_equal(getattr(other, name), getattr(gm, name))


def test_files_older_than_priors_keep_their_report(faithful, tmp_path):
    gm = GaussianMixture(2, random_state=0).fit(faithful)
    gm.save(tmp_path / "model.json")
    model = load_model(tmp_path / "model.json")
    training = {name: value for name, value in model.training.items() if name != "log_posterior"}
    old = GaussianMixture.from_mixture(type(model)(model.parameters, training=training))
    assert old.fit_report_.log_posterior is None
    assert old.log_likelihood_ == gm.log_likelihood_


def test_selection_passes_the_prior_on(faithful):
    found = select_mixture(faithful, [2, 12], FOUR, prior="default", random_state=0, n_init=1)
    assert all(row.failure is None and not row.collapsed for row in found.candidates)
    gm = found.best_estimator
    assert gm.prior == "default"
    assert found.best.bic == pytest.approx(gm.bic(faithful))


def test_of_several_modes_the_most_likely_is_kept():
    X, species = load_iris(return_X_y=True)
    gm = GaussianMixture(3, prior="default", random_state=0).fit(X)
    assert gm.log_likelihood_ == pytest.approx(-192.628, abs=1e-2)
    assert all(np.bincount(species[gm.predict(X) == k]).max() >= 45 for k in range(3))
    others = gm.fit_report_.optima[1:]
    assert all(other.log_likelihood < gm.log_likelihood_ for other in others)
