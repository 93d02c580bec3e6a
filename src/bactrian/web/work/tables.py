"""A table that was typed or uploaded: read, checked, described, and kept as numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from bactrian.core.arrays import FloatArray
from bactrian.data.cells import is_missing, like_a_number, parse_cell
from bactrian.data.errors import DataError
from bactrian.data.files import read_table, text_columns
from bactrian.data.marks import POINT, Marks, is_doubtful, is_grouped, settle, survey
from bactrian.data.table import Table as Numbers
from bactrian.data.table import check_unique, listed, resolve_columns
from bactrian.report.words import counted
from bactrian.web.datasets import NAMES, VALUES
from bactrian.web.orders import Choice, Place, label_of, read_options
from bactrian.web.problems import RefusalError, in_words, problem_of, refusal, unusable
from bactrian.web.schema import BadCell, Cell, Column, Dataset, FileQuery, LeftOut, Problem, Table
from bactrian.web.work.child import Tell

SHOWN_CELLS = 50
SHOWN_CHARACTERS = 80
LONGEST_NAME = 1000  # of a column, as in requests
_PIECE = 65_536


def take_table(body: Path, place: Place, tell: Tell) -> bytes:
    """Keep a table of cells, sent as JSON; answers with the Dataset.

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
    numbers = Numbers(values, tuple(table.columns[j] for j in kept))
    return _keep(numbers, table.name, table.columns, left_out, place)


def take_file(body: Path, query: FileQuery, place: Place, tell: Tell) -> bytes:
    """Keep a file's numbers; answers with the Dataset.

    Parameters
    ----------
    body : Path
        The file, under a name of our own.
    query : FileQuery
        What it is called, and how to read it.
    """
    label = label_of(query.name)
    try:
        found = _read(body, label, read_options(query))
    except (DataError, MemoryError) as error:
        raise RefusalError(_called(error, body, label)) from None
    finally:
        body.unlink()
    return _keep(found.numbers, label, found.names, found.left_out, place)


def open_file(path: Path, query: FileQuery, choice: Choice, place: Place, tell: Tell) -> bytes:
    """Keep the numbers of a file of the user's own; answers with the chosen columns, the Dataset.

    What is wrong with it is told in the words of the command line.
    """
    label = label_of(query.name)
    try:
        found = _read(path, label, read_options(query))
        chosen = _chosen(found, choice, label)
    except DataError as error:
        raise refusal("bad_data", str(error).replace(str(path), label)) from None
    told = _keep(found.numbers, label, found.names, found.left_out, place)
    return json.dumps(chosen).encode() + b"\n" + told


@dataclass(frozen=True, eq=False)
class _Found:
    """The numbers of a file, the names of all its columns, and why some are left out."""

    numbers: Numbers
    names: tuple[str, ...]
    left_out: dict[str, str]


def _read(path: Path, label: str, options: dict[str, Any]) -> _Found:
    """The columns of numbers of a file.

    Raises
    ------
    DataError, RefusalError
    """
    names, offences = text_columns(path, **options)
    words = {_spelled(names, j): str(offence) for j, offence in offences.items()}
    if names and len(words) == len(names):
        raise refusal(
            "bad_data",
            f"{label} has no column of numbers.",
            field="file",
            got="; ".join(f"{name!r} ({said})" for name, said in words.items())[:500],
        )
    numbers = read_table(path, exclude=tuple(words), **options)
    return _Found(numbers, names, {name: f"not numbers: {said}" for name, said in words.items()})


def _chosen(found: _Found, choice: Choice, label: str) -> list[str]:
    """Names of the columns that are chosen, all of them of numbers.

    Raises
    ------
    DataError
    """
    numbers = found.numbers.names
    if choice.columns is None:
        left_out = [found.names[j] for j in resolve_columns(choice.exclude, found.names, label)]
        kept = [name for name in numbers if name not in left_out]
    else:
        kept = [found.names[j] for j in resolve_columns(choice.columns, found.names, label)]
    words = [name for name in kept if name not in numbers]
    if words or not kept:
        raise DataError(
            "a column is not numbers" if words else "no column is left",
            where=label,
            got=repr(words[0]) if words else "all of them excluded",
            wanted=f"some of {listed(list(numbers))}",
        )
    return kept


def _spelled(names: Sequence[str], index: int) -> str:
    """A column by its name, or by its position if others have the same."""
    return names[index] if names.count(names[index]) == 1 else str(index + 1)


def _called(error: DataError | MemoryError, body: Path, label: str) -> Problem:
    """Problem of a file, by the name that its owner knows."""
    problem = problem_of(error, "file")
    said = {"message": problem.message, "got": problem.got, "remedy": problem.remedy}
    return problem.model_copy(
        update={key: text and text.replace(str(body), label) for key, text in said.items()}
    )


def _check_cells(table: Table) -> None:
    """Refuse tables without rows, and those whose rows differ in length."""
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
        remedy="Fill the row up; an empty cell is a missing value.",
    )


def _marks_of(table: Table, kept: Sequence[int]) -> list[Marks]:
    """How the columns are written; the decimal mark is a point unless thousands tell otherwise."""
    texts = [[cell for row in table.rows if isinstance(cell := row[j], str)] for j in kept]
    return settle([survey(cells) for cells in texts], "auto", "auto", POINT.decimal)


def _number(cell: Cell, marks: Marks) -> float:
    if cell is None:
        return float("nan")
    return parse_cell(cell, marks) if isinstance(cell, str) else float(cell)


def _is_word(cell: Cell) -> bool:
    return isinstance(cell, str) and not like_a_number(cell)


def _words_only(table: Table) -> dict[str, str]:
    """Columns of which most cells are no numbers, if there are others beside them."""
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
    many = f"{len(bad)} cells are no numbers; the first is" if len(bad) > 1 else "One cell is"
    what = f" {first.got!r} in row {first.row}, column {column!r}"
    message = f"{many}{what}." if len(bad) > 1 else f"{many} no number:{what}."
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


def _keep(
    table: Numbers, label: str, all_names: Sequence[str], left_out: dict[str, str], place: Place
) -> bytes:
    """Write the numbers and the names to their files; the Dataset as JSON."""
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
    notes = [in_words(note) for note in table.notes]
    empty = int(sum(np.isnan(piece).all(axis=1).sum() for piece in _pieces(values)))
    if empty:
        notes.append(f"{counted(empty, 'row')} without any value count{'s' * (empty == 1)} "
                     "for nothing.")  # fmt: skip
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
    return [values[begin : begin + _PIECE] for begin in range(0, len(values), _PIECE)]


def _check_finite(values: FloatArray, names: Sequence[str], label: str) -> None:
    for number, piece in enumerate(_pieces(values)):
        infinite = np.isinf(piece)
        if infinite.any():
            row, column = (int(i) for i in np.argwhere(infinite)[0])
            raise refusal(
                "infinite",
                f"A value is infinite: {label}, row {number * _PIECE + row + 1} of the data, "
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
