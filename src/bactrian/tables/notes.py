"""Notes on how a text was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.phrases import ParameterValue, Part, Phrase, listed
from bactrian.tables.marks import Marks

_NOUNS = {",": "commas", ".": "points", " ": "spaces", "'": "apostrophes"}
_FEWEST = 4  # rows of which the last is a total rather than by chance their sum


def no_header(names: Sequence[str]) -> Part:
    """A note on the names of columns in a text without a header."""
    named = "the column is named x1"
    if len(names) > 1:
        through = ", ".join(names) if len(names) <= 3 else f"{names[0]} to {names[-1]}"
        named = f"columns are named {through}"
    header = ParameterValue("header", value=True)
    return Phrase(f"no header found: {named}; if the first line holds names, say so: ", header)


def thousands(names: Sequence[str], marks: Sequence[Marks]) -> Iterator[Part]:
    """Notes on the marks that were read as marks between thousands."""
    for mark, noun in _NOUNS.items():
        found = [name for name, own in zip(names, marks, strict=True) if own.thousands == mark]
        if found:
            told = f"{noun} separate the thousands of {listed(found)}; if they do not, say so: "
            yield Phrase(told, ParameterValue("thousands", "none"))


def commas(names: Sequence[str]) -> Iterator[Part]:
    """A note on columns whose commas were read as decimal marks, but may separate thousands."""
    if names:
        told = f"commas are read as decimal marks in {listed(names)}"
        so = ParameterValue("thousands", ",")
        yield Phrase(f"{told}; if they separate thousands, say so: ", so)


def total(values: npt.NDArray[np.floating[Any]]) -> Iterator[Part]:
    """A note if the last row is the sum of the others, which is unlikely for a row of data."""
    if len(values) < _FEWEST:
        return
    with np.errstate(all="ignore"):
        sums = np.nansum(values[:-1], axis=0, dtype=np.float64)
        equal = np.isclose(values[-1], sums, rtol=1e-9, atol=0) & (sums != 0)
    if equal.all():
        yield "the last row is the sum of the others; if it is a total, remove it from the file"
