"""What is drawn of a mixture, against what the estimator says."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from scipy.integrate import trapezoid
from scipy.stats import gaussian_kde
from sklearn.mixture import GaussianMixture as SklearnMixture

from bactrian import BadInputError, GaussianMixture, GaussianMixtureSelector, Mixture, MixtureModel
from bactrian.core.covariance import covariance_structure
from bactrian.core.values.parameters import Parameters
from bactrian.mixture import Scaling
from bactrian.plotting import MixtureDisplay, MixtureView
from bactrian.plotting.palette import NOISE_STYLE, style


@pytest.fixture(scope="module")
def line():
    rng = np.random.default_rng(1)
    return np.concatenate([rng.normal(2, 1, 200), rng.normal(-1, 0.8, 600)])[:, None]


@pytest.fixture(scope="module")
def noisy(blobs):
    rng = np.random.default_rng(2)
    X = np.concatenate([blobs[:, :2], rng.uniform(-20, 30, (25, 2))])
    return X, GaussianMixture(3, noise=True, random_state=0).fit(X)


# ---- one feature


@pytest.mark.parametrize("settings", [{}, {"family": "t"}, {"noise": True}])
@pytest.mark.parametrize(("offset", "scale"), [(0.0, 1.0), (1e6, 1.0), (0.0, 1e-9)])
def test_curve_is_the_density(line, settings, offset, scale):
    X = offset + scale * line
    gm = GaussianMixture(2, random_state=0, **settings).fit(X)
    display = MixtureDisplay.from_estimator(gm, X)
    x, density = display.density_lines_[0].get_data()
    np.testing.assert_allclose(density, np.exp(gm.score_samples(x[:, None])), rtol=1e-9)
    parts = [drawn.get_ydata() for drawn in display.component_lines_]
    np.testing.assert_allclose(np.sum(parts, axis=0), density, rtol=1e-9)
    assert len(parts) == gm.weights_.size + ("noise" in settings)


def test_curve_and_bars_hold_one(line):
    gm = GaussianMixture(2, random_state=0).fit(line)
    display = MixtureDisplay.from_estimator(gm, line)
    x, density = display.density_lines_[0].get_data()
    assert trapezoid(density, x) == pytest.approx(1, abs=2e-3)
    heights, edges, _ = display.histograms_[0].get_data()
    assert (heights * np.diff(edges)).sum() == pytest.approx(1)
    x, estimate = display.kde_lines_[0].get_data()
    np.testing.assert_allclose(estimate, gaussian_kde(line[:, 0])(x))


def test_a_thin_component_is_not_missed():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(0, 1, 500), rng.normal(90, 1e-2, 500)])[:, None]
    gm = GaussianMixture(2, random_state=0).fit(X)
    display = MixtureDisplay.from_estimator(gm, X)
    x, density = display.density_lines_[0].get_data()
    assert density.max() == pytest.approx(
        np.exp(gm.score_samples(gm.means_.max(keepdims=True)))[0], rel=0.01
    )
    assert trapezoid(density, x) == pytest.approx(1, abs=5e-3)


def test_weights_count_as_repeated_rows(line):
    X = line[::8]
    times = np.arange(len(X)) % 4
    gm = GaussianMixture(2, random_state=0).fit(X, sample_weight=times)
    weighted = MixtureDisplay.from_estimator(gm, X, sample_weight=times, bins=15)
    repeated = MixtureDisplay.from_estimator(gm, np.repeat(X, times, axis=0), bins=15)
    assert np.allclose(
        weighted.histograms_[0].get_data().values, repeated.histograms_[0].get_data().values
    )
    x, estimate = weighted.kde_lines_[0].get_data()
    kept = times > 0
    np.testing.assert_allclose(estimate, gaussian_kde(X[kept, 0], weights=times[kept])(x))


def test_far_values_do_not_make_a_million_bins(line):
    gm, X = GaussianMixture(2, random_state=0).fit(line), np.concatenate([line, [[1e9]]])
    display = MixtureDisplay.from_estimator(gm, X)
    assert len(display.histograms_[0].get_data().values) <= 150


# ---- two features


def test_ellipses_and_rows(fitted, blobs):
    display = MixtureDisplay.from_estimator(fitted, blobs, features=[1, 0], sigmas=(1, 2, 3))
    assert len(display.ellipses_) == 9
    for k in range(3):
        mean = fitted.means_[k, [1, 0]]
        inverse = np.linalg.inv(fitted.covariances_[k][np.ix_([1, 0], [1, 0])])
        for n_sigma, drawn in zip((1, 2, 3), display.ellipses_[3 * k :], strict=False):
            away = drawn.get_xydata() - mean
            distances = np.sqrt(np.einsum("ni,ij,nj->n", away, inverse, away))
            np.testing.assert_allclose(distances, n_sigma)
            assert to_hex(drawn.get_color()) == style(k).colour
        shown = display.scatters_[k].get_offsets()
        np.testing.assert_allclose(shown, blobs[fitted.predict(blobs) == k][:, [1, 0]])
        assert display.mean_labels_[k].get_text() == str(k)
        np.testing.assert_allclose(display.mean_labels_[k].get_position(), mean)
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("x2", "x1")


def test_labels_are_given_all_features(blobs):
    """Two groups that differ in the third feature alone keep their colours in the others."""
    X = np.concatenate([blobs[:60], blobs[:60] + np.array([0, 0, 50])])
    gm = GaussianMixture(2, random_state=0).fit(X)
    display = MixtureDisplay.from_estimator(gm, X, features=[0, 1])
    assert [len(rows.get_offsets()) for rows in display.scatters_] == [60, 60]


def test_soft_colours_follow_responsibilities(fitted, blobs):
    display = MixtureDisplay.from_estimator(
        fitted, blobs, features=[0, 1], assignment="soft", sigmas=()
    )
    (rows,) = display.scatters_
    sure = fitted.predict_proba(blobs).max(axis=1) > 1 - 1e-9
    expected = [style(k).colour for k in fitted.predict(blobs)]
    found = [to_hex(colour) for colour in rows.get_facecolors()]
    assert sure.sum() > 50
    assert [found[i] for i in np.flatnonzero(sure)] == [expected[i] for i in np.flatnonzero(sure)]
    assert display.ellipses_ == []


def test_contours_hold_their_shares(blobs):
    X = blobs[:, :2]
    gm = GaussianMixture(3, random_state=0).fit(X)
    display = MixtureDisplay.from_estimator(gm, X, contours=(0.5, 0.9))
    (lines,) = display.contours_
    drawn = gm.score_samples(gm.sample(20_000)[0])
    held = [(drawn > level).mean() for level in lines.levels]
    np.testing.assert_allclose(held, [0.9, 0.5], atol=0.01)
    for level, paths in zip(lines.levels, lines.allsegs, strict=True):
        points = np.concatenate(paths)
        np.testing.assert_allclose(gm.score_samples(points), level, atol=0.02)


def test_noise_is_apart(noisy):
    X, gm = noisy
    display = MixtureDisplay.from_estimator(gm, X)
    rows = display.scatters_[-1]
    assert to_hex(rows.get_edgecolors()[0]) == NOISE_STYLE.colour
    np.testing.assert_allclose(rows.get_offsets(), X[gm.predict(X) == -1])
    said = [text.get_text() for text in display.legend_.get_texts()]
    assert any(text.startswith("noise") for text in said)


# ---- a matrix


def test_matrix_is_made_of_its_panels(fitted, blobs):
    display = MixtureDisplay.from_estimator(fitted, blobs)
    assert [len(row) for row in display.axes_] == [1, 2, 3]
    assert len(display.density_lines_) == 3
    assert len(display.ellipses_) == 3 * 3 * 2
    alone = MixtureDisplay.from_estimator(fitted, blobs, features=[0, 2])
    below = display.axes_[2][0]
    np.testing.assert_allclose(below.get_xlim(), alone.ax_.get_xlim(), rtol=0.1)
    matrix_rows = [c.get_offsets() for c in below.collections]
    for found, wanted in zip(matrix_rows, alone.scatters_, strict=False):
        np.testing.assert_allclose(found, wanted.get_offsets())
    for i, row in enumerate(display.axes_):
        for j, ax in enumerate(row[:i]):
            assert ax.get_xlim() == display.axes_[j][j].get_xlim()


def test_marginals_of_the_matrix_hold_one(fitted, blobs):
    for drawn in MixtureDisplay.from_estimator(fitted, blobs).density_lines_:
        x, density = drawn.get_data()
        assert trapezoid(density, x) == pytest.approx(1, abs=5e-3)


def test_of_many_features_those_that_differ_are_shown():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 9))
    X[:150, [1, 3, 4, 5, 6, 8]] += 6
    gm = GaussianMixture(2, covariance_type="diag", random_state=0).fit(X)
    view = MixtureView.of(gm, X)
    assert view.feature_names == ("x2", "x4", "x5", "x6", "x7", "x9")
    assert "6 of 9 features" in view.note
    assert MixtureView.of(gm, X, features=range(9)).n_features == 9


def test_a_matrix_fits_into_the_place_of_an_axes(fitted, blobs):
    figure = Figure()
    for ax in (figure.add_subplot(1, 2, 1), figure.add_axes([0.6, 0.1, 0.3, 0.8])):
        place = ax.get_position()
        display = MixtureDisplay.from_estimator(fitted, blobs, ax=ax)
        assert display.ax_ is ax
        for row in display.axes_:
            for panel in row:
                box = panel.get_position()
                assert place.x0 - 1e-9 <= box.x0 < box.x1 <= place.x1 + 1e-9
                assert place.y0 - 1e-9 <= box.y0 < box.y1 <= place.y1 + 1e-9


# ---- rows


def test_rows_with_a_missing_coordinate_are_left_out_and_said(fitted, blobs):
    X = blobs.copy()
    X[:10, 0] = X[5:20, 2] = np.nan
    pair = MixtureDisplay.from_estimator(fitted, X, features=[0, 1])
    assert sum(len(rows.get_offsets()) for rows in pair.scatters_) == 170
    whole = ~np.isnan(X[:, :2]).any(axis=1)
    for k, rows in enumerate(pair.scatters_):
        np.testing.assert_array_equal(
            rows.get_offsets(), X[whole & (fitted.predict(X) == k)][:, :2]
        )
    assert pair.note_.get_text() == "10 rows with a missing value not shown"
    matrix = MixtureDisplay.from_estimator(fitted, X)
    assert "20 rows incomplete" in matrix.note_.get_text()
    shown = [sum(len(rows.get_offsets()) for rows in ax.collections) for ax in
             (matrix.axes_[1][0], matrix.axes_[2][0], matrix.axes_[2][1])]  # fmt: skip
    assert shown == [170, 160, 165]
    assert MixtureDisplay.from_estimator(fitted, blobs).note_ is None


def test_large_data_are_sampled_and_it_is_said(fitted, blobs):
    X = np.repeat(blobs, 10, axis=0)
    display = MixtureDisplay.from_estimator(fitted, X, features=[0, 1], max_rows=300)
    assert sum(len(rows.get_offsets()) for rows in display.scatters_) == 300
    assert display.note_.get_text() == "300 of 1,800 rows, drawn at random"
    again = MixtureDisplay.from_estimator(fitted, X, features=[0, 1], max_rows=300)
    np.testing.assert_array_equal(again.view.X, display.view.X)
    assert len(MixtureView.of(fitted, X, max_rows=None).X) == 1800
    shares = np.bincount(display.view.labels, minlength=3) / 300
    np.testing.assert_allclose(shares, 1 / 3, atol=0.1)


def test_rows_of_weight_zero_are_left_out(fitted, blobs):
    weights = np.repeat([1.0, 0.0], 90)
    view = MixtureView.of(fitted, blobs, sample_weight=weights)
    np.testing.assert_array_equal(view.X, blobs[:90])


def test_a_scaled_model_is_drawn_in_units_of_the_data(blobs):
    scaling = Scaling(np.array([5.0, 0.0, -3.0]), np.array([10.0, 1.0, 0.1]))
    gm = GaussianMixture(3, random_state=0).fit(blobs)
    model = gm.to_model(scaling)
    X = scaling.original(blobs)
    display = MixtureDisplay.from_model(model, X, features=[0, 1])
    np.testing.assert_allclose(display.view.resp, gm.predict_proba(blobs), atol=1e-9)
    np.testing.assert_allclose(display.view.parameters.means[:, 0], 5 + 10 * gm.means_[:, 0])
    assert (np.abs(X[:, 0]).max() + 30) > display.ax_.get_xlim()[1] > X[:, 0].max()


def test_a_model_alone(fitted):
    display = MixtureDisplay.from_model(fitted.to_model(), features=[0, 1])
    assert display.scatters_ == []
    assert len(display.ellipses_) == 6


def test_features_in_any_order(fitted, blobs):
    view = MixtureView.of(fitted, blobs).of_features(2, 0)
    np.testing.assert_array_equal(view.X, blobs[:, [2, 0]])
    np.testing.assert_array_equal(view.parameters.means, fitted.means_[:, [2, 0]])
    assert view.feature_names == ("x3", "x1")
    turned = MixtureView.of(fitted, blobs, features=[2, 1, 0])
    np.testing.assert_array_equal(turned.parameters.means, fitted.means_[:, ::-1])


def test_frames_are_taken_by_name(blobs):
    frame = pd.DataFrame(blobs, columns=["a", "price in $", "c"])
    gm = GaussianMixture(3, random_state=0).fit(frame)
    shuffled = frame[["c", "a", "price in $"]]
    display = MixtureDisplay.from_estimator(gm, shuffled, features=["price in $", "a"])
    np.testing.assert_array_equal(display.view.X, frame[["price in $", "a"]].to_numpy())
    assert display.ax_.get_xlabel() == r"price in \$"


def test_all_that_is_fitted_can_be_drawn(fitted, blobs):
    selector = GaussianMixtureSelector([3], covariance_type="full", random_state=0).fit(blobs)
    theirs = SklearnMixture(3, random_state=0).fit(blobs)
    for estimator in (selector, theirs, fitted):
        assert MixtureDisplay.from_estimator(estimator, blobs).view.X.shape == blobs.shape


def test_names_of_components(fitted, blobs):
    names = ["a", "b", "c"]
    display = MixtureDisplay.from_estimator(fitted, blobs, features=[0, 1], component_names=names)
    assert [text.get_text() for text in display.mean_labels_] == names
    told = Mixture.from_parameters(fitted.mixture_.parameters, component_names=("a", None, "c"))
    assert MixtureView.of(told).component_names == ("a", "1", "c")


def test_a_component_of_weight_zero_is_not_drawn(fitted, blobs):
    parameters = fitted.mixture_.parameters.replaced(weights=np.array([0.5, 0.0, 0.5]))
    display = MixtureDisplay.from_model(MixtureModel(parameters), blobs, features=[0, 1])
    assert [text.get_text() for text in display.mean_labels_] == ["0", "2"]


def test_many_components_have_room(tmp_path):
    structure, rng = covariance_structure("spherical"), np.random.default_rng(0)
    covariances = np.ones(structure.form.shape(40, 2))
    means = rng.uniform(0, 99, (40, 2))
    parameters = Parameters(np.full(40, 1 / 40), means, covariances, structure)
    display = MixtureDisplay(MixtureView.of(MixtureModel(parameters)))
    display.save(tmp_path / "many.png", dpi=30)
    width, _ = display.figure_.get_size_inches()
    assert width > MixtureDisplay.size[0] + 2
    assert len(display.mean_labels_) == 40
    line = MixtureDisplay.from_model(MixtureModel(parameters), features=[0])
    assert line.mean_labels_ == []


# ---- what cannot be


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("features", {"features": ["nothing"]}),
        ("features", {"features": [3]}),
        ("features", {"features": [-1]}),
        ("features", {"features": [0, 0]}),
        ("features", {"features": []}),
        ("max_rows", {"max_rows": 0}),
        ("component_names", {"component_names": ["a"]}),
        ("sample_weight", {"sample_weight": [1.0]}),
        ("assignment", {"assignment": "harder"}),
        ("sigmas", {"sigmas": [0, 1]}),
        ("sigmas", {"sigmas": "two"}),
        ("contours", {"contours": [0.5, 1.0]}),
        ("bins", {"bins": 0}),
    ],
)
def test_errors_name_the_parameter(fitted, blobs, name, options):
    with pytest.raises(BadInputError) as caught:
        MixtureDisplay.from_estimator(fitted, blobs, **options)
    assert caught.value.name == name


def test_other_estimators_are_refused(blobs):
    with pytest.raises(BadInputError, match="GaussianMixture"):
        MixtureDisplay.from_estimator(object(), blobs)


@pytest.mark.parametrize("n_rows", [1, 2, 10])
def test_few_rows(fitted, blobs, n_rows):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for features in ([0], [0, 1], None):
            MixtureDisplay.from_estimator(fitted, blobs[:n_rows], features=features)
