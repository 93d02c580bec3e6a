"""The page as it opens: the sample is calculated, and every number is the library's."""

from __future__ import annotations

import re

import numpy as np
from driving import WEIGHTS
from library import SIX, check_numbers, fit
from playwright.sync_api import expect


def test_the_sample_is_calculated_as_the_page_opens(calculator):
    model = fit(SIX, init_params="sample_variance")
    check_numbers(calculator, model, SIX)
    assert f"Converged after {model.n_iter_} iterations" in calculator.status()
    expect(calculator.data).to_contain_text("Six points: 6 rows, 2 columns")


def test_numbers_of_more_than_a_toy_are_the_librarys(window, faithful):
    calculator = window().open("#example=faithful&n_components=3&seed=7&covariance_type=full")
    model = fit(faithful, n_components=3, random_state=7)
    check_numbers(calculator, model, faithful)


def test_numbers_are_copied_at_full_precision(calculator):
    model = fit(SIX, init_params="sample_variance")
    grid = calculator.results.get_by_role("grid", name=WEIGHTS)
    grid.get_by_role("button").nth(1).click()
    expect(calculator.results).to_contain_text(f"Copied: {model.means_[0, 0]}")
    assert float(calculator.clipboard()) == model.means_[0, 0]
    table = calculator.copied(f"Copy the table {WEIGHTS}", calculator.results)
    head, *lines = (line.split("\t") for line in table.strip("\n").split("\n"))
    assert head == ["", "Weight", "X1", "X2", "Certainty"]
    copied = np.array([line[1:-1] for line in lines], float)
    np.testing.assert_array_equal(copied[:, 0], model.weights_)
    np.testing.assert_array_equal(copied[:, 1:], model.means_)


def test_standard_deviations_and_correlations(calculator):
    covariances = fit(SIX, init_params="sample_variance").covariances_
    calculator.results.get_by_label("as deviations and correlations").check()
    deviations = calculator.table("Standard deviations")
    expected = np.sqrt(np.einsum("kii->ki", covariances))
    np.testing.assert_allclose(np.array([[f.value for f in r] for r in deviations]), expected)
    shown = np.array(
        [[f.value for f in row] for row in calculator.table("Correlations, component 2")]
    )
    np.testing.assert_allclose(shown[0, 1], covariances[1, 0, 1] / expected[1].prod())


def test_the_page_asks_for_nothing_elsewhere_and_shows_its_theme(window, server, heard):
    calculator = window(color_scheme="dark").open()
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark = calculator.page.evaluate(ground)
    calculator.page.get_by_text("Light", exact=True).click()
    assert calculator.page.evaluate(ground) != dark
    calculator.open()
    expect(calculator.page.get_by_label("Light")).to_be_checked()
    assert {host for host in heard.hosts if host} == {re.sub("^http://", "", server.address)}


def test_the_policy_of_the_page_allows_nothing_but_itself(calculator):
    told = calculator.page.request.get(calculator.address + "/")
    assert "default-src 'self'" in told.headers["content-security-policy"]
    assert "unsafe" not in told.headers["content-security-policy"]
