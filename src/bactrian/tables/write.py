"""Write columns to CSV, Parquet, Arrow (Feather) or ``.npy``, so that they read back unchanged."""

from __future__ import annotations

import csv
import gzip
import io
import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt

from bactrian.errors import DataError
from bactrian.remedies import Act, Say
from bactrian.tables.lines import can_spell, lines_of

Target = str | os.PathLike[str] | IO[str] | IO[bytes]
Columns = Sequence[npt.ArrayLike] | npt.NDArray[Any]

_ROWS_AT_ONCE = 8192
_EXTENSIONS = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".feather": "feather",
    ".arrow": "feather",
    ".npy": "npy",
}


def write_columns(
    stream: IO[str],
    names: Sequence[str],
    columns: Columns,
    *,
    delimiter: str = ",",
    header: bool = True,
) -> None:
    """Write columns as delimited text, under one row of names.

    A float is written with the fewest digits that read back as the same float, an
    integer as an integer, a truth value as 0 or 1, a missing number as ``nan``.

    Parameters
    ----------
    stream : text stream
    names : sequence of str
    columns : sequence of (n_rows,), or (n_rows, n_columns)
        Numbers or text.
    delimiter : str, default=","
    header : bool, default=True
        Whether to write the names.

    Raises
    ------
    DataError
        If names and columns do not agree.
    """
    arrays = _as_columns(names, columns)
    comment_like = bool(names) and names[0].lstrip().startswith("#")
    if header:
        csv.writer(
            stream,
            delimiter=delimiter,
            lineterminator="\n",
            quoting=csv.QUOTE_ALL if comment_like else csv.QUOTE_MINIMAL,
        ).writerow(names)
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    quick = can_spell(arrays, delimiter)
    for begin in range(0, len(arrays[0]), _ROWS_AT_ONCE):
        some = [array[begin : begin + _ROWS_AT_ONCE] for array in arrays]
        if quick:
            stream.write(lines_of(some, delimiter))
        else:
            writer.writerows(zip(*map(_spell, some), strict=True))


def write_table(
    target: Target, names: Sequence[str], columns: Columns, format: str = "auto"
) -> None:
    """Write columns to a file or a stream.

    A file appears whole or not at all: it is written next to its place under another
    name, then renamed.

    Parameters
    ----------
    target : str, path-like, text or binary stream
        ``"-"`` for standard output.
    names : sequence of str
    columns : sequence of (n_rows,), or (n_rows, n_columns)
    format : {"auto", "csv", "tsv", "parquet", "feather", "npy"}
        "auto" goes by the extension, and is CSV without one. With ``.gz`` behind it,
        a text is packed.

    Raises
    ------
    DataError
        If names and columns do not agree, or the file cannot be written.
    """
    is_path = isinstance(target, (str, os.PathLike)) and os.fspath(target) != "-"
    path = Path(cast("str", target)) if is_path else None
    form = _pick_format(path, format)
    arrays = _as_columns(names, columns)
    if path is None:
        stream = _standard_output(form) if isinstance(target, (str, os.PathLike)) else target
        _write(stream, form, names, arrays)
        return
    with _writing(path), _replacing(path) as binary:
        if path.suffix.lower() == ".gz":
            with gzip.GzipFile("", "wb", fileobj=binary, mtime=0) as packed:
                _write(cast("IO[bytes]", packed), form, names, arrays)
        else:
            _write(binary, form, names, arrays)


def write_pieces(
    path: str | os.PathLike[str] | None, pieces: Iterable[tuple[Sequence[str], Columns]]
) -> None:
    """Write a table whose rows come piece by piece; only a piece is in memory.

    Parameters
    ----------
    path : str, path-like or None
        The extension names the format: that of text or of Parquet. The file appears whole or not
        at all. None or ``"-"`` for standard output, as CSV.
    pieces : iterable of (names, columns)
        At least one; the names are those of the first.

    Raises
    ------
    DataError
        If the file cannot be written, or not in pieces.
    """
    if path is None or os.fspath(path) == "-":
        _write_text(sys.stdout, ",", pieces)
        return
    place = Path(path)
    form = _pick_format(place, "auto")
    if form not in ("csv", "tsv", "parquet"):
        raise DataError(
            f"{form} cannot be written in pieces",
            where=str(place),
            wanted="a name that ends in .csv, .tsv or .parquet",
            code="bad_choice",
        )
    with _writing(place), _replacing(place) as binary:
        if form == "parquet":
            _write_row_groups(binary, pieces)
            return
        packed = place.suffix.lower() == ".gz"
        stream = gzip.GzipFile("", "wb", fileobj=binary, mtime=0) if packed else binary
        text = io.TextIOWrapper(cast("io.BufferedWriter", stream), "utf-8", newline="")
        _write_text(text, "," if form == "csv" else "\t", pieces)
        text.detach()  # flushes, and leaves the stream open
        if packed:
            stream.close()


def _write_text(
    stream: IO[str], delimiter: str, pieces: Iterable[tuple[Sequence[str], Columns]]
) -> None:
    for number, (names, columns) in enumerate(pieces):
        write_columns(stream, names, columns, delimiter=delimiter, header=number == 0)


def _write_row_groups(stream: IO[bytes], pieces: Iterable[tuple[Sequence[str], Columns]]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    writer = None
    for names, columns in pieces:
        arrays = [pa.array(array) for array in _as_columns(names, columns)]
        table = pa.Table.from_arrays(arrays, names=list(names))
        writer = parquet.ParquetWriter(stream, table.schema) if writer is None else writer
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _as_columns(names: Sequence[str], columns: Columns) -> list[npt.NDArray[Any]]:
    if isinstance(columns, np.ndarray) and columns.ndim == 2:
        columns = list(columns.T)
    arrays = [np.asarray(column) for column in columns]
    shapes = [array.shape for array in arrays]
    agree = len(set(shapes)) == 1 and len(shapes[0]) == 1
    if len(names) != len(arrays) or not agree:
        raise DataError(
            "the columns do not make a table",
            got=f"{len(names)} names and columns of shape {', '.join(map(str, shapes)) or 'none'}",
            wanted="one name for each column, and columns of one length",
        )
    return arrays


def _spell(array: npt.NDArray[Any]) -> list[Any]:
    """Cells for `csv.writer`, which writes a float by its repr: the shortest exact text."""
    kind = array.dtype.kind
    if kind == "f" and array.dtype.itemsize < 8:
        return [str(value) for value in array]
    if kind in "bfmM":
        array = array.astype({"b": np.uint8, "f": np.float64}.get(kind, np.str_))
    cells: list[Any] = array.tolist()
    return cells


def _pick_format(path: Path | None, format: str) -> str:
    known = sorted(set(_EXTENSIONS.values()))
    format = {"arrow": "feather"}.get(format, format)
    if format not in ("auto", *known):
        raise DataError(
            "there is no such format",
            got=repr(format),
            wanted=f"'auto' or one of {', '.join(map(repr, known))}",
        )
    if format != "auto" or path is None:
        return "csv" if format == "auto" else format
    plain = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    extension = plain.suffix.lower()
    if extension and extension not in _EXTENSIONS:
        raise DataError(
            f"the extension {extension} does not name a format",
            Say("format", "csv"),
            where=str(path),
            wanted=f"one of {', '.join(_EXTENSIONS)}",
            code="bad_choice",
        )
    return _EXTENSIONS.get(extension, "csv")


def _standard_output(form: str) -> IO[str] | IO[bytes]:
    return sys.stdout if form in ("csv", "tsv") else sys.stdout.buffer


def _write(
    stream: IO[str] | IO[bytes], form: str, names: Sequence[str], arrays: list[npt.NDArray[Any]]
) -> None:
    is_text = isinstance(stream, io.TextIOBase)
    if form in ("csv", "tsv"):
        delimiter = "," if form == "csv" else "\t"
        if is_text:
            write_columns(cast("IO[str]", stream), names, arrays, delimiter=delimiter)
            return
        text = io.TextIOWrapper(cast("io.BufferedWriter", stream), "utf-8", newline="")
        try:
            write_columns(text, names, arrays, delimiter=delimiter)
        finally:
            text.detach()  # flushes, and leaves the stream open
        return
    if is_text:
        raise DataError(f"{form} is not text", got="a text stream", wanted="a binary one")
    _write_binary(cast("IO[bytes]", stream), form, names, arrays)


def _write_binary(
    stream: IO[bytes], form: str, names: Sequence[str], arrays: list[npt.NDArray[Any]]
) -> None:
    texts = [name for name, array in zip(names, arrays, strict=True) if array.dtype.kind in "OSU"]
    if form == "npy" and texts:
        raise DataError(
            "a .npy file holds numbers only",
            Act("write .csv or .parquet"),
            Act("leave the column out"),
            got=f"the column {texts[0]!r}",
        )
    if form == "npy":
        np.lib.format.write_array(stream, np.column_stack(arrays), allow_pickle=False)
        return
    try:
        import pyarrow as pa
        from pyarrow import feather, parquet
    except ImportError as error:
        raise DataError(
            f"writing {form} files needs pyarrow",
            'Install it: pip install "bactrian[cli]"',
            code="not_installed",
        ) from error
    table = pa.Table.from_arrays([pa.array(array) for array in arrays], names=list(names))
    if form == "parquet":
        parquet.write_table(table, stream)
    else:
        feather.write_feather(table, stream)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise DataError(
            "the file cannot be written",
            "Make the directory first.",
            where=str(path),
            got=f"no directory {str(path.parent)!r}",
            code="unwritable_file",
        ) from error
    except OSError as error:
        raise DataError(
            "the file cannot be written",
            where=str(path),
            got=error.strerror or str(error),
            code="unwritable_file",
        ) from error


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that replaces the target at the end."""
    if path.exists() and not path.is_file():  # a pipe or a device; a directory fails here
        with path.open("wb") as stream:
            yield stream
        return
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as stream:
            yield stream
        if target.exists():
            shutil.copymode(target, beside)
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
