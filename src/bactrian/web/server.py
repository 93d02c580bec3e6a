"""The server as a process: a socket, the event loop, and an orderly end."""

from __future__ import annotations

import errno
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from bactrian.web.application import application
from bactrian.web.calculator import Calculator
from bactrian.web.guard import Access

PORT = 8642
PATIENCE = 20.0  # seconds in which a connection must bring a request
TRIES = 20  # ports after the first that are tried if none was asked for


class PortTakenError(Exception):
    """Another server has the port."""


def listen(host: str, port: int | None) -> socket.socket:
    """Open a socket that listens; without a given port, the first free one from 8642.

    Raises
    ------
    PortTakenError
        If the port that was asked for is taken, or all that were tried are.
    OSError
        If the host is no address of this machine.
    """
    ports = [port] if port is not None else list(range(PORT, PORT + TRIES))
    for number in ports:
        try:
            return _bound(host, number)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise PortTakenError(f"Port {ports[0]} of {host} is taken by another program.")


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    found = socket.socket(family, kind, protocol)
    try:
        if hasattr(socket, "SO_REUSEADDR") and hasattr(socket, "AF_UNIX"):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(128)
    except OSError:
        found.close()
        raise
    return found


def url_of(host: str, port: int, access: Access) -> str:
    """The address to open in a browser, with the token if there is one."""
    name = host if access.hosts else socket.gethostname()
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}:{port}/" + (f"?token={access.token}" if access.token else "")


class _Connection(H11Protocol):
    """A connection that is closed if no request follows; what it buffers is limited."""

    def connection_made(self, transport: Any) -> None:
        """Begin, and check after a while."""
        super().connection_made(transport)
        self.loop.call_later(PATIENCE, self._give_up)

    def _give_up(self) -> None:
        if getattr(self, "scope", None) is None:
            self.transport.close()


class _Server(uvicorn.Server):
    """A server that says when it listens, and does not wait for listeners when it ends."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, and say so."""
        await super().startup(sockets)
        self._ready()


def serve(
    bound: socket.socket, access: Access, calculator: Calculator, ready: Callable[[], None]
) -> None:
    """Serve until Ctrl-C.

    Parameters
    ----------
    bound : socket
        That listens.
    access : Access
    calculator : Calculator
        Closed at the end.
    ready : callable
        Called as soon as the page can be asked for.
    """
    config = uvicorn.Config(
        application(calculator, access),
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=_Connection,
        ws="none",
        timeout_graceful_shutdown=1,
    )
    _end_in_order()
    _Server(config, ready).run(sockets=[bound])


def _end_in_order() -> None:
    """Let the signals of a closed terminal, or of a shutdown, end the server as Ctrl-C does.

    uvicorn takes them, ends, and raises them again: what is to be removed is removed only if
    the interpreter ends by itself then.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
