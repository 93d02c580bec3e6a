"""The marks in numbers as people write them: the decimal mark, and marks between thousands.

``1,063.35`` can be read in one way only, and so can ``1,234,567`` and ``1 063``; ``1,063`` can be
1063 or 1.063. So the cells that leave no doubt settle how a table is written: most of them its
decimal mark, and those of a column the mark between its thousands. A cell that then does not fit
is no number. The page keeps the same rule, and both are held to ``tests/tables/numbers.json``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bactrian.errors import DataError
from bactrian.remedies import LeaveOut

SPELLINGS = {"none": "", "space": " ", "apostrophe": "'"}
_SIGNS = {",": ",", ".": r"\.", " ": "[ \u00a0\u202f\u2009]", "'": "['\u2019]"}
EVERY_SIGN = ".,' \u00a0\u202f\u2009\u2019"  # all signs that are a mark
SIGNS = f"[{EVERY_SIGN}]"
_SIGN, _FIRST = "[+-]?", "[1-9][0-9]{0,2}"


@dataclass(frozen=True)
class Marks:
    """How a number is written.

    Parameters
    ----------
    decimal : {".", ",", ""}
        Empty where a cell does not tell it.
    thousands : {"", ",", ".", " ", "'"}
        A space stands for no-break, narrow and thin ones too, ``'`` for both apostrophes.
    """

    decimal: str
    thousands: str = ""

    @property
    def grouped(self) -> str:
        """Pattern of a number with marks between its thousands."""
        return f"{_grouped(self.thousands)}(?:{_fraction(self.decimal)})?"

    @property
    def between(self) -> str:
        """Pattern of the marks between thousands."""
        return _SIGNS[self.thousands]


POINT, COMMA = Marks("."), Marks(",")
Survey = Counter[Marks]


def _grouped(mark: str, least: int = 1) -> str:
    return f"{_SIGN}{_FIRST}(?:{_SIGNS[mark]}[0-9]{{3}}){{{least},}}"


def _fraction(decimal: str) -> str:
    return f"{_SIGNS[decimal]}[0-9]+"


def _unlike_a_group(sign: str) -> str:
    """Digits about a decimal mark that cannot be groups of three digits."""
    exponent = "[eE][+-]?[0-9]+"
    return (
        f"(?:[0-9]*{sign}(?:[0-9]{{1,2}}|[0-9]{{4,}})|(?:0[0-9]*|[0-9]{{4,}})?{sign}[0-9]+"
        f"|[0-9]*{sign}[0-9]+{exponent})"
    )


# What a cell tells that is written so, as patterns that Arrow understands too: none can be
# written otherwise. A single group behind a comma or a point tells nothing, nor does an integer.
TELLING: dict[Marks, str] = {
    **{
        Marks(decimal, mark): f"(?:{_grouped(mark)}{_fraction(decimal)}|{_grouped(mark, 2)})"
        for decimal, mark in ((".", ","), (",", "."))
    },
    **{
        Marks(decimal, mark): _grouped(mark) + (_fraction(decimal) if decimal else "")
        for mark in " '"
        for decimal in ("", ".", ",")
    },
    **{Marks(decimal): _SIGN + _unlike_a_group(_SIGNS[decimal]) for decimal in ".,"},
}
_TELLING = {marks: re.compile(pattern) for marks, pattern in TELLING.items()}
_GROUPED = {
    marks: re.compile(marks.grouped)
    for marks in (Marks(decimal, mark) for decimal in ".," for mark in _SIGNS if mark != decimal)
}
_ONE_GROUP = {mark: re.compile(f"{_SIGN}{_FIRST}{_SIGNS[mark]}[0-9]{{3}}") for mark in ".,"}
_ANY_SIGN = re.compile(SIGNS)
_MINUS = re.compile(r"^[\u2212\u2013](?=[0-9.,])")


def plain(cell: str) -> str:
    """A cell without spaces around it, and with an ASCII minus sign."""
    return _MINUS.sub("-", cell.strip())


def ungrouped(text: str, marks: Marks) -> str:
    """A number without marks between its thousands; any other text unchanged."""
    if not marks.thousands or not _GROUPED[marks].fullmatch(text):
        return text
    return re.sub(marks.between, "", text)


def told_by(cell: str) -> Marks | None:
    """The marks that a cell shows beyond doubt; None if it shows no mark."""
    text = plain(cell)
    if not _ANY_SIGN.search(text):
        return None
    return next((marks for marks, like in _TELLING.items() if like.fullmatch(text)), None)


def is_grouped(cell: str) -> bool:
    """Whether a cell is surely a number with marks between thousands."""
    marks = told_by(cell)
    return marks is not None and marks.thousands != ""


def is_doubtful(cell: str) -> bool:
    """Whether a cell such as ``1,063`` or ``1.063`` could mean two numbers."""
    return any(like.fullmatch(plain(cell)) for like in _ONE_GROUP.values())


def survey(cells: Iterable[str]) -> Survey:
    """Count what the cells of a column show."""
    found = map(told_by, cells)
    return Counter(marks for marks in found if marks is not None)


def settle(
    columns: Sequence[Mapping[Marks, int]], decimal: str, thousands: str, usual: str
) -> list[Marks]:
    """Decide how the numbers in each column are written.

    Parameters
    ----------
    columns : sequence of Survey
    decimal, thousands : str
        As told, or "auto".
    usual : {".", ","}
        The decimal mark where the cells with marks between thousands do not tell it.

    Returns
    -------
    list of Marks
        One for each column.
    """
    grouped = any(marks.thousands for column in columns for marks in column)
    if decimal == "auto":
        decimal = commonest_decimal(columns, usual) if grouped else usual
    if thousands != "auto":
        return [Marks(decimal, thousands)] * len(columns)
    return [Marks(decimal, _between(column, decimal)) for column in columns]


def commonest_decimal(columns: Sequence[Mapping[Marks, int]], usual: str) -> str:
    """The decimal mark of most cells without doubt; `usual` if both are as common."""
    votes = dict.fromkeys(".,", 0)
    for column in columns:
        for marks, count in column.items():
            if marks.decimal:
                votes[marks.decimal] += count
    if votes["."] == votes[","]:
        return usual
    return "." if votes["."] > votes[","] else ","


def _between(column: Mapping[Marks, int], decimal: str) -> str:
    """The one mark between thousands that a column with this decimal mark can have."""
    found = {marks.thousands for marks in column if marks.thousands}
    fits = all(marks.decimal in ("", decimal) for marks in column if marks.thousands)
    return found.pop() if len(found) == 1 and fits else ""


def read_thousands(thousands: str, decimal: str) -> tuple[str, str]:
    """The mark between thousands and the decimal mark, as given; "auto" if they are not.

    Raises
    ------
    DataError
        If the mark is none, or is the decimal mark too.
    """
    mark = SPELLINGS.get(thousands, thousands)
    if mark != "auto" and mark not in ("", *_SIGNS):
        raise DataError(
            "the mark between thousands is unknown",
            got=repr(thousands),
            wanted="'auto', 'none', ',', '.', 'space' or 'apostrophe'",
            code="bad_choice",
        )
    if mark == decimal != "auto":
        raise DataError(
            "one mark cannot be both the decimal mark and that between thousands",
            LeaveOut("decimal", "thousands"),
            "The other follows from it.",
            got=f"{decimal!r} as both",
            code="bad_choice",
        )
    if decimal == "auto" and mark in (",", "."):
        decimal = "." if mark == "," else ","
    return mark, decimal
