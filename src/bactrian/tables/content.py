"""The bytes of a file or a stream: find, unpack and recognise them."""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Literal, cast

from bactrian.errors import DataError
from bactrian.phrases import ParameterValue, Phrase
from bactrian.remedies import Advice, Say
from bactrian.tables.foreign import foreign

Source = str | os.PathLike[str] | IO[bytes]
Format = Literal["csv", "parquet", "arrow", "npy"]

_FORMATS: tuple[tuple[bytes, Format], ...] = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow"),
    (b"\x93NUMPY", "npy"),
)
_AS_TEXT = Advice(
    Phrase("If it is delimited text, say so: ", ParameterValue("format", "csv"), ".")
)
_TEXT_CONTROLS = frozenset(b"\t\n\r\x0b\x0c\x1a\x1b")
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Content:
    """Bytes that can be read again from the start.

    Parameters
    ----------
    label : str
        What errors call it.
    path : Path or None
        None for a stream.
    body : bytes or None
        What the stream held; None for a file, which stays where it is.
    packed : bool
        Whether the bytes are a gzip file; `open` unpacks them.
    """

    label: str
    path: Path | None
    body: bytes | None
    packed: bool = False

    def open(self) -> IO[bytes]:
        """Open for reading, from the start, unpacked."""
        if self.packed:
            if self.path is not None:
                return cast("IO[bytes]", gzip.GzipFile(self.path, "rb"))
            return cast("IO[bytes]", gzip.GzipFile("", "rb", fileobj=io.BytesIO(self.body or b"")))
        return io.BytesIO(self.body or b"") if self.path is None else self.path.open("rb")

    def head(self, size: int) -> bytes:
        """Return the first bytes, at most `size` of them."""
        with reading(self.label), self.open() as stream:
            return stream.read(size)

    def whole(self) -> bytes:
        """Return all bytes, unpacked."""
        if self.body is not None and not self.packed:
            return self.body
        with reading(self.label), self.open() as stream:
            return stream.read()


@contextmanager
def reading(label: str) -> Iterator[None]:
    """Turn an error of the system or of gzip into a `DataError`.

    Parameters
    ----------
    label : str
        What the message calls the file.
    """
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            "the gzip file is cut short or damaged",
            "Fetch or make it again.",
            where=label,
            got=str(error),
            code="damaged_file",
        ) from error
    except PermissionError as error:
        raise DataError(
            "the file may not be read",
            "Change its permissions (chmod u+r) or copy it to a place of your own.",
            where=label,
            got="permission denied",
            code="unreadable_file",
        ) from error
    except OSError as error:
        raise DataError(
            "the file cannot be read",
            where=label,
            got=error.strerror or str(error),
            code="unreadable_file",
        ) from error


def locate(source: Source) -> Content:
    """Find the bytes of a file, of standard input (``"-"``) or of a binary stream.

    A pipe can be read only once, so its bytes are kept.

    Parameters
    ----------
    source : str, path-like or binary stream

    Returns
    -------
    Content

    Raises
    ------
    DataError
        If there is nothing to read.
    """
    if isinstance(source, (str, os.PathLike)):
        named = os.fspath(source)
        content = _from_stream(None) if named == "-" else _from_path(Path(named))
    else:
        content = _from_stream(source)
    start = content.body[:2] if content.body is not None else content.head(2)
    if not start:
        said, code = "the file is empty", "empty_file"
        raise DataError(said, where=content.label, got="0 bytes", wanted="a table", code=code)
    if start != b"\x1f\x8b":
        return content
    unpacked = Content(content.label, content.path, content.body, packed=True)
    if not unpacked.head(1):
        raise DataError(
            "the packed file is empty",
            where=content.label,
            got="0 bytes",
            wanted="a table",
            code="empty_file",
        )
    return unpacked


def _from_stream(stream: IO[bytes] | None) -> Content:
    if stream is None:
        label, stream = "standard input", sys.stdin.buffer
    else:
        label = str(getattr(stream, "name", "the stream"))
    with reading(label):
        return Content(label, None, stream.read())


def _from_path(path: Path) -> Content:
    label = str(path)
    with reading(label):
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError) as error:
            raise _no_such_file(path) from error
        if stat.S_ISDIR(mode):
            raise DataError(
                "this is a directory",
                "Name one of the files in it.",
                where=label,
                wanted="a file",
                code="no_such_file",
            )
        if stat.S_ISREG(mode):
            return Content(label, path, None)
        return Content(label, None, path.read_bytes())


def _no_such_file(path: Path) -> DataError:
    try:
        neighbours = sorted(os.listdir(path.parent))
    except OSError:
        neighbours = []
    close = get_close_matches(path.name, neighbours, n=3)
    if close:
        remedy = f"Did you mean {' or '.join(str(path.with_name(name)) for name in close)}?"
    elif not path.parent.is_dir():
        remedy = f"There is no directory {str(path.parent)!r} either."
    else:
        remedy = "Check the spelling and the directory, or give - to read standard input."
    return DataError("there is no such file", remedy, where=str(path), code="no_such_file")


def recognise(content: Content, wanted: Format | Literal["auto"] = "auto") -> Format:
    """Recognise the format of the bytes by their beginning.

    Parameters
    ----------
    content : Content
    wanted : str, default="auto"
        The format the user named.

    Returns
    -------
    {"csv", "parquet", "arrow", "npy"}

    Raises
    ------
    DataError
        If the bytes are of another format than named, or of none that can be read.
    """
    head = content.head(1 << 12)
    found: Format = next((form for magic, form in _FORMATS if head.startswith(magic)), "csv")
    if wanted not in ("auto", found):
        raise DataError(
            f"this is not in {wanted} format",
            Say("format", "auto"),
            Say("format", found),
            where=content.label,
            got=f"bytes that look like {found}",
            wanted=wanted,
            code="other_format",
        )
    if found == "csv":
        _check_text(head, content.label, text=wanted == "auto")
    return found


def _check_text(head: bytes, label: str, *, text: bool) -> None:
    other = foreign(head, text=text)
    if other is not None:
        raise DataError(
            "this is not a table of numbers",
            other.remedy,
            *([_AS_TEXT] if other.text else []),
            where=label,
            got=other.name,
            wanted="text such as CSV, Parquet, Arrow (Feather) or .npy",
            code="not_a_table",
        )
    if head.startswith(_BYTE_ORDER_MARKS):
        return
    strange = next((byte for byte in head if byte < 32 and byte not in _TEXT_CONTROLS), None)
    if strange is not None:
        raise DataError(
            "this is not text",
            "Save the table in one of these; text as UTF-8, or UTF-16 with its mark.",
            where=label,
            got=f"a binary file (byte {strange} at offset {head.index(strange)})",
            wanted="text such as CSV, Parquet, Arrow (Feather) or .npy",
            code="not_a_table",
        )
