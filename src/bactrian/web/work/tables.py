"""Check a typed table; describe any table, and keep its numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from bactrian.core.arrays import FloatArray
from bactrian.errors import DataError
from bactrian.phrases import counted, is_are
from bactrian.tables.cells import is_missing, like_a_number, parse_cell
from bactrian.tables.doubtful import with_doubts
from bactrian.tables.marks import POINT, Marks, is_doubtful, is_grouped, settle, survey
from bactrian.tables.table import Table as Numbers
from bactrian.tables.table import check_unique
from bactrian.web.datasets import NAMES, VALUES
from bactrian.web.face import PAGE
from bactrian.web.orders import Destination
from bactrian.web.problems import RefusalError, problem_of, refusal, unusable
from bactrian.web.schema import BadCell, Cell, Column, Dataset, LeftOut, Table
from bactrian.web.work.child import Tell

SHOWN_CELLS = 50
SHOWN_CHARACTERS = 80
LONGEST_NAME = 1000  # of a column, as in requests
_ROWS_AT_ONCE = 65_536


def take_table(body: Path, place: Destination, tell: Tell) -> bytes:
    """Keep a table of cells that was sent as JSON; return the Dataset.

    Parameters
    ----------
    body : Path
        File of what was sent.
    """
    try:
        table = Table.model_validate_json(body.read_bytes())
    except ValidationError as error:
        raise RefusalError(unusable(error)) from None
    _check_cells(table)
    try:
        check_unique(table.columns)
    except DataError as error:
        raise RefusalError(problem_of(error, "columns")) from None
    left_out = {name: f"not numbers: {said!r}" for name, said in _words_only(table).items()}
    kept = [j for j, name in enumerate(table.columns) if name not in left_out]
    marks = _marks_of(table, kept)
    values = np.empty((len(table.rows), len(kept)))
    bad: list[BadCell] = []
    for i, row in enumerate(table.rows):
        for target, j in enumerate(kept):
            try:
                values[i, target] = _number(row[j], marks[target])
            except ValueError:
                bad.append(BadCell(row=i + 1, column=j + 1, got=str(row[j])[:SHOWN_CHARACTERS]))
    if bad:
        raise _bad_cells(bad, table)
    numbers = with_doubts(Numbers(values, tuple(table.columns[j] for j in kept)))
    return keep(numbers, table.name, table.columns, left_out, place)


def _check_cells(table: Table) -> None:
    """Refuse a table without rows, or with rows of different lengths."""
    if not table.rows:
        raise refusal("bad_data", "There are no rows.", field="dataset", wanted="at least one row")
    width = len(table.columns)
    ragged = [i for i, row in enumerate(table.rows) if len(row) != width]
    if not ragged:
        return
    shown = [f"row {i + 1} has {len(table.rows[i])}" for i in ragged[:5]]
    more = f", and {counted(len(ragged) - 5, 'more row')}" if len(ragged) > 5 else ""
    raise refusal(
        "ragged",
        f"The rows differ in length: {', '.join(shown)}{more}.",
        field="dataset",
        got=f"{counted(len(ragged), 'row')} of another length",
        wanted=f"{counted(width, 'cell')} in each row, one for each column",
        remedy="Fill in the row; an empty cell is a missing value.",
    )


def _marks_of(table: Table, kept: Sequence[int]) -> list[Marks]:
    """How the columns are written; the decimal mark is a point unless thousands show otherwise."""
    texts = [[cell for row in table.rows if isinstance(cell := row[j], str)] for j in kept]
    return settle([survey(cells) for cells in texts], "auto", "auto", POINT.decimal)


def _number(cell: Cell, marks: Marks) -> float:
    if cell is None:
        return float("nan")
    return parse_cell(cell, marks) if isinstance(cell, str) else float(cell)


def _is_word(cell: Cell) -> bool:
    return isinstance(cell, str) and not like_a_number(cell)


def _words_only(table: Table) -> dict[str, str]:
    """Columns whose cells are mostly text, if there are also other columns."""
    found: dict[str, str] = {}
    for j, name in enumerate(table.columns):
        cells = [row[j] for row in table.rows]
        known = [c for c in cells if c is not None and not (isinstance(c, str) and is_missing(c))]
        words = [cell for cell in known if _is_word(cell)]
        if 2 * len(words) > len(known):
            found[name] = str(words[0])[:40]
    return {} if len(found) == len(table.columns) else found


def _bad_cells(bad: list[BadCell], table: Table) -> RefusalError:
    first = bad[0]
    column = table.columns[first.column - 1]
    many = f"{len(bad)} cells are not numbers; the first is" if len(bad) > 1 else "One cell is"
    what = f" {first.got!r} in row {first.row}, column {column!r}"
    message = f"{many}{what}." if len(bad) > 1 else f"{many} not a number:{what}."
    comma = all("," in cell.got for cell in bad)
    remedy = "Write the decimal mark as a point." if comma else "Correct or empty the cells."
    if any(is_doubtful(cell.got) or is_grouped(cell.got) for cell in bad):
        remedy = "Write the numbers without marks between thousands, and decimals with a point."
    return refusal(
        "bad_cells",
        message,
        field="dataset",
        got=counted(len(bad), "cell"),
        wanted="numbers, such as 1.5 or 2e-3; empty where missing",
        remedy=remedy,
        cells=bad[:SHOWN_CELLS],
    )


def keep(
    table: Numbers,
    label: str,
    all_names: Sequence[str],
    left_out: dict[str, str],
    place: Destination,
) -> bytes:
    """Write the numbers and the names to files; return the Dataset as JSON."""
    values = np.ascontiguousarray(table.values, dtype=np.float64)
    n_rows, n_columns = values.shape
    for count, most, noun in ((n_rows, place.rows, "row"), (n_columns, place.columns, "column")):
        if count > most:
            raise refusal(
                "too_large",
                f"{label} has {counted(count, noun)}.",
                field="dataset",
                got=str(count),
                wanted=f"at most {counted(most, noun)}",
            )
    for j, name in enumerate(table.names):
        if len(name) > LONGEST_NAME:
            raise refusal(
                "too_large",
                f"The name of column {j + 1} of {label} is too long.",
                field="dataset",
                got=f"{len(name)} characters, {name[:SHOWN_CHARACTERS]!r} and so on",
                wanted=f"at most {LONGEST_NAME} characters",
                remedy="Shorten it, or say whether the first line holds names.",
            )
    _check_finite(values, table.names, label)
    np.save(place.folder / VALUES, values)
    (place.folder / NAMES).write_text(json.dumps(all_names), encoding="utf-8")
    columns = [_described(name, values[:, j]) for j, name in enumerate(table.names)]
    notes = [PAGE.words(note) for note in table.notes]
    empty = int(sum(np.isnan(piece).all(axis=1).sum() for piece in _pieces(values)))
    if empty:
        notes.append(f"{counted(empty, 'row')} without any value {is_are(empty)} ignored.")
    told = Dataset(
        id=place.id,
        name=label,
        n_rows=n_rows,
        columns=columns,
        left_out=[LeftOut(name=name, reason=reason) for name, reason in left_out.items()],
        notes=notes,
    )
    return told.model_dump_json().encode()


def _pieces(values: FloatArray) -> list[FloatArray]:
    return [
        values[begin : begin + _ROWS_AT_ONCE] for begin in range(0, len(values), _ROWS_AT_ONCE)
    ]


def _check_finite(values: FloatArray, names: Sequence[str], label: str) -> None:
    for number, piece in enumerate(_pieces(values)):
        infinite = np.isinf(piece)
        if infinite.any():
            row, column = (int(i) for i in np.argwhere(infinite)[0])
            row += number * _ROWS_AT_ONCE
            raise refusal(
                "infinite",
                f"A value is infinite: {label}, row {row + 1} of the data, "
                f"column {names[column]!r}.",
                field="dataset",
                got="infinity",
                wanted="finite numbers",
                remedy="Correct the value, or leave it empty.",
            )


def _described(name: str, values: FloatArray) -> Column:
    known = values[~np.isnan(values)]
    missing = len(values) - len(known)
    if not len(known):
        numbers: tuple[float, ...] | None = None
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            numbers = (known.min(), known.max(), known.mean(), known.std())
    low, high, mean, deviation = (
        (None,) * 4 if numbers is None else (float(n) if np.isfinite(n) else None for n in numbers)
    )
    return Column(
        name=name,
        n_missing=missing,
        minimum=low,
        maximum=high,
        mean=mean,
        standard_deviation=deviation,
    )
