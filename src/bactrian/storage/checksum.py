"""The checksum of a document: it tells whether the document is unchanged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

FIELD = "checksum"


def checksum_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of all fields except the checksum, as 64 hexadecimal digits.

    The fields are spelled in one way: as JSON in ASCII without spaces, names in sorted order,
    each number that float64 holds as Python spells that float. The order and layout of a file do
    not matter, nor whether it has ``1`` or ``1.0``; each value does.

    Parameters
    ----------
    document : mapping
        Of JSON values, all numbers finite.
    """
    rest = {name: _canonical(value) for name, value in document.items() if name != FIELD}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).hexdigest()


def _canonical(value: Any) -> Any:
    """The same document with every number as a float, and zeros without a sign."""
    if isinstance(value, dict):
        return {name: _canonical(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_canonical(entry) for entry in value]
    if type(value) is int:
        try:
            number = float(value)
        except OverflowError:
            return value
        return number + 0.0 if number == value else value
    return value + 0.0 if type(value) is float else value
