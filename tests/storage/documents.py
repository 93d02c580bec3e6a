"""Documents to be spoilt."""

from __future__ import annotations

import copy

ABSENT = object()


def spoilt(document: dict, path: str, value: object) -> dict:
    document = copy.deepcopy(document)
    *parents, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    inner = document
    for parent in parents:
        inner = inner[parent]
    if value is ABSENT:
        del inner[last]
    else:
        inner[last] = value
    return document
