"""Errors as the page gets them: a Problem, and its HTTP status."""

from __future__ import annotations

import sys
from errno import EDQUOT, ENOMEM, ENOSPC
from typing import TYPE_CHECKING

from bactrian.errors import BactrianError
from bactrian.web.face import FIELDS, PAGE, field_of
from bactrian.web.schema import BadCell, Problem

if TYPE_CHECKING:
    from pydantic import ValidationError

STATUS = {
    "bad_json": 400,
    "forbidden": 403,
    "token": 403,
    "not_found": 404,
    "forgotten": 404,
    "not_allowed": 405,
    "not_ready": 409,
    "too_large": 413,
    "content_type": 415,
    "busy": 429,
    "gone": 500,
    "unexpected": 500,
    "no_room": 507,
}
SHOWN = 100  # characters of what was sent that a Problem repeats
UNUSABLE = 422  # the status of all other codes: what was sent can be read, and not be used


class RefusalError(Exception):
    """A Problem on its way to the client."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def refusal(
    code: str,
    message: str,
    *,
    field: str | None = None,
    got: str | None = None,
    wanted: str | None = None,
    remedy: str | None = None,
    cells: list[BadCell] | None = None,
) -> RefusalError:
    """Make an exception with a Problem of these parts."""
    return RefusalError(
        Problem(
            code=code,
            message=message,
            field=field,
            got=got,
            wanted=wanted,
            remedy=remedy,
            cells=cells or [],
        )
    )


def status_of(problem: Problem) -> int:
    """HTTP status of a Problem."""
    return STATUS.get(problem.code, UNUSABLE)


def problem_of(error: BaseException, field: str | None = None) -> Problem:
    """The Problem for an error of the library.

    Parameters
    ----------
    error : BaseException
    field : str, optional
        Input that is to blame where the error does not tell.
    """
    match error:
        case RefusalError():
            return error.problem
        case BactrianError() if isinstance(cause := error.__cause__, OSError) and is_disk(cause):
            return problem_of(cause)
        case BactrianError():
            return _problem(error, field)
        case MemoryError() | OSError() | RuntimeError() if _is_memory(error):
            return Problem(
                code="memory",
                message="There is not enough memory for this.",
                field=field or "n_components",
                remedy="Take fewer components, columns or rows.",
            )
        case OSError() if is_disk(error):
            return Problem(
                code="no_room",
                message="There is not enough room on the disk for this.",
                remedy="Free space where temporary files are kept, and try again.",
            )
        case FileNotFoundError():
            return Problem(
                code="gone",
                message="Files of the server are gone from the folder of temporary files.",
                remedy="Start the server again.",
            )
    return Problem(
        code="unexpected",
        message=f"An unexpected error occurred: {type(error).__name__}.",
        got=str(error)[:500] or None,
        remedy="Please report it, with the settings and the kind of data that led to it.",
    )


def _is_memory(error: BaseException) -> bool:
    """Whether memory was short, according to the error of a library or the system."""
    if isinstance(error, OSError):
        return error.errno == ENOMEM
    return isinstance(error, MemoryError) or "start new thread" in str(error)


def is_disk(error: OSError) -> bool:
    """Whether the disk was full; NumPy says this only in words."""
    return error.errno in (ENOSPC, EDQUOT) or "requested and" in str(error)


def told(error: BaseException) -> Problem:
    """The Problem for an error; an unexpected error is also reported."""
    problem = problem_of(error)
    if problem.code == "unexpected":
        _report(error)
    return problem


def _report(error: BaseException) -> None:
    """Print where in the program an error arose, to standard error; print no data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}"
    print(f"bactrian serve: unexpected {type(error).__name__}{where}", file=sys.stderr)


def unusable(error: ValidationError) -> Problem:
    """The Problem of a request that does not have the shape of its class."""
    first = error.errors(include_url=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return Problem(code="bad_json", message=f"This is not JSON: {first['msg']}.")
    path = [str(part) for part in first["loc"] if "[" not in str(part)]  # not pydantic's own
    names = [part for part in path if part in FIELDS]
    place = ".".join(path)[:SHOWN] or "the request"
    return Problem(
        code="invalid",
        message=f"{place}: {first['msg']}.",
        field=names[-1] if names else None,
        got=repr(first["input"])[:SHOWN],
    )


def _problem(error: BactrianError, field: str | None) -> Problem:
    return Problem(
        code=error.code,
        message=f"{error.statement(PAGE)}.",
        field=field_of(error, field),
        got=PAGE.words(error.got) or None,
        wanted=PAGE.words(error.wanted) or None,
        remedy=PAGE.remedies(error.remedies) or None,
    )
