"""For everyone: axe finds nothing, the keyboard does everything, narrow windows show all."""

from __future__ import annotations

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import Calculator
from playwright.sync_api import expect

TABS = ["Parameters", "EM steps", "Choose K", "Rows", "New rows", "K-means"]
SIZES = {"wide": (1440, 900), "narrow": (360, 740)}


def check(calculator: Calculator, part: str | None = None) -> None:
    """axe finds nothing, on the page or in a part of it; and nothing stands out to the right."""
    found = Axe().run(calculator.page, context=part).response["violations"]
    told = [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]
    assert told == []
    width = calculator.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, f"{width} pixels stand out"


def loaded(window, size: str, scheme: str, link: str = "") -> Calculator:
    width, height = SIZES[size]
    viewport = {"width": width, "height": height}
    calculator = window(viewport=viewport, color_scheme=scheme, reduced_motion="reduce").open(link)
    calculator.page.get_by_role("heading", name="Questions and answers").wait_for()
    return calculator


@pytest.mark.parametrize(
    ("size", "scheme"),
    [("wide", "light"), pytest.param("narrow", "dark", marks=pytest.mark.slow)],
)
def test_the_page_and_its_tabs(window, size, scheme):
    calculator = loaded(window, size, scheme)
    calculator.more()
    check(calculator)
    for name in TABS[1:]:
        calculator.tab(name)
        check(calculator, "[aria-labelledby=results]")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("example", ["sample", "iris", "heights", "sensors"])
def test_examples_in_every_dress(window, size, scheme, example):
    calculator = loaded(window, size, scheme, f"#example={example}")
    calculator.more()
    calculator.field("Tolerance").fill("abc")
    for name in calculator.page.get_by_role("tab").all_inner_texts():
        calculator.tab(name)
        check(calculator)


def test_errors_and_searches(window):
    calculator = loaded(window, "narrow", "light")
    panel = calculator.tab("Choose K")
    panel.get_by_role("textbox", name="Components").fill("1-3")
    panel.get_by_role("button", name="Search").click()
    check(calculator, "[aria-labelledby=results]")
    expect(panel.get_by_role("progressbar")).to_have_count(0)
    expect(panel).to_contain_text("(best)")
    check(calculator, "[aria-labelledby=results]")
    calculator.cell(2, "X1").fill("oops")
    calculator.field("Tolerance").fill("abc")
    panel.get_by_role("textbox", name="Components").fill("x")
    calculator.button("Calculate").click()
    expect(calculator.cell(2, "X1")).to_be_focused()
    check(calculator, "main")


def tab_to(calculator: Calculator, name: str, most: int = 150) -> None:
    """Press the tab key until the focus is on what has that name."""
    keyboard = calculator.page.keyboard
    active = "(document.activeElement.labels?.[0] ?? document.activeElement)"
    for _ in range(most):
        keyboard.press("Tab")
        name_now = calculator.page.evaluate(
            f"document.activeElement.ariaLabel ?? {active}.innerText"
        )
        if (name_now or "").strip() == name:
            return
    raise AssertionError(f"{name} is not reached")


def test_the_keyboard_alone(window):
    calculator = window().open()
    keyboard = calculator.page.keyboard
    keyboard.press("Tab")
    expect(calculator.page.get_by_text("Skip to the calculator")).to_be_focused()
    keyboard.press("Enter")
    tab_to(calculator, "Old Faithful")
    with calculator.fitted():
        keyboard.press("Enter")
    tab_to(calculator, "New table")
    keyboard.press("Enter")
    tab_to(calculator, "Row 1, x1")
    for row in ["1", "1.5", "5", "5.5", "1.2", "5.1"]:
        keyboard.type(row)
        keyboard.press("Tab")
        keyboard.type(row)
        keyboard.press("Tab")
    keyboard.press("Escape")
    tab_to(calculator, "Components K")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowDown")
    tab_to(calculator, "Calculate")
    with calculator.fitted():
        keyboard.press("Enter")
    tab_to(calculator, "JSON")
    keyboard.press("Enter")
    expect(calculator.results.get_by_role("status")).to_contain_text("Copied: the result as JSON")
    told = json.loads(calculator.clipboard())
    assert told["data"]["n_samples"] == 6
    tab_to(calculator, "Parameters")
    keyboard.press("ArrowRight")
    expect(calculator.page.get_by_role("tab", name="EM steps")).to_be_focused()
    expect(calculator.page.get_by_role("tabpanel", name="EM steps")).to_be_visible()
    keyboard.press("Home")
    tab_to(calculator, "as matrices")
    keyboard.press("ArrowDown")
    expect(calculator.results).to_contain_text("Standard deviations")


def test_what_happens_is_said(calculator: Calculator):
    said = calculator.page.get_by_role("status")
    expect(said.filter(has_text=re.compile("^Converged after 5 iterations"))).to_have_count(1)
    expect(said.filter(has_text="The result is ready.")).to_have_count(1)
    calculator.button("Python").click()
    expect(said.filter(has_text="Copied: Python code")).to_have_count(1)
