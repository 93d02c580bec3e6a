"""Several starts: the best is kept, failures are told, the dead are started again."""

from __future__ import annotations

import numpy as np
import pytest

from bactrian.core import em
from bactrian.core.covariance import STRUCTURES
from bactrian.core.em.climb import look
from bactrian.core.em.starts import mean_distance, run_starts
from bactrian.core.em.stopping import ACCURACY, AitkenRule
from bactrian.core.values.parameters import Parameters
from bactrian.errors import DegenerateCovarianceError, FitInterrupted
from strategies import bounds_of, problem_of

DIAG = STRUCTURES["diag"]
RULE = AitkenRule(1e-8)


def three_groups():
    rng = np.random.default_rng(0)
    return np.concatenate([rng.standard_normal((40, 1)) + m for m in (-10.0, 0.0, 12.0)])


def start_at(*means, variance=1.0):
    k = len(means)
    return Parameters(np.full(k, 1 / k), np.array(means)[:, None], np.full((k, 1), variance), DIAG)


GOOD = start_at(-9.0, 1.0, 11.0)
POOR = start_at(-11.0, -9.0, 6.0, variance=0.3)  # two components share a group
FAILING = start_at(-9.0, 1.0, 11.0, variance=1e-9)


def failing():
    raise DegenerateCovarianceError([1], 3, 1)


def starts(*values):
    return [lambda value=value: value for value in values]


@pytest.fixture
def problem():
    return problem_of(three_groups(), bounds=bounds_of(1, 1e-9))


@pytest.mark.parametrize("order", [(GOOD, POOR), (POOR, GOOD), (POOR, GOOD, POOR)])
def test_the_best_is_kept(problem, order):
    fit = run_starts(problem, starts(*order), RULE, 2000)
    alone = [run_starts(problem, starts(p), RULE, 2000).best.state.log_likelihood for p in order]
    assert len(fit.runs) == len(order)
    assert fit.best.state.log_likelihood == pytest.approx(max(alone), abs=1e-6)
    highest = max(r.state.log_likelihood for r in fit.runs)
    assert fit.best.state.log_likelihood == pytest.approx(highest, abs=120 * ACCURACY)
    assert fit.failures == ()
    assert fit.best.converged


def test_optima_are_grouped_and_ordered(problem):
    fit = run_starts(problem, starts(GOOD, POOR, GOOD.permuted(np.array([2, 0, 1]))), RULE, 2000)
    best, *others = fit.optima(problem.units)
    assert (best.times, best.shortfall, best.distance) == (2, 0.0, 0.0)
    assert len(others) == 1
    assert others[0].times == 1
    assert others[0].shortfall == pytest.approx(best.log_likelihood - others[0].log_likelihood)
    assert others[0].shortfall > 1
    assert others[0].distance > 0.1


def test_equal_starts_are_run_once_and_count_each_time(problem):
    again = GOOD.permuted(np.array([2, 0, 1]))
    nearly = GOOD.replaced(means=GOOD.means + 1e-9)
    told = []
    fit = run_starts(problem, starts(GOOD, POOR, again, nearly), RULE, 2000, told.append)
    assert sorted({info.start for info in told}) == [0, 1, 3]
    assert [result.start for result in fit.runs] == [0, 1, 2, 3]
    assert [optimum.times for optimum in fit.optima(np.ones(1))] == [3, 1]
    assert fit.runs[2].seconds == 0.0


def test_distance_of_means_matches_the_components():
    a, b = start_at(0.0, 5.0, 9.0), start_at(9.0, 0.0, 5.5)
    assert mean_distance(a, b, np.array([2.0])) == pytest.approx(0.25)
    assert mean_distance(a, a.permuted(np.array([1, 2, 0])), np.array([2.0])) == 0.0


def test_failures_are_recorded_and_do_not_end_the_others(problem):
    fit = run_starts(problem, [failing, *starts(GOOD), failing], RULE, 2000)
    assert len(fit.runs) == 1
    assert len(fit.failures) == 2
    assert fit.failures[0].startswith("Component 2 of 3 has no positive-definite covariance")
    assert fit.best.converged


def test_if_every_start_fails_the_last_error_is_raised(problem):
    with pytest.raises(DegenerateCovarianceError, match="Component 2 of 3"):
        run_starts(problem, [failing, failing], RULE, 2000)


def test_the_best_is_regrouped_until_that_leads_no_higher(problem):
    seen = []

    def regroup(best):
        seen.append(best)
        return [failing, *starts(FAILING, GOOD)]

    fit = run_starts(problem, starts(POOR), RULE, 2000, regroup=regroup)
    alone = run_starts(problem, starts(GOOD), RULE, 2000)
    assert fit.best.state.log_likelihood == pytest.approx(alone.best.state.log_likelihood)
    assert len(seen) == 2  # the second time, nothing was higher
    assert fit.failures == ()
    assert not any(run.certificate.collapses for run in fit.runs)
    assert [run.start for run in fit.runs][:1] == [0]


def test_what_collapsed_is_not_regrouped():
    X = np.concatenate([three_groups(), [[100.0]]])
    narrow = start_at(-5.0, 11.0, 100.0)
    problem = problem_of(X, bounds=bounds_of(1, 1e-9))
    fit = run_starts(
        problem, starts(narrow), RULE, 2000, regroup=lambda best: pytest.fail("regrouped")
    )
    assert fit.best.certificate.collapses


def test_an_observer_ends_the_regrouping(problem):
    told = []

    def observe(info):
        told.append(info.start)
        return info.start == 1

    fit = run_starts(
        problem, starts(POOR), RULE, 2000, observe, regroup=lambda best: starts(GOOD, GOOD, GOOD)
    )
    assert fit.stopped
    assert set(told) == {0, 1}


def test_a_dead_component_is_started_again(problem):
    seen = []

    def restart(parameters, lost):
        seen.append((parameters, tuple(lost)))
        return GOOD

    start = start_at(-9.0, 1.0, 1e6)
    fit = run_starts(problem, starts(start), RULE, 2000, restart=restart)
    ((parameters, lost),) = seen
    assert lost == (2,)
    assert parameters.weights[2] == 0
    assert len(fit.runs) == 2
    assert fit.runs[0].certificate.collapses[0].dead
    assert fit.best is fit.runs[1]
    assert fit.best.converged
    expected = run_starts(problem, starts(GOOD), RULE, 2000).best.state.log_likelihood
    assert fit.best.state.log_likelihood == pytest.approx(expected, abs=1e-9)


def test_a_collapsed_component_is_started_again_where_nothing_bounds_it():
    X = np.concatenate([three_groups(), [[100.0]]])
    seen = []

    def restart(_, lost):
        seen.append(tuple(lost))
        return start_at(-9.0, 1.0, 11.0, variance=4.0)

    start = start_at(-5.0, 11.0, 100.0)
    fit = run_starts(problem_of(X), starts(start), RULE, 2000, restart=restart)
    assert seen == [(2,)]
    assert fit.best.state.parameters.weights.min() > 0


def test_a_fit_without_a_collapse_comes_before_a_higher_one_with():
    X = np.concatenate([three_groups(), [[100.0]]])
    problem = problem_of(X, bounds=bounds_of(1, 1e-12))
    collapsing, sound = start_at(-5.0, 11.0, 100.0), start_at(-9.0, 1.0, 11.0, variance=4.0)
    fit = run_starts(problem, starts(collapsing, sound), RULE, 2000)
    assert fit.runs[0].certificate.collapses
    assert fit.best is fit.runs[1]


# ------------------------------------------------------------------- stopping


def test_a_callback_that_says_stop_ends_all_starts(problem):
    seen = []

    def observe(info):
        seen.append((info.start, info.iteration))
        return len(seen) == 3

    fit = run_starts(problem, starts(POOR, GOOD), RULE, 2000, observe)
    assert seen == [(0, 1), (0, 2), (0, 3)]
    assert fit.best.ending is em.Ending.CALLBACK
    assert not fit.best.converged


def test_a_callback_can_stop_a_start_that_was_made_again(problem):
    seen = []

    def observe(info):
        seen.append(info.start)
        return len(seen) > 1 and info.iteration == 1

    start = start_at(-9.0, 1.0, 1e6)
    run_starts(problem, starts(start, GOOD), RULE, 2000, observe, restart=lambda *_: GOOD)
    assert set(seen) == {0}


def test_observers_are_told_the_start(problem):
    seen = []
    run_starts(problem, [failing, *starts(POOR, GOOD)], RULE, 2000, lambda i: seen.append(i.start))
    assert sorted(set(seen)) == [1, 2]


def test_while_it_climbs_the_observer_is_told_the_number_of_the_start():
    X = np.concatenate([three_groups(), three_groups() * 6])
    mean, variance = X.mean(), X.var()
    same = start_at(mean, mean, variance=variance)  # a saddle: the tails are heavy
    numbers = []
    problem = problem_of(X)
    run_starts(
        problem, [failing, failing, *starts(same)], RULE, 2000, lambda i: numbers.append(i.start)
    )
    assert len(numbers) > 3
    assert set(numbers) == {2}


@pytest.mark.parametrize("at", [1, 4])
def test_an_interrupt_in_the_first_start_keeps_what_there_is(problem, at):
    def observe(info):
        if info.iteration == at:
            raise KeyboardInterrupt

    with pytest.raises(FitInterrupted) as caught:
        run_starts(problem, starts(POOR, GOOD), RULE, 2000, observe)
    fit = caught.value.result
    assert fit.best.ending is em.Ending.INTERRUPTED
    assert not fit.best.converged
    assert fit.best.state.iteration == at
    assert isinstance(caught.value, KeyboardInterrupt)


def test_an_interrupt_in_a_later_start_keeps_the_best(problem):
    def observe(info):
        if info.start == 1:
            raise KeyboardInterrupt

    with pytest.raises(FitInterrupted) as caught:
        run_starts(problem, starts(GOOD, POOR), RULE, 2000, observe)
    fit = caught.value.result
    assert len(fit.runs) == 2
    assert fit.best is fit.runs[0]
    assert fit.best.ending is RULE.ending
    assert fit.runs[1].ending is em.Ending.INTERRUPTED


def test_an_interrupt_before_anything_has_no_result(problem):
    def start():
        raise KeyboardInterrupt

    with pytest.raises(FitInterrupted) as caught:
        run_starts(problem, [start], RULE, 2000)
    assert caught.value.result is None


def test_an_interrupt_while_it_climbs_keeps_the_best():
    X = np.concatenate([three_groups(), three_groups() * 6])
    same = start_at(X.mean(), X.mean(), variance=X.var())
    count = []

    def observe(info):
        count.append(info)
        if len(count) > 4:
            raise KeyboardInterrupt

    with pytest.raises(FitInterrupted) as caught:
        run_starts(problem_of(X), starts(same), RULE, 2000, observe)
    fit = caught.value.result
    assert fit.best.state.log_likelihood >= count[-1].log_likelihood
    assert not fit.best.converged


def test_a_collapse_while_it_climbs_does_not_lose_the_fit():
    X = np.concatenate([three_groups(), three_groups() * 6])
    same = start_at(X.mean(), X.mean(), variance=X.var())
    problem = problem_of(X)
    state = run_starts(problem, starts(same), RULE, 2000, pursuit=look).best.state

    def observe(info):
        if info.log_likelihood > state.log_likelihood + 1:
            raise DegenerateCovarianceError([0], 2, 1)

    fit = run_starts(problem, starts(same), RULE, 2000, observe)
    assert fit.best.state.log_likelihood >= state.log_likelihood - 1e-9
    assert not fit.best.converged
