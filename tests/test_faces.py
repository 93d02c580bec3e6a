"""Errors are values: each face has its own words, and no face touches the user's."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bactrian.errors import (
    BactrianError,
    BadInputError,
    DataError,
    DegenerateCovarianceError,
    FitInterrupted,
    ModelFileError,
)
from bactrian.faces import PYTHON
from bactrian.phrases import Column, Parameter, ParameterValue, Phrase, Place
from bactrian.remedies import Act, LeaveOutColumns, Lower, Raise, Say
from bactrian.report.command_line import COMMAND_LINE, OPTIONS
from bactrian.tables.checks import check_columns, check_enough, finite, row_weights
from bactrian.tables.table import Table, check_unique, resolve_columns

NAMES = ["dof", "n_init", "X", "{x}", "{0}", "--columns", "-k", "cv.csv", "reg_covar", "seed"]
ANY_NAME = st.sampled_from(NAMES) | st.text(min_size=1, max_size=12)
COLLAPSE = DegenerateCovarianceError([0], 2, 3, [1.25])


def faces():
    """Python, the command line and, where its packages are, the page."""
    yield PYTHON
    yield COMMAND_LINE
    try:
        from bactrian.web.face import PAGE
    except ImportError:
        return
    yield PAGE


def refusals(name: str, file: str):
    """Errors about a column of that name in a file of that name."""
    table = Table(np.array([[np.nan, 1.0], [2.0, 3.0]]), (name, f"{name}2"))
    nothing = np.full((2, 1), np.nan)
    for check in (
        lambda: resolve_columns([f"{name}3"], [name, f"{name}4"], file),
        lambda: resolve_columns([name, name], [name], file),
        lambda: check_unique([name, name], file),
        lambda: check_columns(nothing, [name], file),
        lambda: finite(table, file),
        lambda: row_weights(np.array([-1.0]), name, file),
    ):
        with pytest.raises(DataError) as caught:
            check()
        yield caught.value


@settings(max_examples=60)
@given(name=ANY_NAME, file=ANY_NAME)
def test_names_of_the_user_stay_as_they_are(name, file):
    for error in refusals(name, file):
        for face in faces():
            message = face.message(error)
            assert message.startswith(f"{file}"), face
            assert repr(name) in message or repr(f"{name}3") in message, face


@pytest.mark.parametrize("name", NAMES)
def test_values_of_the_user_stay_as_they_are(name):
    error = BadInputError("stopping", repr(name), "one of auto, aitken", Lower("n_init"))
    for face in faces():
        assert f"but got {name!r}." in face.message(error)


def test_missing_columns_are_told_together():
    with pytest.raises(DataError) as caught:
        resolve_columns(["a", "n_init", "{x}"], ["a", "b"], "cv.csv")
    assert caught.value.code == "no_such_column"
    assert caught.value.columns == ("n_init", "{x}")
    assert "there are no columns 'n_init', '{x}'" in str(caught.value)


def test_each_face_spells_parameters_in_its_words():
    python, command_line, *page = (face.message(COLLAPSE) for face in faces())
    assert "Lower n_components, raise reg_covar, set reg_covar='auto', or change" in python
    assert "Lower --components, raise --reg-covar, give --reg-covar auto, or" in command_line
    for message in page:
        assert "Lower the number of components, raise the added variance, set" in message
    with pytest.raises(DataError) as caught:
        check_enough(1, 1, 3, "cv.csv")
    assert PYTHON.message(caught.value).endswith("Lower n_components.")
    assert COMMAND_LINE.message(caught.value).endswith("Lower --components.")


def test_one_row_of_several_values_is_asked_to_be_a_column():
    with pytest.raises(DataError) as caught:
        check_enough(1, 3, 2, "cv.csv")
    for face in faces():
        said = face.message(caught.value)
        assert "got 1 row of 3 values" in said
        assert "put them one below another" in said


def test_a_field_of_the_page_follows_from_the_code_or_the_parameter():
    pytest.importorskip("pydantic")
    from bactrian.web.problems import problem_of

    errors: list[tuple[BactrianError, str | None, str | None]] = [
        (COLLAPSE, None, "n_components"),
        (BadInputError("random_state", "-1", "at least 0"), None, "seed"),
        (BadInputError("X", "1", "2", code="constant_column"), None, "columns"),
        (BadInputError("X", "1", "2"), None, "dataset"),
        (BadInputError("backend", "1", "2"), None, None),
        (DataError("a value is missing", code="missing_value"), None, "missing"),
        (DataError("the file is empty", code="empty_file"), None, "dataset"),
        (DataError("the file is empty", code="empty_file"), "file", "file"),
    ]
    for error, at, field in errors:
        problem = problem_of(error, at)
        assert (problem.field, problem.code) == (field, error.code)


@pytest.mark.parametrize(
    "error",
    [
        BadInputError(
            "n_init", Phrase("2 with ", Parameter("tol")), "1", Lower("n_init", 1), "So."
        ),
        DataError("a", Act("b"), where=Place("x", row=1), code="no_such_column", columns=["c"]),
        DataError(
            "a", LeaveOutColumns((Column("x", 1),)), got=ParameterValue("header", value=False)
        ),
        ModelFileError("m.json", "means[0]", "1", "2", Say("a", "b"), Raise("c")),
        COLLAPSE,
        COLLAPSE.because("columns a, b are collinear"),
    ],
)
def test_an_error_goes_through_pickle(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), again.__dict__) == (str(error), error.__dict__)
    assert isinstance(again, BactrianError)
    assert isinstance(again, ValueError)


@pytest.mark.parametrize("result", [None, 1])
def test_an_interruption_goes_through_pickle(result):
    again = pickle.loads(pickle.dumps(FitInterrupted(result)))
    assert (again.result, str(again)) == (result, str(FitInterrupted(result)))


def test_options_are_those_of_the_commands():
    from bactrian.cli.application import COMMANDS, application

    known = {
        option
        for name in COMMANDS
        for parameter in application.get_command(None, name).params
        for option in parameter.opts
    }
    assert set(OPTIONS.values()) <= known
