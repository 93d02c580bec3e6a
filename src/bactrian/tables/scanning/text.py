"""Delimited text, in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import final

from bactrian.errors import DataError
from bactrian.phrases import Parameter, Phrase
from bactrian.remedies import Act, Advice
from bactrian.tables.arrow_text import stream_plain
from bactrian.tables.content import Content
from bactrian.tables.rows import SPACES
from bactrian.tables.scanning.part import Numbers
from bactrian.tables.text import Text, TextOptions

_IN_MEMORY = (
    Act("correct the cell"),
    Act(Phrase("say how cells are written with ", Parameter("decimal"))),
    Act("read the file whole, which understands more ways to write numbers"),
)


@final
class TextFile:
    """A delimited text, whose layout is that of its beginning.

    Parameters
    ----------
    content : Content
    options : TextOptions
    """

    hidden, named = frozenset[str](), True

    def __init__(self, content: Content, options: TextOptions) -> None:
        self._text = Text.of(content, options)
        self.label, self.names = content.label, self._text.layout.names

    def check(self, indices: Sequence[int]) -> None:
        """Nothing is known before the cells are read."""

    def blocks(self, indices: Sequence[int]) -> Iterator[Numbers]:
        if self._text.layout.delimiter == SPACES:
            raise self._unread("runs of spaces between the cells", "one mark between cells")
        try:
            import pyarrow as pa
        except ImportError as error:
            raise DataError(
                "reading text in pieces needs pyarrow",
                Advice('Install it: pip install "bactrian[cli]"'),
                where=self.label,
                code="not_installed",
            ) from error
        try:
            yield from stream_plain(self._text, indices)
        except pa.ArrowInvalid as error:
            got = (str(error).splitlines() or [""])[0].rstrip(".")
            raise self._unread(got, "numbers in each chosen column") from error

    def _unread(self, got: str, wanted: str) -> DataError:
        return DataError(
            "the text cannot be read in pieces",
            *_IN_MEMORY,
            where=self.label,
            got=got,
            wanted=wanted,
            code="not_a_number",
        )
