"""The EM loop: it is the textbook's, and its likelihood never falls beyond rounding."""

from __future__ import annotations

import itertools
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture as SklearnMixture

from bactrian import GaussianMixture
from bactrian.backends import backend_for
from bactrian.core import em
from bactrian.core.covariance import STRUCTURES
from bactrian.core.covariance.structures.shared import ConstrainedStructure
from bactrian.core.em.stopping import AitkenRule, LogLikelihoodRule, ParametersRule
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource
from bactrian.errors import BadInputError, DegenerateCovarianceError
from bactrian.fitting.climb import Climb
from bactrian.fitting.dataset import DataSet
from bactrian.fitting.estimation import Estimation
from bactrian.fitting.machine import Machine
from bactrian.fitting.model import Model
from bactrian.fitting.starts import Starts
from bactrian.init.starts import STARTS
from strategies import (
    EPS,
    NAMES,
    Case,
    bounds_of,
    cases,
    covariances_of,
    drawn,
    magnitude,
    problem_of,
    random_parameters,
    rounding_of_step,
    scales,
    scipy_log_density,
    seeds,
    structures,
)


def states_of(problem, parameters, n_iter):
    """States of EM from a start, until it ends or degenerates."""
    states = [em.init(problem, parameters)]
    try:
        for _ in range(n_iter):
            states.append(em.step(problem, states[-1]))
    except DegenerateCovarianceError:
        pass
    return states


# ------------------------------------------------------------ foreign oracles


def textbook_step(X, sample_weight, parameters):
    """Bishop's EM (2006, section 9.2.2) with matrices throughout; densities are SciPy's."""
    dense, structure = parameters.dense_covariances(), parameters.structure
    k, d = parameters.means.shape
    joint = np.stack(
        [
            w * multivariate_normal(m, c).pdf(X)
            for w, m, c in zip(parameters.weights, parameters.means, dense, strict=True)
        ],
        axis=1,
    )
    r = joint / joint.sum(axis=1, keepdims=True) * sample_weight[:, None]
    means = np.stack([np.average(X, axis=0, weights=r[:, j]) for j in range(k)])
    each = np.stack([np.cov(X.T, aweights=r[:, j], ddof=0).reshape(d, d) for j in range(k)])
    share = r.sum(axis=0) / sample_weight.sum()
    covariances = {
        "full": each,
        "tied": np.einsum("k,kij->ij", share, each)[None],
        "diag": np.diagonal(each, axis1=1, axis2=2),
        "spherical": np.trace(each, axis1=1, axis2=2)[:, None] / d,
    }[structure.name]
    return share, means, covariances


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("weighted", [False, True])
def test_a_step_is_the_textbooks(name, weighted):
    rng = np.random.default_rng(1)
    parameters = random_parameters(rng, STRUCTURES[name], 3, 2)
    X = drawn(rng, parameters, 80)
    sample_weight = rng.uniform(0.2, 4.0, 80) if weighted else np.ones(80)
    state = em.init(problem_of(X, sample_weight if weighted else None), parameters)
    problem = problem_of(X, sample_weight if weighted else None)
    for _ in range(4):
        weights, means, covariances = textbook_step(X, sample_weight, state.parameters)
        state = em.step(problem, state)
        np.testing.assert_allclose(state.parameters.weights, weights, rtol=1e-11)
        np.testing.assert_allclose(state.parameters.means, means, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(
            state.parameters.covariances, covariances, rtol=1e-11, atol=1e-12
        )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n_iter", [1, 5, 25])
def test_iterations_are_those_of_scikit_learn(name, n_iter):
    rng = np.random.default_rng(2)
    structure = STRUCTURES[name]
    start = random_parameters(rng, structure, 3, 2)
    X = drawn(rng, random_parameters(rng, structure, 3, 2), 200)
    precisions = structure.form.algebra.precisions_of(start.precisions_cholesky)
    theirs = SklearnMixture(
        3,
        covariance_type=name,
        reg_covar=0.0,
        tol=0.0,
        max_iter=n_iter,
        weights_init=start.weights,
        means_init=start.means,
        precisions_init=precisions.reshape(structure.form.public_shape(3, 2)),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs.fit(X)
    state = states_of(problem_of(X), start, n_iter)[-1]
    assert state.iteration == n_iter
    np.testing.assert_allclose(state.parameters.weights, theirs.weights_, rtol=1e-8)
    np.testing.assert_allclose(state.parameters.means, theirs.means_, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(
        state.parameters.covariances.reshape(theirs.covariances_.shape),
        theirs.covariances_,
        rtol=1e-8,
        atol=1e-9,
    )
    assert state.trace[-1] == pytest.approx(theirs.score(X), rel=1e-10)


@given(cases(most_rows=40), seeds, st.booleans())
@settings(max_examples=40)
def test_log_likelihood_of_each_iteration_equals_scipy(case: Case, seed, weighted):
    rng = np.random.default_rng(seed)
    p = case.parameters
    X = drawn(rng, p, 60)
    sample_weight = rng.uniform(0.2, 4.0, 60) if weighted else None
    # Bounded, so that SciPy has digits to give as well.
    spread = p.structure.units(X.var(axis=0))
    bounds = bounds_of(len(spread), 0.05 * np.square(spread))
    for state in states_of(problem_of(X, sample_weight, bounds), p, 6):
        theirs = np.average(scipy_log_density(X, state.parameters), weights=sample_weight)
        size = np.average(magnitude(X, state.parameters).max(axis=1), weights=sample_weight)
        # Both round x - mean alike; a far origin costs neither.
        assert abs(state.trace[-1] - theirs) <= 1e-12 * size
        rows = np.ones(60) if sample_weight is None else sample_weight
        assert state.log_likelihood == pytest.approx(state.trace[-1] * rows.sum(), rel=1e-13)


# ---------------------------------------------------------- it never falls


def plain(rng, n, k, d):
    return rng.standard_normal((n, d)) + 4 * rng.standard_normal((k, d))[rng.integers(k, size=n)]


def nearly_singular(rng, n, k, d):
    A = rng.standard_normal((k, d, d)) * 10.0 ** rng.uniform(-6, 0, (k, 1, d))
    labels = rng.integers(k, size=n)
    z = rng.standard_normal((n, d))
    return np.einsum("nij,nj->ni", A[labels], z) + 3 * rng.standard_normal((k, d))[labels]


def duplicated(rng, n, k, d):
    return rng.standard_normal((max(2, n // 5), d))[rng.integers(max(2, n // 5), size=n)]


def tied_values(rng, n, k, d):
    X = rng.integers(0, 3, (n, d)).astype(float)
    X[:2] = [[0.0], [1.0]]
    return X


def tiny_and_far_apart(rng, n, k, d):
    spread = 10.0 ** rng.uniform(-7, -3)
    return (
        spread * rng.standard_normal((n, d)) + rng.standard_normal((k, d))[rng.integers(k, size=n)]
    )


def collinear(rng, n, k, d):
    X = plain(rng, n, k, d)
    if d > 1:
        X[:, -1] = 2 * X[:, 0] + rng.choice([0.0, 1e-9, 1e-5]) * rng.standard_normal(n)
    return X


def heavy_tailed(rng, n, k, d):
    return rng.standard_t(1, (n, d))


def one_binary_column(rng, n, k, d):
    X = rng.standard_normal((n, d))
    X[:, 0] = rng.integers(0, 2, n)
    X[:2, 0] = [0.0, 1.0]
    return X


KINDS = (
    plain,
    nearly_singular,
    duplicated,
    tied_values,
    tiny_and_far_apart,
    collinear,
    heavy_tailed,
    one_binary_column,
)


@st.composite
def fits(draw):
    """Data of any kind, and how to fit them."""
    kind = draw(st.sampled_from(KINDS))
    k, d = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    n = max(draw(st.sampled_from([k, k + 1, 2 * k + 2, 20, 60, 200])), 3)
    scale, offset = draw(scales), draw(st.sampled_from([0.0, 0.0, 1e4, 1e8]))
    rng = np.random.default_rng(draw(seeds))
    X = (kind(rng, n, k, d) + offset * rng.choice([-1, 1], d)) * scale
    sample_weight = draw(st.sampled_from([None, "uniform", "whole", "wild"]))
    if sample_weight is not None:
        sample_weight = {
            "uniform": rng.uniform(0.1, 3.0, n),
            "whole": rng.integers(1, 5, n).astype(float),
            "wild": 10.0 ** rng.uniform(-9, 0, n),
        }[sample_weight]
    return X, sample_weight, k, draw(structures), draw(st.sampled_from(sorted(STARTS)))


def estimation_of(X, sample_weight, k, structure, init, reg_covar=None, fixed=frozenset()):
    data = DataSet.of(ArraySource(X, sample_weight), Machine(backend_for("numpy")))
    estimation = Estimation(
        data,
        Model(k, structure, fixed=fixed, reg_covar=reg_covar),
        Climb("aitken", 1e-8, 100, accelerated=False),
        Starts(init, 1),
    )
    estimation.check()
    return estimation


def start_of(estimation, seed=0):
    return next(estimation.beginning.starts(np.random.RandomState(seed)))()


def assert_never_falls(X, sample_weight, states, units, floor):
    """Nowhere in the trace, where every state is one that EM may choose."""
    trace = np.array(states[-1].trace)
    assert np.isfinite(trace).all()
    for before, after in itertools.pairwise(states):
        start = before.parameters
        chosen = (
            before.iteration > 0
            or start.form.limits.exceeds(start.covariances, 0.999 * floor).all()
        )
        if chosen:
            allowed = rounding_of_step(X, after.parameters, units)
            assert after.trace[-1] >= before.trace[-1] - allowed


@given(fits())
@settings(max_examples=80)  # test_log_likelihood_never_falls_at_length has more, and is slow
def test_log_likelihood_never_falls(fit):
    X, sample_weight, *_ = fit
    structure = fit[3]
    try:
        estimation = estimation_of(*fit)
        start = start_of(estimation)
    except BadInputError:  # a constant column
        reject()
    except DegenerateCovarianceError:
        assert isinstance(structure, ConstrainedStructure)
        reject()
    states = states_of(estimation.problem, start, 25)
    # Rows of hardly any weight, far out, may be wider than the floor is narrow.
    wild = sample_weight is not None and np.ptp(np.log(sample_weight)) > 5
    assert len(states) == 26 or wild or isinstance(structure, ConstrainedStructure)
    floor = estimation.maximise.bounds.floor
    assert_never_falls(X, sample_weight, states, estimation.units, floor)
    for state in states[1:]:
        p = state.parameters
        # Up to the rounding of the floored matrices.
        rounding = 8 * EPS * p.dense_covariances().diagonal(axis1=1, axis2=2).max(axis=0)
        lowest = np.maximum(floor * (1 - 1e-5) - rounding, 0.0)
        assert p.form.limits.exceeds(p.covariances, lowest).all()


@given(fits())
@settings(max_examples=50)
def test_log_likelihood_never_falls_without_bounds(fit):
    X, sample_weight, *_ = fit
    try:
        estimation = estimation_of(*fit, reg_covar=0.0)
        start = start_of(estimation)
    except BadInputError:
        reject()
    states = states_of(estimation.problem, start, 25)
    assume(len(states) > 1)
    assert_never_falls(
        X, sample_weight, states, estimation.units, estimation.maximise.bounds.floor
    )


@given(fits())
@settings(max_examples=15)
def test_the_trace_of_a_fit_never_falls(fit):
    X, sample_weight, k, structure, init = fit
    mixture = GaussianMixture(
        k, covariance_type=structure.name, init_params=init, random_state=0, max_iter=60
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            mixture.fit(X, sample_weight=sample_weight)
    except BadInputError:
        reject()
    except DegenerateCovarianceError:
        assert isinstance(structure, ConstrainedStructure)
        reject()
    trace = np.array(mixture.fit_report_.trace)
    assert np.isfinite(trace).all()
    estimation = estimation_of(*fit)
    allowed = rounding_of_step(X, mixture.mixture_.parameters, estimation.units)
    # Of the states on the way only the last is known: allow for less of them.
    assert np.diff(trace)[1:].min(initial=0.0) >= -max(1e-10, 10 * allowed)
    assert mixture.log_likelihood_ == pytest.approx(
        trace[-1] * mixture.fit_report_.weight, rel=1e-12, abs=1e-9
    )


@pytest.mark.slow
@given(fits())
@settings(max_examples=3000)
def test_log_likelihood_never_falls_at_length(fit):
    X, sample_weight, *_ = fit
    try:
        estimation = estimation_of(*fit)
        start = start_of(estimation)
    except BadInputError:
        reject()
    except DegenerateCovarianceError:
        assert isinstance(fit[3], ConstrainedStructure)
        reject()
    states = states_of(estimation.problem, start, 60)
    assert_never_falls(
        X, sample_weight, states, estimation.units, estimation.maximise.bounds.floor
    )


@given(cases(most_components=4, most_features=3, scales=st.just(1.0)), seeds)
@settings(max_examples=50)
def test_on_well_conditioned_data_it_rises_to_the_last_digits(case: Case, seed):
    rng = np.random.default_rng(seed)
    structure, (k, d) = case.structure, case.parameters.means.shape
    X = drawn(rng, random_parameters(rng, structure, k, d), 40 * k * d)
    start = random_parameters(rng, structure, k, d)
    spread = structure.units(X.var(axis=0))
    bounds = bounds_of(d, 0.01 * np.square(spread))
    states = states_of(problem_of(X, None, bounds), start, 40)
    trace = np.array([state.trace[-1] for state in states])
    assert np.diff(trace)[1:].min(initial=0.0) >= -1e-13 * np.abs(trace).max()


def test_data_without_volume_are_refused_without_bounds():
    # Three rows span a plane, not a space: rounding alone gives their covariance a volume.
    X = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [2.0, 1.0, 0.0]])
    for name in ("full", "tied"):
        for shift in (0.0, 0.1, 1e4 / 3):
            with pytest.raises(DegenerateCovarianceError):
                GaussianMixture(1, covariance_type=name, reg_covar=0).fit(X + shift)


def test_the_start_keeps_to_the_floor():
    # Far from the origin the floor is that of the rounding, above what a start may hold.
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 2)) * [1.0, 3e-6] + 1e8
    estimation = estimation_of(X, None, 1, STRUCTURES["full"], "kmeans")
    states = states_of(estimation.problem, start_of(estimation), 2)
    trace = states[-1].trace
    assert np.diff(trace).min() >= -1e-6


# --------------------------------------------------------- starts far away


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("far", [1e2, 1e4, 1e6, 1e8, 1e12])
def test_means_that_start_far_away_lose_no_digits(name, far):
    rng = np.random.default_rng(4)
    structure = STRUCTURES[name]
    X = rng.standard_normal((100, 2))
    covariances = covariances_of(structure, rng, 1, 2)
    start = Parameters(np.ones(1), np.full((1, 2), far), covariances, structure)
    state = states_of(problem_of(X), start, 1)[-1]
    mean, covariance = X.mean(axis=0), np.cov(X.T, ddof=0)
    expected = {
        "full": covariance,
        "tied": covariance,
        "diag": np.diag(np.diag(covariance)),
        "spherical": np.eye(2) * np.trace(covariance) / 2,
    }[name]
    np.testing.assert_allclose(state.parameters.means[0], mean, atol=1e-10)
    np.testing.assert_allclose(
        state.parameters.dense_covariances()[0], expected, rtol=1e-7, atol=1e-7
    )


def test_a_start_at_which_no_row_has_a_density():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.standard_normal((30, 1)), rng.standard_normal((30, 1)) + 20])
    start = Parameters(
        np.array([0.5, 0.5]),
        np.array([[1e160], [-1e160]]),
        np.array([[1.0], [1.0]]),
        STRUCTURES["diag"],
    )
    states = states_of(problem_of(X), start, 3)
    assert states[0].trace[-1] == -np.inf
    assert np.isfinite(states[-1].trace[-1])
    assert not np.isnan(states[-1].parameters.means).any()


# ---------------------------------------------------------- fixed, dead, ridge


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("block", ["weights", "means", "covariances"])
def test_a_fixed_block_is_held_and_the_rest_is_maximised(name, block):
    rng = np.random.default_rng(5)
    start = random_parameters(rng, STRUCTURES[name], 2, 2)
    X = drawn(rng, random_parameters(rng, STRUCTURES[name], 2, 2), 100)
    states = states_of(problem_of(X, fixed=frozenset({block})), start, 30)
    last = states[-1].parameters
    np.testing.assert_array_equal(getattr(last, block), getattr(start, block))
    for other in {"weights", "means", "covariances"} - {block}:
        assert (getattr(last, other) != getattr(start, other)).any()
    assert np.diff(states[-1].trace).min() >= -1e-12


@pytest.mark.parametrize("fixed", [("means", "covariances"), ("weights", "means", "covariances")])
def test_a_fit_of_nothing_that_can_move_ends(fixed):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50, 2))
    mixture = GaussianMixture(
        1,
        weights_init=[1.0],
        means_init=[[0.0, 0.0]],
        precisions_init=[np.eye(2)],
        fixed=fixed,
    ).fit(X)
    assert mixture.converged_
    np.testing.assert_array_equal(mixture.means_, [[0.0, 0.0]])


def test_fixed_means_have_their_scatter_about_them():
    X = np.array([[0.0], [2.0], [4.0]])
    start = Parameters(np.ones(1), np.array([[5.0]]), np.ones((1, 1)), STRUCTURES["diag"])
    last = states_of(problem_of(X, fixed=frozenset({"means"})), start, 1)[-1]
    assert last.parameters.covariances[0, 0] == pytest.approx((25 + 9 + 1) / 3)


@pytest.mark.parametrize("name", NAMES)
def test_a_dead_component_keeps_its_place_with_weight_zero(name):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 2))
    structure = STRUCTURES[name]
    shape = structure.form.shape(2, 2)
    covariances = np.ones(shape) if len(shape) == 2 else np.broadcast_to(np.eye(2), shape)
    means = np.array([[0.0, 0.0], [1e3, 1e3]])
    start = Parameters(np.array([0.5, 0.5]), means, covariances, structure)
    states = states_of(problem_of(X), start, 5)
    last = states[-1].parameters
    assert last.weights.tolist() == [1.0, 0.0]
    np.testing.assert_array_equal(last.means[1], means[1])
    np.testing.assert_allclose(last.means[0], X.mean(axis=0), atol=1e-12)
    assert np.diff(states[-1].trace).min() >= -1e-12
    if name != "tied":
        np.testing.assert_array_equal(last.covariances[1], start.covariances[1])


@pytest.mark.parametrize("name", NAMES)
def test_what_holds_less_than_rounding_does_not_move(name):
    rng = np.random.default_rng(0)
    p = random_parameters(rng, STRUCTURES[name], 2, 2)
    problem = problem_of(drawn(rng, p, 50))
    stats = problem.accumulate(p.terms(), p.means + 1.0)
    hardly = replace(
        stats,
        resp_sum=stats.resp_sum * [1.0, 1e-18],
        first=stats.first * [[1.0], [1e-18]],
    )
    after = problem.maximise(hardly, p)
    assert after.weights.tolist() == [1.0, 0.0]
    np.testing.assert_array_equal(after.means[1], p.means[1])
    assert not np.array_equal(after.means[0], p.means[0])


def test_a_ridge_is_scikit_learns():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((60, 2))
    theirs = SklearnMixture(1, reg_covar=0.5).fit(X)
    bounds = bounds_of(2, ridge=0.5)
    start = random_parameters(rng, STRUCTURES["full"], 1, 2)
    last = states_of(problem_of(X, bounds=bounds), start, 2)[-1]
    np.testing.assert_allclose(last.parameters.covariances, theirs.covariances_, rtol=1e-10)


def test_a_component_on_one_row_is_degenerate_without_bounds():
    X = np.array([[0.0], [0.1], [0.2], [50.0]])
    start = Parameters(
        np.array([0.75, 0.25]),
        np.array([[0.1], [50.0]]),
        np.array([[0.01], [0.01]]),
        STRUCTURES["diag"],
    )
    problem = problem_of(X)
    with pytest.raises(DegenerateCovarianceError, match=r"Component 2 of 2 .* 1 effective") as e:
        em.step(problem, em.init(problem, start))
    assert e.value.components == (1,)
    bounds = bounds_of(1, 1e-4)
    last = states_of(problem_of(X, bounds=bounds), start, 3)[-1]
    assert last.parameters.covariances[1, 0] == 1e-4


# ------------------------------------------------------------------ the loop


def small_problem():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.standard_normal((40, 1)), rng.standard_normal((40, 1)) + 4])
    start = Parameters(
        np.array([0.5, 0.5]), np.array([[-1.0], [3.0]]), np.ones((2, 1)), STRUCTURES["diag"]
    )
    return problem_of(X), start


def test_a_run_tells_its_observer_and_stops_when_told():
    problem, start = small_problem()
    seen = []

    def observe(info):
        seen.append(info)
        return info.iteration == 4

    result = em.run(problem, em.init(problem, start), AitkenRule(0.0), 0.0, 50, observe, em.Run(7))
    assert [info.iteration for info in seen] == [1, 2, 3, 4]
    assert {info.start for info in seen} == {7}
    assert result.ending is em.Ending.CALLBACK
    assert not result.converged
    assert result.state.iteration == 4
    trace = result.state.trace
    assert len(trace) == 5
    for info, before, after in zip(seen, trace, trace[1:], strict=False):
        assert info.lower_bound == after
        assert info.gain == after - before
        assert info.log_likelihood == pytest.approx(80 * after)
    assert seen[-1].parameters is result.state.parameters


def test_an_observer_is_told_where_each_iteration_began():
    problem, start = small_problem()
    seen = []
    em.run(problem, em.init(problem, start), AitkenRule(0.0), 0.0, 6, seen.append)
    assert seen[0].before.parameters is start
    for info, following in itertools.pairwise(seen):
        assert following.before.parameters is info.parameters
        assert following.before.log_likelihood == info.log_likelihood
    assert not any(info.extrapolated for info in seen)


def test_an_observer_is_told_of_steps_that_are_none_of_em():
    problem, start = small_problem()
    seen = []
    faster = replace(problem, accelerated=True)
    em.run(faster, em.init(faster, start), LogLikelihoodRule(1e-13), 0.0, 200, seen.append)
    assert any(info.extrapolated for info in seen)
    for info in seen:
        step = em.propose(problem, info.before)
        assert info.extrapolated != np.allclose(info.parameters.means, step.means, rtol=1e-12)


def test_a_rule_that_is_satisfied_too_soon_is_not_convergence():
    problem, start = small_problem()
    result = em.run(problem, em.init(problem, start), LogLikelihoodRule(1.0), 1e-8, 50)
    assert result.satisfied
    assert result.ending is LogLikelihoodRule.ending
    assert not result.converged


def test_a_run_ends_at_the_limit():
    problem, start = small_problem()
    result = em.run(problem, em.init(problem, start), AitkenRule(0.0), 0.0, 3)
    assert (result.state.iteration, result.ending) == (3, em.Ending.LIMIT)
    assert not result.converged
    further = em.run(problem, result.state, AitkenRule(0.0), 0.0, 2)
    assert further.state.iteration == 5
    assert further.state.trace[:4] == result.state.trace


@pytest.mark.parametrize(
    "rule", [AitkenRule(1e-8), LogLikelihoodRule(1e-9), ParametersRule(1e-4, np.ones(1))]
)
def test_a_run_stops_by_its_rule_and_is_converged(rule):
    problem, start = small_problem()
    result = em.run(problem, em.init(problem, start), rule, 1e-5, 2000)
    assert result.converged
    assert result.ending is rule.ending
    assert 1 < result.state.iteration < 2000
    previous = result.state.previous
    assert previous is not None
    assert em.init(problem, previous).trace[-1] == result.state.trace[-2]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("unit", [1e-100, 1e-4, 1e6, 1e100])
def test_the_path_does_not_depend_on_the_unit(name, unit):
    rng = np.random.default_rng(9)
    structure = STRUCTURES[name]
    start = random_parameters(rng, structure, 3, 2)
    X = drawn(rng, random_parameters(rng, structure, 3, 2), 100)
    unit = 2.0 ** round(np.log2(unit))  # exact in binary
    other = Parameters(start.weights, start.means * unit, start.covariances * unit**2, structure)
    ours = states_of(problem_of(X), start, 20)
    theirs = states_of(problem_of(X * unit), other, 20)
    np.testing.assert_allclose(
        np.array(theirs[-1].trace) + 2 * np.log(unit), ours[-1].trace, rtol=1e-10
    )
    np.testing.assert_allclose(
        theirs[-1].parameters.means / unit, ours[-1].parameters.means, rtol=1e-7, atol=1e-8
    )
