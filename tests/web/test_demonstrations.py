"""What the page's explanation says of its demonstrations is what the library finds."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2
from sklearn.datasets import load_iris

from bactrian import GaussianMixture
from bactrian.web.examples import BY_ID
from bactrian.web.schema import Settings

ROOT = Path(__file__).parents[2]
HELP = ROOT / "frontend" / "src" / "help"
DEMONSTRATIONS = {
    found["id"]: {variant["id"]: variant for variant in found["variants"]}
    for found in json.loads((HELP / "demonstrations.json").read_text(encoding="utf-8"))
}
VARIANTS = [(name, each) for name, variants in DEMONSTRATIONS.items() for each in variants]


@cache
def fitted(name: str, each: str) -> tuple[GaussianMixture, np.ndarray]:
    """A variant's fit, and its rows, as the page asks for them."""
    variant = DEMONSTRATIONS[name][each]
    example = BY_ID[variant["example"]].data
    fit_all = variant.get("columns") == "all"
    columns = example.columns if fit_all else example.chosen
    X = np.array(example.rows)[:, [example.columns.index(column) for column in columns]]
    settings = Settings(**{**example.settings, **variant["settings"]})
    assert not settings.standardize
    return GaussianMixture(**settings.parameters).fit(X), X


def sure(gm: GaussianMixture, X: np.ndarray) -> float:
    """The geometric mean of the largest responsibilities."""
    return float(np.exp(np.log(gm.predict_proba(X).max(axis=1)).mean()))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "each"), VARIANTS)
def test_numbers_of_the_text(name, each):
    gm, X = fitted(name, each)
    expected = DEMONSTRATIONS[name][each].get("expected", {})
    found = {
        "log_likelihood": gm.log_likelihood_,
        "bic": gm.bic(X),
        "sure": sure(gm, X),
        "iterations": gm.n_iter_,
    }
    # As many digits as the text gives.
    tolerance = {"log_likelihood": 6e-3, "bic": 0.06, "sure": 6e-4, "iterations": 0}
    for what, value in expected.items():
        assert found[what] == pytest.approx(value, rel=0, abs=tolerance[what]), what


@pytest.mark.filterwarnings("ignore")
class TestClaims:
    """Sentences of the explanation, one test each."""

    def test_most_starts_end_on_the_line(self):
        gm, X = fitted("line", "full")
        optima = gm.fit_report_.optima
        collapsed = sum(optimum.times for optimum in optima if optimum.collapsed)
        assert collapsed > sum(optimum.times for optimum in optima) / 2
        large = X[:, 0] > 100
        assert np.linalg.matrix_rank(X[large] - X[large].mean(axis=0)) == 1
        assert len(set(gm.predict(X)[large])) == 2  # the segments are mixed
        tied, _ = fitted("line", "tied")
        assert len(set(tied.predict(X)[large])) == len(set(tied.predict(X)[~large])) == 1

    def test_a_worse_maximum_is_one(self):
        one, _ = fitted("starts", "one")
        many, _ = fitted("starts", "many")
        assert one.converged_
        assert not one.fit_report_.warnings
        assert many.converged_
        assert len(many.fit_report_.optima) > 1
        assert many.log_likelihood_ - one.log_likelihood_ > 12

    def test_three_components_collapse_on_six_rows(self):
        gm, X = fitted("components", "three")
        collapses = gm.fit_report_.certificate.collapses
        held = np.bincount(gm.predict(X), minlength=3)
        assert sorted(held[[collapse.component for collapse in collapses]]) == [1, 2]
        two, _ = fitted("components", "two")
        assert not two.fit_report_.certificate.collapses

    def test_spheres_cut_long_groups(self):
        spheres, X = fitted("structure", "spherical")
        free, _ = fitted("structure", "full")
        assert spheres.bic(X) - free.bic(X) > 100
        centres = np.array([[0.0, 0.0], [1.2, -2.2]])

        def missed(gm):
            return np.linalg.norm(gm.means_[:, None] - centres, axis=2).min(axis=0)

        assert missed(free).max() < 0.3 < 1 < missed(spheres).min()
        dense = np.linalg.norm(X - [7.5, -3.0], axis=1) < 0.35
        assert len(set(spheres.predict(X)[dense])) == 1  # within the wide one, and found

    def test_four_columns_tell_more(self):
        two, sepals = fitted("dimensions", "two")
        four, all_columns = fitted("dimensions", "four")
        assert two.converged_
        assert four.converged_
        assert sure(four, all_columns) > sure(two, sepals)
        species = load_iris().target
        labels = two.predict(sepals)
        overlap = [np.bincount(labels[species == kind], minlength=3).max() for kind in range(3)]
        assert max(overlap) >= 49
        assert sorted(overlap)[0] < 45

    def test_a_prior_prevents_the_collapse(self):
        gm, _ = fitted("rows", "prior")
        assert gm.converged_
        assert not gm.fit_report_.certificate.collapses
        assert fitted("rows", "likelihood")[0].fit_report_.certificate.collapses

    def test_auto_does_not_depend_on_the_tolerance(self):
        auto, tight = fitted("tolerance", "auto")[0], fitted("tolerance", "tight")[0]
        assert auto.converged_
        assert auto.log_likelihood_ == pytest.approx(tight.log_likelihood_, abs=0.005)

    def test_a_saddle_is_one_component_named_three_times(self):
        fooled, X = fitted("saddle", "fooled")
        single = GaussianMixture(1).fit(X)
        assert fooled.log_likelihood_ == pytest.approx(single.log_likelihood_, abs=0.005)
        assert fitted("saddle", "auto")[0].converged_

    def test_strays_swell_a_component(self):
        plain, X = fitted("outliers", "plain")
        noise, _ = fitted("outliers", "noise")
        tails, _ = fitted("outliers", "t")
        assert plain.bic(X) > max(noise.bic(X), tails.bic(X))

        def longest(gm):
            return np.sqrt(np.linalg.eigvalsh(gm.covariances_).max())

        assert 1.7 < longest(plain) / longest(noise) < 2
        assert 5 <= (noise.predict(X) == -1).sum() <= 10


@pytest.mark.parametrize(("example", "name"), [("sample", "SAMPLE"), ("customers", "CUSTOMERS")])
def test_rows_of_the_worked_examples(example, name):
    text = (HELP / "worked.ts").read_text(encoding="utf-8")
    rows = re.search(rf"const {name} = (\[.*?\n\]);", text, re.DOTALL)
    assert rows is not None
    assert json.loads(re.sub(r",\s*\]", "]", rows[1])) == BY_ID[example].data.rows


def test_how_well_a_deviation_is_known():
    for n, (low, high) in {3: (0.64, 7.7), 30: (0.81, 1.37), 300: (0.93, 1.09)}.items():
        found = np.sqrt(n / chi2.ppf([0.975, 0.025], n - 1))
        np.testing.assert_allclose(found, [low, high], atol=0.005)


def test_what_ellipses_hold():
    np.testing.assert_allclose(chi2.cdf([1, 4, 9], 2), [0.39, 0.86, 0.99], atol=0.005)


@pytest.mark.parametrize(("n", "least", "most"), [(100, 0.06, 0.08), (1000, 0.0, 0.01)])
def test_what_the_default_prior_does(n, least, most):
    X = np.random.default_rng(0).normal(size=(n, 2))
    free = GaussianMixture(1).fit(X).covariances_[0]
    held = GaussianMixture(1, prior="default").fit(X).covariances_[0]
    assert least < 1 - held[0, 0] / free[0, 0] < most
