"""Convergence, criteria and uncertainty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from bactrian import (
    BadInputError,
    GaussianMixture,
    GaussianMixtureSelector,
    MixtureModel,
    select_mixture,
)
from bactrian.plotting import ConvergenceDisplay, CriterionDisplay, UncertaintyDisplay
from bactrian.selection.search.candidates import CandidateTable


@pytest.fixture(scope="module")
def selection(blobs):
    return select_mixture(blobs[:, :2], [1, 2, 3, 4], ["full", "EII", "VEV"], random_state=0)


# ---- convergence


def test_the_trace_is_drawn(fitted):
    display = ConvergenceDisplay.from_estimator(fitted)
    x, y = display.line_.get_data()
    np.testing.assert_array_equal(x, np.arange(fitted.n_iter_ + 1))
    np.testing.assert_array_equal(y, fitted.fit_report_.trace)
    assert "converged" in display.end_.get_label()
    assert display.ax_.get_ylabel() == "mean log-likelihood, nats a row"
    model = ConvergenceDisplay.from_model(fitted.to_model())
    np.testing.assert_array_equal(model.line_.get_ydata(), y)


def test_the_gain_is_what_is_left(fitted):
    display = ConvergenceDisplay.from_estimator(fitted, scale="gain")
    report, gains = fitted.fit_report_, display.line_.get_ydata()
    assert display.ax_.get_yscale() == "log"
    top = report.trace[-1] + report.certificate.gain_to_come
    kept = np.isfinite(gains)
    np.testing.assert_allclose(gains[kept], (top - np.array(report.trace))[kept])
    assert kept[:-2].all()
    assert (gains[kept] > 0).all()


def test_a_prior_is_said(blobs):
    gm = GaussianMixture(3, prior="default", random_state=0).fit(blobs)
    display = ConvergenceDisplay.from_estimator(gm)
    assert "log-posterior" in display.ax_.get_ylabel()


def test_starts_of_a_table(tmp_path):
    path = tmp_path / "trace.csv"
    rows = ["start,iteration,log_likelihood,lower_bound,gain"]
    rows += [f"1,{i},0,{-1 / i},0" for i in range(1, 6)]
    rows += [f"2,{i},0,{-0.5 / i},0" for i in range(1, 9)]
    rows += [f"2,{i},0,{-3 / i},0" for i in range(1, 4)]  # a second run of the start
    path.write_text("\n".join(rows))
    display = ConvergenceDisplay.from_table(path)
    np.testing.assert_allclose(display.line_.get_ydata(), -0.5 / np.arange(1, 9))
    assert [len(line.get_xdata()) for line in display.other_lines_] == [5, 3]


def test_models_without_a_trace_are_refused(fitted):
    with pytest.raises(BadInputError, match="trace"):
        ConvergenceDisplay.from_model(MixtureModel(fitted.mixture_.parameters))
    with pytest.raises(BadInputError, match="scale"):
        ConvergenceDisplay.from_estimator(fitted, scale="loud")


# ---- criteria


@pytest.mark.parametrize("criterion", ["bic", "aic", "icl"])
def test_the_best_is_marked(selection, criterion):
    display = CriterionDisplay.from_selection(selection, criterion=criterion)
    (mark,), (best,) = display.best_marks_, display.best_
    least = min(selection.candidates, key=lambda row: getattr(row, criterion))
    assert best is least
    assert mark.get_data() == ([least.n_components], [getattr(least, criterion)])
    assert f"{least.n_components} {least.covariance_type}" in display.ax_.get_title()


def test_every_candidate_has_its_point(selection):
    display = CriterionDisplay.from_selection(selection)
    (lines,) = display.lines_
    assert list(lines) == ["full", "EII", "VEV"]
    points = {
        (int(k), name): value for name, line in lines.items() for k, value in line.get_xydata()
    }
    assert points == {row.pair: row.bic for row in selection.candidates}


@pytest.mark.parametrize("sign", ["lower", "mclust"])
def test_differences_to_the_best(selection, sign):
    display = CriterionDisplay.from_selection(selection, sign=sign).plot(scale="difference")
    (lines,), (mark,) = display.lines_, display.best_marks_
    assert mark.get_ydata() == [0.0]
    found = np.concatenate([line.get_ydata() for line in lines.values()])
    values = [row.bic for name in lines for row in selection.candidates
              if row.covariance_type == name]  # fmt: skip
    np.testing.assert_allclose(found, np.array(values) - min(values))
    with pytest.raises(BadInputError, match="scale"):
        display.plot(scale="log")


def test_several_criteria_and_the_sign_of_mclust(selection):
    display = CriterionDisplay.from_selection(selection, criterion=["bic", "icl"], sign="mclust")
    assert len(display.axes_) == 2
    for criterion, mark, ax in zip(
        ("bic", "icl"), display.best_marks_, display.axes_, strict=True
    ):
        highest = -min(getattr(row, criterion) for row in selection.candidates)
        assert mark.get_ydata()[0] == highest
        assert "higher is better" in ax.get_ylabel()


def test_failures_are_missing_and_the_collapsed_are_not_best(selection):
    rows = list(selection.candidates)
    order = sorted(range(len(rows)), key=lambda i: rows[i].bic)
    rows[order[0]] = replace(rows[order[0]], collapsed=True)
    rows[order[1]] = replace(rows[order[1]], bic=None, failure="it failed")
    display = CriterionDisplay.from_selection(CandidateTable(tuple(rows), "bic"))
    assert display.best_ == [rows[order[2]]]
    (lines,) = display.lines_
    values = np.concatenate([line.get_ydata() for line in lines.values()])
    assert np.isnan(values).sum() == 1
    assert "collapsed" in [text.get_text() for text in display.legend_.get_texts()]


def test_a_selector_is_drawn_once_it_is_fitted(blobs):
    selector = GaussianMixtureSelector([1, 2], covariance_type="diag", random_state=0)
    with pytest.raises(BadInputError, match="not fitted"):
        CriterionDisplay.from_estimator(selector)
    display = CriterionDisplay.from_estimator(selector.fit(blobs))
    assert display.best_[0].pair == (selector.n_components_, "diag")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("criterion", {"criterion": "best"}),
        ("criterion", {"criterion": "cv"}),
        ("criterion", {"criterion": []}),
        ("sign", {"sign": "other"}),
    ],
)
def test_errors_of_criteria(selection, name, options):
    with pytest.raises(BadInputError) as caught:
        CriterionDisplay.from_selection(selection, **options)
    assert caught.value.name == name


def test_something_else_is_no_selection():
    with pytest.raises(BadInputError, match="select_mixture"):
        CriterionDisplay.from_selection([1, 2])


# ---- uncertainty


def test_the_unsure_are_large_and_dark(fitted, blobs):
    display = UncertaintyDisplay.from_estimator(fitted, blobs, features=[0, 1])
    order = np.argsort(fitted.uncertainty(blobs), kind="stable")
    points = display.scatter_.get_offsets()
    np.testing.assert_allclose(points, blobs[order][:, :2])
    assert (np.diff(display.scatter_.get_sizes()) >= 0).all()
    lightness = display.scatter_.get_facecolors()[:, :3].sum(axis=1)
    assert (np.diff(lightness) <= 0).all()
    assert len(display.ellipses_) == 3


def test_sorted_curve(fitted, blobs):
    display = UncertaintyDisplay.from_estimator(fitted, blobs, kind="sorted")
    x, y = display.line_.get_data()
    np.testing.assert_allclose(y, np.sort(fitted.uncertainty(blobs)), atol=1e-15)
    assert (x[0] + x[-1]) == pytest.approx(100)
    assert display.ax_.get_ylim()[1] == pytest.approx(2 / 3)


def test_one_feature(fitted, blobs):
    display = UncertaintyDisplay.from_estimator(fitted, blobs, features="x2")
    found = np.asarray(display.scatter_.get_offsets())
    expected = np.column_stack([blobs[:, 1], fitted.uncertainty(blobs)])
    order = np.argsort(expected[:, 1], kind="stable")
    np.testing.assert_allclose(found, expected[order], atol=1e-15)


def test_of_three_features_the_two_that_differ(fitted, blobs):
    display = UncertaintyDisplay.from_estimator(fitted, blobs)
    assert display.view.feature_names == ("x1", "x2")
    assert "2 of 3 features" in display.note_.get_text()


def test_errors_of_uncertainty(fitted, blobs):
    for name, options in (("features", {"features": [0, 1, 2]}), ("kind", {"kind": "other"})):
        with pytest.raises(BadInputError) as caught:
            UncertaintyDisplay.from_estimator(fitted, blobs, **options)
        assert caught.value.name == name
    with pytest.raises(BadInputError, match="X must be"):
        UncertaintyDisplay.from_estimator(fitted, None)


# ---- where


DRAW = {
    "convergence": lambda ax, gm, X, found: ConvergenceDisplay.from_estimator(gm, ax=ax),
    "criteria": lambda ax, gm, X, found: CriterionDisplay.from_selection(found, ax=ax),
    "uncertainty": lambda ax, gm, X, found: UncertaintyDisplay.from_estimator(gm, X, ax=ax),
}
PLACES = {
    "figure": lambda figure: figure,
    "subfigure": lambda figure: figure.subfigures(1, 2)[1],
    "axes": lambda figure: figure.add_subplot(2, 2, 3),
}


@pytest.mark.parametrize("kind", DRAW)
@pytest.mark.parametrize("of", PLACES)
def test_places(fitted, blobs, selection, kind, of):
    figure = Figure()
    place = PLACES[of](figure)
    display = DRAW[kind](place, fitted, blobs, selection)
    assert (display.ax_ if of == "axes" else display.figure_) is place
    assert display.ax_ in figure.axes
