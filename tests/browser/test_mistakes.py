"""Mistakes: told beside the input that has them, led to, and nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from driving import Calculator
from playwright.sync_api import expect


def test_a_bad_cell(calculator: Calculator):
    cell = calculator.cell(3, "X2")
    cell.fill("4.8x")
    expect(cell).to_have_attribute("aria-invalid", "true")
    beside = calculator.data.get_by_role("listitem").get_by_role("button")
    expect(beside).to_have_text(re.compile("“4.8x” is not a number"))
    calculator.cell(1, "X1").focus()
    asked = []
    calculator.page.on("request", lambda request: asked.append(request.method))
    calculator.button("Calculate").click()
    expect(cell).to_be_focused()
    expect(cell).to_have_accessible_description(re.compile("is not a number"))
    expect(cell).to_have_value("4.8x")
    assert "POST" not in asked
    calculator.page.keyboard.type("4.8")
    expect(beside).to_have_count(0)
    calculator.calculate()


def test_a_bad_cell_is_gone_to_from_the_list(calculator: Calculator):
    calculator.cell(2, "X1").fill("1,234")
    calculator.cell(6, "X2").fill("∞")
    beside = calculator.data.get_by_role("listitem").get_by_role("button")
    expect(beside).to_have_count(2)
    expect(beside.first).to_contain_text("may mean 1234 or 1.234")
    beside.first.click()
    expect(calculator.cell(2, "X1")).to_be_focused()


def test_names_of_columns(calculator: Calculator):
    name = calculator.grid.get_by_role("textbox", name="Name of column 2")
    name.fill("X1")
    expect(name).to_have_attribute("aria-invalid", "true")
    calculator.button("Calculate").click()
    expect(calculator.page.get_by_text("called “X1” as well").first).to_be_attached()
    name.fill("second")
    calculator.calculate()
    expect(calculator.results.get_by_role("columnheader", name="second").first).to_be_visible()


WRONG = {
    "Components K": {
        "7": "at most 6; there are 6 rows",
        "1e3": "at most 6",
        "0": "too small",
        "": "Give a whole number",
        "2.5": "cannot be used",
        "two": "cannot be used",
    },
    "Dimensions D": {"3": "there are 2 columns of numbers", "x": "cannot be used"},
    "Maximum iterations": {"-1": "too small", "1e9": "at most 1,000,000"},
    "Tolerance": {"abc": "“abc” cannot be used", "-1": "at least 0"},
}


@pytest.mark.parametrize("name", WRONG)
def test_an_input_that_cannot_be_used(calculator: Calculator, name):
    field = calculator.field(name)
    sound = field.input_value()
    for typed, told in WRONG[name].items():
        field.fill(typed)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(re.escape(told)))
    calculator.cell(1, "X1").focus()
    calculator.page.keyboard.press("Control+Enter")
    expect(field).to_be_focused()
    expect(field).to_have_value(typed)
    calculator.cell(1, "X1").focus()
    calculator.settings.page.get_by_role("button", name=re.compile(f"^{name}: ")).click()
    expect(field).to_be_focused()
    field.fill(sound)
    expect(field).not_to_have_attribute("aria-invalid", "true")
    calculator.calculate()


def test_an_input_that_is_hidden_is_opened(calculator: Calculator):
    calculator.more()
    seed = calculator.field("Seed")
    seed.fill("x")
    calculator.more()
    expect(seed).not_to_be_visible()
    calculator.button("Calculate").click()
    expect(seed).to_be_visible()
    expect(seed).to_be_focused()


def test_what_the_server_refuses_is_told_beside_the_input(calculator: Calculator):
    calculator.cell(2, "X2").fill("")
    calculator.more()
    field = calculator.field("Missing values")
    field.select_option("error")
    with calculator.page.expect_response(lambda told: told.url.endswith("/fits")):
        calculator.button("Calculate").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("missing", re.I))
    field.select_option("em")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    calculator.calculate()


def test_too_few_rows_and_none_at_all(calculator: Calculator):
    calculator.button("New table").click()
    calculator.button("Calculate").click()
    expect(
        calculator.page.locator(".wrong").filter(has_text=re.compile("row|number")).first
    ).to_be_visible()
    calculator.cell(1, "x1").fill("1")
    calculator.cell(1, "x2").fill("2")
    k = calculator.field("Components K")
    expect(k).to_have_accessible_description(re.compile("there is 1 row|at most 1"))


def test_warnings_come_with_a_remedy(calculator: Calculator):
    warnings = calculator.results.get_by_role("list", name="Warnings")
    expect(warnings).to_contain_text("6 rows for 11 free parameters are few")
    with calculator.fitted():
        warnings.get_by_role("button", name="Try a simpler structure (tied)").click()
    assert calculator.fact("Free parameters").value == 8
