"""What to do about cells that look like numbers but are not read as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bactrian.phrases import ParameterValue, Part, Phrase
from bactrian.remedies import Advice
from bactrian.tables.cells import has_sign, like_a_number
from bactrian.tables.marks import EVERY_SIGN, is_doubtful, plain, told_by

_MARKED_DIGITS = re.compile(f"[+-]?[0-9][0-9{EVERY_SIGN}]*[0-9]")
_DATE = re.compile(r"\d{1,4}\.\d{1,2}\.\d{2,4}")
_SPELLED = {" ": "space", "'": "apostrophe"}


def advice_on(cells: Iterable[object]) -> list[Advice]:
    """Say what else may be the cause, in one sentence for each.

    Parameters
    ----------
    cells : iterable of object
        Those that were refused.

    Returns
    -------
    list of Advice
        Empty if there is nothing to say.
    """
    said = (_advice(cell) for cell in cells if isinstance(cell, str))
    return [Advice(sentence) for sentence in dict.fromkeys(said) if sentence is not None]


def _advice(cell: str) -> Part | None:
    text = plain(cell)
    if is_doubtful(cell):
        mark = "," if "," in text else "."
        whole, decimal = text.replace(mark, ""), text.replace(mark, ".")
        return Phrase(
            f"{text!r} may be {whole} or {decimal}, and no other cell of its column tells. Say ",
            ParameterValue("thousands", mark), " or ", ParameterValue("decimal", mark), ".",
        )  # fmt: skip
    marks = told_by(cell)
    if marks is not None and marks.thousands:
        both: list[Part] = [ParameterValue("decimal", marks.decimal), " "] if marks.decimal else []
        return Phrase(
            f"{text!r} is written in another way than the other cells; to read all cells in its "
            "way, say so: ",
            *both,
            ParameterValue("thousands", _SPELLED.get(marks.thousands, marks.thousands)),
            ".",
        )
    if like_a_number(cell):
        mark = "," if "," in text else "."
        return Phrase(
            f"If '{mark}' is the decimal mark, say so: ", ParameterValue("decimal", mark), "."
        )
    if has_sign(cell):
        return (
            f"Currency signs, percent signs, and brackets for a minus, as in {text!r}, are not "
            "read: format the column as plain numbers in the spreadsheet."
        )
    if _MARKED_DIGITS.fullmatch(text) and not _DATE.fullmatch(text):
        return f"{text!r} has marks that do not part groups of three digits: remove them."
    return None
