"""A calculator that runs, and a browser that looks at it.

These tests need chromium (Debian: apt install chromium); elsewhere they are skipped, and say so.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("playwright")
pytest.importorskip("starlette")

from driving import Calculator
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
HERE = Path(__file__).parent
PATIENCE = 15_000  # milliseconds that nothing here may take


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is in this folder where there is no browser."""
    if CHROMIUM is None:
        for item in items:
            if item.path.is_relative_to(HERE):
                item.add_marker(pytest.mark.skip(reason="chromium is not installed"))


@dataclass
class Server:
    """A calculator in a process of its own."""

    address: str
    process: subprocess.Popen[str]
    port: int

    @classmethod
    def start(cls, port: int = 0, *options: str) -> Server:
        command = [sys.executable, "-m", "bactrian", "serve", "--port", str(port), *options]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://[^\s]+", line):
                address = found[0].rstrip("/.")
                return cls(address, process, urlsplit(address).port)
        raise AssertionError(f"the server ended with {process.wait()}")

    def stop(self, sign: int = signal.SIGINT) -> None:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def again(self) -> Server:
        """A new server where this one was."""
        return Server.start(self.port)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    server = Server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Heard:
    """What pages asked for, and complained of."""

    hosts: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """A complaint that belongs to the test."""
        self.expected.append(pattern)

    def listen(self, page: Page, server: Server) -> None:
        self.known.add(urlsplit(server.address).netloc)
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._console)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def check(self) -> None:
        """Nothing from elsewhere, and no complaint that does not belong to the test."""
        hosts = {host for host in self.hosts if host}  # blob: addresses, for downloads, have none
        assert hosts <= self.known
        told = [
            line for line in self.complaints if not any(re.search(p, line) for p in self.expected)
        ]
        assert told == []


@pytest.fixture
def heard() -> Heard:
    return Heard()


Window = Callable[..., Calculator]


@pytest.fixture
def window(browser: Browser, server: Server, heard: Heard) -> Iterator[Window]:
    """Open a new window, empty as yet: of another size, or on another server, if asked for."""
    contexts = []

    def opened(at: Server = server, **options: Any) -> Calculator:
        options = {"viewport": {"width": 1440, "height": 900}, **options}
        rights = ["clipboard-read", "clipboard-write"]
        context = browser.new_context(permissions=rights, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        heard.listen(page, at)
        return Calculator(page, at.address)

    with expectations():
        yield opened
    for context in contexts:
        context.close()
    heard.check()


@contextmanager
def expectations() -> Iterator[None]:
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    yield


@pytest.fixture
def calculator(window: Window) -> Calculator:
    """The page as it is first loaded, with its first result."""
    return window().open()
