"""Read numbers of a text row by row in plain Python, and say which cell is wrong."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.phrases import ParameterValue, Phrase
from bactrian.remedies import Advice
from bactrian.tables.advice import advice_on
from bactrian.tables.cells import parse_cell
from bactrian.tables.marks import Marks, Survey, settle, told_by
from bactrian.tables.offences import Offence, refuse_columns
from bactrian.tables.text import Text

_MOST_WORDS = 3  # that a table may use for missing values
_A_CELL_AMONG_NUMBERS = Advice(
    "If the column holds numbers: correct the cell, or remove its line from the file if it is not "
    "a row of data, such as a total."
)


def find_marks(text: Text, indices: Sequence[int]) -> list[Marks]:
    """How the numbers of each column are written."""
    found: list[Survey] = [Counter() for _ in indices]
    for _, cells in text.rows():
        for own, index in zip(found, indices, strict=True):
            told = told_by(cells[index])
            if told is not None:
                own[told] += 1
    layout = text.layout
    decimal = layout.decimal if layout.decimal_told else "auto"
    return settle(found, decimal, layout.thousands, layout.decimal)


def read_patiently(
    text: Text, indices: Sequence[int], marks: Sequence[Marks], dtype: npt.DTypeLike
) -> npt.NDArray[np.floating[Any]]:
    """Read numbers row by row.

    Raises
    ------
    DataError
        If rows differ in length, or a cell is no number.
    """
    written = dict(zip(indices, marks, strict=True))
    columns = {index: array("d") for index in indices}
    offences: dict[int, Offence] = {}
    words: Counter[str] = Counter()
    for line, cells in text.rows():
        for index, numbers in columns.items():
            try:
                numbers.append(parse_cell(cells[index], written[index]))
            except ValueError:
                offences.setdefault(index, Offence(cells[index], f"line {line}"))
                if len(words) <= _MOST_WORDS:
                    words[cells[index].strip()] += 1
                numbers.append(float("nan"))
    if offences:
        advice = advice_on(offence.value for offence in offences.values())
        if not advice and _are_few(words, [columns[index] for index in offences]):
            advice = [_missing(tuple(words)), _A_CELL_AMONG_NUMBERS]
        refuse_columns(text.layout.names, indices, offences, text.content.label, advice)
    return np.column_stack(
        [np.frombuffer(columns[index], dtype=np.float64) for index in indices]
    ).astype(dtype, copy=False)


def _are_few(words: Counter[str], columns: Sequence[Sequence[float]]) -> bool:
    """Whether these columns hold few different words among more numbers."""
    mostly = [2 * np.count_nonzero(~np.isnan(column)) > len(column) for column in columns]
    return len(words) <= _MOST_WORDS and all(mostly)


def _missing(words: Sequence[str]) -> Advice:
    means = "means" if len(words) == 1 else "mean"
    shown = " and ".join(map(repr, words))
    setting = ParameterValue("missing_values", tuple(words))
    return Advice(Phrase(f"If {shown} {means} a missing value, say so: ", setting, "."))
