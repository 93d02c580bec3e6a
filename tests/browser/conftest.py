"""A calculator that runs, and a browser that looks at it.

These tests need chromium (Debian: apt install chromium); elsewhere they are skipped, and say so.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("starlette")

from driving import Calculator
from playwright.sync_api import Browser, expect, sync_playwright
from watching import Heard, Server

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
HERE = Path(__file__).parent
PATIENCE = 30_000  # milliseconds that nothing here may take


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is in this folder where there is no browser."""
    if CHROMIUM is None:
        for item in items:
            if item.path.is_relative_to(HERE):
                item.add_marker(pytest.mark.skip(reason="chromium is not installed"))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    server = Server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")  # Playwright's event loop must not run in other tests
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


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

    expect.set_options(timeout=PATIENCE)
    yield opened
    for context in contexts:
        context.close()
    heard.check()


@pytest.fixture
def calculator(window: Window) -> Calculator:
    """The page as it is first loaded, with its first result."""
    return window().open()
