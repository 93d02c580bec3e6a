"""What speaks against a fit, in the words of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bactrian.objections import sentences
from bactrian.report.command_line import COMMAND_LINE
from bactrian.storage.ending import objections_of


def warnings_of(training: Mapping[str, Any]) -> list[str]:
    """What speaks against a fit.

    Parameters
    ----------
    training : mapping
        Of a model, or a candidate in the document of a search.

    Returns
    -------
    list of str
    """
    return list(dict.fromkeys(sentences(objections_of(training), COMMAND_LINE.parameter)))


def failures_of(training: Mapping[str, Any]) -> list[str]:
    """Why starts failed; each message appears once."""
    return list(dict.fromkeys(training.get("failures", ())))
