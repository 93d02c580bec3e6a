"""Read a search from the JSON document that it was written to, to resume it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from bactrian.errors import BadInputError, ModelFileError
from bactrian.phrases import Phrase
from bactrian.selection.search.candidates import Candidate, CandidateTable
from bactrian.selection.search.origin import Origin
from bactrian.storage.document import content_of
from bactrian.storage.ending import objections_of
from bactrian.storage.files import parse, read_text
from bactrian.vocabulary import MEASURES, SIGNS

Path = str | os.PathLike[str]

NAME = "resume"
_MADE_BY = "It is what `bactrian select --json` and save() of a search write."
_NUMBERS = ("log_likelihood", *MEASURES)
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys((*_NUMBERS, "relative_entropy"), (float, int, type(None))),
    **dict.fromkeys(("n_parameters", "n_iter"), (int, type(None))),
    **dict.fromkeys(("failure", "same_as"), (str, type(None))),
    **dict.fromkeys(("converged", "collapsed", "borrowed"), (bool,)),
    "n_components": (int,),
    "covariance_type": (str,),
    "warnings": (list,),
    "seconds": (float, int),
}


def load_search(path: Path) -> CandidateTable:
    """Read a search.

    Raises
    ------
    BadInputError
        If the file cannot be read, or is of something else.
    """
    where = os.fspath(path)
    try:
        document = parse(read_text(path), where)
    except ModelFileError as error:
        raise BadInputError(
            NAME, Phrase(f"{where}: ", error.got), "the file of a search", _MADE_BY
        ) from error
    try:
        return _search_of(document, where)
    except (KeyError, TypeError, ValueError, ModelFileError) as error:
        got = f"{where}, which holds something else"
        raise BadInputError(NAME, got, "the file of a search", _MADE_BY) from error


def _search_of(document: Mapping[str, Any], where: str) -> CandidateTable:
    sign, offset = SIGNS[document["sign"]], float(document["offset"])
    rows = tuple(
        _candidate(record, sign, where).shifted(-offset) for record in document["candidates"]
    )
    origin, criterion = document["origin"], document["criterion"]
    if not rows or criterion not in MEASURES:
        raise ValueError(criterion)
    known = None if origin is None else Origin(**{key: origin[key] for key in _FIELDS_OF_ORIGIN})
    settled = document.get("settled", False) is True
    return CandidateTable(rows, criterion, origin=known, settled=settled)


_FIELDS_OF_ORIGIN = tuple(entry.name for entry in fields(Origin))


def _candidate(record: Mapping[str, Any], sign: int, where: str) -> Candidate:
    # Files that are older have none of these.
    record = {"relative_entropy": None, "borrowed": False, "end": None, **record}
    values = {name: record[name] for name in _KINDS}
    for name, kinds in _KINDS.items():
        if not isinstance(values[name], kinds):
            raise TypeError(name)
    for name in MEASURES:
        values[name] = None if values[name] is None else sign * values[name]
    del values["warnings"]
    end = None if record["end"] is None else content_of(record["end"], where)[0].parameters
    return Candidate(**values, objections=objections_of(record), end=end)
