"""Input that cannot be used: one clear error, which names it and says what to do."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from bactrian import BadInputError, DegenerateCovarianceError, GaussianMixture


@pytest.fixture(scope="module")
def X() -> np.ndarray:  # noqa: N802
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    X[25:] += 4
    return X


def spoiled(X, value, row=7, column=1):
    X = X.copy()
    X[row, column] = value
    return X


DATA = {
    "empty": (lambda X: X[:0], "0 sample"),
    "no columns": (lambda X: X[:, :0], "0 feature"),
    "one row": (
        lambda X: X[:1],
        r"n_samples = 1\b.*at least 2 rows|at least 2 rows.*n_samples = 1",
    ),
    "one dimension": (lambda X: X[:, 0], r"shape \(50,\).*Reshape"),
    "three dimensions": (lambda X: X[None], r"shape \(1, 50, 3\)"),
    "strings": (lambda X: X.astype(str).astype(object) + "m", "numbers, but got text such as"),
    "object": (lambda X: np.array([[1, "x"], [2, 3]], dtype=object), "text such as 'x'"),
    "complex": (lambda X: X + 1j, "Complex data not supported"),
    "sparse": (scipy.sparse.csr_matrix, "[Ss]parse"),
    "NaN": (lambda X: spoiled(X, np.nan), "NaN in row 7, column 1"),
    "infinity": (lambda X: spoiled(X, -np.inf), "infinity in row 7, column 1"),
    "NaN by name": (
        lambda X: pd.DataFrame(spoiled(X, np.nan), columns=list("abc")),
        "NaN in row 7, column 'b'",
    ),
    "null": (lambda X: pl.DataFrame({"a": [1.0, None, 3], "b": [1.0, 2, 4]}), "row 1, column 'a'"),
    "column of text": (lambda X: pl.DataFrame({"a": [1.0, 2], "b": ["x", "y"]}), "'b'"),
    "identical rows": (lambda X: np.ones((20, 3)), "identical rows"),
    "near 1e300": (lambda X: X * 1e300, r"column 0 from .*e\+300.*Rescale"),
    "near 1e-300": (lambda X: X * 1e-300, r"column 0 from .*e-300.*Rescale"),
    "float32 that overflows": (lambda X: (X * 1e30).astype(np.float32), "float32.*float64"),
}


@pytest.mark.parametrize("name", DATA)
def test_data(name, X):
    spoil, message = DATA[name]
    gm = GaussianMixture(2, random_state=0, missing="error")
    with pytest.raises((ValueError, TypeError), match=message):
        gm.fit(spoil(X))
    assert not [a for a in vars(gm) if a.endswith("_")]


WEIGHTS = {
    "negative": (lambda n: -np.ones(n), r"-1.0 in row 0"),
    "zeros": (np.zeros, "above 0 for some rows"),
    "NaN": (lambda n: np.full(n, np.nan), "nan in row 0"),
    "short": (lambda n: np.ones(n - 1), r"shape \(50,\), but got the shape \(49,\)"),
    "two dimensions": (lambda n: np.ones((n, 1)), r"shape \(50, 1\)"),
    "text": (lambda n: ["a"] * n, "numbers"),
    "one row": (lambda n: np.eye(n)[0], "at least 2 rows"),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights(name, X):
    make, message = WEIGHTS[name]
    with pytest.raises(BadInputError, match=message):
        GaussianMixture(2).fit(X, sample_weight=make(50))


ARGUMENTS = [
    *[("n_components", value) for value in (0, -1, 2.5, "3", True, None, 51)],
    *[("tol", value) for value in (-1, np.nan, np.inf, "a", None)],
    *[("reg_covar", value) for value in (-1, np.nan, np.inf, "a", None)],
    *[("max_iter", value) for value in (-1, 1.5, "a")],
    *[("n_init", value) for value in (0, 2.5, "ten", None)],
    *[("covariance_type", value) for value in ("round", None, 3)],
    *[("init_params", value) for value in ("foo", None)],
    *[("stopping", value) for value in ("never", None)],
    *[("acceleration", value) for value in ("warp", None, True)],
    *[("fixed", value) for value in ("x", "means", 3, ("weights",), "covariances")],
    *[("backend", value) for value in ("cuda", None, 3)],
    *[("verbose", value) for value in (-1, "a")],
    *[("verbose_interval", value) for value in (0, 1.5)],
    *[("random_state", value) for value in (-1, "a", 1.5)],
    ("callback", 3),
    ("means_init", np.zeros((3, 3))),
    ("means_init", np.full((2, 3), np.nan)),
    ("means_init", "abc"),
    ("weights_init", [0.2, 0.2]),
    ("weights_init", [-0.2, 1.2]),
    ("weights_init", [1.0]),
    ("precisions_init", np.eye(3)),
    ("precisions_init", [-np.eye(3), np.eye(3)]),
    ("precisions_init", np.tile(np.triu(np.ones((3, 3))), (2, 1, 1))),
    ("precisions_init", np.full((2, 3, 3), np.inf)),
    ("resp_init", np.ones((50, 2))),
    ("resp_init", np.full(50, 2)),
    ("resp_init", np.full(50, 0.5)),
    ("resp_init", np.zeros(49, dtype=int)),
]


@pytest.mark.parametrize(("name", "value"), ARGUMENTS)
def test_arguments(name, value, X):
    gm = GaussianMixture(**{"n_components": 2, name: value})
    with pytest.raises(BadInputError, match=name) as caught:
        gm.fit(X)
    assert " must be " in str(caught.value)
    assert " but got " in str(caught.value)
    assert not [a for a in vars(gm) if a.endswith("_")]


@pytest.mark.parametrize(
    ("covariance_type", "precisions"),
    [
        ("tied", -np.eye(3)),
        ("diag", np.full((2, 3), -1.0)),
        ("spherical", np.full(2, 0.0)),
    ],
)
def test_precisions_of_each_structure(covariance_type, precisions, X):
    gm = GaussianMixture(2, covariance_type=covariance_type, precisions_init=precisions)
    with pytest.raises(BadInputError, match="precisions_init must be positive"):
        gm.fit(X)


def test_collinear_columns_are_named(X):
    frame = pd.DataFrame(np.c_[X, X[:, 0] - 2 * X[:, 1]], columns=list("abcd"))
    with pytest.raises(DegenerateCovarianceError, match="'a', 'b', 'd' are collinear"):
        GaussianMixture(2, reg_covar=0, random_state=0).fit(frame)
    with pytest.warns(ConvergenceWarning, match="'a', 'b', 'd' are collinear"):
        gm = GaussianMixture(2, random_state=0).fit(frame)
    assert np.isfinite(gm.precisions_).all()
    assert not gm.converged_


def test_duplicated_columns_do_no_harm_to_diagonal_covariances(X):
    gm = GaussianMixture(2, covariance_type="diag", random_state=0).fit(np.c_[X, X[:, :1]])
    assert gm.converged_
    np.testing.assert_array_equal(gm.covariances_[:, 0], gm.covariances_[:, 3])


def test_a_constant_column_is_harmless_and_said(X):
    """It carries no information: the rest is fitted as without it."""
    frame = pd.DataFrame(np.c_[X, np.full(50, 3.0)], columns=list("abcd"))
    gm = GaussianMixture(2, random_state=0).fit(frame)
    without = GaussianMixture(2, random_state=0).fit(X)
    assert gm.converged_
    assert any("column 'd' is constant" in warning for warning in gm.fit_report_.warnings)
    ours, theirs = np.sort(gm.means_[:, :3], axis=0), np.sort(without.means_, axis=0)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    labels = without.predict(X)
    assert (gm.predict(frame) == labels).all() or (gm.predict(frame) == 1 - labels).all()


@pytest.mark.parametrize("covariance_type", ["full", "diag", "VVI"])
def test_a_constant_column_speaks_neither_for_noise_nor_against_it(covariance_type, X):
    rows = np.r_[X, [[-9.0, 9, 9], [9, -9, -9]]]
    settings = {"covariance_type": covariance_type, "noise": True, "random_state": 0, "tol": 1e-9}
    gm = GaussianMixture(2, **settings).fit(np.c_[rows, np.full(52, 3.0)])
    without = GaussianMixture(2, **settings).fit(rows)
    np.testing.assert_allclose(np.sort(gm.weights_), np.sort(without.weights_), rtol=1e-4)
    assert 0.01 < 1 - gm.weights_.sum() < 0.2


def test_a_constant_column_has_no_likelihood_without_bounds(X):
    with pytest.raises(BadInputError, match=r"constant column 1 \(3\).*[Dd]rop"):
        GaussianMixture(2, reg_covar=0).fit(spoiled(X, 3.0, slice(None)))


@pytest.mark.parametrize("value", [0.0, 3.0, 1e6])
def test_a_constant_column_is_a_feature_like_others_to_a_sphere(value, X):
    """It adds nothing to the scatter, whatever its value."""
    gm = GaussianMixture(1, covariance_type="spherical").fit(np.c_[X, np.full(50, value)])
    np.testing.assert_allclose(gm.covariances_, X.var(axis=0).sum() / 4, rtol=1e-9)


def test_images_with_empty_corners():
    """Some of the pixels are always 0: scikit-learn fits them, and so do we."""
    images = load_digits().data
    for covariance_type in ("full", "tied", "diag", "spherical"):
        gm = GaussianMixture(
            2, covariance_type=covariance_type, random_state=0, n_init=1, max_iter=20
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            gm.fit(images)
        assert np.isfinite(gm.score(images))
        assert np.isfinite(gm.precisions_).all()


def test_a_column_near_its_rounding(X):
    far = X.copy()
    far[:, 1] = 1e17 + np.round(X[:, 1]) * 16
    with pytest.raises(BadInputError, match=r"column 1, whose deviation .* is near the rounding"):
        GaussianMixture(2).fit(far)


def test_a_constant_column_with_a_ridge_is_harmless(X):
    """As in scikit-learn: the column has the ridge for its variance."""
    constant = np.c_[X, np.full(50, 3.0)]
    gm = GaussianMixture(2, reg_covar=1e-4, random_state=0).fit(constant)
    without = GaussianMixture(2, reg_covar=1e-4, random_state=0).fit(X)
    assert gm.converged_
    ours, theirs = np.sort(gm.means_[:, :3], axis=0), np.sort(without.means_, axis=0)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    np.testing.assert_allclose(gm.covariances_[:, 3, 3], 1e-4, rtol=1e-9)


def test_collapse_with_nothing_to_bound_it():
    X = np.vstack([np.ones((5, 5)), np.zeros((5, 5))])
    for covariance_type in ("full", "tied", "diag", "spherical"):
        gm = GaussianMixture(
            10, reg_covar=0, covariance_type=covariance_type, random_state=0, n_init=2
        )
        with pytest.raises(ValueError, match=r"Component \d+ of 10.*no positive-definite"):
            gm.fit(X)
        with pytest.warns(ConvergenceWarning):
            gm.set_params(reg_covar=1e-6).fit(X)
        assert np.isfinite(gm.precisions_cholesky_).all()


def test_as_many_components_as_rows(X):
    with pytest.warns(ConvergenceWarning, match="close to collapse"):
        gm = GaussianMixture(20, random_state=0, n_init=1).fit(X[:20])
    assert np.isfinite(gm.means_).all()
    assert np.isfinite(gm.precisions_).all()
    np.testing.assert_allclose(gm.predict_proba(X[:20]).sum(axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-100, 1e100])
def test_extreme_scales_are_right(scale, X):
    plain = GaussianMixture(2, random_state=0).fit(X)
    scaled = GaussianMixture(2, random_state=0).fit(X * scale)
    assert scaled.converged_
    np.testing.assert_allclose(scaled.means_ / scale, plain.means_, rtol=1e-9)
    np.testing.assert_allclose(scaled.covariances_ / scale / scale, plain.covariances_, rtol=1e-9)


def test_a_far_offset_is_right(X):
    plain = GaussianMixture(2, random_state=0).fit(X)
    moved = GaussianMixture(2, random_state=0).fit(X + 1e8)
    assert moved.converged_
    np.testing.assert_allclose(moved.means_ - 1e8, plain.means_, atol=1e-6)
    np.testing.assert_allclose(moved.covariances_, plain.covariances_, rtol=1e-5)


PREDICTED = {
    "too few features": (lambda X: X[:, :2], "2 features.*expecting 3"),
    "other names": (lambda X: pd.DataFrame(X, columns=list("abd")), "unseen at fit time"),
    "other order": (lambda X: pd.DataFrame(X, columns=list("bac")), "same order"),
    "NaN": (lambda X: pd.DataFrame(spoiled(X, np.nan), columns=list("abc")), "row 7, column 'b'"),
    "empty": (lambda X: pd.DataFrame(X[:0], columns=list("abc")), "0 sample"),
}


@pytest.mark.parametrize("method", ["predict", "predict_proba", "score_samples", "score", "bic"])
@pytest.mark.parametrize("name", PREDICTED)
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_prediction(name, method, X):
    spoil, message = PREDICTED[name]
    gm = GaussianMixture(2, random_state=0, missing="error").fit(
        pd.DataFrame(X, columns=list("abc"))
    )
    with pytest.raises(ValueError, match=message):
        getattr(gm, method)(spoil(X))


def test_not_fitted(X):
    for method in ("predict", "predict_proba", "score_samples", "score", "bic", "aic"):
        with pytest.raises(NotFittedError):
            getattr(GaussianMixture(), method)(X)
    with pytest.raises(NotFittedError):
        GaussianMixture().sample()


@pytest.mark.parametrize("size", [0, -1, 2.5, "3", True])
def test_size_of_a_sample(size, X):
    gm = GaussianMixture(2, random_state=0).fit(X)
    with pytest.raises(BadInputError, match="n_samples"):
        gm.sample(size)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"init_params": "guess"}, "bad_choice"),
        ({"covariance_type": "round"}, "bad_choice"),
        ({"stopping": "soon"}, "bad_choice"),
        ({"n_components": 0}, "out_of_range"),
        ({"tol": "small"}, "out_of_range"),
        ({"random_state": -1}, "out_of_range"),
        ({"n_components": 2, "means_init": [[0.0, 1.0]]}, "bad_shape"),
        ({"n_components": 1, "means_init": [[0.0, np.nan, 1.0]]}, "not_finite"),
        ({"equal_weights": True, "weights_init": [0.5, 0.5]}, "do_not_go_together"),
        ({"n_components": 51}, "too_few_rows"),
    ],
)
def test_programs_can_tell_refusals_apart(X, settings, code):
    with pytest.raises(BadInputError) as refusal:
        GaussianMixture(**settings).fit(X)
    assert refusal.value.code == code
