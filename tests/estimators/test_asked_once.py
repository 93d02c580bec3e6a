"""What is known of the rows is asked once: each question is a pass over them."""

from __future__ import annotations

import numpy as np
import pytest

from bactrian import GaussianMixture, Mixture, select_mixture
from bactrian.core.observation import patterns as looking
from bactrian.core.observation import sorting
from bactrian.estimators import asking, settings, validation
from bactrian.estimators.table_fit import TableFit
from bactrian.mixture import Scaling
from bactrian.mixture import rows as columns
from bactrian.tables.named_rows import NamedRows

RNG = np.random.RandomState(0)
X = np.r_[RNG.randn(60, 2), RNG.randn(40, 2) + 5]
HOLED = np.where(RNG.uniform(size=X.shape) < 0.1, np.nan, X)


def counted(monkeypatch, module, name: str, told: list[str]) -> None:
    inner = getattr(module, name)

    def outer(*arguments, **named):
        told.append(name)
        return inner(*arguments, **named)

    monkeypatch.setattr(module, name, outer)


@pytest.fixture
def passes(monkeypatch) -> list[str]:
    """Passes that look for missing values: checks, and back ends that are not told."""
    told: list[str] = []
    for module in (validation, columns):
        counted(monkeypatch, module, "check_finite", told)

    def patterns(X, *, complete=False):
        if not complete:
            told.append("patterns")
        return looking.patterns(X, complete=complete)

    monkeypatch.setattr(sorting, "patterns", patterns)
    return told


QUESTIONS = ("score_samples", "predict", "predict_proba", "score", "bic", "icl")


@pytest.mark.parametrize("backend", ["native", "numpy"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_complete_rows_are_looked_at_once(passes, question, backend):
    pytest.importorskip("bactrian._native") if backend == "native" else None
    gm = GaussianMixture(2, random_state=0, backend=backend).fit(X)
    passes.clear()
    getattr(gm, question)(X)
    assert passes == ["check_finite"]
    passes.clear()
    getattr(gm, question)(HOLED)
    assert passes == ["check_finite", "patterns"]  # the latter sorts the rows


@pytest.mark.parametrize("question", ["log_density", "responsibilities", "labels"])
@pytest.mark.parametrize("scaling", [None, Scaling([1.0, 2.0], [3.0, 4.0])])
def test_so_are_those_of_a_mixture(passes, question, scaling):
    mixture = Mixture([0.5, 0.5], [[0, 0], [1, 1]], np.eye(2), "tied", scaling=scaling)
    getattr(mixture, question)(X)
    assert passes == ["check_finite"]


@pytest.mark.parametrize("scaling", [None, Scaling([1.0, 2.0], [3.0, 4.0])])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_is_said_does_not_depend_on_who_looked(scaling, dtype):
    mixture = Mixture([0.5, 0.5], [[0, 0], [1, 1]], np.eye(2), "tied", scaling=scaling)
    rows, wanted = X.astype(dtype), ("log_density", "resp", "labels")
    found, told = (mixture.evaluate(rows, *wanted, complete=known) for known in (False, True))
    for name in wanted:
        assert np.array_equal(getattr(found, name), getattr(told, name))
    assert mixture.likelihoods(rows) == mixture.likelihoods(rows, complete=True)


def test_a_fit_knows_of_its_rows_whether_they_are_complete(passes):
    labels = GaussianMixture(2, random_state=0).fit_predict(X)
    assert passes == []  # the pass that summarises them says it
    gm = GaussianMixture(2, random_state=0)
    weights = np.arange(len(X)) % 3.0  # rows of weight 0 are labelled too, holes or not
    labels = gm.fit_predict(HOLED, sample_weight=weights)
    assert np.array_equal(labels, gm.predict(HOLED))
    kept = np.where((weights > 0)[:, None], X, HOLED)
    labels = gm.fit_predict(kept, sample_weight=weights)
    assert np.array_equal(labels, gm.predict(kept))


def test_which_rows_are_noise_is_asked_once_a_fit(monkeypatch):
    told: list[str] = []
    counted(monkeypatch, settings, "noise_rows_of", told)
    GaussianMixture(2, noise=True, noise_init=np.arange(len(X)) < 5, random_state=0).fit(X)
    assert told == ["noise_rows_of"]


def test_weights_are_checked_once_a_search(monkeypatch):
    told: list[str] = []
    counted(monkeypatch, asking, "check_sample_weight", told)
    weights = np.arange(len(X)) % 3.0
    found = select_mixture(X, [1, 2], "full", sample_weight=weights, random_state=0)
    assert told == ["check_sample_weight"]
    best = found.best_estimator
    assert best.bic(X, sample_weight=weights) == pytest.approx(found.best.bic, rel=1e-12)


def test_rows_are_scaled_once_a_table(monkeypatch):
    told: list[str] = []
    counted(monkeypatch, Scaling, "scaled", told)
    counted(monkeypatch, Scaling, "log_volumes", told)
    task = TableFit.of(NamedRows(HOLED, ("a", "b"), None, "x.csv"), standardize=True)
    for _ in range(3):
        assert task.named.values is task.values
        assert task.log_volume == task.log_volume
    assert sorted(told) == ["log_volumes", "scaled"]
