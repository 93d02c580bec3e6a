"""The replay of EM: each frame is on the way, and its formulas show its numbers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from driving import Calculator, bytes_of
from playwright.sync_api import Locator, expect
from scipy.stats import multivariate_normal

SLOWLY = "#example=faithful&n_components=2&init_params=random_from_data&n_init=1&seed=3&tol=1e-9"


@pytest.fixture
def replayed(window) -> Calculator:
    return window().open(SLOWLY)


def frames_of(calculator: Calculator) -> list[dict[str, Any]]:
    """What the server tells of the way to the result that is shown."""
    model = calculator.results.get_by_role("link", name="Model").get_attribute("href")
    told = calculator.page.request.get(f"{calculator.address}/{model.replace('model', 'frames')}")
    return told.json()["frames"]


def formulas(panel: Locator) -> list[str]:
    """The TeX of what is typeset."""
    return panel.get_by_role("math").locator("annotation").all_text_contents()


def numbers_in(tex: str) -> list[float]:
    """Results of the equations in a formula: the numbers behind the last sign of equality."""
    plain = re.sub(r"\\!\\times\\!10\^\{(-?\d+)\}", r"e\1", tex)
    return [float(x) for x in re.findall(r"= (-?[\d.]+(?:e-?\d+)?)(?=$| ?\\\\|\\end|,)", plain)]


def responsibilities(mixture: dict[str, Any], X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the components for the rows, and the densities of the rows, by SciPy."""
    terms = zip(mixture["weights"], mixture["means"], mixture["covariances"], strict=True)
    shares = np.column_stack([w * multivariate_normal(m, c).pdf(X) for w, m, c in terms])
    return shares / shares.sum(axis=1, keepdims=True), shares.sum(axis=1)


def test_it_is_scrubbed_by_keys(replayed: Calculator):
    frames = frames_of(replayed)
    last = len(frames) - 1
    slider = replayed.replay
    expect(slider).to_have_value(str(last))
    assert frames[-1]["iteration"] == replayed.fact("Iterations").value
    slider.press("Home")
    expect(slider).to_have_value("0")
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    expect(slider).to_have_value("2")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(f"Iteration 2 of {last}, log"))
    expect(replayed.chart).to_have_accessible_name(re.compile("with 2 components"))
    replayed.button("One iteration back").click()
    expect(slider).to_have_value("1")
    replayed.button("One iteration on").click()
    expect(slider).to_have_value("2")
    replayed.button("Last iteration").click()
    expect(slider).to_have_value(str(last))
    expect(replayed.button("One iteration on")).to_be_disabled()
    replayed.button("First iteration").click()
    expect(slider).to_have_value("0")


def test_it_plays_and_pauses(replayed: Calculator):
    slider = replayed.replay
    last = slider.input_value()
    replayed.page.get_by_label("Iterations a second").select_option("10")
    replayed.button("Play EM from its start").click()
    replayed.button("Pause").click()
    expect(replayed.button("Play EM from its start")).to_be_visible()
    held = slider.input_value()
    assert int(held) < int(last)
    slider.press(" ")
    expect(slider).not_to_have_value(held)
    expect(slider).to_have_value(last)
    expect(replayed.button("Play EM from its start")).to_be_visible()


def test_the_last_frame_is_the_result(replayed: Calculator, window):
    for calculator in (replayed, window().open()):
        frame = frames_of(calculator)[-1]
        assert frame["iteration"] == calculator.fact("Iterations").value
        weights, means = calculator.parameters()
        assert frame["mixture"]["weights"] == weights.tolist()
        assert frame["mixture"]["means"] == means.tolist()
        shown = calculator.fact("Log-likelihood").value
        assert frame["log_likelihood"] == pytest.approx(shown, rel=1e-12)


def test_the_formulas_show_the_numbers_of_the_frame(replayed: Calculator, faithful):
    panel = replayed.tab("EM steps")
    replayed.replay.press("Home")
    replayed.replay.press("ArrowRight")
    panel.get_by_label("Row").fill("21")
    frames = frames_of(replayed)
    expect(panel).to_contain_text("Iteration 1: log-likelihood")
    shares, densities = responsibilities(frames[1]["mixture"], faithful)
    e_step = [line for line in formulas(panel) if "{21" in line]
    assert numbers_in(e_step[0])[-1] == pytest.approx(densities[20], rel=6e-4)
    assert numbers_in(e_step[1]) == pytest.approx(shares[20].tolist(), rel=6e-4)
    for k in range(2):
        panel.get_by_role("combobox", name="Component").select_option(label=str(k + 1))
        rows = next(line for line in formulas(panel) if line.startswith(f"N_{{{k + 1}}} ="))
        found = re.search(rf"r_{{i{k + 1}}} = ([\d.]+)", rows)
        assert found is not None
        assert float(found[1]) == pytest.approx(shares[:, k].sum(), rel=6e-4)
        assert numbers_in(rows)[-1] == pytest.approx(shares[:, k].mean(), rel=6e-4)
        mean = next(line for line in formulas(panel) if line.startswith(rf"\mu_{{{k + 1}}} ="))
        told = [float(x) for x in re.findall(r"(-?[\d.]+)(?= \\\\|\\end)", mean)]
        assert told == pytest.approx(frames[2]["mixture"]["means"][k], rel=5e-3)
    expect(panel).to_contain_text("The log-likelihood goes from")
    gain = frames[2]["log_likelihood"] - frames[1]["log_likelihood"]
    expect(panel).to_contain_text(f"a gain of {gain:.3f}")


def test_the_curve_of_the_log_likelihood_goes_with_it(replayed: Calculator):
    panel = replayed.tab("EM steps")
    curve = panel.get_by_role("slider", name=re.compile("Log-likelihood by iteration"))
    curve.press("Home")
    expect(replayed.replay).to_have_value("0")
    curve.press("ArrowRight")
    expect(replayed.replay).to_have_value("1")
    expect(curve).to_have_attribute("aria-valuenow", "1")
    box = curve.bounding_box()
    curve.click(position={"x": box["width"] * 0.98, "y": box["height"] / 2})
    expect(replayed.replay).to_have_value(str(len(frames_of(replayed)) - 1))


def test_phases_on_samples_of_many_rows_are_told_apart(window, tmp_path):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60_000, 2)) + 5 * rng.integers(0, 2, (60_000, 1))
    path = tmp_path / "many.npy"
    path.write_bytes(bytes_of(rows))
    calculator = window().open()
    calculator.upload(path)
    expect(calculator.data).to_contain_text("60,000 rows")
    calculator.calculate()
    told = re.search(
        r"after (\d+) iterations? on all rows, after (\d+) on samples", calculator.status()
    )
    assert told is not None
    whole, sampled = map(int, told.groups())
    assert calculator.fact("Iterations").value == whole
    calculator.replay.press("End")
    expect(calculator.replay).to_have_attribute(
        "aria-valuetext", re.compile(f"^Iteration {whole + sampled} of {whole + sampled},")
    )
    panel = calculator.tab("EM steps")
    for _ in range(whole - 1):
        calculator.replay.press("ArrowLeft")
    expect(panel).to_contain_text("before, on 10,000 rows, it was estimated as")
    calculator.replay.press("ArrowLeft")
    expect(panel).to_contain_text("On a sample of 10,000 rows, scaled up to all 60,000")
    expect(panel).to_contain_text("after it, on 60,000 rows")
