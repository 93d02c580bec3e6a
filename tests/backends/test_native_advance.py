"""Several steps in one call: the numbers of one step after another, by the reference."""

from __future__ import annotations

import pickle
import signal
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from bactrian import GaussianMixture
from bactrian.core.covariance import STRUCTURES
from bactrian.core.em import loop
from bactrian.core.em.curvature import curvature
from bactrian.core.em.steps import EMProblem, init, step
from bactrian.core.em.stopping import RACE_FROM, AitkenRule, LogLikelihoodRule, outpaced
from bactrian.core.em.stride import Pace
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource
from bactrian.errors import DegenerateCovarianceError
from strategies import bounds_of, drawn, random_parameters, seeds

_native = pytest.importorskip("bactrian._native", reason="native module not built")

from bactrian.backends.native.backend import NativeBackend  # noqa: E402
from bactrian.backends.native.chart import FREE, SHARING  # noqa: E402
from bactrian.backends.native.maximisation import NativeMaximumLikelihood  # noqa: E402

COMPILED = sorted(FREE | SHARING)
FIELDS = ("weights", "means", "covariances", "precisions_cholesky")
names = st.sampled_from(COMPILED)


def problem_of(name, seed, k=3, d=3, n=120, weighted=False, fixed=frozenset(), **more):
    """A problem whose steps are compiled, the same step by step, and where they begin."""
    rng = np.random.default_rng(seed)
    truth = random_parameters(rng, STRUCTURES[name], k, d)
    X = rng.standard_normal((n, d)) if more.pop("one_group", False) else drawn(rng, truth, n)
    start = truth.replaced(means=truth.means + 0.5 * rng.standard_normal(truth.means.shape))
    weights = rng.uniform(0.5, 2, n) if weighted else None
    held = NativeBackend(more.pop("threads", 1)).hold(ArraySource(X, weights, complete=True))
    reference = MaximumLikelihood(bounds_of(d, 1e-9), fixed)
    compiled = NativeMaximumLikelihood(reference)
    units = X.std(axis=0)
    strides = EMProblem(
        held.accumulate, compiled, units, advance=held.advance, image=held.image, **more
    )
    return strides, EMProblem(held.accumulate, reference, units, **more), start


def strode(problem, state, pace):
    return problem.advance(problem.maximise, state, pace)


def walked(problem, state, steps):
    for _ in range(steps):
        state = step(problem, state)
    return state


def assert_equal_bits(a, b):
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


@settings(max_examples=60)
@given(names, seeds, st.integers(1, 4), st.integers(1, 4), st.booleans(), st.booleans())
def test_the_numbers_are_those_of_one_step_after_another(name, seed, k, d, weighted, held):
    fixed = frozenset({"weights"}) if held else frozenset()
    strides, steps, start = problem_of(name, seed, k, d, 60 * k, weighted, fixed)
    found = strode(strides, init(strides, start), Pace(8))
    assume(found is not None)
    try:
        before = walked(steps, init(steps, start), found.iteration - 1)
        wanted = walked(steps, before, 1)
    except DegenerateCovarianceError:
        reject()
    np.testing.assert_allclose(found.trace, wanted.trace, rtol=1e-12, atol=1e-12)
    assert found.log_likelihood == pytest.approx(wanted.log_likelihood, rel=1e-12)
    assert (found.stats.n_samples, found.plain_since) == (wanted.stats.n_samples, 0)
    for mine, theirs in (
        (found.parameters, wanted.parameters),
        (found.previous, before.parameters),
    ):
        for part in FIELDS:
            a, b = getattr(theirs, part), getattr(mine, part)
            np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-9 * np.abs(a).max(), err_msg=part)
            assert not b.flags.writeable
    if held:
        np.testing.assert_array_equal(found.parameters.weights, start.weights)


@settings(max_examples=40)
@given(names, seeds, st.integers(2, 4), st.integers(1, 3), st.booleans())
def test_an_accelerated_run_is_that_of_the_loop(name, seed, k, d, held):
    """As long as rounding does not decide whether a step is accepted: the passes are counted."""
    fixed = frozenset({"weights"}) if held else frozenset()
    strides, steps, start = problem_of(name, seed, k, d, 80 * k, fixed=fixed, accelerated=True)
    rule = AitkenRule(1e-9)
    try:
        found, wanted = (
            loop.run(problem, init(problem, start), rule, 1e-5, 40) for problem in (strides, steps)
        )
    except DegenerateCovarianceError:
        reject()
    assume(not wanted.certificate.collapses)
    assert found.state.iteration == wanted.state.iteration
    assert found.ending is wanted.ending
    np.testing.assert_allclose(found.state.trace, wanted.state.trace, rtol=1e-8, atol=1e-8)
    assert found.state.plain_since == wanted.state.plain_since
    assert (found.state.previous is None) == (wanted.state.previous is None)


@settings(max_examples=40)
@given(names, seeds, st.integers(1, 4), st.integers(1, 3), st.booleans(), st.booleans())
def test_where_a_step_leads_in_coordinates(name, seed, k, d, weighted, held):
    fixed = frozenset({"weights"}) if held else frozenset()
    strides, steps, start = problem_of(name, seed, k, d, 80 * k, weighted, fixed)
    chart = strides.maximise.chart(start, 80.0 * k)
    vector = 0.01 * np.random.default_rng(seed).standard_normal(chart.size)
    found = strides.image(strides.maximise, chart, vector)
    assume(found is not None)
    nearby = chart.point(vector)
    try:
        led = chart.vector(steps.maximise(steps.accumulate(nearby.terms(), None), nearby))
    except DegenerateCovarianceError:
        reject()
    np.testing.assert_allclose(found, led, rtol=1e-8, atol=1e-9 * max(1.0, np.abs(led).max()))


def test_the_reference_says_where_a_step_leads_that_is_not_compiled():
    strides, steps, start = problem_of("full", 0)
    chart = steps.maximise.chart(start, 120.0)
    nowhere = np.zeros(chart.vector(start).size)
    assert strides.image(strides.maximise, chart, nowhere) is None
    assert strides.image(steps.maximise, strides.maximise.chart(start, 120.0), nowhere) is None


@pytest.mark.parametrize("name", COMPILED)
def test_the_curvature_is_that_of_the_reference(name):
    strides, _, start = problem_of(name, 2, n=200)
    end = loop.run(strides, init(strides, start), AitkenRule(1e-12), 1e-5, 400).state
    found, wanted = curvature(strides, end), curvature(replace(strides, image=None), end)
    assert found.rate == pytest.approx(wanted.rate, abs=1e-4)
    assert found.gain == pytest.approx(wanted.gain, rel=0.1, abs=1e-9)


@pytest.mark.parametrize("name", COMPILED)
def test_how_many_steps_are_taken_at_a_time_changes_no_bit(name):
    """Nor in the acceleration: what it remembers goes out and comes back."""
    strides, _, start = problem_of(name, 1, accelerated=True)
    rule = AitkenRule(1e-11)
    at_once, one_by_one = (
        loop.run(strides, init(strides, start), rule, 1e-5, 60, observe)
        for observe in (None, lambda info: False)
    )
    assert at_once.state.memory.chart is not None or at_once.state.iteration < 10
    assert at_once.state.trace == one_by_one.state.trace
    assert_equal_bits(at_once.state.parameters, one_by_one.state.parameters)
    np.testing.assert_array_equal(at_once.state.stats.second, one_by_one.state.stats.second)


def test_where_there_is_no_compiled_chart_the_loop_accelerates():
    d = _native.MOST_CHARTED + 1
    strides, _, start = problem_of("diag", 0, 2, d, 300, accelerated=True, one_group=True)
    rule = AitkenRule(1e-9)
    found = loop.run(strides, init(strides, start), rule, 1e-5, 80)
    wanted = loop.run(replace(strides, advance=None), init(strides, start), rule, 1e-5, 80)
    assert found.state.memory.chart is not None
    assert found.state.iteration == wanted.state.iteration
    np.testing.assert_allclose(found.state.trace, wanted.state.trace, rtol=1e-10)


def test_it_goes_on_from_a_state_that_was_sent():
    strides, _, start = problem_of("full", 1, accelerated=True)
    rule = AitkenRule(1e-11)
    whole = loop.run(strides, init(strides, start), rule, 1e-5, 60)
    part = loop.run(
        strides, init(strides, start), rule, 1e-5, 60, lambda info: info.iteration >= 11
    )
    assert part.state.memory.moves
    state = pickle.loads(pickle.dumps(part.state))
    rest = loop.run(strides, state, rule, 1e-5, 60 - state.iteration)
    assert rest.state.trace == whole.state.trace
    assert_equal_bits(rest.state.parameters, whole.state.parameters)


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
        found = strode(strides, state, replace(rule.pace, most=60))
        assume(found is not None)
        for passes in range(1, found.iteration):
            assert not rule.satisfied(replace(state, trace=found.trace[: passes + 1]))
        assert rule.satisfied(found) == (found.iteration < 60) or found.iteration == 60


@given(names, seeds, st.floats(-0.01, 0.3))
@settings(max_examples=20)
def test_a_race_is_given_up_where_the_loop_would(name, seed, ahead):
    strides, _, start = problem_of(name, seed, k=2, d=2)
    state = init(strides, start)
    far = strode(strides, state, Pace(60))
    assume(far is not None)
    rival = far.trace[-1] + ahead
    found = strode(strides, state, Pace(60).beside(rival, RACE_FROM))
    given_up = [
        n
        for n in range(1, far.iteration + 1)
        if outpaced(replace(state, trace=far.trace[: n + 1], iteration=n), rival)
    ]
    assert found.iteration == (given_up[0] if given_up else far.iteration)


def on_the_floor(name, seed, d):
    """Rows of which some lie on a line, or almost at a point, and a start that holds them."""
    rng, structure = np.random.default_rng(seed), STRUCTURES[name]
    X = np.r_[rng.standard_normal((60, d)), 8 + rng.standard_normal((60, d))]
    thin = np.zeros((40, d))
    thin[:, 0] = rng.uniform(-1, 1, 40) * (name in ("full", "tied", "diag"))
    thin += 1e-7 * rng.standard_normal((40, d)) + 4
    X = np.r_[thin, thin + 4] if name == "tied" else np.r_[X, thin]
    means = np.array([[4.0] * d, [8.0] * d, [0.0] * d])[: 2 if name == "tied" else 3]
    covariances = np.empty(structure.form.shape(len(means), d))
    covariances[:] = np.eye(d) if covariances.ndim == 3 else 1.0
    covariances[0] *= 1e-4
    weights = np.full(len(means), 1 / len(means))
    return X, Parameters(weights, means, covariances, structure)


@pytest.mark.parametrize("name", sorted(FREE))
@pytest.mark.parametrize("d", [1, 2, 5])
def test_on_the_floor_the_numbers_are_the_references(name, d):
    X, start = on_the_floor(name, d, d)
    bounds = bounds_of(d, 1e-9)
    held = NativeBackend(1).hold(ArraySource(X, None, complete=True))
    reference = MaximumLikelihood(bounds)
    steps = EMProblem(held.accumulate, reference, X.std(axis=0))
    compiled = NativeMaximumLikelihood(reference)
    strides = replace(steps, maximise=compiled, advance=held.advance)
    state = walked(steps, init(steps, start), 4)  # until means move by no more than what is thin
    wanted, found = walked(steps, state, 8), strode(strides, state, Pace(8))
    lowest = wanted.parameters.form.limits.eigenvalues(
        wanted.parameters.covariances, np.ones(1 if name == "spherical" else d)
    ).min()
    assert (lowest < 1.01e-9) == (d > 1 or name == "spherical")
    assert found.iteration == wanted.iteration
    np.testing.assert_allclose(found.trace, wanted.trace, rtol=1e-12)
    for field in FIELDS:
        one, other = (getattr(s.parameters, field) for s in (found, wanted))
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9 * np.abs(other).max())
    rule = AitkenRule(1e-10)
    fast, slow = (
        loop.run(replace(problem, accelerated=True), state, rule, 1e-5, 60)
        for problem in (strides, replace(strides, advance=None))
    )
    assert np.diff(fast.state.trace).min() > -1e-12
    assert fast.state.trace[-1] == pytest.approx(slow.state.trace[-1], abs=1e-8)


def test_a_component_that_dies_is_left_to_the_reference():
    strides, _, start = problem_of("full", 3)
    far = start.replaced(means=np.r_[start.means[:2], start.means[2:] + 1e3])
    assert strode(strides, init(strides, far), Pace(5)) is None
    assert walked(strides, init(strides, far), 1).parameters.weights[2] == 0


@pytest.mark.parametrize(
    "more", [{"prior": "default"}, {"noise": True}, {"family": "t"}, {"backend": "numpy"}]
)
def test_what_is_not_compiled_is_fitted_all_the_same(more, faithful):
    gm = GaussianMixture(2, random_state=0, **more).fit(faithful)
    assert np.isfinite(gm.lower_bound_)


@pytest.mark.parametrize("name", COMPILED)
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
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012
            while True:
                strode(strides, state, Pace(1000))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - began < 5
