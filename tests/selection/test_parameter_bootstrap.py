"""Standard errors of a fit: against closed forms, the observed information, and themselves."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.stats import multivariate_t, norm
from sklearn.exceptions import ConvergenceWarning

from bactrian import BadInputError, FitInterrupted, GaussianMixture, MixtureModel, bootstrap
from bactrian.estimators.asking import asked
from bactrian.mixture import Scaling
from bactrian.selection.bootstrap import refits

METHODS = ("weighted", "nonparametric")
FEW = {"n_resamples": 25, "random_state": 0}


def two_groups(n=300, distance=3.0, seed=0, d=2):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    X[: 2 * n // 5, 0] += distance
    return X


def fitted(X, k=2, **settings):
    fit = {name: settings.pop(name, None) for name in ("y", "sample_weight")}
    return GaussianMixture(k, random_state=0, n_init=1, **settings).fit(X, **fit)


# ------------------------------------------------------------------ oracles


@pytest.mark.parametrize("method", METHODS)
def test_one_component_has_the_closed_forms(method):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(300, 2)) @ [[2.0, 1.0], [0.0, 0.5]] + 1e6
    gm = GaussianMixture(1).fit(X)
    found = bootstrap(gm, X, method=method, n_resamples=600, random_state=0).standard_errors
    z = X - X.mean(axis=0)
    products = z[:, :, None] * z[:, None, :]
    error = 4 / np.sqrt(2 * 600)  # four of the Monte Carlo errors
    np.testing.assert_allclose(found.means[0], z.std(axis=0) / np.sqrt(300), rtol=error)
    np.testing.assert_allclose(
        found.covariances[0], products.std(axis=0) / np.sqrt(300), rtol=1.5 * error
    )
    assert found.weights[0] == 0


@pytest.mark.parametrize("method", METHODS)
def test_groups_far_apart_have_the_errors_of_each_by_itself(method):
    X = two_groups(distance=100.0)
    gm = fitted(X)
    found = bootstrap(gm, X, method=method, n_resamples=400, random_state=0).standard_errors
    labels = gm.predict(X)
    for k in (0, 1):
        own = X[labels == k]
        np.testing.assert_allclose(found.means[k], own.std(axis=0) / np.sqrt(len(own)), rtol=0.15)
        share = len(own) / len(X)
        assert found.weights[k] == pytest.approx(np.sqrt(share * (1 - share) / 300), rel=0.15)


@pytest.mark.parametrize("method", METHODS)
def test_overlapping_groups_have_the_errors_of_the_observed_information(method):
    X = two_groups(n=1500, distance=3.5, d=1)
    gm = fitted(X)
    found = bootstrap(gm, X, method=method, n_resamples=400, random_state=0).standard_errors
    at = np.r_[gm.weights_[0], gm.means_.ravel(), gm.covariances_.ravel()]

    def log_likelihood(theta):
        w, m, v = np.r_[theta[0], 1 - theta[0]], theta[1:3], theta[3:]
        return np.log((w * norm(m, np.sqrt(v)).pdf(X)).sum(axis=1)).sum()

    steps = 1e-3 * np.diag(np.maximum(np.abs(at), 0.1))
    information = np.empty((5, 5))
    for i, a in enumerate(steps):
        for j, b in enumerate(steps):
            corners = (
                log_likelihood(at + s * a + t * b) * s * t for s in (1, -1) for t in (1, -1)
            )
            information[i, j] = -sum(corners) / (4 * a.sum() * b.sum())
    expected = np.sqrt(np.diagonal(np.linalg.inv(information)))
    mine = np.r_[found.weights[0], found.means.ravel(), found.covariances.ravel()]
    np.testing.assert_allclose(mine, expected, rtol=0.15)


@pytest.mark.slow
def test_intervals_cover():
    truth = {"weights": [0.4, 0.6], "means": [[3.0], [0.0]], "covariances": [[[1.0]], [[1.0]]]}
    held = {name: np.zeros(2) for name in truth}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        X = np.where(rng.uniform(size=300) < 0.4, 3.0, 0.0)[:, None] + rng.normal(size=(300, 1))
        gm = GaussianMixture(2, means_init=truth["means"]).fit(X)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            found = bootstrap(gm, X, n_resamples=199, random_state=seed).interval()
        for name, value in truth.items():
            low, high = getattr(found.low, name), getattr(found.high, name)
            held[name] += ((low <= value) & (value <= high)).reshape(2)
    for name, times in held.items():
        assert ((times >= 180) & (times <= 196)).all(), (name, times / 200)


# ------------------------------------------------------------------ laws


@pytest.mark.parametrize("method", METHODS)
def test_the_same_bits_on_any_number_of_processes(method):
    X = two_groups(distance=2.0)
    gm = fitted(X)
    one = bootstrap(gm, X, method=method, **FEW).resamples
    two = bootstrap(gm, X, method=method, n_jobs=2, **FEW).resamples
    for name in ("weights", "means", "covariances"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_more_resamples_change_none():
    X = two_groups()
    gm = fitted(X)
    some, more = (bootstrap(gm, X, n_resamples=n, random_state=3).resamples for n in (10, 20))
    np.testing.assert_array_equal(some.means, more.means[:10])
    assert len({float(mean) for mean in more.means[:, 0, 0]}) == 20
    other = bootstrap(gm, X, n_resamples=10, random_state=4).resamples
    assert (other.means != some.means).all()


@pytest.mark.parametrize("method", METHODS)
def test_drawn_weights_have_their_moments(method):
    times = np.array([1.0, 3.0, 2.0, 4.0])
    weights = np.array([2.0, 3.0, 1.0, 4.0])
    X = two_groups(4)
    gm = GaussianMixture(1, reg_covar=1e-3).fit(X, sample_weight=weights)
    estimation = asked(gm, X, None, weights, reset=False).estimation
    start = gm.mixture_.parameters
    refitting = refits.Refitting(estimation, start, method, times, weights, 0, False)
    draws = np.array([refitting.drawn(i) for i in range(5_000)]) / (weights / times)
    np.testing.assert_allclose(draws.sum(axis=1), 10.0)
    np.testing.assert_allclose(draws.mean(axis=0), times, rtol=0.05)
    p = times / 10
    variance = 10 * p * (1 - p) * (1 if method == "nonparametric" else 10 / 11)
    np.testing.assert_allclose(draws.var(axis=0), variance, rtol=0.1)


def test_refits_that_go_on_say_the_same(monkeypatch):
    X = two_groups(distance=2.5)
    gm = fitted(X, covariance_type="tied")
    found = bootstrap(gm, X, **FEW)
    monkeypatch.setattr(refits, "SHORT", 1e-11)
    further = bootstrap(gm, X, **FEW)
    for name in ("weights", "means", "covariances"):
        moved = getattr(further.resamples, name) - getattr(found.resamples, name)
        errors = getattr(further.standard_errors, name)
        assert (np.abs(moved) < 0.05 * errors).all()


def test_rows_of_weight_0_leave_no_trace():
    X = two_groups()
    weights = np.r_[np.ones(250), np.zeros(50)]
    gm, only = fitted(X, sample_weight=weights), fitted(X[:250])
    with_zeros = bootstrap(gm, X, sample_weight=weights, **FEW)
    without = bootstrap(only, X[:250], sample_weight=np.ones(250), **FEW)
    np.testing.assert_array_equal(with_zeros.resamples.means, without.resamples.means)


@pytest.mark.parametrize("method", METHODS)
def test_the_unit_of_weights_does_not_matter_but_counts_do(method):
    X = two_groups(distance=6.0)
    rng = np.random.default_rng(0)
    counts = rng.integers(1, 5, size=300).astype(float)
    gm = fitted(X, sample_weight=counts)
    settings = {"method": method, "n_resamples": 150, "random_state": 0}
    plain = bootstrap(gm, X, sample_weight=counts, **settings).standard_errors
    halved = bootstrap(gm, X, sample_weight=counts / 2, **settings).standard_errors
    np.testing.assert_allclose(halved.means, plain.means, rtol=1e-3)
    each = bootstrap(gm, X, sample_weight=counts, counts=True, **settings).standard_errors
    repeated = np.repeat(X, counts.astype(int), axis=0)
    written = bootstrap(fitted(repeated), repeated, **settings).standard_errors
    order = np.argsort(gm.means_[:, 0]) == np.argsort(fitted(repeated).means_[:, 0])
    assert order.all()
    np.testing.assert_allclose(each.means, written.means, rtol=0.3)
    assert (each.means < 0.85 * plain.means).all()


@pytest.mark.parametrize("scale", [1e-8, 1e7])
def test_units_and_offsets_go_along(scale):
    X = two_groups()
    a = bootstrap(fitted(X), X, **FEW)
    Z = scale * (X + 1e4)
    b = bootstrap(fitted(Z), Z, **FEW)
    errors, scaled = a.standard_errors, b.standard_errors
    np.testing.assert_allclose(scaled.means, scale * errors.means, rtol=1e-2)
    np.testing.assert_allclose(scaled.covariances, scale**2 * errors.covariances, rtol=1e-2)
    np.testing.assert_allclose(scaled.weights, errors.weights, rtol=1e-2)


def test_components_that_change_places_are_put_back(monkeypatch):
    X = two_groups(distance=5.0)
    gm = fitted(X)
    plain = bootstrap(gm, X, **FEW)
    assert plain.n_switched == 0
    run = refits.em.run

    def shuffled(*arguments):
        result = run(*arguments)
        parameters = result.state.parameters.permuted(np.array([1, 0]))
        return refits.replace(result, state=refits.replace(result.state, parameters=parameters))

    monkeypatch.setattr(refits.em, "run", shuffled)
    with pytest.warns(UserWarning, match="in 25 of 25 resamples components changed places"):
        found = bootstrap(gm, X, **FEW)
    assert found.n_switched == 25
    np.testing.assert_array_equal(found.resamples.means, plain.resamples.means)
    ends = np.abs(np.arange(len(X)) - (len(X) - 1) / 2) > len(X) / 2 - 5
    labels = np.where(ends, gm.predict(X), -1)
    known = bootstrap(gm, X, labels, **FEW)  # who is known keeps the place
    assert known.n_switched == 0
    assert (known.resamples.means[:, 0, 0] > 2.5).all() == (gm.means_[0, 0] < 2.5)


# ------------------------------------------------------------------ combinations


def outliers(X):
    return np.r_[X, np.random.default_rng(5).uniform(-30, 30, (15, 2))]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag", "spherical"])
@pytest.mark.parametrize("settings", [{}, {"noise": True}, {"family": "t", "dof": "each"}])
def test_everything_goes_with_everything(covariance_type, settings, method):
    X = two_groups(distance=6.0)
    X = outliers(X) if settings else X
    X[::7, 1] = np.nan
    weights = np.random.default_rng(0).uniform(0.5, 2, len(X))
    gm = fitted(X, covariance_type=covariance_type, sample_weight=weights, **settings)
    found = bootstrap(gm, X, sample_weight=weights, method=method, n_resamples=12, random_state=0)
    assert not found.warnings
    for values in (found.estimates, found.standard_errors):
        assert values.weights.shape == (2,)
        assert values.means.shape == (2, 2)
        assert values.covariances.shape == gm.covariances_.shape
        assert (values.noise_weight is not None) == bool(settings.get("noise"))
        assert (values.dof is not None) == ("family" in settings)
    np.testing.assert_array_equal(found.estimates.covariances, gm.covariances_)
    assert (found.standard_errors.means > 0).all()
    assert (found.standard_errors.means < 1).all()
    table = found.table()
    count = {"full": 6, "tied": 3, "diag": 4, "spherical": 2}[covariance_type]
    kinds = [row["parameter"] for row in table]
    assert kinds.count("variance") + kinds.count("covariance") == count
    assert len(table) == 6 + count + (1 if "noise" in settings else 0) + 2 * ("dof" in settings)


@pytest.mark.parametrize("held", ["weights", "means", "covariances"])
def test_what_is_held_has_no_error(held):
    X = two_groups()
    first = fitted(X)
    init = {
        "weights_init": first.weights_,
        "means_init": first.means_,
        "precisions_init": first.precisions_,
    }
    gm = GaussianMixture(2, fixed=held, **init).fit(X)
    found = bootstrap(gm, X, **FEW)
    for name in init:
        own = {"weights_init": "weights", "means_init": "means", "precisions_init": "covariances"}
        errors = getattr(found.standard_errors, own[name])
        assert (errors == 0).all() if own[name] == held else (errors > 0).all()
    interval = found.interval()
    np.testing.assert_array_equal(getattr(interval.low, held), getattr(gm, f"{held}_"))


def test_given_degrees_of_freedom_have_no_error():
    X = multivariate_t([0, 0], np.eye(2), 4.0, seed=0).rvs(200)
    assert bootstrap(GaussianMixture(1, family="t", dof=4.0).fit(X), X, **FEW).table()[-1] == {
        "parameter": "dof", "component": 0, "feature": None, "other_feature": None,
        "estimate": 4.0, "standard_error": 0.0, "low": 4.0, "high": 4.0,
    }  # fmt: skip


def test_labels_make_surer():
    X = two_groups(n=200, distance=1.5)
    y = np.r_[np.zeros(80, int), np.ones(120, int)]
    y[::10] = -1
    gm = fitted(X, y=y, covariance_type="tied")
    found = bootstrap(gm, X, y, n_resamples=40, random_state=0).standard_errors
    with pytest.raises(BadInputError, match="the labels of the fit, but got nothing"):
        bootstrap(gm, X, n_resamples=40, random_state=0)
    alone = fitted(X, covariance_type="tied")
    blind = bootstrap(alone, X, n_resamples=40, random_state=0).standard_errors
    assert (found.weights < blind.weights / 2).all()


def test_a_model_file_of_a_scaled_fit_is_in_units_of_the_data(tmp_path):
    X = two_groups(distance=5.0) * [1.0, 100.0] + [0.0, 1e4]
    scaling = Scaling(X.mean(axis=0), X.std(axis=0))
    gm = fitted(scaling.scaled(X), covariance_type="spherical")
    model = gm.to_model(scaling)
    found = bootstrap(model, X, **FEW)
    assert found.estimates.covariances.shape == (2, 2)
    ratio = found.resamples.covariances[..., 1] / found.resamples.covariances[..., 0]
    np.testing.assert_allclose(ratio, (X.std(axis=0)[1] / X.std(axis=0)[0]) ** 2)
    inside = bootstrap(gm, scaling.scaled(X), **FEW).standard_errors
    np.testing.assert_allclose(found.standard_errors.means, inside.means * X.std(axis=0))
    model.save(tmp_path / "model.json")
    again = bootstrap(MixtureModel.load(tmp_path / "model.json"), X, **FEW)
    np.testing.assert_allclose(again.resamples.means, found.resamples.means, rtol=1e-9)


def test_large_data_are_refitted_whole():
    X = two_groups(n=25_000, distance=6.0)
    found = bootstrap(fitted(X), X, n_resamples=8, random_state=0).standard_errors
    np.testing.assert_allclose(found.means, 1 / np.sqrt([[15_000] * 2, [10_000] * 2]), rtol=0.9)
    assert found.means.max() < 0.02


# ------------------------------------------------------------------ what is told


def test_table_and_frame_tell_the_same():
    import pandas as pd

    X = pd.DataFrame(two_groups(), columns=["length", "width"])
    gm = fitted(X)
    found = bootstrap(gm, X, **FEW)
    rows = found.table("basic", 0.8)
    frame = found.frame("basic", 0.8)
    assert list(frame.columns) == list(rows[0])
    assert len(frame) == len(rows) == 12
    own = frame[(frame.parameter == "covariance") & (frame.component == 1)]
    assert own[["feature", "other_feature"]].to_numpy().tolist() == [["length", "width"]]
    assert own.estimate.item() == gm.covariances_[1, 0, 1]
    assert own.standard_error.item() == found.standard_errors.covariances[1, 0, 1]
    assert own.low.item() == found.interval("basic", 0.8).low.covariances[1, 0, 1]
    mean = frame[(frame.parameter == "mean") & (frame.feature == "width")]
    np.testing.assert_array_equal(mean.estimate, gm.means_[:, 1])
    assert (frame.low < frame.high).all()
    wide = found.frame(confidence_level=0.99)
    assert (wide.high - wide.low >= frame.high - frame.low).all()


def test_bias_and_words():
    X = two_groups()
    found = bootstrap(fitted(X), X, **FEW)
    moved = found.resamples.means.mean(axis=0) - found.estimates.means
    np.testing.assert_allclose(found.bias.means, moved)
    assert str(found).startswith(
        "weighted bootstrap, 25 resamples; standard errors:\n  weights: ["
    )
    assert found.n_done == found.n_resamples == 25
    assert found.seconds > 0


def test_small_groups_die_in_one_bootstrap_and_not_in_the_other():
    X = np.r_[np.random.default_rng(0).normal(size=80), 1e3, 1e3 + 1, 1e3 + 2.5][:, None]
    gm = fitted(X)
    with pytest.warns(UserWarning, match="of 100 resamples could not be fitted and are left out"):
        found = bootstrap(gm, X, method="nonparametric", n_resamples=100, random_state=0)
    # the three rows are absent, or all the same one, in about a fifth of the resamples
    assert 10 <= len(found.failures) <= 40
    assert found.n_done + len(found.failures) == 100
    assert any("died" in reason or "collapse" in reason for reason in found.failures)
    assert "left out" in str(found)
    assert not bootstrap(gm, X, n_resamples=100, random_state=0).failures


def test_a_limit_of_iterations_is_told():
    X = two_groups(distance=1.5)
    gm = fitted(X).set_params(max_iter=2)
    with pytest.warns(UserWarning, match="reached the limit of iterations"):
        assert bootstrap(gm, X, **FEW).n_unfinished > 0


def test_other_rows_than_those_of_the_fit_are_noticed():
    gm = fitted(two_groups())
    with pytest.warns(UserWarning, match=r"not a maximum for these rows: a refit gains"):
        bootstrap(gm, two_groups(seed=1) + 0.3, **FEW)


def test_an_observer_is_told_and_may_end_it():
    X = two_groups()
    seen = []

    def seventh(refit):
        seen.append(refit)
        return len(seen) == 7

    found = bootstrap(fitted(X), X, observe=seventh, **FEW)
    assert found.n_done == 7
    assert [refit.number for refit in seen] == list(range(7))


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_an_interrupt_keeps_what_is_done(n_jobs):
    X = two_groups()
    gm = fitted(X)
    seen = []

    def stop(refit):
        seen.append(refit)
        if len(seen) == 9:
            raise KeyboardInterrupt

    with pytest.raises(FitInterrupted) as raised:
        bootstrap(gm, X, observe=stop, n_jobs=n_jobs, **FEW)
    assert raised.value.result.n_done == 9
    whole = bootstrap(gm, X, **FEW)
    numbers = sorted(refit.number for refit in seen)
    np.testing.assert_array_equal(
        raised.value.result.resamples.means, whole.resamples.means[numbers]
    )


def test_an_early_interrupt_has_no_result(monkeypatch):
    X = two_groups()
    gm = fitted(X)

    def stop(refit):
        raise KeyboardInterrupt

    with pytest.raises(FitInterrupted, match="nothing was found yet"):
        bootstrap(gm, X, observe=stop, **FEW)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "jackknife"}, "method must be one of weighted, nonparametric"),
        ({"n_resamples": 1}, "n_resamples must be a whole number of at least 2"),
        ({"n_resamples": 10.0}, "n_resamples must be a whole number"),
        ({"confidence_level": 95}, "confidence_level must be between 0 and 1.*Write 95 % as 0.95"),
        ({"confidence_level": "high"}, "confidence_level must be between 0 and 1"),
        ({"n_jobs": 0}, "n_jobs must be"),
        ({"observe": 3}, "callback must be|observe must be"),
        ({"sample_weight": [1.0, 2.0]}, "sample_weight must be of shape"),
        ({"sample_weight": np.full(300, 1.5), "counts": True}, "whole numbers with counts=True"),
        ({"y": [-1, 0]}, "y must be"),
    ],
)
def test_settings_that_cannot_be_used(settings, message):
    X = two_groups()
    gm = fitted(X)
    with pytest.raises(BadInputError, match=message):
        bootstrap(gm, X, **settings)


def test_fits_that_cannot_be_used():
    X = two_groups()
    with pytest.raises(BadInputError, match="model must be a fitted GaussianMixture"):
        bootstrap("model.json", X)
    with pytest.raises(Exception, match="not fitted"):
        bootstrap(GaussianMixture(2), X)
    with pytest.raises(BadInputError, match="kind must be one of percentile"):
        bootstrap(fitted(X), X, **FEW).interval("normal")
    with pytest.raises(ValueError, match="1 features"):
        bootstrap(fitted(X), X[:, :1])
    with pytest.raises(BadInputError, match="as it was when it was fitted"):
        bootstrap(fitted(X).set_params(n_components=3), X)
    with pytest.warns(ConvergenceWarning, match="close to collapse"):
        gm = fitted(same := np.r_[X[:50], np.full((5, 2), 40.0)])
    with pytest.raises(BadInputError, match="hold together"):
        bootstrap(gm, same)
