"""Texts read as tables, and what is said of those that cannot be."""

from __future__ import annotations

import io

import pytest

from bactrian.errors import DataError
from bactrian.report.command_line import COMMAND_LINE
from bactrian.tables.files import read_table


def read(text: str | bytes, **options):
    options = {"line": "row", **options}
    return read_table(io.BytesIO(text.encode() if isinstance(text, str) else text), **options)


def refused(text: str | bytes, **options) -> DataError:
    with pytest.raises(DataError) as caught:
        read(text, **options)
    return caught.value


def advised(error: DataError) -> str:
    """What the command line says is to be done."""
    return COMMAND_LINE.remedies(error.remedies)
