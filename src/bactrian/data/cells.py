"""What a cell of text means: a number, a missing value, or neither."""

from __future__ import annotations

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "?", "-", ".")
_MISSING = frozenset(MISSING)


def parse_cell(cell: str, decimal: str) -> float:
    """Read one number, rounded correctly.

    Parameters
    ----------
    cell : str
        Spaces around the number do not matter.
    decimal : {".", ","}

    Returns
    -------
    float
        NaN for a missing value.

    Raises
    ------
    ValueError
        If it is neither. Thousands separators are not guessed.
    """
    text = cell.strip()
    if text in _MISSING:
        return float("nan")
    # float() also takes digits of other scripts and 1_000, which no data file means.
    if "_" in text or not text.isascii():
        raise ValueError(text)
    if decimal == ",":
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


def is_number(cell: str, decimal: str) -> bool:
    """Whether a cell is a number, or missing.

    Parameters
    ----------
    cell : str
    decimal : {".", ","}

    Returns
    -------
    bool
    """
    try:
        parse_cell(cell, decimal)
    except ValueError:
        return False
    return True
