"""Fits that are cancelled, and a server that dies."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from driving import Calculator, bytes_of
from playwright.sync_api import Locator, expect
from watching import Server

SOON = 0.2  # seconds in which a fit that is cancelled has ended


def large(folder: Path, n_rows: int) -> Path:
    """A file of 6 columns."""
    path = folder / f"{n_rows:,} rows.npy"
    path.write_bytes(bytes_of(np.random.default_rng(0).normal(size=(n_rows, 6))))
    return path


@pytest.fixture
def own() -> Iterator[list[Server]]:
    """Servers of the test alone, the last one running."""
    servers = [Server.start()]
    yield servers
    for server in servers:
        server.stop()


def begin_long(calculator: Calculator, file: Path) -> str:
    """Begin a fit that does not end by itself; its job."""
    calculator.upload(file)
    expect(calculator.data).to_contain_text(f"{file.name}: {file.stem}")
    for name, text in {
        "Components K": "30",
        "Tolerance": "0",
        "Maximum iterations": "10000",
    }.items():
        calculator.field(name).fill(text)
    calculator.more()
    calculator.field("Stopping rule").select_option("log_likelihood")
    with calculator.page.expect_response(lambda told: told.url.endswith("/fits")) as asked:
        calculator.button("Calculate").click()
    expect(calculator.results).to_contain_text(re.compile(r"iteration \d+"))
    return asked.value.json()["id"]


def test_a_long_fit_is_cancelled(calculator: Calculator, tmp_path):
    job = begin_long(calculator, large(tmp_path, 300_000))
    about = f"{calculator.address}/api/v1/jobs/{job}"
    cancel = calculator.button("Cancel")
    with httpx.Client() as client:
        assert client.get(about).json()["status"] == "running"
        with calculator.page.expect_request(lambda asked: asked.method == "DELETE"):
            cancel.click()
        began = time.perf_counter()
        while client.get(about).json()["status"] == "running":
            assert time.perf_counter() - began < 5 * SOON
        print(f"cancelled within {time.perf_counter() - began:.3f} s")
    expect(calculator.results).to_have_attribute("aria-busy", "false")
    expect(calculator.results).to_contain_text("Stopped after")
    expect(calculator.results.get_by_role("list", name="Warnings")).to_contain_text("was stopped")
    weights, means = calculator.parameters()
    assert means.shape == (30, 6)
    assert weights.sum() == pytest.approx(1)
    expect(calculator.button("Calculate")).to_be_visible()


def children_of(process: int) -> list[int]:
    """Processes that a process began, and those that they began."""
    found = []
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, file.read_text().split()):
            found += [child, *children_of(child)]
    return found


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def silence(calculator: Calculator) -> Locator:
    """What the page says at its head when the server is gone."""
    return calculator.page.get_by_role("alert").filter(has_text="the page asks for it")


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="needs Linux's /proc")
def test_a_server_that_dies_in_a_fit(window, own, heard, tmp_path):
    heard.expect(
        "ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_EMPTY|ERR_CONNECTION_RESET|ERR_CONTENT_LENGTH|404"
    )
    calculator = window(own[0]).open()
    calculator.cell(1, "X1").fill("1.125")
    begin_long(calculator, large(tmp_path, 60_000))
    children = children_of(own[0].process.pid)
    assert children
    own[0].stop(signal.SIGKILL)
    banner = silence(calculator)
    expect(banner).to_contain_text("What you typed is kept")
    expect(calculator.results).to_have_attribute("aria-busy", "false")
    expect(calculator.field("Components K")).to_have_value("30")
    end = time.monotonic() + 10
    while any(map(runs, children)):
        assert time.monotonic() < end, "the fit goes on without its server"
    own.append(own[0].again())
    expect(banner).to_have_count(0)
    expect(calculator.results).to_contain_text("It is back: calculate again.")
    calculator.field("Components K").fill("2")
    calculator.field("Maximum iterations").fill("3")
    calculator.calculate()  # the file is sent again
    assert len(calculator.parameters()[0]) == 2
    calculator.button("Bring back my data").click()
    expect(calculator.cell(1, "X1")).to_have_value("1.125")
    calculator.calculate()
    expect(calculator.results).to_contain_text("6 rows, 2 columns")


def test_typed_data_are_sent_again_to_a_server_that_came_back(window, own, heard):
    heard.expect(
        "ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_EMPTY|ERR_CONNECTION_RESET|ERR_CONTENT_LENGTH|404"
    )
    calculator = window(own[0]).open()
    own[0].stop(signal.SIGKILL)
    calculator.cell(2, "X2").fill("1.3")
    calculator.button("Calculate").click()
    banner = silence(calculator)
    expect(banner).to_be_visible()
    expect(calculator.cell(2, "X2")).to_have_value("1.3")
    own.append(own[0].again())
    expect(banner).to_have_count(0)
    calculator.calculate()
    expect(calculator.results).to_contain_text("Converged")
    means = calculator.parameters()[1]
    assert means[0, 1] == pytest.approx((1.1 + 1.3 + 0.9) / 3, abs=1e-6)


def test_a_page_that_was_opened_before_its_server(window, own, heard):
    heard.expect("ERR_CONNECTION_REFUSED|ERR_CONTENT_LENGTH|404")
    calculator = window(own[0])
    calculator.page.route("**/api/v1/**", lambda route: route.abort("connectionrefused"))
    calculator.page.goto(calculator.address)
    expect(calculator.page.get_by_text("The server does not answer.").first).to_be_visible()
    expect(calculator.cell(1, "X1")).to_have_value("1.0")
    with calculator.fitted():
        calculator.page.unroute("**/api/v1/**")
    assert calculator.parameters()[0].tolist() == [0.5, 0.5]
