"""Links bring back settings and data, and say what they cannot."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import expect


def test_a_link_brings_back_settings_data_and_result(calculator, window):
    calculator.cell(2, "X1").fill("1.75")
    calculator.field("Tolerance").fill("1e-7")
    calculator.more()
    calculator.field("Seed").fill("5")
    calculator.calculate()
    link = calculator.copied("Copy link")
    expect(calculator.page.get_by_text("it brings back settings and data")).to_be_visible()
    assert link.startswith(calculator.address)
    other = window().open(link.removeprefix(calculator.address).removeprefix("/"))
    expect(other.cell(2, "X1")).to_have_value("1.75")
    expect(other.field("Tolerance")).to_have_value("1e-7")
    other.more()
    expect(other.field("Seed")).to_have_value("5")
    for mine, theirs in zip(calculator.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert other.copied("Copy link") == link
    with other.fitted():  # the address itself is the link
        other.page.reload()
    np.testing.assert_array_equal(other.parameters()[1], calculator.parameters()[1])


def test_a_link_that_is_broken_is_told_of_and_the_rest_counts(window):
    calculator = window().open("#n_components=3&colour=red&noise=perhaps&columns=X1,Z")
    banner = calculator.page.get_by_role("alert").filter(has_text="could not be read")
    for part in ["colour=red", "noise=perhaps", "a column that is not there: Z"]:
        expect(banner).to_contain_text(part)
    expect(calculator.field("Components K")).to_have_value("3")
    expect(calculator.field("Dimensions D")).to_have_value("1")
    calculator.button("Close").click()
    expect(banner).to_have_count(0)


def test_a_link_with_a_wrong_setting_tells_it_beside_its_input(window):
    calculator = window()
    calculator.page.goto(f"{calculator.address}/#example=sample&n_components=seven")
    k = calculator.field("Components K")
    expect(k).to_have_value("seven")
    expect(k).to_have_attribute("aria-invalid", "true")
    expect(k).to_be_focused()


def test_a_link_with_axes_that_are_not_there_tells_it(window):
    calculator = window().open("#example=iris&axes=petal%20length,colour")
    banner = calculator.page.get_by_role("alert").filter(has_text="The link shows")
    expect(banner).to_contain_text("“petal length”, “colour”")
    expect(calculator.chart).to_have_accessible_name(re.compile("of sepal length and sepal width"))


def test_a_link_to_a_file_that_is_forgotten_asks_for_it(window, heard, tmp_path):
    heard.expect("404")
    calculator = window()
    link = "#dataset=forgotten-one&file=visits.csv&columns=b&n_components=3&seed=5"
    calculator.page.goto(f"{calculator.address}/{link}")
    expect(calculator.page.get_by_role("alert").filter(has_text="“visits.csv”")).to_be_visible()
    expect(calculator.field("Components K")).to_have_value("3")
    expect(calculator.field("Components K")).not_to_have_attribute("aria-invalid", "true")
    expect(calculator.results).to_contain_text("Nothing is fitted yet")
    path = tmp_path / "visits.csv"
    rows = np.random.default_rng(0).normal(size=(3000, 2)).round(3)
    np.savetxt(path, rows, delimiter=",", header="a,b", comments="", fmt="%.3f")
    with calculator.fitted():
        calculator.upload(path)
    expect(calculator.page.get_by_role("alert").filter(has_text="visits.csv")).to_have_count(0)
    expect(calculator.field("Dimensions D")).to_have_value("1")
    weights, _ = calculator.parameters()
    assert len(weights) == 3
    # The address is a link to the file now, by its name as well.
    assert "file=visits.csv" in calculator.page.evaluate("location.hash")


def test_back_and_forward(calculator):
    page = calculator.page
    with calculator.fitted():
        page.goto(f"{calculator.address}/#example=sample&n_components=1")
    with calculator.fitted():
        page.goto(f"{calculator.address}/#example=faithful&n_components=3")
    expect(calculator.data).to_contain_text("272 rows")
    with calculator.fitted():
        page.go_back()
    expect(calculator.field("Components K")).to_have_value("1")
    expect(calculator.data).to_contain_text("6 rows")
    assert len(calculator.parameters()[0]) == 1
    with calculator.fitted():
        page.go_forward()
    expect(calculator.field("Components K")).to_have_value("3")
    assert len(calculator.parameters()[0]) == 3
