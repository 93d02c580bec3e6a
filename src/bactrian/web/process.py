"""A function in a separate process, as the server sees it: started, heard, stopped.

Nothing that comes back is unpickled: a message is one byte for its kind, and JSON.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from multiprocessing import get_all_start_methods, get_context
from time import sleep
from typing import Any

from bactrian.web.problems import RefusalError, refusal
from bactrian.web.schema import Problem
from bactrian.web.work import child

Tell = Callable[[bytes], None]

HEAVY = "bactrian.web.work.all"  # imported once, before processes are forked off

REST = 0.2  # seconds, after which a dead process is seen to be dead

_METHOD = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
_CONTEXT: Any = get_context(_METHOD)


def prepare() -> None:
    """Set what all processes start with; call this before there is any process."""
    if _METHOD == "forkserver":
        _CONTEXT.set_forkserver_preload([HEAVY])


def warm_up() -> None:
    """Start the process that the others are forked from, so that the first need not wait."""
    if _METHOD == "forkserver":
        from multiprocessing import forkserver

        forkserver.ensure_running()


class StoppedError(Exception):
    """The process was stopped before it had anything to keep."""


class CrashedError(Exception):
    """The process ended without a message.

    Parameters
    ----------
    status : int or None
        Its exit status; the negative number of the signal that ended it.
    """

    def __init__(self, status: int | None) -> None:
        self.status = status
        super().__init__(f"The process ended with status {status}.")


class Process:
    """A function in a process of its own.

    Parameters
    ----------
    function : str
        Module and name in :mod:`bactrian.web.work`; ``function(*arguments, tell)`` gives bytes.
    arguments : tuple
    allowance : child.Allowance
    tell : callable
        Told what the function tells, in the event loop.
    """

    def __init__(
        self,
        function: child.Function,
        arguments: tuple[Any, ...],
        allowance: child.Allowance,
        tell: Tell = lambda _: None,
    ) -> None:
        self._tell = tell
        self._here, self._there = _CONTEXT.Pipe()
        what = (self._there, function, arguments, allowance)
        self._process = _CONTEXT.Process(target=child.run, args=what, daemon=True)
        self._begun = False
        self._killed = False
        self._last: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def run(self) -> bytes:
        """Run the function, and wait for its answer.

        Raises
        ------
        RefusalError
            With the Problem that it met.
        StoppedError
        CrashedError
        """
        loop = asyncio.get_running_loop()

        def tell(message: bytes) -> None:
            loop.call_soon_threadsafe(self._tell, message)

        def attend() -> None:
            try:
                last = self._attend(tell)
                if not last:
                    self._bury()
                loop.call_soon_threadsafe(self._end, last)
            except RuntimeError:  # the loop is closed: the server ends
                self.kill()
            finally:
                self._bury()

        if not self._last.done():
            threading.Thread(target=attend, daemon=True).start()
        try:
            last = await self._last
        except asyncio.CancelledError:
            self.kill()
            raise
        kind, body = last[:1], last[1:]
        if kind == child.PROBLEM:
            raise RefusalError(Problem.model_validate_json(body))
        if kind == child.STOPPED:
            raise StoppedError
        if kind != child.ANSWER:
            raise StoppedError if self._killed else CrashedError(self._process.exitcode)
        return body

    def stop(self, why: bytes) -> None:
        """Tell the process to stop and to return what it has."""
        if not self._begun:
            self.kill()
            return
        try:
            self._here.send_bytes(why)
        except OSError:  # it has ended
            return

    def kill(self) -> None:
        """End the process; if it is still starting, do not wait for it."""
        self._killed = True
        if self._process.pid is not None:
            self._process.kill()
        else:
            self._end(b"")

    def _end(self, message: bytes) -> None:
        if not self._last.done():
            self._last.set_result(message)

    def _attend(self, tell: Tell) -> bytes:
        """Start the process and hear it out; return its last message, empty if it crashed."""
        try:
            self._start()
            self._there.close()
            if self._killed:
                self._process.kill()
            while True:
                message: bytes = self._here.recv_bytes()
                if message[:1] == child.BEGUN:
                    self._begun = True
                elif message[:1] == child.PROGRESS:
                    tell(message[1:])
                else:
                    return message
        except (EOFError, OSError):
            return b""

    def _start(self) -> None:
        """Start the process; try again if the process that it is forked from has died."""
        try:
            self._process.start()
        except (EOFError, OSError):
            sleep(REST)
            self._process.start()

    def _bury(self) -> None:
        """Make sure that the process has ended."""
        self._here.close()
        if self._process.pid is None:  # it never began
            return
        self._process.join(1.0)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()


class Questions:
    """Short questions, each answered by a process; only a few run at a time.

    Parameters
    ----------
    most : int
    queue : int
    seconds : float
        Of one.
    allowance : child.Allowance
    """

    def __init__(self, most: int, queue: int, seconds: float, allowance: child.Allowance) -> None:
        self._places = asyncio.Semaphore(most)
        self._room = most + queue
        self._seconds = seconds
        self._allowance = allowance

    async def ask(self, function: child.Function, *arguments: Any) -> bytes:
        """Run a function in its own process, and return its answer.

        Raises
        ------
        RefusalError
        """
        if not self._room:
            raise busy()
        self._room -= 1
        try:
            async with self._places:
                process = Process(function, arguments, self._allowance)
                return await asyncio.wait_for(process.run(), self._seconds)
        except TimeoutError:
            raise too_long(self._seconds) from None
        except (StoppedError, CrashedError) as error:
            raise crashed(error) from None
        finally:
            self._room += 1


def busy() -> RefusalError:
    """The Problem of too many questions at once."""
    return refusal(
        "busy", "The server has too much to do.", remedy="Wait a moment, and try again."
    )


def too_long(seconds: float) -> RefusalError:
    """The Problem of a question without an answer in time."""
    return refusal(
        "too_long",
        f"Nothing was found within the limit of {seconds:g} seconds.",
        remedy="Take fewer rows, columns or components.",
    )


def crashed(error: Exception) -> RefusalError:
    """The Problem of a process that ended without an answer."""
    return refusal(
        "crashed",
        "The computation ended unexpectedly, and what it had found is lost.",
        got=str(error) or None,
        remedy="If memory was short, take fewer components, columns or rows.",
    )
