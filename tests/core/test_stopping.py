"""When EM stops: the gain to come in closed form, and the rules."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bactrian.core import em
from bactrian.core.covariance import STRUCTURES
from bactrian.core.em.stopping import (
    RACE_FROM,
    RACE_MARGIN,
    AitkenRule,
    LogLikelihoodRule,
    ParametersRule,
    gain_to_come,
    outpaced,
    stopping_rule,
)
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError
from bactrian.vocabulary import STOPPING
from strategies import problem_of


def geometric(limit, gap, rate, n):
    """A sequence that closes a gap to its limit by a constant rate."""
    return tuple(limit - gap * rate**i for i in range(n))


@given(st.floats(0.05, 0.99), st.integers(3, 12), st.floats(1e-3, 10.0), st.floats(-5.0, 5.0))
def test_gain_to_come_is_exact_on_a_geometric_sequence(rate, n, gap, limit):
    trace = geometric(limit, gap, rate, n)
    left = gap * rate ** (n - 1)
    assume(left * (1 - rate) >= 1e-6 * gap)  # else the gains have drowned in rounding
    assert gain_to_come(trace) == pytest.approx(left, rel=1e-3)


@given(st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_gain_to_come_takes_the_slowest_recent_rate(a, b):
    gains = [1.0, a, a * b, a * b * b]
    trace = np.cumsum([0.0, *gains]).tolist()
    rate = max(a, b)
    assert gain_to_come(trace) == pytest.approx(gains[-1] * rate / (1 - rate), rel=1e-9)


def test_gain_to_come_forgets_what_is_long_ago():
    gains = [1.0, 0.99, 0.1, 0.01, 0.001, 0.0001]
    trace = np.cumsum([0.0, *gains]).tolist()
    assert gain_to_come(trace) == pytest.approx(0.0001 / 9, rel=1e-6)


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ((1.0,), inf),
        ((), inf),
        ((0.0, 1.0, 3.0), inf),  # gains that grow
        ((0.0, 1.0, 2.0), inf),  # ... or do not shrink
        ((0.0, 1.0, 1.0), 0.0),
        ((-inf, 1.0, 1.5, 1.75), 0.25),
    ],
)
def test_gain_to_come_at_the_edges(trace, expected):
    assert gain_to_come(trace) == pytest.approx(expected)


def test_gain_to_come_of_one_gain_is_finite_and_cautious():
    assert 1.0 < gain_to_come((0.0, 1.0)) < inf


def test_gain_to_come_of_a_fall_is_its_size():
    assert gain_to_come((0.0, 1.0, 0.75)) == 0.25


def test_gain_to_come_at_rest_is_rounding():
    trace = (-3.0, -2.5, -2.5 + 2e-16, -2.5 + 4e-16)
    assert gain_to_come(trace) < 1e-14


def a_state(trace, previous=None, parameters=None):
    parameters = parameters or Parameters(
        np.ones(1), np.zeros((1, 2)), np.ones((1, 2)), STRUCTURES["diag"]
    )
    stats = em.init(problem_of(np.eye(2)), parameters).stats
    return em.EMState(len(trace) - 1, parameters, stats, previous, tuple(trace))


def test_log_likelihood_rule():
    rule = LogLikelihoodRule(0.1)
    assert not rule.satisfied(a_state([0.0]))
    assert not rule.satisfied(a_state([0.0, 0.11]))
    assert rule.satisfied(a_state([0.0, 5.0, 5.09]))
    assert rule.satisfied(a_state([0.0, 5.0, 4.95]))
    assert not rule.satisfied(a_state([0.0, 5.0, 4.85]))


def test_aitken_rule():
    trace = geometric(0.0, 1.0, 0.5, 6)  # 1/32 is left
    assert AitkenRule(0.032).satisfied(a_state(trace))
    assert not AitkenRule(0.031).satisfied(a_state(trace))


def test_a_run_is_outpaced_beyond_ten_times_its_gain_to_come():
    trace = geometric(0.0, 1.0, 0.5, RACE_FROM + 1)
    reach = trace[-1] + RACE_MARGIN * gain_to_come(trace)
    assert reach == pytest.approx(9 * 2.0**-RACE_FROM)
    assert outpaced(a_state(trace), reach + 1e-4)
    assert not outpaced(a_state(trace), reach)
    assert not outpaced(a_state(trace[:-1]), 100.0)  # too early to tell


def test_parameters_rule_of_tolerance_0_ends_where_nothing_moves():
    still = a_state([0.0, 1.0]).parameters
    assert ParametersRule(0.0, np.ones(2)).satisfied(a_state([0.0, 1.0], still, still))


@pytest.mark.parametrize("name", STRUCTURES)
def test_parameters_rule_measures_in_units(name):
    structure = STRUCTURES[name]
    units = np.array([2.0, 2.0]) if structure.form.name == "spherical" else np.array([2.0, 5.0])
    shape = structure.form.shape(2, 2)
    covariances = np.ones(shape) if len(shape) == 2 else np.broadcast_to(np.eye(2), shape)
    old = Parameters(np.array([0.5, 0.5]), np.zeros((2, 2)), covariances, structure)
    rule = ParametersRule(0.1, units)
    assert not rule.satisfied(a_state([0.0, 1.0], None, old))

    def after(**changes):
        return rule.satisfied(a_state([0.0, 1.0], old, old.replaced(**changes)))

    assert after()
    assert after(weights=np.array([0.59, 0.41]))
    assert not after(weights=np.array([0.61, 0.39]))
    assert after(means=np.array([[0.0, 0.0], [0.0, 0.099 * units[1]]]))
    assert not after(means=np.array([[0.0, 0.0], [0.0, 0.101 * units[1]]]))
    last = (-1,) * len(shape)
    for size, expected in ((0.099, True), (0.101, False)):
        moved = np.array(covariances)
        moved[last] += size * units[-1] ** 2
        assert after(covariances=moved) is expected


def test_rules_by_name():
    assert isinstance(stopping_rule("aitken", 0.1, np.ones(2)), AitkenRule)
    assert isinstance(stopping_rule("log_likelihood", 0.1, np.ones(2)), LogLikelihoodRule)
    assert isinstance(stopping_rule("parameters", 0.1, np.ones(2)), ParametersRule)
    for name in STOPPING.choices:
        assert stopping_rule(name, 0.125, np.ones(2)).tol == 0.125
    with pytest.raises(BadInputError, match="stopping must be one of"):
        stopping_rule("never", 0.1, np.ones(2))
