"""What speaks against a fit, in the words of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bactrian.objections import sentences
from bactrian.report.words import in_options
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
    return list(dict.fromkeys(sentences(objections_of(training), in_options)))


def failures_of(training: Mapping[str, Any]) -> list[str]:
    """Why starts failed, each message once; parameters as above."""
    return list(dict.fromkeys(map(in_options, training.get("failures", ()))))
