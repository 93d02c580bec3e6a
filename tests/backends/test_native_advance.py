"""Several steps in one call: the numbers of one after another, in the compiled and the plain form."""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from bactrian import GaussianMixture
from bactrian.core.covariance import STRUCTURES
from bactrian.core.em.steps import EMProblem, init, step
from bactrian.core.em.stopping import AitkenRule, LogLikelihoodRule, gain_to_come, outpaced
from bactrian.core.em.stride import Pace
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.data.source import ArraySource
from bactrian.errors import DegenerateCovarianceError
from strategies import bounds_of, drawn, random_parameters, seeds

_native = pytest.importorskip("bactrian._native", reason="native module not built")

from bactrian.backends.native.backend import NativeBackend  # noqa: E402
from bactrian.backends.native.maximisation import (  # noqa: E402
    FREE,
    SHARING,
    NativeMaximumLikelihood,
)

COMPILED = sorted(FREE | SHARING)
names = st.sampled_from(COMPILED)


def problem_of(name, seed, k=3, d=3, n=120, weighted=False, fixed=frozenset(), threads=1):
    """A problem whose steps are compiled, the same step by step, and where they begin."""
    rng = np.random.default_rng(seed)
    truth = random_parameters(rng, STRUCTURES[name], k, d)
    X = drawn(rng, truth, n)
    start = truth.replaced(means=truth.means + 0.5 * rng.standard_normal(truth.means.shape))
    weights = rng.uniform(0.5, 2, n) if weighted else None
    held = NativeBackend(threads).hold(ArraySource(X, weights, complete=True))
    reference = MaximumLikelihood(bounds_of(d, 1e-9), fixed)
    compiled = NativeMaximumLikelihood(reference)
    units = X.std(axis=0)
    strides = EMProblem(held.accumulate, compiled, units, advance=held.advance)
    return strides, EMProblem(held.accumulate, reference, units), start


def strode(problem, state, pace):
    return problem.advance(
        problem.maximise, state.parameters, state.stats, state.plain_trace, pace
    )


def walked(problem, state, steps):
    for _ in range(steps):
        state = step(problem, state)
    return state


def assert_equal_bits(a, b):
    for name in ("weights", "means", "covariances", "precisions_cholesky"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


@settings(max_examples=60)
@given(names, seeds, st.integers(1, 4), st.integers(1, 4), st.booleans(), st.booleans())
def test_the_numbers_are_those_of_one_step_after_another(name, seed, k, d, weighted, held):
    fixed = frozenset({"weights"}) if held else frozenset()
    strides, steps, start = problem_of(name, seed, k, d, 60 * k, weighted, fixed)
    state = init(strides, start)
    found = strode(strides, state, Pace(8))
    assume(found is not None)
    try:
        wanted = walked(steps, init(steps, start), len(found.trace))
        before = walked(steps, init(steps, start), len(found.trace) - 1)
    except DegenerateCovarianceError:
        reject()
    np.testing.assert_allclose(found.trace, wanted.trace[1:], rtol=1e-12, atol=1e-12)
    assert found.stats.log_likelihood == pytest.approx(wanted.log_likelihood, rel=1e-12)
    assert found.stats.n_samples == wanted.stats.n_samples
    for mine, theirs in ((found.parameters, wanted.parameters), (found.previous, before.parameters)):
        for part in ("weights", "means", "covariances", "precisions_cholesky"):
            a, b = getattr(theirs, part), getattr(mine, part)
            np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-9 * np.abs(a).max(), err_msg=part)
            assert not b.flags.writeable
    if held:
        np.testing.assert_array_equal(found.parameters.weights, start.weights)


@pytest.mark.parametrize("name", COMPILED)
def test_how_many_steps_are_taken_at_a_time_changes_no_bit(name):
    strides, _, start = problem_of(name, 1)
    state = init(strides, start)
    at_once = strode(strides, state, Pace(6))
    trace = state.trace
    for steps in (1, 3, 2):
        some = strode(strides, replace(state, trace=trace), Pace(steps))
        trace = (*trace, *some.trace)
        state = replace(state, parameters=some.parameters, stats=some.stats, trace=trace)
    assert at_once.trace == trace[1:]
    assert_equal_bits(at_once.parameters, state.parameters)
    np.testing.assert_array_equal(at_once.stats.second, state.stats.second)


def test_the_number_of_threads_changes_no_bit():
    found = []
    for threads in (1, 2):
        strides, _, start = problem_of("full", 2, n=30_000, threads=threads)
        found.append(strode(strides, init(strides, start), Pace(3)).parameters)
    assert_equal_bits(*found)


@given(names, seeds, st.sampled_from([1e-2, 1e-4, 1e-7]))
@settings(max_examples=20)
def test_it_ends_where_the_rules_would(name, seed, tol):
    strides, _, start = problem_of(name, seed, k=2, d=2)
    state = init(strides, start)
    for rule in (LogLikelihoodRule(tol), AitkenRule(tol)):
        found = strode(strides, state, rule.pace.at_most(60))
        assume(found is not None)
        for steps in range(1, len(found.trace) + 1):
            reached = replace(state, trace=(*state.trace, *found.trace[:steps]))
            assert rule.satisfied(reached) == (steps == len(found.trace) < 60) or steps == 60


@given(names, seeds, st.floats(-0.01, 0.3))
@settings(max_examples=20)
def test_a_race_is_given_up_where_the_loop_would(name, seed, ahead):
    strides, _, start = problem_of(name, seed, k=2, d=2)
    state = init(strides, start)
    far = strode(strides, state, Pace(60))
    assume(far is not None)
    rival = far.trace[-1] + ahead
    found = strode(strides, state, Pace(60).beside(rival, 10))
    given_up = [
        outpaced(replace(state, trace=(*state.trace, *far.trace[:n]), iteration=n), rival)
        for n in range(1, len(far.trace) + 1)
    ]
    expected = given_up.index(True) + 1 if True in given_up else len(far.trace)
    assert len(found.trace) == expected


@given(st.lists(st.floats(1e-12, 1), min_size=1, max_size=6), st.floats(-1e3, 1e3))
def test_the_gain_to_come_is_the_loops(gains, start):
    """Seen through the pace: a stride ends there or goes on."""
    strides, _, begin = problem_of("diag", 0, k=1, d=1, n=20)
    state = init(strides, begin)
    trace = (start, *(start + np.cumsum(sorted(gains, reverse=True))).tolist())
    after = strides.advance(strides.maximise, state.parameters, state.stats, trace, Pace(2))
    assume(after is not None and len(after.trace) == 2)
    left = gain_to_come((*trace, after.trace[0]))
    for bound in (left * 0.999, left * 1.001 + 1e-300):
        pace = Pace(2, to_come=bound)
        found = strides.advance(strides.maximise, state.parameters, state.stats, trace, pace)
        assert len(found.trace) == (1 if left < bound else 2) or left == inf


def test_a_component_that_dies_is_left_to_the_reference():
    strides, steps, start = problem_of("full", 3)
    far = start.replaced(means=np.r_[start.means[:2], start.means[2:] + 1e3])
    assert strode(strides, init(strides, far), Pace(5)) is None
    assert walked(strides, init(strides, far), 1).parameters.weights[2] == 0


@pytest.mark.parametrize(
    "more", [{"prior": "default"}, {"noise": True}, {"family": "t"}, {"backend": "numpy"}]
)
def test_what_is_not_compiled_is_fitted_all_the_same(more, faithful):
    gm = GaussianMixture(2, random_state=0, **more).fit(faithful)
    assert np.isfinite(gm.lower_bound_)


@pytest.mark.parametrize("name", [*COMPILED, "VVE"])
def test_to_look_on_changes_no_bit(name, faithful):
    seen = []
    alone = GaussianMixture(3, covariance_type=name, n_init=2, random_state=0).fit(faithful)
    watched = GaussianMixture(
        3, covariance_type=name, n_init=2, random_state=0, callback=seen.append
    ).fit(faithful)
    assert_equal_bits(alone.mixture_.parameters, watched.mixture_.parameters)
    assert alone.fit_report_.trace == watched.fit_report_.trace
    # Every iteration is told of, whoever takes it.
    starts = {info.start for info in seen}
    for start in starts:
        own = [info.iteration for info in seen if info.start == start]
        assert own[:3] == [1, 2, 3]


def test_ctrl_c_is_heard_in_the_midst_of_steps():
    strides, _, start = problem_of("full", 4, k=8, d=8, n=200_000)
    state = init(strides, start)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    began = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            for _ in range(2000):
                strode(strides, state, Pace(1000))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - began < 5
