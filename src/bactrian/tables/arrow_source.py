"""Bytes as Arrow reads them: without Python, so that its threads may outlive the interpreter.

Arrow reads ahead in threads of its own. One that still holds a Python object when the interpreter
ends aborts the process; so Arrow is given files that it opens itself, and memory of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from bactrian.tables.content import Content, reading

_BLOCK_BYTES = 1 << 24


def arrow_source(content: Content, *, mapped: bool = False) -> Any:
    """A file or memory for Arrow, from the start, unpacked.

    Parameters
    ----------
    content : Content
    mapped : bool, default=False
        Whether to map a file that is not packed into memory, for reading only parts of it.

    Returns
    -------
    pyarrow.NativeFile
    """
    import pyarrow as pa

    with reading(content.label):
        if content.path is not None and not content.packed:
            return (pa.memory_map if mapped else pa.OSFile)(str(content.path))
        with content.open() as stream:
            return _own_memory(iter(lambda: stream.read(_BLOCK_BYTES), b""))


def arrow_file(content: Content) -> Any:
    """A file for Arrow, from the start, that it unpacks as it reads; only a piece is in memory.

    Parameters
    ----------
    content : Content

    Returns
    -------
    pyarrow.NativeFile
    """
    import pyarrow as pa

    if content.path is None:
        return arrow_source(content)
    with reading(content.label):
        file = pa.OSFile(str(content.path))
    return pa.CompressedInputStream(file, "gzip") if content.packed else file


def single_spaced(stream: IO[bytes], skipped: int) -> Iterator[Any]:
    """Lines in which each run of spaces and tabs is one space, in pieces for Arrow.

    Parameters
    ----------
    stream : binary stream
    skipped : int
        How many lines to leave out first.
    """
    for _ in range(skipped):
        stream.readline()
    while lines := stream.readlines(_BLOCK_BYTES):
        yield _own_memory(b" ".join(line.split()) + b"\n" for line in lines)


def _own_memory(pieces: Iterator[bytes]) -> Any:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    for piece in pieces:
        sink.write(piece)
    return pa.BufferReader(sink.getvalue())
