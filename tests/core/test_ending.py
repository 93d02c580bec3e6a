"""How runs of EM end: each ending is reached, and is a value."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

from bactrian.core import em
from bactrian.core.covariance import STRUCTURES
from bactrian.core.em import Ending
from bactrian.core.em.stopping import AitkenRule, LogLikelihoodRule, ParametersRule
from bactrian.core.values.parameters import Parameters
from bactrian.errors import FitInterrupted
from strategies import problem_of

NEVER = AitkenRule(0.0)


def interrupt(info):
    raise KeyboardInterrupt


RUNS = {
    Ending.LOG_LIKELIHOOD: {"rule": LogLikelihoodRule(1e-6)},
    Ending.AITKEN: {"rule": AitkenRule(1e-6)},
    Ending.PARAMETERS: {"rule": ParametersRule(1e-4, np.ones(1))},
    Ending.LIMIT: {"max_iter": 3},
    Ending.CALLBACK: {"observe": lambda info: info.iteration == 2},
    Ending.OUTPACED: {"rival": 100.0},
    Ending.INTERRUPTED: {"observe": interrupt},
}


@pytest.mark.parametrize("ending", Ending)
def test_each_ending_is_that_of_a_run(ending):
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.standard_normal((40, 1)), rng.standard_normal((40, 1)) + 4])
    weights, means = np.array([0.5, 0.5]), np.array([[-1.0], [3.0]])
    start = Parameters(weights, means, np.ones((2, 1)), STRUCTURES["diag"])
    problem = problem_of(X)
    told = {"rule": NEVER, "accuracy": 1e-5, "max_iter": 500, **RUNS[ending]}
    try:
        result = em.run(problem, em.init(problem, start), **told)
    except FitInterrupted as error:
        result = error.result
    assert result.ending is ending
    assert result.satisfied == (told["rule"] is not NEVER)
    assert result.converged == result.satisfied


@pytest.mark.parametrize("ending", Ending)
def test_an_ending_is_sent_and_written_by_its_code(ending):
    assert pickle.loads(pickle.dumps(ending)) is ending
    assert Ending(json.loads(json.dumps(ending.value))) is ending
    assert ending.words


def test_endings_differ_in_code_and_words():
    assert len({one.value for one in Ending}) == len({one.words for one in Ending}) == len(Ending)


def test_a_rule_has_the_name_of_its_ending():
    for rule in (LogLikelihoodRule, AitkenRule, ParametersRule):
        assert Ending(rule.name) is rule.ending
        assert rule.ending.satisfied
