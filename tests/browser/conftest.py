"""A calculator that runs, and a browser that looks at it.

These tests need chromium (Debian: apt install chromium); elsewhere they are skipped, and say so.
"""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is in this folder where there is no browser; keep it on one worker."""
    for item in items:
        if item.path.is_relative_to(HERE):
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="chromium is not installed"))
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass
class Server:
    """A calculator in a process of its own."""

    address: str
    process: subprocess.Popen
    port: int

    @classmethod
    def start(cls, port: int = 0, *options: str) -> "Server":
        command = [sys.executable, "-m", "bactrian", "serve", "--port", str(port), *options]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in process.stdout:
            if found := re.search(r"http://[^\s]+", line):
                address = found[0].rstrip("/.")
                return cls(address, process, urlsplit(address).port)
        raise AssertionError(f"the server ended with {process.wait()}")

    def stop(self, sign: int = signal.SIGINT) -> None:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        self.process.wait(10)
        self.process.stdout.close()

    def again(self) -> "Server":
        """A new server where this one was."""
        return Server.start(self.port)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    server = Server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Heard:
    """What the page asked for, and complained of."""

    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def page(browser, server: Server, heard: Heard):
    """The page, in a window of its own: nothing from elsewhere, no complaint on the console."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("request", lambda request: heard.hosts.add(urlsplit(request.url).netloc))
    page.on("pageerror", lambda error: heard.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            heard.complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    page.goto(server.address)
    yield page
    context.close()
    hosts = {host for host in heard.hosts if host}  # blob: addresses, for downloads, have none
    assert hosts <= {urlsplit(server.address).netloc}
    assert heard.complaints == []
