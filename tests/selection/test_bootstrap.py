"""The bootstrap likelihood-ratio test: its level, its power, and its bookkeeping."""

from __future__ import annotations

import numpy as np
import pytest

from bactrian import (
    BadInputError,
    FitInterrupted,
    GaussianMixture,
    bootstrap_lrt,
    sequential_bootstrap_lrt,
)
from bactrian.core.covariance import STRUCTURES
from bactrian.estimators.asking import data_set
from bactrian.selection.tests import likelihood_ratio, two_mixtures
from bactrian.selection.tests.likelihood_ratio import LikelihoodRatioTest
from bactrian.selection.tests.splitting import split_starts
from bactrian.selection.tests.two_mixtures import Pair, Resample


def data_of(X):
    return data_set(GaussianMixture(), X, None)[1]


def two_groups(n=60, gap=6.0, seed=0):
    rng = np.random.RandomState(seed)
    return np.r_[rng.randn(n, 2), rng.randn(n, 2) + gap]


# ---- level and power


def test_two_clear_groups_are_not_one():
    found = sequential_bootstrap_lrt(two_groups(), 4, "tied", n_resamples=19, random_state=0)
    first = found.tests[0]
    assert first.p_value == 1 / 20
    assert first.statistic > 100
    assert len(first.bootstrap) == 19
    assert (first.bootstrap >= 0).all()
    assert found.n_components == 2
    assert [test.n_components for test in found.tests] == [1, 2]
    assert str(found).startswith("1 against 2 components, tied: statistic")


def test_under_the_null_hypothesis_p_values_are_not_small():
    p_values = [
        bootstrap_lrt(
            np.random.RandomState(seed).randn(40, 1), 1, n_resamples=9, n_init=1, random_state=seed
        ).p_value
        for seed in range(6)
    ]
    assert np.mean(p_values) > 0.25
    assert sum(p <= 0.1 for p in p_values) <= 2


@pytest.mark.slow
def test_p_values_are_uniform_under_the_null_hypothesis():
    """50 data sets of two groups: the share of p-values up to 0.1 is 0.1, three errors off."""
    p_values = np.array(
        [
            bootstrap_lrt(
                two_groups(30, 5.0, seed), 2, "spherical", n_resamples=19, n_init=1,
                random_state=seed,
            ).p_value
            for seed in range(50)
        ]
    )  # fmt: skip
    assert np.mean(p_values <= 0.1) < 0.23
    assert 0.38 < np.mean(p_values) < 0.68


def test_old_faithful_as_published(faithful):
    """mclust's statistic for one against two components without constraint is 319.065354."""
    test = bootstrap_lrt(faithful, 1, "full", n_resamples=1, random_state=0)
    assert test.statistic == pytest.approx(319.065354, abs=1e-3)


def test_the_statistic_is_that_of_the_two_fits(faithful):
    test = bootstrap_lrt(faithful, 2, "diag", n_resamples=3, random_state=0)
    difference = test.alternative.log_likelihood_ - test.null.log_likelihood_
    assert test.statistic == 2 * difference
    assert (test.null.n_components, test.alternative.n_components) == (2, 3)
    null = GaussianMixture(2, covariance_type="diag", random_state=1).fit(faithful)
    assert test.null.log_likelihood_ == pytest.approx(null.log_likelihood_, abs=1e-4)


def test_splits_find_what_other_starts_do_not(faithful):
    """A maximum of three full components on Old Faithful that 30 starts miss by 4.8 nats."""
    test = bootstrap_lrt(faithful, 2, "full", n_resamples=1, random_state=0)
    assert test.alternative.log_likelihood_ == pytest.approx(-1114.440, abs=1e-2)
    again = bootstrap_lrt(faithful, 3, "full", n_resamples=1, random_state=0)
    assert again.null.log_likelihood_ == pytest.approx(-1114.440, abs=1e-2)


def test_p_value_counts_the_data_as_a_sample():
    def p(statistic, *bootstrap):
        test = LikelihoodRatioTest(1, "full", statistic, np.array(bootstrap), (), None, None)
        return test.p_value

    assert p(3.0, 1.0, 2.0, 2.5) == 0.25
    assert p(2.0, 1.0, 2.0, 2.5) == 0.75
    assert p(0.0, 0.0, 0.0) == 1.0
    assert p(5.0) == 1.0


# ---- starts


@pytest.mark.parametrize("name", list(STRUCTURES))
@pytest.mark.parametrize("n_components", [1, 3])
def test_split_starts_are_mixtures_of_one_more(name, n_components, faithful):
    gm = GaussianMixture(n_components, covariance_type=name, random_state=0).fit(faithful)
    parameters = gm.mixture_.parameters
    starts = list(split_starts(parameters, data_of(faithful)))
    assert len(starts) == n_components
    for k, start in enumerate(starts):
        assert start.n_components == n_components + 1
        assert start.weights.sum() == pytest.approx(1)
        both = start.weights[[k, -1]]
        assert both == pytest.approx(parameters.weights[k] / 2)
        assert start.means[[k, -1]].mean(axis=0) == pytest.approx(parameters.means[k])
        assert (start.means[k] != start.means[-1]).any()
        dense = start.dense_covariances()
        assert dense[-1] == pytest.approx(dense[k])
        assert dense[k] == pytest.approx(parameters.dense_covariances()[k])


def test_two_groups_are_split_where_they_part_in_any_unit():
    for unit, offset in ((1.0, 0.0), (1e-6, 1e6), (1e6, -1e6)):
        X = two_groups() * [1.0, unit] + offset * unit
        gm = GaussianMixture(1, covariance_type="diag").fit(X)
        (start,) = split_starts(gm.mixture_.parameters, data_of(X))
        step = (start.means[1] - start.means[0]) / X.std(axis=0)
        assert abs(step) == pytest.approx([np.sqrt(2 * (1 + 0.9))] * 2, rel=0.05)


def test_a_bad_alternative_gives_zero_not_less(faithful):
    good = GaussianMixture(2, random_state=0).fit(faithful)
    worse = GaussianMixture(1).fit(faithful)
    assert two_mixtures.statistic_of(good.log_likelihood_, worse.log_likelihood_) == 0.0


# ---- bookkeeping


def test_any_number_of_processes_gives_the_same():
    X = two_groups(20)
    one = bootstrap_lrt(X, 1, "diag", n_resamples=5, random_state=3)
    two = bootstrap_lrt(X, 1, "diag", n_resamples=5, random_state=3, n_jobs=2)
    np.testing.assert_array_equal(one.bootstrap, two.bootstrap)
    assert one.statistic == two.statistic
    more = bootstrap_lrt(X, 1, "diag", n_resamples=7, random_state=3)
    np.testing.assert_array_equal(more.bootstrap[:5], one.bootstrap)
    other = bootstrap_lrt(X, 1, "diag", n_resamples=5, random_state=4)
    assert (other.bootstrap != one.bootstrap).any()


def test_weights_are_rows():
    X = two_groups(25)
    times = np.random.RandomState(0).randint(0, 3, len(X))
    settings = {"n_resamples": 2, "random_state": 0}
    weighted = bootstrap_lrt(X, 1, "full", sample_weight=times, **settings)
    repeated = bootstrap_lrt(np.repeat(X, times, axis=0), 1, "full", **settings)
    assert weighted.statistic == pytest.approx(repeated.statistic, abs=1e-4)
    np.testing.assert_allclose(weighted.bootstrap, repeated.bootstrap, atol=1e-4)


def failing(monkeypatch, when):
    """Let simulated data sets fail, by number."""
    simulated = Pair.simulated

    def sometimes(self, truth, size, number):
        if when(number):
            return Resample(self.n_components, number, None, f"number {number}")
        return simulated(self, truth, size, number)

    monkeypatch.setattr(Pair, "simulated", sometimes)


def test_failures_are_counted_and_replaced(monkeypatch):
    failing(monkeypatch, lambda number: number in (1, 6))
    test = bootstrap_lrt(two_groups(20), 1, "diag", n_resamples=6, random_state=0)
    assert test.failures == ("number 1", "number 6")
    assert len(test.bootstrap) == 6
    assert "(6 resamples, 2 failed)" in str(test)
    assert test.p_value == 1 / 7


def test_failures_are_replaced_up_to_as_many(monkeypatch):
    failing(monkeypatch, lambda number: number > 0)
    test = bootstrap_lrt(two_groups(20), 1, "diag", n_resamples=6, random_state=0)
    assert (len(test.bootstrap), len(test.failures)) == (1, 11)
    assert test.p_value == 1 / 2


def test_a_simulated_null_hypothesis_starts_from_the_truth(monkeypatch):
    known = []
    fitted = Pair._from

    def noted(self, starts, n_components, data):
        starts = list(starts)
        known.append((n_components, starts))
        return fitted(self, starts, n_components, data)

    monkeypatch.setattr(Pair, "_from", noted)
    test = bootstrap_lrt(two_groups(), 2, "diag", n_resamples=1, random_state=0)
    (count, (truth,)), (more, splits) = known[-2:]
    assert (count, more, len(splits)) == (2, 3, 2)
    np.testing.assert_array_equal(truth.means, test.null.means_)


def test_where_all_are_rejected_one_more_is_needed():
    found = sequential_bootstrap_lrt(two_groups(20), 1, "tied", n_resamples=19, random_state=0)
    assert found.tests[0].p_value == 0.05
    assert found.n_components == 2


def test_a_collapse_is_a_failure_and_other_faults_are_none():
    X = np.r_[np.random.RandomState(0).randn(60, 2), np.full((3, 2), 9.0)]
    settings = {"covariance_type": "full", "random_state": 0}
    with pytest.raises(BadInputError, match="but got 2, where one component collapses"):
        Pair(2, 2, settings).null(data_of(X))
    with pytest.raises(BadInputError, match="tol must be"):
        Pair(2, 2, {**settings, "tol": -1}).null(data_of(X))


def test_where_the_first_start_collapses_the_next_is_followed(monkeypatch):
    """The likelihood of a start that is ahead early may have no bound."""
    run = Pair._run
    asked = []

    def no_first(self, estimation, start=None, *how):
        if estimation.climb.max_iter != 20 and estimation.model.n_components == 2:
            asked.append(start)
            if len(asked) == 1:
                raise BadInputError("n_components", "a collapse", "fewer")
        return run(self, estimation, start, *how)

    monkeypatch.setattr(Pair, "_run", no_first)
    data, settings = data_of(two_groups()), {"covariance_type": "full", "random_state": 0}
    pair = Pair(1, 2, settings)
    assert pair.alternative(pair.null(data), data).parameters.n_components == 2
    assert len(asked) == 2
    assert None not in asked


def test_where_all_quick_starts_collapse_others_are_made():
    X = np.random.default_rng(40).normal(size=(300, 1))
    pair = Pair(1, 2, {"covariance_type": "full", "random_state": 40})
    data = pair.data(X)
    found = pair.alternative(pair.null(data), data)
    assert found.parameters.n_components == 2
    assert not found.fit.best.certificate.collapses


def test_simulated_data_lack_what_the_data_lack(monkeypatch):
    X = two_groups(20)
    X[::3, 0] = np.nan
    X[5] = np.nan  # says nothing, and is not drawn
    seen, data = [], Pair.data

    def noted(self, rows, *weights):
        seen.append(rows)
        return data(self, rows, *weights)

    monkeypatch.setattr(Pair, "data", noted)
    assert bootstrap_lrt(X, 1, "diag", n_resamples=2, random_state=0).p_value == 1 / 3
    for drawn in seen[1:]:
        np.testing.assert_array_equal(np.isnan(drawn), np.isnan(np.delete(X, 5, axis=0)))
    weights = np.where(np.arange(40) % 3, 1.0, 4.0)
    bootstrap_lrt(X, 1, "diag", n_resamples=1, sample_weight=weights, random_state=0)
    assert len(seen[-1]) == weights.sum() - weights[5]
    assert np.isnan(seen[-1][:, 0]).mean() == pytest.approx(weights[::3].sum() / 82, abs=0.2)


def test_a_later_test_that_fails_leaves_those_before(monkeypatch):
    def second_fails(X, count, *rest, **settings):
        if count == 2:
            raise BadInputError("n_components", "too many", "fewer")
        return bootstrap_lrt(X, count, *rest, **settings)

    monkeypatch.setattr(likelihood_ratio, "bootstrap_lrt", second_fails)
    found = sequential_bootstrap_lrt(two_groups(20), 3, "tied", n_resamples=19, random_state=0)
    assert len(found.tests) == 1
    assert found.failure.startswith("2 against 3 components: n_components must be fewer")
    assert str(found).endswith(found.failure)


def test_observer_is_told_and_may_end_it():
    seen = []
    test = bootstrap_lrt(
        two_groups(20), 1, "tied", n_resamples=50, random_state=0,
        observe=lambda resample: seen.append(resample) or len(seen) == 3,
    )  # fmt: skip
    assert [resample.number for resample in seen] == [0, 1, 2]
    assert len(test.bootstrap) == 3


def test_interrupt_keeps_the_resamples():
    def press(resample):
        if resample.number == 2:
            raise KeyboardInterrupt

    settings = {"n_resamples": 19, "random_state": 0, "observe": press}
    with pytest.raises(FitInterrupted) as caught:
        bootstrap_lrt(two_groups(20), 1, "tied", **settings)
    assert len(caught.value.result.bootstrap) == 3
    with pytest.raises(FitInterrupted) as caught:
        sequential_bootstrap_lrt(two_groups(20), 3, "tied", **settings)
    assert len(caught.value.result.tests[0].bootstrap) == 3


def test_more_components_than_the_data_bear():
    X = np.r_[np.random.RandomState(0).randn(60, 2), np.full((3, 2), 9.0)]
    with pytest.raises(BadInputError, match="but got 2, where one component collapses"):
        bootstrap_lrt(X, 1, "full", n_resamples=9, random_state=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_components": 0}, "n_components must be a whole number"),
        ({"n_resamples": 0}, "n_resamples must be a whole number"),
        ({"n_init": 0}, "n_init must be a whole number"),
        ({"means_init": [[0.0, 0.0]]}, "means_init must be left out"),
        ({"means_init": np.zeros((1, 2))}, "means_init must be left out"),
        ({"fixed": "weights"}, "fixed must be left out"),
        ({"equal_weights": True}, "equal_weights must be False in a test"),
        ({"noise": True, "noise_init": np.arange(20) == 0}, "noise_init must be a share"),
        ({"covariance_type": "round"}, "covariance_type must be one of"),
        ({"sample_weight": [1.0]}, "sample_weight must be of shape"),
        ({"sample_weight": np.full(20, 0.01)}, "sample_weight must be numbers of rows"),
        ({"max_itre": 1}, "the setting must be one of"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(BadInputError, match=message):
        bootstrap_lrt(two_groups(10), **arguments)


def test_beside_noise_one_component_more_is_tested():
    rng = np.random.default_rng(1)
    groups = rng.normal(size=(80, 1)), rng.normal(7, 1, (40, 1))
    X = np.r_[*groups, rng.uniform(-15, 15, (12, 1))]
    found = bootstrap_lrt(X, 1, noise=True, n_resamples=3, n_init=1, random_state=0)
    assert found.p_value == 0.25
    assert found.null.noise_weight_ > 0
    assert found.failures == ()


def test_too_few_resamples_for_the_level():
    with pytest.raises(BadInputError, match="n_resamples must be at least 19, but got 9"):
        sequential_bootstrap_lrt(two_groups(10), n_resamples=9)
    with pytest.raises(BadInputError, match="level above 0"):
        sequential_bootstrap_lrt(two_groups(10), level=0)


def test_more_starts_do_not_lower_the_alternative(faithful):
    data = data_of(faithful)
    settings = {"covariance_type": "full", "random_state": 0}
    few, many = Pair(2, 1, settings), Pair(2, 6, settings)
    null = few.null(data)
    assert (
        many.alternative(null, data).log_likelihood
        >= few.alternative(null, data).log_likelihood - 1e-3
    )
