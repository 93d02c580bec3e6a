"""The inside of a server's process: its limits, its orders, its answers."""

from __future__ import annotations

import _thread
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

from bactrian.web.problems import told

BEGUN, PROGRESS, ANSWER, PROBLEM, STOPPED = b"b", b"p", b"a", b"x", b"s"
CANCEL, TIME = b"cancel", b"time"  # why a process is told to stop
WHOLE, PART = b"whole", b"part"  # what a job answers when its files are written

Tell = Callable[[bytes], None]
Function = str  # module and name in this package, such as "fits.fit"

_NICENESS = 5  # the server answers first

_told_to_stop: list[bytes] = []


@dataclass(frozen=True)
class Allowance:
    """What a process may use.

    Parameters
    ----------
    threads : int
    memory_bytes : int
        Beside what it has at its beginning.
    """

    threads: int
    memory_bytes: int

    def impose(self) -> None:
        """Set the limits of this process."""
        from bactrian.machine.threads import VARIABLE

        os.environ[VARIABLE] = str(self.threads)
        if hasattr(os, "nice"):
            os.nice(_NICENESS)
        try:
            import resource

            with open("/proc/self/statm", encoding="ascii") as numbers:
                mapped = int(numbers.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            most = mapped + self.memory_bytes
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
                score.write("1000")  # where memory runs out, this ends and not the server
        except (ImportError, OSError, ValueError):
            return  # a system without such limits


def run(
    connection: Connection, function: Function, arguments: tuple[Any, ...], allowance: Allowance
) -> None:
    """Call the function, and send what it returns, or what went wrong."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_obey, args=(connection,), daemon=True).start()
    try:
        allowance.impose()
        connection.send_bytes(BEGUN)
        module, _, name = function.partition(".")
        called = getattr(import_module(f"bactrian.web.work.{module}"), name)
        last = ANSWER + called(*arguments, lambda news: connection.send_bytes(PROGRESS + news))
    except KeyboardInterrupt:
        last = STOPPED
    except BaseException as error:
        last = PROBLEM + told(error).model_dump_json().encode()
    finish()
    connection.send_bytes(last)


def finish() -> None:
    """Do not stop from here on: the result is being written."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def why_stopped() -> bytes:
    """CANCEL or TIME; empty if the process was not told to stop."""
    return _told_to_stop[-1] if _told_to_stop else b""


def _obey(connection: Connection) -> None:
    """Interrupt the function when the server says so; end when the server ends."""
    try:
        while True:
            _told_to_stop.append(connection.recv_bytes())
            _thread.interrupt_main()
    except (EOFError, OSError):
        os._exit(1)
