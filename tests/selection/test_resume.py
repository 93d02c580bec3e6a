"""A search on several processors, interrupted, written to a file, and resumed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from bactrian import BadInputError, FitInterrupted, select_mixture
from bactrian.selection.parallel import shares
from bactrian.selection.search import search
from bactrian.selection.search.candidates import CandidateTable
from bactrian.selection.search.record import load_search

FOUR = ("full", "tied", "diag", "spherical")


@pytest.fixture(name="X", scope="module")
def two_groups() -> np.ndarray:
    rng = np.random.RandomState(4)
    return np.r_[rng.randn(50, 2), rng.randn(50, 2) + 6.0]


@pytest.fixture(scope="module")
def whole(X):
    return select_mixture(X, range(1, 4), FOUR, random_state=0)


@pytest.fixture
def fits(monkeypatch) -> list[tuple[int, str]]:
    """Pairs that are fitted."""
    pairs = []
    plain = search.results_of

    def watched(function, arguments, n_processes):
        def noted(pair):
            pairs.append(pair)
            return function(pair)

        return plain(noted, arguments, n_processes)

    monkeypatch.setattr(search, "results_of", watched)
    return pairs


def untimed(table):
    return [replace(row, seconds=0.0) for row in table.candidates]


def test_any_number_of_processes_gives_the_same(X, whole):
    seen = []
    two = select_mixture(X, range(1, 4), FOUR, random_state=0, n_jobs=2, observe=seen.append)
    assert untimed(two) == untimed(whole)
    assert two.best == replace(whole.best, seconds=two.best.seconds)
    assert {row.pair for row in seen} == {row.pair for row in whole.candidates}
    np.testing.assert_array_equal(two.best_estimator.means_, whole.best_estimator.means_)
    assert two.best_estimator.get_params() == whole.best_estimator.get_params()


def test_a_callback_cannot_be_shared_by_processes(X):
    with pytest.raises(BadInputError, match="callback must be None unless n_jobs is"):
        select_mixture(X, [1, 2], "diag", callback=print, n_jobs=2)


def test_processors_are_shared_among_processes(monkeypatch):
    monkeypatch.setattr("bactrian.machine.threads.available", lambda: 8)
    assert shares(None, 5) == (1, None)
    assert shares(1, 5) == (1, 1)
    assert shares(4, 9) == (4, 1)
    assert shares(-1, 3) == (3, 2)
    assert shares(2, 0) == (1, 2)


@pytest.mark.parametrize("n_jobs", [0, "2", 1.5])
def test_bad_numbers_of_processors(X, n_jobs):
    with pytest.raises(BadInputError, match="n_jobs must be"):
        select_mixture(X, [1, 2], "diag", n_jobs=n_jobs)


def test_an_interrupted_search_is_resumed(X, whole, fits):
    def press(row):
        if row.pair == (2, "diag"):
            raise KeyboardInterrupt

    with pytest.raises(FitInterrupted) as caught:
        select_mixture(X, range(1, 4), FOUR, random_state=0, observe=press)
    partial = caught.value.result
    assert len(partial.candidates) == 7
    fits.clear()
    resumed = select_mixture(X, range(1, 4), FOUR, random_state=0, resume=partial)
    assert fits == [(2, "spherical"), *((3, name) for name in FOUR)]
    assert untimed(resumed) == untimed(whole)
    assert resumed.best_estimator.log_likelihood_ == whole.best.log_likelihood


def test_a_file_is_resumed(X, whole, fits, tmp_path):
    whole.save(tmp_path / "search.json")
    loaded = load_search(tmp_path / "search.json")
    assert loaded.candidates == whole.candidates
    assert (loaded.criterion, loaded.origin) == (whole.criterion, whole.origin)
    more = select_mixture(
        X, range(1, 5), ["tied", "full"], "icl", random_state=0, resume=tmp_path / "search.json"
    )
    assert fits == [(1, "tied"), (4, "tied"), (4, "full")]
    known = {row.pair: row for row in whole.candidates if row.n_components > 1}
    for row in more.candidates:
        assert known.get(row.pair, row) == row
    assert more.best_estimator.log_likelihood_ == more.best.log_likelihood


def test_another_criterion_has_another_best(faithful):
    names = ("full", "tied")
    bic = select_mixture(faithful, [2, 3], names, "bic", random_state=0, n_init=3)
    icl = select_mixture(faithful, [2, 3], names, "icl", random_state=0, n_init=3, resume=bic)
    assert (bic.best.pair, icl.best.pair) == ((3, "tied"), (2, "full"))
    assert icl.best_estimator.log_likelihood_ == icl.best.log_likelihood
    assert bic.best_estimator.log_likelihood_ == bic.best.log_likelihood


def test_resuming_takes_the_seed_of_the_search(X):
    first = select_mixture(X, [1, 2], "diag")
    again = select_mixture(X, [1, 2], "diag", resume=first)
    assert again.candidates == first.candidates
    assert again.best_estimator is first.best_estimator


def test_failures_are_kept(X, fits, tmp_path):
    few = X[:4]
    select_mixture(few, [1, 9], "spherical", random_state=0).save(tmp_path / "s.json")
    fits.clear()
    again = select_mixture(few, [1, 9], "spherical", random_state=0, resume=tmp_path / "s.json")
    assert fits == []
    assert "n_samples = 4" in again.candidates[1].failure
    assert again.candidates[0].aicc is None  # infinite, which JSON does not know


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"X": 1.0}, "other rows"),
        ({"sample_weight": np.full(100, 2.0)}, "other rows"),
        ({"tol": 1e-3}, "other settings"),
        ({"cv": 5}, "other settings"),
        ({"random_state": 1}, "other settings"),
        ({"means_init": np.zeros((1, 2))}, "other settings"),
    ],
)
def test_another_search_is_not_resumed(X, whole, changes, words):
    changes = dict(changes)
    rows = X + changes.pop("X", 0.0)
    settings = {"n_components": 1, "random_state": 0, "resume": whole, **changes}
    with pytest.raises(BadInputError, match=f"resume must be a search of the same .* {words}"):
        select_mixture(rows, **settings)


def test_what_makes_no_difference_may_differ(X, whole, fits):
    again = select_mixture(
        X.tolist(), range(1, 4), FOUR, random_state=0, resume=whole, n_jobs=1, backend="numpy"
    )
    assert fits == []
    assert again.candidates == whole.candidates


def test_a_table_of_unknown_rows_is_not_resumed(X, whole):
    unknown = CandidateTable(whole.candidates, "bic")
    with pytest.raises(BadInputError, match="resume must be a result of select_mixture"):
        select_mixture(X, 1, resume=unknown)


def test_a_document_in_mclusts_sign_and_other_units(whole, tmp_path):
    document = whole.document(offset=12.5, sign="mclust")
    assert document["candidates"][0]["bic"] == -(whole.candidates[0].bic + 25.0)
    path = tmp_path / "search.json"
    path.write_text(json.dumps(document))
    for ours, theirs in zip(load_search(path).candidates, whole.candidates, strict=True):
        assert ours.bic == pytest.approx(theirs.bic, rel=1e-12)
        assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, rel=1e-12)
        assert ours.pair == theirs.pair


def broken(change):
    def edit(document):
        change(document)
        return json.dumps(document)

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        lambda document: "",
        lambda document: "[1]",
        lambda document: "{}",
        lambda document: json.dumps(document)[:200],
        broken(lambda d: d.update(sign="up")),
        broken(lambda d: d.update(candidates=[])),
        broken(lambda d: d.update(criterion="best")),
        broken(lambda d: d.update(origin={})),
        broken(lambda d: d["candidates"][0].update(bic="low")),
        broken(lambda d: d["candidates"][0].update(warnings=None)),
        broken(lambda d: d["candidates"][0].pop("n_iter")),
    ],
)
def test_files_of_something_else(X, whole, tmp_path, edit):
    path = tmp_path / "search.json"
    whole.save(path)
    path.write_text(edit(json.loads(path.read_text())))
    with pytest.raises(BadInputError, match=r"resume must be the file of a search.*search\.json"):
        select_mixture(X, 1, resume=path)


def test_no_such_file(X):
    with pytest.raises(BadInputError, match="there is no such file"):
        select_mixture(X, 1, resume="nowhere.json")
