"""What goes wrong, as the page is told: one Problem, and the status that goes with it."""

from __future__ import annotations

import re
import sys
from errno import EDQUOT, ENOMEM, ENOSPC
from typing import TYPE_CHECKING

from bactrian.errors import BadInputError, DataError, DegenerateCovarianceError
from bactrian.web.schema import BadCell, Problem, Settings

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

NAMES = {
    "n_components": "The number of components",
    "max_iter": "The iteration limit",
    "tol": "The tolerance",
    "covariance_type": "The structure",
    "init_params": "The starting values",
    "n_init": "The number of starts",
    "means_init": "The starting means",
    "seed": "The seed",
    "stopping": "The stopping rule",
    "acceleration": "The acceleration",
    "reg_covar": "The added variance",
    "equal_weights": "Equal weights",
    "prior": "The prior",
    "missing": "What to do with missing values",
    "noise": "The noise",
    "family": "The family",
    "dataset": "The data",
    "weights": "The weights",
}
_FIELDS = {"random_state": "seed", "X": "dataset", "sample_weight": "weights"}
_PLACES = (
    (re.compile(r"too few rows"), "n_components"),
    (re.compile(r"value is missing"), "missing"),
    (re.compile(r"no column|empty|chosen"), "columns"),
    (re.compile(r"weight"), "weights"),
)
_COLUMNS = re.compile(r"constant column|identical rows")
_WORDS = (
    (re.compile(r"\s*Choose the numeric columns: --columns .*"), ""),
    (re.compile(r"Lower -k\b"), "Lower the number of components"),
    (re.compile(r"leave the column out: --exclude"), "leave the column out"),
    (re.compile(r"Leave (?:it|them|the column) out(?: with|:) --exclude"),
     "Leave it out of the columns"),
    (re.compile(r"\breg_covar\b"), "the added variance"),
    (re.compile(r"Or let it be missing: --missing em\."), "Or let values be missing."),
    (re.compile(r"give --header if the first line holds names"),
     "say so if the first line holds names"),
    (re.compile(r"say --thousands ('.') or --decimal '.'"),
     r"say that \1 is between thousands, or that it is the decimal mark"),
    (re.compile(r"say so: --thousands ','"), "say that commas do"),
    (re.compile(r"say so: --thousands none"), "say that nothing is between thousands"),
    (re.compile(r"say so: --no-header"), "say that there is no header"),
    (re.compile(r"None, (.*), or a RandomState"), r"\1"),
    (re.compile(r"--columns (\S+)"), r"columns \1"),
    (re.compile(r"--([a-z]+)"), r"\1"),
)  # fmt: skip


class RefusalError(Exception):
    """A Problem on its way to whoever asked."""

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
    """Exception with the Problem of these parts."""
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
    """Problem that an error of the library stands for.

    Parameters
    ----------
    error : BaseException
    field : str, optional
        Input that is to blame where the error does not tell.
    """
    match error:
        case RefusalError():
            return error.problem
        case BadInputError():
            own = _field_of(error.name)
            name = NAMES.get(own or "", error.name)
            message = f"{name} must be {error.wanted}, but got {error.got}."
            if own == "dataset" and _COLUMNS.search(error.got):
                own = "columns"
            return _problem("bad_input", message, own or field, error)
        case DataError(__cause__=OSError() as cause) if _is_disk(cause):
            return problem_of(cause)
        case DataError():
            return _problem("bad_data", _data_message(error), field or _place_of(error), error)
        case DegenerateCovarianceError():
            message, remedy = str(error).split(". ", 1)
            return Problem(
                code="collapse", message=f"{message}.", field="n_components", remedy=remedy
            )
        case MemoryError() | OSError() | RuntimeError() if _is_memory(error):
            return Problem(
                code="memory",
                message="There is not enough memory for this.",
                field=field or "n_components",
                remedy="Take fewer components, columns or rows.",
            )
        case OSError() if _is_disk(error):
            return Problem(
                code="no_room",
                message="There is no room for this on the disk.",
                remedy="Make room where temporary files are kept, and try again.",
            )
        case FileNotFoundError():
            return Problem(
                code="gone",
                message="Files of the server are gone from the folder of temporary files.",
                remedy="Start the server again.",
            )
    return Problem(
        code="unexpected",
        message=f"Something went wrong that should not: {type(error).__name__}.",
        got=str(error)[:500] or None,
        remedy="Please report it, with the settings and the kind of data that led to it.",
    )


def _is_memory(error: BaseException) -> bool:
    """Whether memory was short, as the error of a library or of the system says it."""
    if isinstance(error, OSError):
        return error.errno == ENOMEM
    return isinstance(error, MemoryError) or "start new thread" in str(error)


def _is_disk(error: OSError) -> bool:
    """Whether the disk was full; NumPy says so in words alone."""
    return error.errno in (ENOSPC, EDQUOT) or "requested and" in str(error)


def told(error: BaseException) -> Problem:
    """Problem that an error stands for; one that should not have been is reported."""
    problem = problem_of(error)
    if problem.code == "unexpected":
        _report(error)
    return problem


def _report(error: BaseException) -> None:
    """Say on standard error where in the program an error arose, and nothing of the data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}"
    print(f"bactrian serve: unexpected {type(error).__name__}{where}", file=sys.stderr)


def unusable(error: ValidationError) -> Problem:
    """Problem of a request whose shape is not that of its class."""
    first = error.errors(include_url=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return Problem(code="bad_json", message=f"This is no JSON: {first['msg']}.")
    path = [str(part) for part in first["loc"] if "[" not in str(part)]  # not pydantic's own
    names = [part for part in path if part in FIELDS]
    place = ".".join(path)[:SHOWN] or "the request"
    return Problem(
        code="invalid",
        message=f"{place}: {first['msg']}.",
        field=names[-1] if names else None,
        got=repr(first["input"])[:SHOWN],
    )


FIELDS = frozenset((*Settings.model_fields, "dataset", "columns", "weights"))


def in_words(text: str) -> str:
    """A message for the command line in the words of the page."""
    for pattern, word in _WORDS:
        text = pattern.sub(word, text)
    return text.strip()


def _problem(code: str, message: str, field: str | None, error: object) -> Problem:
    got, wanted, remedy = (str(getattr(error, part)) for part in ("got", "wanted", "remedy"))
    return Problem(
        code=code,
        message=in_words(message),
        field=field,
        got=got or None,
        wanted=in_words(wanted) or None,
        remedy=in_words(remedy) or None,
    )


def _data_message(error: DataError) -> str:
    facts = ", ".join(
        fact
        for fact in (
            error.got and f"got {error.got}",
            error.wanted and f"wanted {error.wanted}",
        )
        if fact
    )
    place = f"{error.where}: " if error.where else ""
    return f"{place}{error.what}: {facts}." if facts else f"{place}{error.what}."


def _field_of(name: str) -> str | None:
    """Input of the page that a parameter of the estimator is."""
    name = _FIELDS.get(name, name)
    return name if name in FIELDS else None


def _place_of(error: DataError) -> str:
    return next((field for words, field in _PLACES if words.search(error.what)), "dataset")
