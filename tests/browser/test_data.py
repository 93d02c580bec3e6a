"""Data that are typed and pasted, and settings that are changed."""

from __future__ import annotations

import numpy as np
from driving import WEIGHTS, Calculator
from library import SIX, check_numbers, fit
from playwright.sync_api import expect


def column(calculator: Calculator, name: str, rows: int) -> list[str]:
    return [calculator.cell(row, name).input_value() for row in range(1, rows + 1)]


def test_cells_are_typed_and_rows_added_and_deleted(calculator):
    page, keyboard = calculator.page, calculator.page.keyboard
    calculator.cell(1, "X1").click()
    keyboard.type("1,25")
    keyboard.press("Enter")
    expect(calculator.cell(2, "X1")).to_be_focused()
    expect(page.get_by_text("these results belong to the earlier inputs")).to_be_visible()
    new_row = calculator.grid.get_by_role("textbox", name="New row, X1")
    new_row.click()
    for text in ["3", "3.5"]:
        keyboard.type(text)
        keyboard.press("Tab")
    expect(calculator.data).to_contain_text("Six points, changed: 7 rows, 2 columns")
    calculator.button("Delete row 2").click()
    expect(calculator.data).to_contain_text("6 rows")
    with calculator.fitted():
        keyboard.press("Control+Enter")
    X = np.vstack([[[1.25, 1.1]], SIX[2:], [[3.0, 3.5]]])
    check_numbers(calculator, fit(X, init_params="sample_variance"), X)
    expect(page.get_by_text("these results belong to the earlier inputs")).to_have_count(0)


def test_undo_and_redo(calculator):
    before = column(calculator, "X1", 6)
    calculator.button("Delete row 3").click()
    calculator.cell(1, "X1").fill("77")
    assert column(calculator, "X1", 5) == ["77", *before[1:2], *before[3:]]
    calculator.page.keyboard.press("Control+Z")
    calculator.button("Undo").click()
    expect(calculator.cell(6, "X1")).to_have_value(before[5])
    assert column(calculator, "X1", 6) == before
    calculator.button("Redo").click()
    assert column(calculator, "X1", 5) == [*before[:2], *before[3:]]


def test_a_block_of_a_spreadsheet_with_decimal_commas_and_names(calculator):
    block = "Länge\tBreite\n1,5\t2,25\n1234,5\t3\n2,5\tNA\n-3,25\t1e-2\n4,125\t0\n"
    calculator.cell(1, "X1").click()
    calculator.paste(block)
    expect(calculator.cell(1, "Länge")).to_have_value("1.5")
    assert column(calculator, "Länge", 5) == ["1.5", "1234.5", "2.5", "-3.25", "4.125"]
    missing = calculator.grid.get_by_role("textbox", name="Row 3, Breite, missing")
    expect(missing).to_be_visible()
    expect(calculator.data).to_contain_text("5 rows, 2 columns, 1 value missing")
    calculator.field("Components K").fill("1")
    calculator.calculate()
    X = np.array([[1.5, 2.25], [1234.5, 3], [2.5, np.nan], [-3.25, 1e-2], [4.125, 0]])
    model = fit(X, n_components=1, init_params="sample_variance", missing="em")
    means = calculator.parameters()[1]
    np.testing.assert_allclose(means, model.means_, rtol=1e-12)
    calculator.page.keyboard.press("Control+Z")  # not in the grid: nothing there is undone
    calculator.cell(1, "Länge").click()
    calculator.page.keyboard.press("Control+Z")
    assert column(calculator, "X1", 6) == ["1", "1.5", "5", "5.5", "1.2", "5.1"]


def test_a_block_into_the_middle_and_a_table_of_its_own(calculator):
    calculator.cell(5, "X2").click()
    calculator.paste("10\t20\n30\t40\n50\t60\n")
    expect(calculator.data).to_contain_text("7 rows, 3 columns")
    expect(calculator.cell(7, "x3")).to_have_value("60")
    calculator.page.evaluate("navigator.clipboard.writeText('a,b\\n1,2\\n3,4\\n')")
    calculator.button("Paste a table").click()
    expect(calculator.data).to_contain_text("pasted: 2 rows, 2 columns")
    calculator.button("Bring back my data").click()
    expect(calculator.data).to_contain_text("7 rows, 3 columns")


def test_components_are_stepped_and_settings_reset(calculator):
    k = calculator.field("Components K")
    calculator.button("More components").click()
    expect(k).to_have_value("3")
    k.press("ArrowUp")
    expect(k).to_have_value("4")
    calculator.field("Maximum iterations").fill("7")
    calculator.more()
    calculator.field("Seed").fill("3")
    calculator.field("Covariance structure").select_option("spherical")
    calculator.field("Noise component").check()
    calculator.field("Dimensions D").fill("1")
    calculator.calculate()
    model = fit(
        SIX[:, :1],
        n_components=4,
        max_iter=7,
        random_state=3,
        covariance_type="spherical",
        init_params="sample_variance",
        noise=True,
    )
    rows = [[one.value for one in row] for row in calculator.table(WEIGHTS)]
    np.testing.assert_array_equal([row[0] for row in rows[:4]], model.weights_)
    assert [row[1] for row in rows[:4]] == model.means_[:, 0].tolist()
    assert len(rows) == 5  # the noise has a weight only
    calculator.button("Reset defaults").click()
    expect(k).to_have_value("2")
    expect(calculator.field("Seed")).to_have_value("0")
    expect(calculator.field("Noise component")).not_to_be_checked()
    expect(calculator.field("Dimensions D")).to_have_value("2")
    calculator.calculate()
    check_numbers(calculator, fit(SIX), SIX)


def test_rows_have_weights(calculator):
    calculator.button("Add a column").click()
    calculator.cell(1, "x3").click()
    calculator.paste("1\n2\n1\n3\n1\n2\n")
    calculator.more()
    calculator.field("Row weights").select_option("x3")
    calculator.calculate()
    model = fit(np.repeat(SIX, [1, 2, 1, 3, 1, 2], axis=0), n_init=10)
    weights, means = calculator.parameters()
    order = np.argsort(means[:, 0])
    np.testing.assert_allclose(means[order], model.means_[np.argsort(model.means_[:, 0])])
    np.testing.assert_allclose(weights[order], [0.4, 0.6])
