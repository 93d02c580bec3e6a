from __future__ import annotations

import json
from math import inf, isclose, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bactrian.core.covariance import covariance_structure
from bactrian.core.values.parameters import Parameters
from bactrian.report.document import as_json, document_of
from bactrian.report.grid import Column, facts, grid, shortened, wrapped
from bactrian.report.numbers import aligned, matrices, nats, resolved, small
from bactrian.report.page import page
from bactrian.report.warnings import warnings_of
from bactrian.storage import MixtureModel

SIZES = st.floats(1e-12, 1e12).flatmap(lambda size: st.sampled_from([size, -size]))


def decimals(text: str) -> int:
    return len(text.partition(".")[2])


@given(st.lists(SIZES, min_size=1, max_size=6))
def test_aligned_numbers_keep_two_digits_of_each(values):
    texts = aligned(values)
    assert len({"e" in text for text in texts}) == 1
    if "e" not in texts[0]:
        assert len({decimals(text) for text in texts}) == 1
        assert max(map(len, texts)) <= 12
    for value, text in zip(values, texts, strict=True):
        assert isclose(float(text), value, rel_tol=0.05)


@given(SIZES, st.floats(1e-6, 1e6))
def test_means_are_told_to_a_hundredth_of_the_spread(mean, spread):
    [text] = resolved([mean], spread / 100)
    assert abs(float(text) - mean) <= max(spread / 100, 1e-14 * abs(mean))


def test_known_numbers():
    assert aligned([0.3559, 0.6441]) == ["0.3559", "0.6441"]
    assert aligned([5.866, 123.4]) == ["5.9", "123.4"]
    assert aligned([0.0, 0.0]) == ["0", "0"]
    assert aligned([1.5, None]) == ["1.500", "-"]
    assert aligned([1e-9, 2e-9]) == ["1.000e-09", "2.000e-09"]
    assert resolved([2.0364, 4.2897], 0.00263) == ["2.036", "4.290"]
    assert matrices([[[1.0, -1e-9], [-1e-9, 20.0]]]) == [[["1.000", "0.000"], ["0.000", "20.000"]]]
    assert [nats(value) for value in (-1130.264, 0.0, -1e-9, None)] == [
        "-1130.264", "0.000", "0.000", "-",
    ]  # fmt: skip
    assert [small(value) for value in (3.8e-7, 0.2391, None)] == ["3.8e-07", "0.239", "unknown"]


@given(
    st.lists(st.text("abäあ ", min_size=1, max_size=30), min_size=1, max_size=12),
    st.integers(1, 3),
    st.integers(60, 120),
)
def test_grids_stay_within_the_width_and_show_every_cell(names, groups, width):
    names = [shortened(name, 12) for name in names]
    columns = [
        Column(name, [f"{g}.{j}", "1"], f"group {g}" if groups > 1 else "")
        for g in range(groups)
        for j, name in enumerate(names)
    ]
    lines = grid("corner", ["first", "second"], columns, width)
    assert max(cell_len(line.text) for line in lines) <= width
    words = " ".join(line.text for line in lines).split()
    for g in range(groups):
        for j in range(len(names)):
            assert words.count(f"{g}.{j}") == 1


def test_names_cannot_command_the_terminal():
    assert shortened("a\x1b[31m\nb") == "a?[31m?b"
    assert shortened("a" * 30) == "a" * 23 + "…"


def test_groups_are_not_mixed_where_they_must_break():
    columns = [Column(f"column_{j}", ["1"], group) for group in ("one", "two") for j in range(6)]
    titles = [line.text.split() for line in grid("", ["row"], columns, 60)]
    assert [words for words in titles if set(words) & {"one", "two"}] == [
        ["one"], ["one"], ["two"], ["two"],
    ]  # fmt: skip


def test_notes_stand_under_each_other():
    lines = facts([("name", "1.0", "a note " * 12), ("longer name", "10", "")], 50)
    begin = lines[0].text.index("a note")
    assert all(line.text[:begin].strip() in ("", "name          1.0") for line in lines[:-1])
    assert max(len(line.text) for line in lines) <= 50
    assert wrapped("a b", 50)[0].text == "  a b"


@pytest.mark.parametrize("value", [nan, inf, -inf, np.float64("nan")])
def test_json_has_no_nan(value):
    text = as_json({"a": value, "b": [1.0, value], "c": np.array([[value, 2.0]]), "d": ()})
    assert json.loads(text) == {"a": None, "b": [1.0, None], "c": [[None, 2.0]], "d": []}


def test_json_keeps_every_digit():
    numbers = [0.1 + 0.2, 1e-300, -5.0, 12345678901234567]
    assert json.loads(as_json({"a": np.array(numbers[:3]), "b": numbers}))["b"] == numbers


def report(**sections) -> tuple[dict, str]:
    parameters = Parameters(
        np.array([0.5, 0.5]), np.zeros((2, 1)), np.ones((2, 1)), covariance_structure("diag")
    )
    training = {"n_samples": 9, "weight": 9.0, "n_iter": 1, **sections}
    document = document_of("info", MixtureModel(parameters, None, ("a",), training), "m.json")
    lines = page(document, 80, warnings_of(training))
    return json.loads(as_json(document)), "\n".join(line.text for line in lines)


def test_collapsed_optima_come_last_and_fall_short_of_nothing():
    ends = [(-20.0, 3, False), (90.0, 1, True), (-25.0, 2, False)]
    document, text = report(
        optima=[
            {
                "log_likelihood": value,
                "times": times,
                "shortfall": max(-20.0 - value, 0.0),
                "distance": 0.0,
                "collapsed": collapsed,
            }
            for value, times, collapsed in ends
        ]
    )
    assert [one["collapsed"] for one in document["optima"]] == [False, False, True]
    rows = [
        line.split()
        for line in text.splitlines()
        if line.startswith("  ") and line.lstrip()[1:7] == " of 6 "
    ]
    assert rows == [
        ["3", "of", "6", "-20.000", "0.000", "0.000"],
        ["2", "of", "6", "-25.000", "5.000", "0.000"],
        ["1", "of", "6", "90.000", "collapsed", "0.000"],
    ]
    assert "Collapsed: a component shrank onto a few rows" in text


def test_optima_of_older_files_are_not_collapsed():
    optimum = {"log_likelihood": -2.0, "times": 2, "shortfall": 0.0, "distance": 0.0}
    document, text = report(optima=[optimum])
    assert document["optima"] == [{**optimum, "collapsed": False}]
    assert "ollapsed" not in text


def test_each_warning_stands_there_once_and_wrapped():
    warning = "component 1 collapsed " * 20
    _, text = report(warnings=[warning, "another", warning])
    assert text.count("  ! ") == 2
    assert text.count("component 1 collapsed") <= 20
    assert max(map(len, text.splitlines())) <= 80
