"""The numbers that the page's mathematics is tested against are the library's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from page_oracles import FILE, oracles


def flat(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    else:
        return {path: value}
    return {name: leaf for at, part in parts for name, leaf in flat(part, f"{path}/{at}").items()}


def test_up_to_date():
    written = flat(json.loads(FILE.read_text(encoding="utf-8")))
    now = flat(oracles())
    assert written.keys() == now.keys()
    for name, value in now.items():
        if isinstance(value, float):
            assert written[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name
        else:
            assert written[name] == value, name
