"""Fits with point masses: right numbers, laws of EM, and every face of the estimator."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal, norm
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from bactrian import GaussianMixture, bootstrap, bootstrap_lrt, load_model, select_mixture
from bactrian.core.values.spike import Spike
from bactrian.errors import BadInputError
from bactrian.mixture import Scaling

SHARES = np.array([0.02, 0.6])


def clipped(seed: int = 0) -> np.ndarray:
    """Two normal groups, and a sensor at its limit."""
    rng = np.random.default_rng(seed)
    parts = np.full(60, 4.5), rng.normal(1.2, 0.3, 1200), rng.normal(3, 0.35, 700)
    return rng.permutation(np.concatenate(parts))[:, None]


def faces(n: int = 1500, seed: int = 1) -> np.ndarray:
    """Two groups in two columns; in one of them the first column is often 0."""
    rng = np.random.default_rng(seed)
    first = rng.random(n) < 0.6
    a = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], n)
    b = rng.multivariate_normal([4, 3], [[1, -0.3], [-0.3, 0.5]], n)
    X = np.where(first[:, None], a, b)
    X[rng.random(n) < SHARES[(~first).astype(int)], 0] = 0.0
    return X


def by_hand(X, weights, means, covariances, shares) -> np.ndarray:
    """Log-density of rows whose first column may be 0."""
    at = X[:, 0] == 0
    total = np.zeros(len(X))
    for w, mean, cov, share in zip(weights, means, covariances, shares, strict=True):
        off = (1 - share) * multivariate_normal(mean, cov).pdf(X)
        on = share * norm(mean[1], np.sqrt(cov[1, 1])).pdf(X[:, 1])
        total += w * np.where(at, on, off)
    return np.log(total)


# ---- one column


@pytest.mark.parametrize("spikes", ["auto", 4.5, [4.5], {0: [4.5]}])
def test_a_sensor_at_its_limit_is_no_component(spikes):
    X = clipped()
    gm = GaussianMixture(2, spikes=spikes, random_state=0).fit(X)
    share = gm.spikes_.shares[0, 0]
    assert share == pytest.approx(60 / 1960)
    order = np.argsort(gm.means_[:, 0])
    np.testing.assert_allclose((gm.weights_ * (1 - share))[order], [0.612, 0.357], atol=2e-3)
    np.testing.assert_allclose(gm.means_[order, 0], [1.2, 3.0], atol=0.02)
    density = sum(
        w * norm.pdf(X[:, 0], m, np.sqrt(v))
        for w, m, v in zip(gm.weights_, gm.means_[:, 0], gm.covariances_[:, 0, 0], strict=True)
    )
    expected = np.where(X[:, 0] == 4.5, np.log(share), np.log((1 - share) * density))
    np.testing.assert_allclose(gm.score_samples(X), expected, rtol=1e-10)
    assert gm.log_likelihood_ == pytest.approx(expected.sum(), rel=1e-12)
    assert gm.fit_report_.n_parameters == 6
    assert gm.bic(X) == pytest.approx(gm.fit_report_.bic)
    assert gm.converged_
    assert gm.fit_report_.spikes == (Spike(0, 4.5, share),)
    np.testing.assert_allclose(gm.predict_proba([[4.5]])[0], gm.weights_)


@pytest.mark.parametrize("settings", [{}, {"noise": True}, {"family": "t"}, {"prior": "default"}])
def test_with_one_column_the_others_are_fitted_as_if_alone(settings):
    X = clipped(1)
    gm = GaussianMixture(2, spikes="auto", random_state=0, tol=1e-10, **settings).fit(X)
    off = X[X[:, 0] != 4.5][:, :1]
    alone = GaussianMixture(2, random_state=0, tol=1e-10, **settings).fit(off)
    np.testing.assert_allclose(gm.means_, alone.means_, rtol=1e-5)
    np.testing.assert_allclose(gm.weights_, alone.weights_, rtol=1e-4)
    shares = 60 * np.log(60 / 1960) + 1900 * np.log(1900 / 1960)
    assert gm.log_likelihood_ == pytest.approx(alone.log_likelihood_ + shares, rel=1e-8)


def test_a_search_is_not_misled_by_zeros():
    rng = np.random.default_rng(0)
    X = np.r_[np.zeros(120), rng.normal(5, 1, 180)][:, None]
    found = select_mixture(X, [1, 2], ["full", "tied"], random_state=0, spikes="auto", n_init=1)
    assert found.best.n_components == 1
    assert {one.n_parameters for one in found.candidates if one.n_components == 2} == {6, 5}
    assert found.best_estimator.spikes_.values.tolist() == [0.0]
    folds = select_mixture(X, [1, 2], "full", "cv", random_state=0, spikes="auto", cv=3, n_init=1)
    assert folds.best.n_components == 1
    assert np.isfinite([one.cv for one in folds.candidates]).all()


def test_thresholds_are_those_off_the_value():
    X = clipped()
    gm = GaussianMixture(2, spikes="auto", random_state=0).fit(X)
    alone = GaussianMixture(2, random_state=0).fit(X[X[:, 0] != 4.5][:, :1])
    assert gm.thresholds()[0].value == pytest.approx(alone.thresholds()[0].value, rel=1e-6)


# ---- several columns


def test_a_face_belongs_to_its_group_and_the_fit_is_a_maximum():
    X = faces()
    gm = GaussianMixture(2, spikes={0: 0}, random_state=0, tol=1e-11).fit(X)
    shares = gm.spikes_.shares[:, 0]
    np.testing.assert_allclose(np.sort(shares), SHARES, atol=0.03)
    found = by_hand(X, gm.weights_, gm.means_, gm.covariances_, shares)
    np.testing.assert_allclose(gm.score_samples(X), found, rtol=1e-9, atol=1e-9)
    assert gm.fit_report_.n_parameters == 11 + 2
    assert gm.converged_

    def unpacked(v):
        weight, theta = 1 / (1 + np.exp(-v[:3:2])), 1 / (1 + np.exp(-v[1:3]))
        roots = np.zeros((2, 2, 2))
        roots[:, [0, 1, 1], [0, 0, 1]] = v[7:].reshape(2, 3)
        pair = np.array([weight[0], 1 - weight[0]])
        return pair, v[3:7].reshape(2, 2), roots @ roots.transpose(0, 2, 1), theta

    logit = np.log(shares / (1 - shares))
    first = np.log(gm.weights_[0] / gm.weights_[1])
    roots = np.linalg.cholesky(gm.covariances_)[:, [0, 1, 1], [0, 0, 1]]
    start = np.concatenate([[first], logit, gm.means_.ravel(), roots.ravel()])
    climbed = minimize(lambda v: -by_hand(X, *unpacked(v)).sum(), start, method="BFGS")
    assert -climbed.fun == pytest.approx(gm.log_likelihood_, abs=2e-3)
    np.testing.assert_allclose(climbed.x, start, atol=2e-2)


@pytest.mark.parametrize("covariance_type", ["full", "diag", "VEV"])
@pytest.mark.parametrize("settings", [{}, {"noise": True, "family": "t"}])
def test_em_never_falls_with_holes_and_values(covariance_type, settings):
    X = faces(300, 2)
    X[:60, 1] = 2.0
    X[50:80] = np.nan, 1.0
    X[:5] = 0.0, 2.0
    gm = GaussianMixture(
        2, covariance_type=covariance_type, spikes={0: 0, 1: 2}, random_state=0, n_init=1,
        acceleration="none", max_iter=30, **settings,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        gm.fit(X)
    trace = np.array(gm.fit_report_.trace)
    assert (np.diff(trace) >= -1e-12 * np.abs(trace[1:])).all()
    assert gm.score(X) == pytest.approx(trace[-1], rel=1e-10)


def test_weights_order_precision_and_values_that_do_not_occur():
    X = faces(500, 3)
    settings = {"spikes": {0: [0]}, "random_state": 0, "tol": 1e-11, "init_params": "kmeans"}
    gm = GaussianMixture(2, **settings).fit(X)
    twice = GaussianMixture(2, **settings).fit(np.r_[X, X])
    weighted = GaussianMixture(2, **settings).fit(X, sample_weight=np.full(500, 2.0))
    turned = GaussianMixture(2, **settings).fit(X[::-1])
    more = GaussianMixture(2, **settings | {"spikes": {0: [0, 77], 1: 55}}).fit(X)
    single = GaussianMixture(2, **settings).fit(X.astype(np.float32))
    for other, precise in ((twice, 1), (weighted, 1), (turned, 1), (more, 1), (single, 1e3)):
        np.testing.assert_allclose(other.means_, gm.means_, rtol=1e-5, atol=1e-6 * precise)
        np.testing.assert_allclose(
            other.spikes_.shares[:, 0], gm.spikes_.shares[:, 0], atol=1e-5 * precise
        )
    assert weighted.log_likelihood_ == pytest.approx(twice.log_likelihood_, rel=1e-9)
    assert turned.log_likelihood_ == pytest.approx(gm.log_likelihood_, rel=1e-10)
    assert more.log_likelihood_ == pytest.approx(gm.log_likelihood_, rel=1e-9)
    assert (more.spikes_.shares[:, 1:] == 0).all()
    assert single.means_.dtype == np.float32


def test_labels_and_a_start_from_the_last_fit():
    X = faces(600, 4)
    gm = GaussianMixture(2, spikes={0: 0}, random_state=0).fit(X)
    known = gm.predict(X)
    y = np.where(np.arange(600) < 300, known, -1)
    told = GaussianMixture(2, spikes={0: 0}, random_state=0).fit(X, y)
    assert told.fit_report_.labelled == 300
    np.testing.assert_allclose(told.spikes_.shares, gm.spikes_.shares, atol=0.05)
    one = GaussianMixture(1, spikes=0.0).fit(X[:, :1], np.zeros(600))
    assert one.spikes_.shares[0, 0] == pytest.approx((X[:, 0] == 0).mean())
    again = gm.set_params(warm_start=True).fit(X)
    assert again.n_iter_ <= 3
    assert again.converged_


def test_many_rows_start_on_a_sample():
    X = np.repeat(faces(2500, 5), 10, axis=0)
    X[:3, 1] = 9.0  # so few that a sample may have none
    gm = GaussianMixture(2, spikes={0: 0, 1: 9.0}, random_state=0).fit(X)
    assert gm.converged_
    assert gm.fit_report_.spikes[1].share == 3 / 25_000
    weights = np.sum(gm.weights_ * gm.spikes_.shares[:, 1])
    assert weights == pytest.approx(3 / 25_000, rel=1e-6)


# ---- faces


def test_scaled_fits_are_the_same_in_units_of_the_data(tmp_path):
    X = faces(500, 6) * [7.3, 0.01] + [0.1, 40.0]
    X[X[:, 0] == 0.1, 0] = 0.1
    plain = GaussianMixture(2, spikes={0: 0.1}, random_state=0, tol=1e-11).fit(X)
    scaling = Scaling.of(X)
    z = (0.1 - scaling.centre[0]) / scaling.scale[0]
    scaled = GaussianMixture(2, spikes={0: z}, random_state=0, tol=1e-11).fit(scaling.scaled(X))
    model = scaled.to_model(scaling)
    assert model.parameters.spikes.values.tolist() == [0.1]
    np.testing.assert_allclose(model.log_density(X), plain.score_samples(X), atol=1e-5)
    assert model.training["log_likelihood"] == pytest.approx(plain.log_likelihood_, rel=1e-7)
    assert (model.sample(500, random_state=0)[0][:, 0] == 0.1).mean() > 0.1
    holes = X[:20].copy()
    holes[:, 0] = np.nan
    assert (model.impute(holes, 5, random_state=0)[:, :, 0] == 0.1).any()
    np.testing.assert_allclose(
        model.impute(holes)[:, 0], plain.impute(holes)[:, 0], rtol=1e-4, atol=1e-4
    )
    model.save(tmp_path / "model.json")
    again = load_model(tmp_path / "model.json")
    np.testing.assert_array_equal(again.log_density(X), model.log_density(X))
    found = bootstrap(again, X, n_resamples=3, random_state=0)
    assert found.standard_errors.means.max() < 2
    assert not found.warnings


def test_a_frame_a_file_and_a_copy(tmp_path):
    X = pd.DataFrame(faces(300, 7), columns=["spend", "age"])
    gm = GaussianMixture(2, spikes={"spend": 0}, random_state=0).fit(X)
    assert gm.spikes_.columns.tolist() == [0]
    gm.save(tmp_path / "model.json")
    text = json.loads((tmp_path / "model.json").read_text())
    assert text["spikes"][0]["value"] == 0.0
    again = GaussianMixture.load(tmp_path / "model.json")
    np.testing.assert_array_equal(again.predict_proba(X), gm.predict_proba(X))
    assert again.spikes == {0: [0.0]}
    assert again.fit_report_.spikes == gm.fit_report_.spikes
    assert clone(again).fit(X.to_numpy()).converged_
    assert not hasattr(again.set_params(spikes=None, warm_start=False).fit(X), "spikes_")


def test_a_test_of_the_number_of_components_draws_them():
    found = bootstrap_lrt(
        clipped()[:150], 1, spikes="auto", n_resamples=3, random_state=0, n_init=1
    )
    assert found.statistic > 50
    assert found.p_value == 0.25  # all three could be fitted, and none is as high


def test_auto_leaves_codes_and_ordinary_columns_alone():
    rng = np.random.default_rng(0)
    code = (rng.random(500) < 0.05).astype(float)
    X = np.c_[code, rng.normal(size=500), np.round(rng.normal(size=500), 1)]
    gm = GaussianMixture(1, spikes="auto").fit(X)
    assert not hasattr(gm, "spikes_")
    assert gm.fit_report_.n_parameters == 9


@pytest.mark.parametrize(
    ("spikes", "said"),
    [
        ("zeros", "but got 'zeros'"),
        ([0.0], "for 2 columns"),
        ({2: 0}, "the column 2"),
        ({"spend": 0}, "the column 'spend'"),
        ({0: [0, 0.0]}, "0 twice in a column"),
        ({0: np.nan}, "of finite values"),
        ({0: "many"}, "'many'"),
        ({True: 0}, "the column True"),
    ],
)
def test_what_makes_no_sense_is_refused(spikes, said):
    with pytest.raises(BadInputError, match=said):
        GaussianMixture(2, spikes=spikes).fit(faces(50))


def test_a_column_without_other_values_and_exports_are_refused():
    X = faces(50)
    X[:, 1] = 1.0
    with pytest.raises(BadInputError, match="every value of column 1"):
        GaussianMixture(2, spikes={1: 1}).fit(X)
    gm = GaussianMixture(2, spikes={0: 0}, random_state=0).fit(faces(200))
    with pytest.raises(BadInputError, match="point masses, which scikit-learn"):
        gm.to_sklearn()
    onnx = pytest.importorskip("bactrian.storage.onnx_graph")
    with pytest.raises(BadInputError, match="point masses"):
        onnx.onnx_bytes(gm.mixture_.parameters, None)
