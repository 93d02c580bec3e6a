"""Missing values, known labels: the estimator on incomplete rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal
from sklearn.datasets import load_iris

from bactrian import BadInputError, GaussianMixture
from strategies import NAMES


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


def holes(X, share, seed=0):
    X = X.copy()
    X[np.random.default_rng(seed).uniform(size=X.shape) < share] = np.nan
    return X


def observed_log_likelihood(X, gm):
    """Sum over rows of the log-density of their observed part, by SciPy."""
    total, p = 0.0, gm.mixture_.parameters
    for x in X[~np.isnan(X).all(axis=1)]:
        seen = np.flatnonzero(~np.isnan(x))
        total += np.log(
            sum(
                w * multivariate_normal(m[seen], c[np.ix_(seen, seen)]).pdf(x[seen])
                for w, m, c in zip(p.weights, p.means, p.dense_covariances(), strict=True)
            )
        )
    return total


@pytest.mark.parametrize("name", NAMES)
def test_the_likelihood_is_that_of_what_is_observed(name, iris):
    X = holes(iris[0], 0.15)
    gm = GaussianMixture(3, covariance_type=name, random_state=0).fit(X)
    assert gm.converged_
    assert gm.log_likelihood_ == pytest.approx(observed_log_likelihood(X, gm), rel=1e-10)
    seen = ~np.isnan(X).all(axis=1)
    np.testing.assert_allclose(gm.score_samples(X)[seen].sum(), gm.log_likelihood_, rtol=1e-10)
    assert np.diff(gm.lower_bounds_).min() > -1e-12


def test_no_other_parameters_are_more_likely():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((80, 2))
    X[40:, 0] += 4
    X[:, 1] += 0.8 * X[:, 0]
    X = holes(X, 0.25, seed=1)
    gm = GaussianMixture(2, random_state=0, tol=1e-10).fit(X)

    def unpacked(v):
        share = 1 / (1 + np.exp(-v[0]))
        roots = np.zeros((2, 2, 2))
        roots[:, [0, 1, 1], [0, 0, 1]] = v[5:].reshape(2, 3)
        return [share, 1 - share], v[1:5].reshape(2, 2), roots @ roots.transpose(0, 2, 1)

    patterns = [np.array(seen) for seen in ([0], [1], [0, 1])]
    rows = [X[(~np.isnan(X) == np.isin([0, 1], seen)).all(axis=1)][:, seen] for seen in patterns]
    assert sum(map(len, rows)) + np.isnan(X).all(axis=1).sum() == 80

    def minus(v):
        weights, means, covariances = unpacked(v)
        total = 0.0
        for seen, x in zip(patterns, rows, strict=True):
            densities = sum(
                w * multivariate_normal(m[seen], c[np.ix_(seen, seen)]).pdf(x)
                for w, m, c in zip(weights, means, covariances, strict=True)
            )
            total -= np.log(densities).sum()
        return total

    roots = np.linalg.cholesky(gm.covariances_)[:, [0, 1, 1], [0, 0, 1]]
    start = np.concatenate(
        [[np.log(gm.weights_[0] / gm.weights_[1])], gm.means_.ravel(), roots.ravel()]
    )
    found = minimize(minus, start + 0.02, method="BFGS", options={"gtol": 1e-7})
    assert -found.fun == pytest.approx(gm.log_likelihood_, rel=1e-7)


def test_one_gaussian_with_holes_in_one_column_is_a_regression():
    # Anderson (1957): the maximum factors into that of x and that of y given x.
    rng = np.random.default_rng(0)
    x = rng.standard_normal(200)
    y = 1 + 0.5 * x + 0.3 * rng.standard_normal(200)
    y[120:] = np.nan
    gm = GaussianMixture(1, tol=1e-12).fit(np.column_stack([x, y]))
    slope, level = np.polyfit(x[:120], y[:120], 1)
    left = np.mean((y[:120] - level - slope * x[:120]) ** 2)
    mean = x.mean()
    np.testing.assert_allclose(gm.means_[0], [mean, level + slope * mean], rtol=1e-6)
    expected = [[x.var(), slope * x.var()], [slope * x.var(), left + slope**2 * x.var()]]
    np.testing.assert_allclose(gm.covariances_[0], expected, rtol=1e-5)


def test_rows_of_which_nothing_is_observed_carry_no_information(iris):
    X = holes(iris[0], 0.1)
    more = np.insert(X, [0, 70], np.nan, axis=0)
    gm, again = (GaussianMixture(2, random_state=0).fit(rows) for rows in (X, more))
    assert again.log_likelihood_ == pytest.approx(gm.log_likelihood_, rel=1e-8)
    assert again.fit_report_.bic == pytest.approx(gm.fit_report_.bic, rel=1e-8)
    for criterion in ("bic", "aic", "icl"):
        told, expected = getattr(again, criterion)(more), getattr(again, criterion)(X)
        assert told == pytest.approx(expected, rel=1e-12)
    assert again.bic(more) == pytest.approx(again.fit_report_.bic, rel=1e-10)
    nothing = np.full((1, 4), np.nan)
    np.testing.assert_allclose(gm.predict_proba(nothing)[0], gm.weights_)
    assert gm.score_samples(nothing)[0] == 0.0
    np.testing.assert_allclose(gm.impute(nothing)[0], gm.weights_ @ gm.means_)


def test_frames_with_nulls(iris):
    X = holes(iris[0], 0.1)
    plain = GaussianMixture(2, random_state=0).fit(X)
    for frame in (pd.DataFrame(X, columns=list("abcd")), pl.DataFrame(X, schema=list("abcd"))):
        gm = GaussianMixture(2, random_state=0).fit(frame)
        assert gm.log_likelihood_ == plain.log_likelihood_
        np.testing.assert_array_equal(gm.predict(frame), plain.predict(X))


def test_weights_repeat_incomplete_rows(iris):
    X, counts = holes(iris[0], 0.1), np.random.default_rng(0).integers(0, 3, 150)
    init = {"means_init": [[5, 3.4, 1.5, 0.2], [6.3, 2.9, 5, 1.7]], "tol": 1e-10}
    weighted = GaussianMixture(2, **init).fit(X, sample_weight=counts)
    repeated = GaussianMixture(2, **init).fit(np.repeat(X, counts, axis=0))
    np.testing.assert_allclose(weighted.means_, repeated.means_, rtol=1e-5)
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-9)


def test_threads_and_float32(iris):
    X = holes(np.tile(iris[0], (20, 1)), 0.05)
    one, two = (GaussianMixture(3, random_state=0, n_jobs=n, n_init=2).fit(X) for n in (1, 3))
    assert one.log_likelihood_ == two.log_likelihood_
    np.testing.assert_array_equal(one.means_, two.means_)
    single = GaussianMixture(3, random_state=0, n_init=2).fit(X.astype(np.float32))
    np.testing.assert_allclose(single.means_, one.means_, rtol=1e-4)


# ---------------------------------------------------------------- imputation


def test_imputation_is_the_conditional_expectation(iris):
    X = iris[0]
    gm = GaussianMixture(2, random_state=0).fit(X)
    row = np.array([5.0, np.nan, 1.4, np.nan])
    seen, gone = [0, 2], [1, 3]
    terms, centres = [], []
    for w, m, c in zip(gm.weights_, gm.means_, gm.covariances_, strict=True):
        own = c[np.ix_(seen, seen)]
        terms.append(w * multivariate_normal(m[seen], own).pdf(row[seen]))
        centres.append(m[gone] + c[np.ix_(gone, seen)] @ np.linalg.solve(own, row[seen] - m[seen]))
    expected = np.average(centres, axis=0, weights=terms)
    filled = gm.impute(row[None])[0]
    np.testing.assert_allclose(filled[gone], expected, rtol=1e-10)
    np.testing.assert_array_equal(filled[seen], row[seen])


@pytest.mark.parametrize("settings", [{}, {"family": "t"}, {"noise": True}])
def test_draws_have_the_conditional_moments(settings, iris):
    gm = GaussianMixture(2, random_state=0, **settings).fit(iris[0])
    row = np.array([[6.0, np.nan, 4.5, np.nan]])
    draws = gm.impute(np.tile(row, (800, 1)), 5)
    assert draws.shape == (5, 800, 4)
    draws = draws.reshape(4000, 4)
    deviation = draws[:, [1, 3]].std(axis=0)
    np.testing.assert_allclose(
        draws[:, [1, 3]].mean(axis=0), gm.impute(row)[0, [1, 3]], atol=0.1 * deviation.max()
    )
    assert (deviation > 0.05).all()
    np.testing.assert_array_equal(draws[:, [0, 2]], np.tile([6.0, 4.5], (4000, 1)))


def test_imputed_values_are_nearer_than_column_means(iris):
    X = holes(iris[0], 0.2)
    gone = np.isnan(X)
    filled = GaussianMixture(3, random_state=0).fit(X).impute(X)
    means = np.broadcast_to(np.nanmean(X, axis=0), X.shape)
    error = np.abs(filled - iris[0])[gone].mean()
    assert error < 0.5 * np.abs(means - iris[0])[gone].mean()
    np.testing.assert_array_equal(filled[~gone], X[~gone])


# -------------------------------------------------------------------- labels


def test_known_rows_keep_their_component(iris):
    X, species = iris
    y = np.full(150, -1)
    y[::10] = species[::10]
    gm = GaussianMixture(3, random_state=0)
    labels = gm.fit_predict(X, y)
    np.testing.assert_array_equal(labels[::10], species[::10])
    assert (labels == species).mean() > 0.95
    p = gm.mixture_.parameters
    dense = np.stack(
        [
            np.log(w) + multivariate_normal(m, c).logpdf(X)
            for w, m, c in zip(p.weights, p.means, p.covariances, strict=True)
        ],
        axis=1,
    )
    known = dense[np.arange(0, 150, 10), species[::10]].sum()
    unknown = np.logaddexp.reduce(dense[y == -1], axis=1).sum()
    assert gm.log_likelihood_ == pytest.approx(known + unknown, rel=1e-10)


def test_all_labels_known_are_moments_of_the_groups(iris):
    X, species = iris
    gm = GaussianMixture(3, labels="use").fit(X, species)
    for k in range(3):
        np.testing.assert_allclose(gm.means_[k], X[species == k].mean(axis=0), rtol=1e-10)
        covariance = np.cov(X[species == k].T, bias=True)
        np.testing.assert_allclose(gm.covariances_[k], covariance, rtol=1e-7, atol=1e-12)
    plain = GaussianMixture(3, random_state=0).fit(X)
    np.testing.assert_array_equal(
        GaussianMixture(3, random_state=0).fit(X, species).means_, plain.means_
    )


def test_plausibilities(iris):
    X, species = iris
    plain = GaussianMixture(2, random_state=0).fit(X)
    even = GaussianMixture(2, random_state=0).fit(X, np.full((150, 2), 0.5))
    np.testing.assert_allclose(even.means_, plain.means_, rtol=1e-9)
    y = np.where(species == 0, 0, -1)
    as_matrix = np.where((y == 0)[:, None], [[0.3, 0.0]], [[1.0, 1.0]])
    by_label = GaussianMixture(2, random_state=0).fit(X, y)
    by_matrix = GaussianMixture(2, random_state=0).fit(X, as_matrix)
    np.testing.assert_allclose(by_matrix.means_, by_label.means_, rtol=1e-9)
    tilted = GaussianMixture(2, random_state=0).fit(X, np.where(y[:, None] == 0, [[1, 0.01]], 1.0))
    np.testing.assert_allclose(tilted.means_[0], X[species == 0].mean(axis=0), rtol=1e-3)


def test_labels_with_noise_weights_holes_and_t(iris):
    X, species = holes(iris[0], 0.1), iris[1]
    y = np.where(np.arange(150) % 3 == 0, species, -1)
    w = np.random.default_rng(0).uniform(0.5, 2, 150)
    gm = GaussianMixture(3, random_state=0, noise=True, family="t", n_init=2)
    labels = gm.fit_predict(X, y, sample_weight=w)
    np.testing.assert_array_equal(labels[y >= 0], y[y >= 0])
    assert np.diff(gm.lower_bounds_).min() > -1e-12
    assert gm.weights_.sum() + gm.noise_weight_ == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(4))
def test_a_few_labels_among_many_rows_number_the_components(seed):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, 30_000)
    X = rng.standard_normal((30_000, 2)) + np.array([[0, 0], [6, 0], [0, 6], [6, 6]])[truth]
    y = np.full(30_000, -1)
    for k in range(3):  # a sample of the rows holds none of these
        y[rng.choice(np.flatnonzero(truth == k))] = k
    gm = GaussianMixture(4, random_state=seed).fit(X, y)
    assert (gm.predict(X) == truth).mean() > 0.99


def test_labels_leave_fixed_weights_in_their_order():
    for seed in range(4):
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, 4, 300)
        X = rng.standard_normal((300, 2)) + np.array([[0, 0], [6, 0], [0, 6], [6, 6]])[truth]
        y = np.where(np.arange(300) % 2, truth, -1)
        held = {"weights_init": [0.1, 0.2, 0.3, 0.4], "fixed": "weights"}
        gm = GaussianMixture(4, random_state=seed, n_init=3, **held).fit(X, y)
        np.testing.assert_array_equal(gm.weights_, held["weights_init"])
        assert (gm.predict(X) == truth).mean() > 0.99


def test_criteria_are_those_of_the_report_with_the_labels_and_of_the_rows_without(iris):
    X, species = holes(iris[0], 0.1), iris[1]
    y = np.where(np.arange(150) % 3 == 0, species, -1)
    w = np.random.default_rng(0).uniform(0.5, 2, 150)
    matrix = np.where((y >= 0)[:, None], np.where(np.eye(3)[y] > 0, 1.0, 0.1), 1.0)
    for labels in (y, matrix):
        for more in ({}, {"noise": True, "family": "t"}):
            gm = GaussianMixture(3, random_state=0, n_init=1, **more).fit(X, labels, w)
            report = gm.fit_report_
            assert report.labelled == 50
            assert gm.bic(X, w, labels) == pytest.approx(report.bic, rel=1e-12)
            assert gm.aic(X, w, labels) == pytest.approx(report.aic, rel=1e-12)
            assert gm.bic(X, w) < report.bic  # rows alone are more likely than rows and labels
            assert gm.icl(X, w, labels) >= gm.bic(X, w, labels)
    known = GaussianMixture(3, labels="use").fit(X, species)
    assert known.icl(X, None, species) == known.bic(X, None, species)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.r_[-1, np.ones(149, int)], "labels='ignore' if these are classes.*labels='use'"),
        (np.r_[-1.0, np.full(149, 3)], "components from 0 to 2.*3.0 in row 1"),
        (np.r_[-1, np.full(149, 0.5)], "0.5 in row 1"),
        (np.full(10, -1), r"150 rows.*int64 of shape \(10,\)"),
        (np.ones((150, 2)), r"of shape \(150, 3\).*\(150, 2\)"),
        (np.zeros((150, 3)), "row 0"),
    ],
)
def test_labels_that_cannot_be_used(y, message, iris):
    with pytest.raises(BadInputError, match=f"y .*{message}"):
        GaussianMixture(3).fit(iris[0], y)


def test_what_is_not_allowed_is_refused(iris):
    X = holes(iris[0], 0.1)
    with pytest.raises(BadInputError, match="missing='em'"):
        GaussianMixture(2, missing="error").fit(X)
    with pytest.raises(BadInputError, match="missing"):
        GaussianMixture(2, missing="drop").fit(X)
    X[:, 2] = np.nan
    with pytest.raises(BadInputError, match="no value in column 2"):
        GaussianMixture(2).fit(X)
