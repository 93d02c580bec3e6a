"""Rows of the examples."""

from __future__ import annotations

from bactrian.web.examples import BY_ID
from bactrian.web.work.child import Tell


def example(name: str, tell: Tell) -> bytes:
    """The example with that id and its rows; return an ExampleData."""
    return BY_ID[name].data.model_dump_json().encode()
