"""What speaks against a fit: each kind is reached, sent, written, and told with its facts."""

from __future__ import annotations

import json
import pickle
import warnings
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

from bactrian import GaussianMixture, select_mixture
from bactrian.core.em.certificate import Certificate
from bactrian.estimators.asking import asked
from bactrian.estimators.table_fit import InterruptedFitError, TableFit, fit_model
from bactrian.fitting.report import report_on
from bactrian.objections import (
    KINDS,
    LISTED,
    Collapse,
    Constant,
    FewRows,
    Objection,
    Remark,
    StartsDisagree,
    sentences,
    words,
)
from bactrian.report.numbers import small
from bactrian.report.warnings import warnings_of
from bactrian.storage.ending import objection_of, objections_of, record_of
from bactrian.storage.training import json_values
from bactrian.tables.named_rows import NamedRows

pytest.importorskip("pydantic", reason="extra app not installed")

from bactrian.web.work.notes import note_on, notes_on
from bactrian.web.work.objections import objections_to

counts, reals = st.integers(0, 10**6), st.floats(1e-6, 1e6)
names = st.text("abcxyz ", min_size=1).filter(str.strip)
FACTS = {
    "int": counts,
    "float": reals,
    "str": names,
    "tuple[int, ...]": st.lists(counts, min_size=1).map(tuple),
    "tuple[float, ...]": st.lists(reals).map(tuple),
    "tuple[str, ...]": st.lists(names, min_size=1).map(tuple),
}
objections = st.one_of(
    st.builds(one, **{fact.name: FACTS[fact.type] for fact in fields(one)})
    for one in KINDS.values()
)


@given(objections)
def test_an_objection_is_sent_and_written(objection):
    assert pickle.loads(pickle.dumps(objection)) == objection
    record = json.loads(json.dumps(json_values(record_of(objection))))
    assert record["kind"] == objection.kind
    assert objection_of(record) == objection_of(record_of(objection)) == objection


def spelled(name: str, fact) -> list[set[str]]:
    """What a sentence may have for each part of a fact."""
    match fact:
        case _ if name == "features":  # told by the names of the columns
            return []
        case tuple() if name == "shortfalls":
            return [way for end in (min, max) if fact for way in spelled("", end(fact))]
        case tuple():
            return [way for part in fact[:LISTED] for way in spelled(name, part)]
        case int():
            return [{str(fact + (name in ("component", "components", "between")))}]
        case float():
            return [{f"{fact:.2g}", f"{fact:.3g}", f"{fact:g}", small(fact)}]
    return [{fact.strip().rstrip("."), fact.strip()[:1].upper() + fact.strip()[1:]}]


@given(objections)
def test_words_hold_the_facts(objection):
    texts = [words(objection)]
    texts += [note_on(objection).text] if objection.kind != "interrupted" else []
    for text in texts:
        for fact in fields(objection):
            for ways in spelled(fact.name, getattr(objection, fact.name)):
                assert any(way in text for way in ways), (text, ways)


def test_a_note_says_which_input_to_change():
    known = {one.kind: note_on(one).field for one in (FewRows(3, 9), Collapse(0, 0.0, 0.1))}
    assert known == {"few_rows": "covariance_type", "collapse": "n_components"}
    assert note_on(StartsDisagree(4, (2.0,))).field == "n_init"


def test_the_command_line_names_its_options():
    assert "lower n_components or choose" in words(FewRows(3, 9))
    (said,) = warnings_of({"objections": [record_of(FewRows(3, 9))]})
    assert "lower --components or choose a simpler --covariance" in said


def test_what_is_not_known_here_is_told_in_the_words_of_the_file():
    told = {"warnings": ["first", "second"]}
    older = (Remark("first"), Remark("second"))
    assert objections_of(told) == older
    known = record_of(FewRows(3, 9))
    assert objections_of({**told, "objections": [known]}) == (FewRows(3, 9),)
    newer = [{"kind": "sideways"}, {**known, "more": 1}, {**known, "rows": "three"}]
    for record in newer:
        assert objections_of({**told, "objections": [known, record]}) == older
    assert objections_of({}) == ()


def test_a_number_without_end_is_null_in_json():
    flat = Collapse(0, 2.0, float("inf"))
    record = json_values(record_of(flat))
    assert record["smallest_deviation"] is None
    assert objection_of(record) == flat


# ------------------------------------------------------------------- each is reached


def fitted(X, n_components, sample_weight=None, **settings) -> tuple[Objection, ...]:
    mixture = GaussianMixture(n_components, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(X, sample_weight=sample_weight).fit_report_.objections


def interrupted() -> tuple[Objection, ...]:
    def stop(info):
        raise KeyboardInterrupt

    settings = {**GaussianMixture(2, random_state=0).get_params()}
    del settings["callback"]
    rows = NamedRows(ROWS[:, :1], ("a",), None, "rows")
    with pytest.raises(InterruptedFitError) as caught:
        fit_model(TableFit(rows, None), settings, [stop])
    assert caught.value.model is not None
    return objections_of(caught.value.model.training)


def unvalidated() -> tuple[Objection, ...]:
    found = select_mixture(ROWS[:6], [5], ["spherical"], "bic", cv=2, random_state=0)
    return found.candidates[0].objections


def unsettled() -> tuple[Objection, ...]:
    mixture = GaussianMixture(2, random_state=0)
    _, estimation = asked(mixture, ROWS, None, None, reset=True)
    fit = estimation.run(np.random.RandomState(0))
    nowhere = replace(fit, best=replace(fit.best, converged=False))
    return report_on(estimation, nowhere).objections


def document(**changes) -> dict:
    optima = [
        {"times": 1, "shortfall": 0.0, "distance": 0.0, "collapsed": False},
        {"times": 2, "shortfall": 9.0, "distance": 3.0, "collapsed": False},
        {"times": 5, "shortfall": 0.0, "distance": 0.0, "collapsed": True},
    ]
    return {
        "data": {"n_samples": 100, "missing": {"empty_rows": 2}},
        "model": {"covariance_type": "full", "means": [[0.0, 0.0]] * 2, "weights": [0.05, 0.95]},
        "fit": {"tol": 1e-4, "n_runs": 8},
        "optima": optima,
        "optima_samples": 100,
        "failures": ["Component 1 has no volume."],
        **changes,
    }


ROWS = np.random.default_rng(0).normal(size=(40, 2))
WIDE_AND_NARROW = np.r_[0.1 * ROWS[:, :1], 2 + 4 * ROWS[:, 1:]]
FOUND = {
    "interrupted": interrupted,
    "limit": lambda: fitted(ROWS, 4, max_iter=2, n_init=1, random_state=0),
    "gain_to_come": lambda: Certificate(0.5, 0.0, ()).objections(1e-2),
    "plateau": lambda: fitted(ROWS, 4, max_iter=0, random_state=0),
    "gradient": lambda: Certificate(0.0, 1.0, ()).objections(0.1),
    "collapse": lambda: Certificate(0.0, 0.0, (Collapse(1, 1.0, 0.0),)).objections(1.0),
    "more_collapses": lambda: Certificate(0.0, 0.0, (Collapse(1, 1.0, 0.0),) * 7).objections(1.0),
    "unsettled": unsettled,
    "spike": lambda: fitted(np.r_[np.zeros((20, 1)), ROWS[:, :1] + 4], 2, random_state=0),
    "collinear": lambda: fitted(np.c_[ROWS, ROWS.sum(axis=1)], 1),
    "flat": lambda: fitted(np.eye(8)[np.arange(40) % 8], 1),
    "constant": lambda: fitted(np.c_[ROWS, np.ones(40)], 1),
    "few_rows": lambda: fitted(ROWS[:8], 1),
    "weights": lambda: fitted(ROWS, 1, sample_weight=np.full(40, 1 / 40)),
    "both_sides": lambda: fitted(WIDE_AND_NARROW, 2, resp_init=np.repeat([0, 1], 40)),
    **dict.fromkeys(
        ("small_component", "starts", "collapsed_starts", "failed_start", "empty_rows"),
        lambda: tuple(objections_to(document(), {"objections": []})),
    ),
    "unvalidated": unvalidated,
    "edge": lambda: select_mixture(ROWS, [3, 4], ["spherical"], random_state=0).objections,
    "remark": lambda: objections_of({"warnings": ["as it was"]}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_reached(kind):
    found = FOUND[kind]()
    assert kind in {one.kind for one in found}
    assert all(sentences(found))


def test_the_gravest_comes_first_on_the_page():
    told = {"objections": [record_of(Constant(("a",))), record_of(FewRows(3, 9))]}
    kinds = [note.kind for note in notes_on(objections_to(document(), told))]
    expected = ["few_rows", "starts", "collapsed_starts", "empty_rows", "constant", "failed_start"]
    assert kinds == expected


def test_a_collapse_is_told_once():
    told = {"objections": [record_of(Collapse(0, 1.0, 0.1))]}
    kinds = {one.kind for one in objections_to(document(), told)}
    assert kinds.isdisjoint({"small_component", "collapsed_starts"})


def test_no_limit_was_reached_where_no_iteration_was_asked_for():
    told = {"objections": [{"kind": "limit", "max_iter": 0}]}
    assert "limit" not in {one.kind for one in objections_to(document(), told)}
