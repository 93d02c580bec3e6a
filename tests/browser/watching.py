"""A server that the tests start, and what the browser heard of it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page


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
        assert hosts <= self.known, hosts
        told = [
            line for line in self.complaints if not any(re.search(p, line) for p in self.expected)
        ]
        assert not told, told
