"""The search over numbers of components and structures."""

from __future__ import annotations

import re

import pytest
from driving import Calculator
from playwright.sync_api import expect

from bactrian import select_mixture

FOUR = ["full", "tied", "diag", "spherical"]


@pytest.fixture
def searched(window) -> Calculator:
    calculator = window().open("#example=faithful&n_components=1")
    panel = calculator.tab("Choose K")
    panel.get_by_role("textbox", name="Components").fill("1-4")
    panel.get_by_label("Structures").select_option("four")
    expect(panel).to_contain_text("16 fits.")
    panel.get_by_role("button", name="Search").click()
    expect(panel.get_by_role("progressbar", name="Fits done")).to_be_visible()
    expect(panel.get_by_role("progressbar", name="Fits done")).to_have_count(0)
    return calculator


def test_the_best_is_that_of_the_library_and_is_adopted(searched: Calculator, faithful):
    panel = searched.page.get_by_role("tabpanel", name="Choose K")
    settings = {"tol": 1e-4, "max_iter": 100, "acceleration": "none", "random_state": 0}
    found = select_mixture(faithful, range(1, 5), FOUR, **settings)
    best = found.best
    panel.get_by_role("button", name=re.compile("^Show all")).click()
    rows = panel.get_by_role("region", name="Candidates").get_by_role("row")
    marked = rows.filter(has_text="(best)")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text(f"{best.covariance_type} (best)")
    title = marked.locator("td[title]").first.get_attribute("title")
    assert float(title) == pytest.approx(best.bic, rel=1e-9)
    copied = [line.split("\t") for line in searched.copied("Copy all", panel).splitlines()]
    told = {(int(k), kind): float(bic) for k, kind, _, _, bic, *_ in copied[1:]}
    assert len(told) == 16
    for one in found.candidates:
        if one.bic is not None:
            assert told[one.n_components, one.covariance_type] == pytest.approx(one.bic, rel=1e-12)
    chart = panel.get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile("Best: "))
    with searched.fitted():
        marked.get_by_role("button").click()
    expect(searched.field("Components K")).to_have_value(str(best.n_components))
    searched.tab("Parameters")
    assert searched.fact("BIC").value == pytest.approx(best.bic, rel=1e-12)


def test_another_criterion_and_the_chart_by_keys(searched: Calculator):
    panel = searched.page.get_by_role("tabpanel", name="Choose K")
    panel.get_by_label("Criterion").select_option("icl")
    chart = panel.get_by_role("application")
    expect(chart).to_have_accessible_name(re.compile("^ICL of 16 mixtures"))
    chart.press("ArrowRight")
    with searched.fitted():
        chart.press("Enter")
    expect(searched.status_line).to_contain_text("Mixture of")


def test_a_range_that_is_none_is_told(calculator: Calculator):
    panel = calculator.tab("Choose K")
    panel.get_by_role("textbox", name="Components").fill("3-1")
    expect(panel).to_contain_text("Numbers from 1 to 50")
    expect(panel.get_by_role("button", name="Search")).to_be_disabled()


def test_a_search_is_cancelled(window):
    calculator = window().open("#example=sensors")
    panel = calculator.tab("Choose K")
    panel.get_by_role("textbox", name="Components").fill("1-30")
    panel.get_by_label("Structures").select_option("fourteen")
    panel.get_by_role("button", name="Search").click()
    expect(panel.get_by_role("region", name="Candidates")).to_be_visible()
    panel.get_by_role("button", name="Cancel").click()
    expect(panel.get_by_role("button", name="Search")).to_be_visible()
    assert panel.get_by_role("region", name="Candidates").get_by_role("row").count() > 1
