"""Ctrl-C: leave at once before the work begins; raise once there is something to keep."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130  # what the shell reports of a program that SIGINT ended
_SHOW_CURSOR = "\r\x1b[K\x1b[?25h"


def leave_on_interrupt() -> None:
    """End the program on Ctrl-C without raising an error.

    An exception in the middle of an import does not always get through: some modules take it
    for a package that is missing, and go on.
    """
    signal.signal(signal.SIGINT, _leave)


def raise_on_interrupt() -> None:
    """From here on, raise KeyboardInterrupt on Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(signum: int, frame: FrameType | None) -> None:
    terminal = sys.stderr is not None and sys.stderr.isatty()
    os.write(2, f"{_SHOW_CURSOR if terminal else ''}Interrupted.\n".encode())
    os._exit(INTERRUPTED)
