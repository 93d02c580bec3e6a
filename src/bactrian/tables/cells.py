"""What a cell of text means: a number, a missing value, or neither."""

from __future__ import annotations

import re

from bactrian.tables.marks import COMMA, POINT, SIGNS, Marks, is_grouped, plain, ungrouped

MISSING = (
    "", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "null", "NULL", "None", "?", "-", ".",
)  # fmt: skip
_MISSING = frozenset(MISSING)


_CURRENCY = r"(?:[$€£¥₹]|[A-Z]{3}\b)"
_DIGITS = f"[-+]?[0-9](?:[0-9]|{SIGNS})*"
_WITH_SIGN = re.compile(
    rf"[-+]?{_CURRENCY}\s*{_DIGITS}|{_DIGITS}\s*(?:[%‰]|{_CURRENCY})|\({_CURRENCY}?{_DIGITS}\)"
)


def parse_cell(cell: str, marks: Marks = POINT) -> float:
    """Read one number, and round it correctly.

    Parameters
    ----------
    cell : str
        Spaces around the number do not matter.
    marks : Marks, default=POINT

    Returns
    -------
    float
        NaN for a missing value.

    Raises
    ------
    ValueError
        If it is neither, or is written with other marks.
    """
    text = plain(cell)
    if text in _MISSING:
        return float("nan")
    text = ungrouped(text, marks)
    # float() also takes digits of other scripts and 1_000, which no data file means.
    if "_" in text or not text.isascii():
        raise ValueError(text)
    if marks.decimal == ",":
        if "." in text:
            raise ValueError(text)
        text = text.replace(",", ".")
    return float(text)


def is_missing(cell: str) -> bool:
    """Whether a cell is one of the missing markers.

    Parameters
    ----------
    cell : str

    Returns
    -------
    bool
    """
    return cell.strip() in _MISSING


def is_number(cell: str, marks: Marks = POINT) -> bool:
    """Whether a cell is a number, or missing.

    Parameters
    ----------
    cell : str
    marks : Marks, default=POINT

    Returns
    -------
    bool
    """
    try:
        parse_cell(cell, marks)
    except ValueError:
        return False
    return True


def like_a_number(cell: str) -> bool:
    """Whether a cell is missing, or a number in some way of writing."""
    return is_number(cell) or is_number(cell, COMMA) or is_grouped(cell)


def has_sign(cell: str) -> bool:
    """Whether a cell is a number with a currency or percent sign, or in brackets."""
    return not like_a_number(cell) and _WITH_SIGN.fullmatch(plain(cell)) is not None
