"""One server for most tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("httpx")
pytest.importorskip("pydantic")
pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

from serving import Client, client_of, command, started


@pytest.fixture(scope="session")
def temporary(tmp_path_factory) -> Path:
    """Folder of the server's files."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="session")
def url(temporary) -> Iterator[str]:
    """Address of a server that runs as the command starts it."""
    with started(command("--port", 0), temporary) as (_, address):
        yield address


@pytest.fixture
def client(url) -> Iterator[Client]:
    with client_of(url) as found:
        yield found
