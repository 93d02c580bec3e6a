"""Rows: the least likely, the one that is pointed at, K-means, rows drawn, and new ones."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from driving import Calculator
from library import fit
from playwright.sync_api import Locator, expect

from bactrian import load_model


@pytest.fixture
def geyser(window) -> Calculator:
    return window().open("#example=faithful&n_components=2")


@pytest.fixture(scope="module")
def model(faithful):
    return fit(faithful, n_components=2)


def table_in(text: str) -> tuple[list[str], np.ndarray]:
    head, *lines = csv.reader(io.StringIO(text))
    return head, np.array(lines, float)


def test_the_least_likely_rows(geyser: Calculator, model, faithful):
    densities = model.score_samples(faithful)
    panel = geyser.tab("Rows")
    slider = panel.get_by_role("slider", name="Share of the rows")
    for key, part in (("PageDown", None), ("End", 1), ("Home", 0)):
        slider.press(key)
        reached = float(slider.input_value()) / float(slider.get_attribute("max"))
        assert part is None or reached == part
        share = (1 / 272) ** (1 - reached) * 0.5**reached
        threshold = np.sort(densities)[max(1, round(share * len(faithful))) - 1]
        n_rows = int(np.sum(densities <= threshold))
        expect(panel).to_contain_text(re.compile(rf"\b{n_rows} rows? of 272 with a log-density"))
        expect(slider).to_have_attribute("aria-valuetext", re.compile("%"))
    threshold = panel.get_by_label("or log-density up to")
    threshold.fill("-6")
    threshold.press("Enter")
    below = int(np.sum(densities <= -6))
    expect(panel).to_contain_text(re.compile(rf"\b{below} rows of 272"))
    expect(geyser.picture).to_contain_text(f"{below} rows shown here have a log-density below")
    head, rows = table_in(geyser.copied("Copy as CSV", panel))
    assert head == ["row", "log_density", "eruptions", "waiting", "probability_1", "probability_2"]
    order = np.argsort(densities, kind="stable")[:below]
    np.testing.assert_array_equal(rows[:, 0], order + 1)
    np.testing.assert_allclose(rows[:, 1], densities[order], rtol=1e-12)
    np.testing.assert_allclose(rows[:, 4:], model.predict_proba(faithful[order]), atol=1e-12)
    first = panel.get_by_role("region", name="The least likely rows").get_by_role("button").first
    first.click()
    expect(panel.get_by_label("Row", exact=True)).to_have_value(str(order[0] + 1))


def shares(panel: Locator) -> list[float]:
    bars = panel.get_by_role("definition").locator("span[title]")
    return [float(title) for title in bars.evaluate_all("all => all.map(one => one.title)")]


def test_the_row_under_the_pointer(geyser: Calculator, model, faithful, tmp_path):
    panel = geyser.tab("Rows")
    geyser.grid.get_by_role("rowheader", name="3", exact=True).hover()
    expect(panel.get_by_label("Row", exact=True)).to_have_value("3")
    np.testing.assert_allclose(shares(panel), model.predict_proba(faithful[2:3])[0], atol=1e-9)
    geyser.chart.press("ArrowRight")
    geyser.chart.press("ArrowRight")
    expect(panel.get_by_label("Row", exact=True)).to_have_value("5")
    expect(geyser.picture.get_by_text("Row 5, ")).to_have_count(1)
    panel.get_by_label("Row", exact=True).fill("21")
    expect(panel).to_contain_text("of 272")
    np.testing.assert_allclose(shares(panel), model.predict_proba(faithful[20:21])[0], atol=1e-9)


def test_a_point_of_the_picture_under_the_mouse(calculator: Calculator):
    panel = calculator.tab("Rows")
    box = calculator.chart.bounding_box()
    assert box is not None
    for across in np.linspace(0.05, 0.5, 40):  # along the lower left, where three rows lie
        for up in (0.95 - 0.9 * across, 0.88 - 0.9 * across):
            calculator.chart.hover(
                position={"x": across * box["width"], "y": up * box["height"]}, force=True
            )
            if calculator.picture.get_by_text(re.compile(r"^Row \d$")).count():
                told = calculator.picture.get_by_text(re.compile(r"^Row \d$")).inner_text()
                number = told.removeprefix("Row ")
                expect(panel.get_by_label("Row", exact=True)).to_have_value(number)
                return
    raise AssertionError("no row was found under the mouse")


def test_kmeans_beside_it(geyser: Calculator, faithful):
    panel = geyser.tab("K-means")
    expect(panel.get_by_role("application")).to_have_count(1)
    rows = geyser.table("Centres of K-means")
    assert sum(row[0].value for row in rows) == len(faithful)
    centres = np.array([[figure.value for figure in row[1:]] for row in rows])
    nearest = ((faithful[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    for k, centre in enumerate(centres):  # a fixed point of Lloyd's iteration
        np.testing.assert_allclose(faithful[nearest == k].mean(axis=0), centre, rtol=1e-9)
        assert rows[k][0].value == np.sum(nearest == k)


def test_rows_are_drawn(geyser: Calculator, tmp_path):
    path = geyser.downloaded(geyser.results.get_by_role("link", name="Model"), tmp_path)
    X, y = load_model(path).sample(50, 7)
    panel = geyser.tab("New rows")
    panel.get_by_label("Rows", exact=True).fill("50")
    panel.get_by_label("Seed").fill("7")
    panel.get_by_role("button", name="Draw").click()
    over = re.compile("Over them 50 rows drawn from the mixture, hollow")
    expect(geyser.chart).to_have_accessible_name(over)
    expect(geyser.picture).to_contain_text("50 rows drawn from the mixture")
    head, rows = table_in(geyser.copied("Copy as CSV", panel))
    assert head == ["eruptions", "waiting", "component"]
    np.testing.assert_array_equal(rows[:, :2], X)
    np.testing.assert_array_equal(rows[:, 2], y + 1)
    file = geyser.downloaded(panel.get_by_role("button", name="Download CSV"), tmp_path)
    np.testing.assert_array_equal(table_in(file.read_text())[1], rows)
    geyser.replay.press("Home")
    expect(geyser.chart).not_to_have_accessible_name(over)  # they are not of this mixture
    geyser.replay.press("End")
    expect(geyser.chart).to_have_accessible_name(over)
    geyser.button("Take away").click()
    expect(geyser.chart).not_to_have_accessible_name(over)
    expect(geyser.button("Copy as CSV", panel)).to_have_count(0)


def test_drawn_rows_go_with_the_mixture_they_are_of(calculator: Calculator):
    panel = calculator.tab("New rows")
    panel.get_by_role("button", name="Draw").click()
    expect(calculator.picture).to_contain_text("200 rows drawn from the mixture")
    calculator.calculate()
    expect(calculator.picture).not_to_contain_text("drawn from the mixture")


def test_new_rows_are_evaluated(geyser: Calculator, model):
    panel = geyser.tab("New rows")
    panel.get_by_label(re.compile("^Rows of eruptions, waiting")).fill(
        "3.5, 70\n2, 50\n5 100\nNA 60"
    )
    panel.get_by_role("button", name="Evaluate").click()
    expect(panel).to_contain_text("4 rows")
    told = panel.get_by_role("region", name="What the mixture says of the rows")
    expect(told.get_by_role("row")).to_have_count(5)
    first = told.get_by_role("row").nth(1)  # the answer comes before what was asked
    expect(first).to_contain_text(re.compile(rf"^\s*1\s*{model.predict([[3.5, 70]])[0] + 1}\s*\("))
    lines = geyser.copied("Copy as CSV", panel).splitlines()
    rows = np.array([line.split(",") for line in lines[1:4]], float)
    X = np.array([[3.5, 70], [2, 50], [5, 100]])
    np.testing.assert_allclose(rows[:, 2], model.score_samples(X), rtol=1e-12)
    np.testing.assert_array_equal(rows[:, 3], model.predict(X) + 1)
    np.testing.assert_allclose(rows[:, 4:], model.predict_proba(X), atol=1e-12)
    assert lines[4].startswith(",60,")
    area = panel.get_by_label(re.compile("^Rows of eruptions, waiting"))
    area.fill("1, 2, 3")
    expect(area).to_have_attribute("aria-invalid", "true")
    expect(panel.get_by_role("button", name="Evaluate")).to_be_disabled()
