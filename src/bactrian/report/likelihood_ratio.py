"""Tests of K against K + 1 components: their document and their table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bactrian.phrases import counted
from bactrian.report.grid import Column, Line, grid, heading, wrapped
from bactrian.report.numbers import nats

if TYPE_CHECKING:
    from bactrian.selection.tests.likelihood_ratio import SequentialTest


def test_document(test: SequentialTest) -> dict[str, Any]:
    """The section of the document about the tests.

    Parameters
    ----------
    test : SequentialTest

    Returns
    -------
    dict
    """
    return {
        "level": test.level,
        "covariance_type": test.tests[0].covariance_type,
        "n_components": test.n_components,
        "rejected_all": test.tests[-1].p_value <= test.level,
        "failure": test.failure or None,
        "tests": [
            {
                "n_components": one.n_components,
                "statistic": one.statistic,
                "p_value": one.p_value,
                "bootstrap": one.bootstrap,
                "failures": one.failures,
            }
            for one in test.tests
        ],
    }


def failed_document(failure: str) -> dict[str, Any]:
    """The same section if even the first test failed.

    Parameters
    ----------
    failure : str
        Why.
    """
    return {"tests": [], "failure": failure}


def test_lines(section: dict[str, Any], width: int) -> list[Line]:
    """Lay out the section.

    Parameters
    ----------
    section : dict
    width : int

    Returns
    -------
    list of Line
    """
    tests = section["tests"]
    said = section["failure"]
    failure = wrapped(said, width, "  ! ", "yellow") if said else []
    if not tests:
        return [*heading("Bootstrap likelihood-ratio test"), *failure]
    columns = [
        Column("statistic", [nats(one["statistic"]) for one in tests]),
        Column("p-value", [f"{one['p_value']:.4f}" for one in tests]),
        Column("resamples", [str(len(one["bootstrap"])) for one in tests]),
    ]
    if any(one["failures"] for one in tests):
        columns.append(Column("failed", [str(len(one["failures"])) for one in tests]))
    labels = [f"{one['n_components']} or {one['n_components'] + 1}" for one in tests]
    lines = heading(f"Bootstrap likelihood-ratio test, {section['covariance_type']}")
    lines += grid("components", labels, columns, width)
    found = counted(section["n_components"], "component")
    words = f"At {section['level']:g}, {found} are enough."
    if section["n_components"] == 1:
        words = f"At {section['level']:g}, 1 component is enough."
    if section["rejected_all"]:
        words = f"At {section['level']:g}, at least {found} are needed."
    return [*lines, Line(), *wrapped(words, width), *failure]
