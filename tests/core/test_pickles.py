"""What went through pickle means the same: values are sent to other processes, and saved."""

from __future__ import annotations

import pickle
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bactrian.backends import BACKENDS, backend_for, maximisation_for
from bactrian.core import em
from bactrian.core.covariance import STRUCTURES
from bactrian.core.em.stopping import AitkenRule
from bactrian.core.mstep.likelihood import MaximumLikelihood
from bactrian.core.mstep.pseudo import Flat
from bactrian.data.source import ArraySource
from bactrian.data.summary import summarise
from strategies import bounds_of, drawn, random_parameters, seeds, structures


def sent(value):
    return pickle.loads(pickle.dumps(value))


def assert_same_bits(a, b):
    assert type(a) is type(b)
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        assert a.tobytes() == b.tobytes()
    elif isinstance(a, tuple):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            assert_same_bits(one, other)
    elif is_dataclass(a):
        for entry in fields(a):
            assert_same_bits(getattr(a, entry.name), getattr(b, entry.name))
    elif type(a).__module__.startswith("bactrian"):
        assert vars(a).keys() == vars(b).keys()
    else:
        assert a == b


def mixture_of(rng, structure, k, d, dof=None, noise=False):
    p = random_parameters(rng, structure, k, d)
    if noise:
        p = replace(
            p, weights=0.9 * p.weights, noise=np.stack([-np.full(d, 9.0), np.full(d, 9.0)])
        )
    return p if dof is None else replace(p, dof=np.full(k, dof))


@given(
    structures,
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from([None, 4.0]),
    st.booleans(),
    seeds,
)
@settings(max_examples=40)
def test_values_keep_their_bits_and_their_meaning(structure, k, d, dof, noise, seed):
    rng = np.random.default_rng(seed)
    p = mixture_of(rng, structure, k, d, dof, noise)
    X = drawn(rng, p, 40)
    X[rng.uniform(size=X.shape) < 0.1] = np.nan
    source = ArraySource(X, rng.uniform(0.5, 2, 40))
    maximise = MaximumLikelihood(bounds_of(d, 1e-6))
    for name in BACKENDS:
        held = BACKENDS[name](None).hold(source)
        stats, far = held.accumulate(p.terms()), held.accumulate(p.terms(), p.means + 1.0)
        for value in (p, p.terms(), stats, summarise(source)):
            assert_same_bits(sent(value), value)
        again = BACKENDS[name](None).hold(sent(source))
        assert_same_bits(again.accumulate(sent(p).terms()), stats)
        assert_same_bits(again.accumulate(sent(p.terms())), stats)
        assert_same_bits(sent(stats) + sent(far), stats + far)
        assert_same_bits(sent(stats) + sent(stats), stats + stats)
        assert_same_bits(0.5 * sent(stats), 0.5 * stats)
        assert_same_bits(sent(maximise)(sent(stats), sent(p)), maximise(stats, p))


@pytest.mark.parametrize("name", ["full", "diag", "EVE"])
@pytest.mark.parametrize("accelerated", [False, True])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_run_that_was_stopped_sent_and_resumed_is_the_run(name, accelerated, backend):
    rng = np.random.default_rng(3)
    structure = STRUCTURES[name]
    X = drawn(rng, random_parameters(rng, structure, 3, 2), 300) / 2 + rng.standard_normal(
        (300, 2)
    )
    back_end = backend_for(backend)
    problem = em.EMProblem(
        back_end.hold(ArraySource(X)).accumulate,
        maximisation_for(back_end, MaximumLikelihood(bounds_of(2, 1e-6), prior=Flat())),
        X.std(axis=0),
        accelerated,
    )
    start = em.init(problem, random_parameters(rng, structure, 3, 2))
    rule = AitkenRule(0.0)
    whole = em.run(problem, start, rule, 1e-5, 60).state
    for cut in (1, 7, 23, 41):
        stopped = em.run(
            problem, start, rule, 1e-5, 60, lambda info, cut=cut: info.iteration >= cut
        ).state
        assert cut <= stopped.iteration <= cut + 1
        resumed = em.run(problem, sent(stopped), rule, 1e-5, 60 - stopped.iteration).state
        assert_same_bits(resumed, whole)
    if accelerated:
        assert whole.memory.moves


def test_a_run_is_told_apart_by_its_value():
    first = em.Run(2)
    follower = em.Run(0, follows=first)
    assert sent(follower) == follower != first
    assert (first.phase, follower.phase) == (0, 1)
    assert len({first, sent(first), follower, em.Run(2, attempt=1)}) == 3


def test_the_compiled_step_is_on_after_additions(monkeypatch):
    """Sums of parts (missing values, labels, chunks) are as good as one pass."""
    native = pytest.importorskip("bactrian._native")
    from bactrian.backends.native import maximisation

    rng = np.random.default_rng(0)
    p = random_parameters(rng, STRUCTURES["full"], 2, 2)
    X = drawn(rng, p, 50)
    X[:5, 0] = np.nan
    back_end = backend_for("native")
    maximise = maximisation_for(back_end, MaximumLikelihood(bounds_of(2, 1e-9)))
    stats = back_end.hold(ArraySource(X)).accumulate(p.terms())
    calls = []

    class Watched:
        MOST_FEATURES = native.MOST_FEATURES

        def maximise(self, *arguments):
            calls.append(arguments)
            return native.maximise(*arguments)

    monkeypatch.setattr(maximisation, "_native", Watched())
    maximise(stats, p)
    maximise(stats + stats, p)
    maximise(sent(stats), p)
    assert len(calls) == 3
