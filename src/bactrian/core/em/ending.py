"""How a run of EM may end."""

from __future__ import annotations

from enum import Enum


class Ending(Enum):
    """Why a run of EM stopped: the value is a code, and `words` says it in English.

    Three of them are those of a stopping rule that was satisfied, and have its name.
    """

    LOG_LIKELIHOOD = "log_likelihood", "the mean log-likelihood changed by less than tol"
    AITKEN = "aitken", "the estimated gain still to come is below tol"
    PARAMETERS = "parameters", "no parameter moved by more than tol"
    LIMIT = "limit", "the iteration limit was reached"
    CALLBACK = "callback", "the callback asked to stop"
    OUTPACED = "outpaced", "another start is far ahead"
    INTERRUPTED = "interrupted", "it was interrupted"

    words: str

    @property
    def satisfied(self) -> bool:
        """Whether a stopping rule ended the run."""
        return self in (Ending.LOG_LIKELIHOOD, Ending.AITKEN, Ending.PARAMETERS)

    def __new__(cls, code: str, words: str) -> Ending:
        """Make the member of that code."""
        member = object.__new__(cls)
        member._value_ = code
        member.words = words
        return member
