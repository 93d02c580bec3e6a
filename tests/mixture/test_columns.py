"""Marginal, conditional and regression: against the joint density, imputation and SciPy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bactrian import BadInputError, Mixture, MixtureModel
from bactrian.mixture import Scaling
from strategies import random_parameters, seeds, structures

NAMES = ("a", "b", "c")
BOX = np.array([[-9.0, -9.0, -9.0], [9.0, 9.0, 9.0]])


def mixture_of(seed, structure=None, kind="gaussian") -> Mixture:
    from bactrian.core.covariance import STRUCTURES

    rng = np.random.default_rng(seed)
    p = random_parameters(rng, structure or STRUCTURES["full"], 3, 3)
    changes = {}
    if kind != "gaussian":
        changes["dof"] = np.array([3.0, 5.0, 30.0])
    if kind == "noise":
        changes |= {"noise": BOX, "weights": 0.8 * p.weights}
    return Mixture.from_parameters(p.replaced(**changes), feature_names=NAMES)


KINDS = ["gaussian", "t", "noise"]


@given(seeds, structures, st.sampled_from(KINDS))
@settings(max_examples=30)
def test_joint_density_is_that_of_the_given_times_that_of_the_rest(seed, structure, kind):
    mixture = mixture_of(seed, structure, kind)
    x = np.random.default_rng(seed).uniform(-5, 5, 3)
    rest = mixture.condition({"b": x[1]})
    assert rest.feature_names == ("a", "c")
    joint = mixture.marginal("b").logpdf(x[1:2]) + rest.logpdf(x[[0, 2]][None])
    np.testing.assert_allclose(joint, mixture.logpdf(x[None]), atol=1e-8)
    step = mixture.condition({"a": x[0]}).condition({"c": x[2]})
    once = mixture.condition({"c": x[2], "a": x[0]})
    np.testing.assert_allclose(step.icdf([0.1, 0.9]), once.icdf([0.1, 0.9]), atol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_a_marginal_ignores_the_other_columns(kind):
    mixture = mixture_of(1, kind=kind)
    X, _ = mixture.sample(50, 0)
    holes = np.where([True, False, True], X, np.nan)
    two = mixture.marginal(["c", 0])
    assert two.feature_names == ("c", "a")
    np.testing.assert_allclose(two.logpdf(X[:, [2, 0]]), mixture.logpdf(holes), atol=1e-10)
    scaled = Mixture.from_parameters(
        mixture.parameters, Scaling([1.0, 2, 3], [1.0, 10, 100]), NAMES
    )
    same = Mixture.from_parameters(scaled.in_original_units(), feature_names=NAMES).marginal("b")
    np.testing.assert_allclose(scaled.marginal("b").icdf(0.3), same.icdf(0.3))


@pytest.mark.parametrize("kind", KINDS)
def test_regression_is_the_conditional_of_each_row(kind):
    mixture = mixture_of(2, kind=kind)
    X, _ = mixture.sample(12, 0, sort=False)
    X[3, 0] = np.nan  # a predictor that is missing
    found = mixture.regress(X[:, [0, 2]], "b")
    given_rows = X.copy()
    given_rows[:, 1] = np.nan
    filled = mixture.impute(given_rows)
    np.testing.assert_allclose(found.mean()[:, 0], filled[:, 1], rtol=1e-12)
    quantiles, densities = found.icdf([0.05, 0.5]), found.logpdf(np.full(12, 0.3))
    for i, row in enumerate(X):
        known = {name: row[j] for j, name in ((0, "a"), (2, "c")) if not np.isnan(row[j])}
        one = mixture.condition(known).marginal("b")
        assert found.mean()[i, 0] == pytest.approx(one.mean()[0])
        assert found.std()[i, 0] == pytest.approx(one.std()[0])
        np.testing.assert_allclose(quantiles[:, i, 0], one.icdf([0.05, 0.5]), rtol=1e-9)
        assert densities[i] == pytest.approx(one.logpdf([0.3])[0], abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_regression_of_two_targets_at_once(kind):
    mixture = mixture_of(3, kind=kind)
    X, _ = mixture.sample(5, 0)
    found = mixture.regress(pd.DataFrame(X, columns=NAMES), ["c", "a"])
    one = mixture.condition({"b": X[0, 1]}).marginal(["c", "a"])
    np.testing.assert_allclose(found.mean()[0], one.mean())
    np.testing.assert_allclose(found.covariance()[0], one.covariance())
    np.testing.assert_allclose(found.icdf(0.3)[0], [one.marginal(j).icdf(0.3) for j in (0, 1)])
    Y = X[:, [2, 0]]
    assert found.logpdf(Y)[0] == pytest.approx(one.logpdf(Y[:1])[0])
    draws = mixture.regress(X[:1, 1:2], ["c", "a"]).sample(4000, 0)[:, 0]
    for j in (0, 1):
        assert stats.kstest(draws[:, j], lambda y, j=j: one.marginal(j).cdf(y)).pvalue > 1e-3


def test_one_gaussian_is_linear_regression_of_a_textbook():
    covariance = np.array([[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.5]])
    mixture = Mixture([1.0], [[1.0, 2.0, 3.0]], [covariance])
    slope = np.linalg.solve(covariance[1:, 1:], covariance[1:, 0])
    x = np.array([2.5, 2.0])
    one = mixture.condition({1: x[0], 2: x[1]})
    assert one.mean()[0] == pytest.approx(1.0 + slope @ (x - [2.0, 3.0]))
    assert one.covariance()[0, 0] == pytest.approx(2.0 - slope @ covariance[1:, 0])


def test_intervals_cover_what_they_promise():
    mixture = mixture_of(4, kind="t")
    X, _ = mixture.sample(4000, 5)
    low, high = mixture.regress(X[:, :2], "c").icdf([0.025, 0.975])[:, :, 0]
    inside = ((X[:, 2] >= low) & (X[:, 2] <= high)).mean()
    assert inside == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 4000))


def test_a_model_stays_a_model_without_its_training():
    model = MixtureModel(mixture_of(0).parameters, feature_names=NAMES, training={"n_iter": 3})
    part = model.marginal("a")
    assert isinstance(part, MixtureModel)
    assert part.training == {}
    assert MixtureModel.from_json(part.to_json()) == part


@pytest.mark.parametrize(
    ("ask", "name", "words"),
    [
        (lambda m: m.marginal("d"), "columns", "among 'a', 'b', 'c', or positions from 0 to 2"),
        (lambda m: m.marginal([0, "a"]), "columns", "different columns"),
        (lambda m: m.marginal([]), "columns", "got no column"),
        (lambda m: m.marginal(3), "columns", "but got 3"),
        (lambda m: m.condition({"a": 1, "b": 2, "c": 3}), "given", "Leave out at least one"),
        (lambda m: m.condition({}), "given", "at least one"),
        (lambda m: m.condition({"a": np.inf}), "given['a']", "finite, but got inf"),
        (lambda m: m.condition({"a": "x"}), "given['a']", "a number"),
        (lambda m: m.condition([1.0]), "given", "a mapping of columns to values"),
        (lambda m: m.regress([[1.0]], NAMES), "targets", "some of the columns"),
        (lambda m: m.regress([[1.0]], "a"), "X", "of 2 columns"),
        (lambda m: m.regress([[1.0, 2.0]], "a").icdf(1.0), "p", "above 0 and below 1"),
        (lambda m: m.regress([[1.0, 2.0]], "a").logpdf([[1, 2]]), "Y", "of 1 columns"),
    ],
)
def test_faults_are_named(ask, name, words):
    with pytest.raises(BadInputError, match=words) as caught:
        ask(mixture_of(0))
    assert name in caught.value.name
