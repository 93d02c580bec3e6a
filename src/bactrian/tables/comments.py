"""Lines that begin with #: comments, wherever they stand."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence

from bactrian.tables.content import Content, reading

_BLOCK_BYTES = 1 << 20
_AMONG = re.compile(rb"[\r\n][ \t]*#(?!N/A)")
_COMMENT = re.compile("[ \t\ufeff]*#(?!N/A)")  # which means a missing value
_BEFORE = 256  # bytes of spaces that may stand before a comment


def is_comment(line: str) -> bool:
    """Whether a line is a comment."""
    return _COMMENT.match(line) is not None


def count_top(lines: Sequence[str]) -> int:
    """Count the comments and blank lines above a table."""
    for number, line in enumerate(lines):
        if line.strip() and not is_comment(line):
            return number
    return len(lines)


def blanked(lines: Iterable[str]) -> Iterator[str]:
    """Lines, with an empty one for each comment; in quotes a line that begins so is none."""
    inside = False
    for line in lines:
        if not inside and is_comment(line):
            yield "\n"
        else:
            inside ^= line.count('"') % 2 == 1
            yield line


def without_comments(content: Content, first_line: int) -> tuple[Content, int]:
    """A text with an empty line for each comment, and how many comments are among its rows.

    Parameters
    ----------
    content : Content
    first_line : int
        How many lines come before the first row of data.

    Returns
    -------
    Content
        The same if no comment is among the rows.
    int
    """
    if not _has_comments(content, first_line):
        return content, 0
    with reading(content.label):
        text = content.whole().decode("latin-1")  # each byte is a sign, and stays the same byte
    lines = list(io.StringIO(text, newline=""))
    kept = list(blanked(lines))
    count = sum(a != b for a, b in zip(lines[first_line:], kept[first_line:], strict=True))
    return Content(content.label, None, "".join(kept).encode("latin-1")), count


def _has_comments(content: Content, first_line: int) -> bool:
    """Whether a line of the rows begins with #."""
    with reading(content.label), content.open() as stream:
        for _ in range(first_line):
            stream.readline()
        end = b"\n"
        while block := stream.read(_BLOCK_BYTES):
            if b"#" in block and _AMONG.search(end + block):
                return True
            end = block[-_BEFORE:]
    return False
