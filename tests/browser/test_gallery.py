"""The gallery and the explanation: what they load is calculated, and complains of nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from driving import Calculator
from playwright.sync_api import expect

SOURCES = Path(__file__).parents[2] / "frontend" / "src" / "help"
DEMONSTRATIONS = json.loads((SOURCES / "demonstrations.json").read_text())
EXAMPLES = {
    "Six points": (2, 2),
    "Customer segments": (2, 2),
    "Sensor readings with anomalies": (None, 2),
    "Heights of two groups": (None, 1),
    "Iris flowers": (3, 2),
    "Two normals in one dimension": (2, 1),
    "Old Faithful": (None, 2),
    "Where K-means fails": (None, 2),
}


def test_each_example_is_calculated(calculator: Calculator):
    gallery = calculator.page.get_by_role("region", name="Examples", exact=True)
    assert gallery.get_by_role("button").all_inner_texts() == list(EXAMPLES)
    for title, (k, dimensions) in EXAMPLES.items():
        button = gallery.get_by_role("button", name=title)
        with calculator.fitted():
            button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        assert "Converged" in calculator.status()
        weights, means = calculator.parameters()
        np.testing.assert_allclose(weights.sum(), 1, atol=0.06)  # noise has its own weight
        assert means.shape == (len(weights) if k is None else k, dimensions)
        expect(calculator.chart).to_have_accessible_name(
            re.compile(f"with {len(means)} components")
        )
        expect(calculator.results.get_by_role("alert")).to_have_count(0)


def test_what_was_typed_is_kept_when_an_example_is_loaded(calculator: Calculator):
    calculator.cell(1, "X1").fill("1.3")
    calculator.example("Old Faithful")
    expect(calculator.data).to_contain_text("272 rows")
    calculator.button("Bring back my data").click()
    expect(calculator.cell(1, "X1")).to_have_value("1.3")


def explanation(calculator: Calculator):
    help = calculator.page.get_by_role("region", name="How it works")
    help.get_by_role("heading", name="Questions and answers").wait_for()
    return help


def test_the_explanation_is_there_with_its_mathematics(calculator: Calculator):
    help = explanation(calculator)
    assert help.get_by_role("math").count() > 30
    contents = help.get_by_role("navigation", name="Contents of the explanation")
    for link in contents.get_by_role("link").all():
        link.click()
        heading = help.get_by_role("heading", name=link.inner_text(), exact=True)
        expect(heading).to_be_focused()
        expect(heading).to_be_in_viewport()
    assert "How to" not in calculator.page.url
    expect(help.get_by_role("table").first).to_be_visible()
    assert help.get_by_text("undefined").count() == 0


def test_worked_examples_load_themselves_and_are_interpreted(calculator: Calculator):
    help = explanation(calculator)
    section = help.get_by_role("region", name="Two worked examples")
    with calculator.fitted():
        section.get_by_role("button", name="customers").first.click()
    expect(calculator.data).to_contain_text("Customer segments")
    loglik = calculator.fact("Log-likelihood").value
    assert loglik == pytest.approx(-33.908, abs=6e-4)


def try_out(calculator: Calculator, demonstration: dict) -> None:
    help = explanation(calculator)
    for variant in demonstration["variants"]:
        button = _button(help, demonstration, variant)
        with calculator.fitted():
            button.click()
        item = button.locator("xpath=..")
        expect(item).to_contain_text("log-likelihood")
        expect(item.get_by_text("Calculating")).to_have_count(0)
        expected = variant.get("expected", {}).get("log_likelihood")
        if expected is not None:
            calculator.tab("Parameters")
            found = calculator.fact("Log-likelihood").value
            assert found == pytest.approx(expected, abs=0.006), variant


def _button(help, demonstration, variant):
    """The button of a variant; some labels stand in several demonstrations."""
    labels = [one["label"] for one in demonstration["variants"]]
    lists = help.get_by_role("list", name="Try it")
    for label in labels:
        lists = lists.filter(has=help.page.get_by_role("button", name=label, exact=True))
    return lists.first.get_by_role("button", name=variant["label"], exact=True)


def test_a_demonstration_is_loaded_by_one_click(calculator: Calculator):
    for name in ("components", "line"):
        try_out(calculator, next(one for one in DEMONSTRATIONS if one["id"] == name))


@pytest.mark.slow
@pytest.mark.parametrize("demonstration", DEMONSTRATIONS, ids=lambda one: one["id"])
def test_every_demonstration(calculator: Calculator, demonstration):
    try_out(calculator, demonstration)
