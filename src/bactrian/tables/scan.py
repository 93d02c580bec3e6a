"""A table that stays where it is, and is read in pieces."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path
from typing import Any, final

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray
from bactrian.errors import BadInputError, DataError
from bactrian.tables.choice import Choice
from bactrian.tables.content import locate, recognise
from bactrian.tables.files import FORMAT_NAMES, likely_delimiter
from bactrian.tables.header import Header
from bactrian.tables.markers import Markers
from bactrian.tables.scanning.arrays import ArrayPart, Called, npy_part
from bactrian.tables.scanning.arrow import ArrowFile, stream_of
from bactrian.tables.scanning.part import Numbers, Part
from bactrian.tables.scanning.text import TextFile
from bactrian.tables.text import TextOptions

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".feather", ".arrow", ".npy")
_PATHS = (str, os.PathLike)
UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
LEAST_BUDGET = 64 * 10**6  # bytes


@final
@dataclass(frozen=True, eq=False)
class Scan:
    """A table that stays where it is. It is read in pieces, in the same order each time.

    Made by :func:`bactrian.scan`.

    Parameters
    ----------
    parts : tuple of Part
        Its rows, part by part.
    names : tuple of str
        Of the columns that are read.
    weights_column : str or None
        Of which the numbers are weights of the rows.
    markers : Markers
    dtype : float64 or float32
    memory_budget : int
        Bytes of rows that may be in memory.
    spool_directory : str or None
        Where a fit keeps the rows meanwhile.
    """

    parts: tuple[Part, ...]
    names: tuple[str, ...]
    weights_column: str | None
    markers: Markers
    dtype: np.dtype[Any]
    memory_budget: int
    spool_directory: str | None = None

    @property
    def named(self) -> bool:
        """Whether the names of the columns are the data's own."""
        return self.parts[0].named

    def of_columns(self, names: Sequence[str]) -> Scan:
        """The same rows, of other columns."""
        return replace(self, names=tuple(names))

    def blocks(self) -> Iterator[tuple[Numbers, FloatArray | None]]:
        """The rows, (n_rows, n_columns), and their weights, (n_rows,) or None, piece by piece.

        Raises
        ------
        DataError
            If a part has other columns, or cells that are no numbers.
        """
        wanted = [*self.names, *([] if self.weights_column is None else [self.weights_column])]
        for part in self.parts:
            indices = Choice(tuple(wanted)).indices(part.names, part.label)
            part.check(indices)
            for block in part.blocks(indices):
                if self.weights_column is None:
                    yield self._numbers(block), None
                else:
                    weights = np.asarray(block[:, -1], dtype=np.float64)
                    yield self._numbers(block[:, :-1]), weights

    def _numbers(self, block: Numbers) -> Numbers:
        return self.markers.cleared(block.astype(self.dtype, copy=False))

    def __repr__(self) -> str:
        labels = [part.label for part in self.parts]
        more = f" and {len(labels) - 1} more" if len(labels) > 1 else ""
        return f"scan({labels[0]!r}{more}, columns={list(self.names)!r})"


def scan(
    source: Any,
    columns: Sequence[str] | None = None,
    *,
    exclude: Sequence[str] = (),
    weights_column: str | None = None,
    memory_budget: str | int = "512MB",
    spool_directory: str | None = None,
    dtype: npt.DTypeLike = np.float64,
    missing_values: Sequence[str | float] = (),
    header: Header = "auto",
    delimiter: str = "auto",
    decimal: str = "auto",
    skip_lines: int = 0,
    format: str = "auto",
) -> Scan:
    """Say where rows are, without reading them: for data larger than memory.

    A fit reads them once, checks them, and keeps them as plain numbers in a temporary file, from
    which each iteration maps a few at a time; the file needs 8 bytes a number (4 in float32), and
    is gone when the fit ends, however it ends. What is asked of a fitted mixture
    (``score_samples``, ``predict``) reads the rows once, and holds only the answers.

    Parameters
    ----------
    source : path, glob, directory, list of these, or object
        Files in CSV (also packed with gzip), Parquet, Arrow (Feather) or ``.npy`` format, in the
        order of their names; an array or a memory map; a pyarrow Dataset, a lazy frame of Polars,
        a DuckDB relation or anything else that gives batches of Arrow; or a function without
        arguments that returns an iterable of arrays or data frames.
    columns : sequence of str, optional
        Names, or positions counted from 1; all parts must have them. By default all columns of
        the first part.
    exclude : sequence of str
        Names or positions of columns to leave out of all.
    weights_column : str, optional
        The column that holds the weights of the rows, at least 0.
    memory_budget : str or int, default="512MB"
        About how many bytes of rows may be in memory at a time; at least 64 MB. Starts are chosen
        on samples of the rows, which it limits.
    spool_directory : str, optional
        Where the temporary file is; by default where the system puts them (TMPDIR).
    dtype : float64 or float32
        Of the numbers in the temporary file.
    missing_values, header, delimiter, decimal, skip_lines, format
        How text is read: as in the command line's options of these names.

    Returns
    -------
    Scan
        For ``fit``, ``score_samples``, ``predict`` and ``predict_proba``.

    Raises
    ------
    DataError
        If there is no such file, it is damaged, or has no such columns.
    BadInputError
        If a parameter cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> from bactrian import GaussianMixture, scan
    >>> def months():
    ...     for month in range(12):
    ...         yield np.random.default_rng(month).normal([0, month % 2 * 9], size=(500, 2))
    >>> gm = GaussianMixture(2, random_state=0).fit(scan(months, memory_budget="64MB"))
    >>> gm.weights_.round(2)
    array([0.5, 0.5])
    """
    text = TextOptions(
        header, delimiter, decimal, "none", ",", "row", Markers.of(missing_values), skip_lines
    )
    kind = np.dtype(dtype)
    if kind not in (np.float64, np.float32):
        raise BadInputError("dtype", str(kind), "float64 or float32", code="bad_choice")
    budget = bytes_of(memory_budget)
    parts = tuple(_parts(source, text, format))
    choice = Choice(columns, exclude, weights_column)
    first = parts[0]
    indices = choice.indices(first.names, first.label, first.hidden)
    names = tuple(first.names[index] for index in indices)
    weights = None
    if weights_column is not None:
        *names_of_rows, weights = names
        names = tuple(names_of_rows)
    return Scan(parts, names, weights, text.markers, kind, budget, spool_directory)


def _parts(source: Any, text: TextOptions, format: str) -> Iterator[Part]:
    if isinstance(source, str | os.PathLike):
        for path in files_of(os.fspath(source)):
            yield _file(path, text, format)
    elif isinstance(source, list | tuple) and all(isinstance(one, _PATHS) for one in source):
        if not source:
            raise BadInputError("source", "an empty list", "at least one file", code="no_rows")
        for path in source:
            yield from _parts(path, text, format)
    elif isinstance(source, np.ndarray):
        yield ArrayPart("the array", source)
    elif (stream := stream_of(source)) is not None:
        yield stream
    elif callable(source):
        yield Called(source)
    else:
        raise BadInputError(
            "source",
            f"a {type(source).__name__}",
            "a path, a glob, a directory, a list of these, an array, an object that gives "
            "batches of Arrow, or a function that returns an iterable",
            code="bad_choice",
        )


def files_of(source: str) -> list[str]:
    """The files that a path means: itself, those that match it, or those in it."""
    path = Path(source)
    if path.is_dir():
        found = sorted(
            str(inner)
            for inner in path.rglob("*")
            if inner.is_file() and _suffix(inner) in SUFFIXES and inner.name[0] not in "._"
        )
        return _some(found, source, f"files in {', '.join(SUFFIXES)}")
    if has_magic(source) and not path.exists():
        return _some(sorted(glob(source, recursive=True)), source, "files that match")
    return [source]


def _some(found: list[str], source: str, wanted: str) -> list[str]:
    if not found:
        raise DataError(
            "there are no such files", where=source, got="none", wanted=wanted, code="no_such_file"
        )
    return found


def _suffix(path: Path) -> str:
    return (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()


def _file(path: str, text: TextOptions, format: str) -> Part:
    content = locate(path)
    form = recognise(content, FORMAT_NAMES.get(format, "auto"))
    if form == "npy":
        return npy_part(content)
    if form != "csv":
        return ArrowFile(content, form)
    return TextFile(content, replace(text, likely=likely_delimiter(content, format)))


def bytes_of(budget: str | int) -> int:
    """A number of bytes, such as 512MB.

    Raises
    ------
    BadInputError
    """
    text = str(budget).strip()
    unit = next((unit for unit in UNITS if text.endswith(unit)), "")
    try:
        size = float(text.removesuffix(unit)) * UNITS.get(unit, 1)
    except ValueError:
        size = -1
    if not LEAST_BUDGET <= size < float("inf"):
        raise BadInputError(
            "memory_budget",
            repr(budget),
            f"a number of bytes of at least {LEAST_BUDGET // 10**6}MB, such as '512MB' or '2GB'",
            code="out_of_range",
        )
    return int(size)


def is_elsewhere(X: Any) -> bool:
    """Whether rows are named instead of given: a path, a dataset, a function or a scan."""
    if isinstance(X, Scan | str | os.PathLike):
        return True
    if isinstance(X, list | tuple):
        return bool(X) and all(isinstance(one, _PATHS) for one in X)
    if isinstance(X, np.ndarray) or X is None:
        return False
    is_dataset = hasattr(X, "scanner") and hasattr(X, "schema")
    return is_dataset or (callable(X) and not hasattr(X, "__array__"))
