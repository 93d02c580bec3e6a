"""A place in a model file, for error messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, final

from bactrian.errors import BadInputError, ModelFileError, Said
from bactrian.phrases import Part, Phrase


def shown(value: Any) -> str:
    """Show a JSON value in a few words."""
    match value:
        case None | True | False:
            return {None: "null", True: "true", False: "false"}[value]
        case dict():
            return f"an object of {len(value)} fields"
        case list():
            return f"a list of {len(value)}"
        case str() if len(value) > 40:
            return repr(value[:37] + "...")
        case int() if abs(value) > 10**40:
            return "a whole number of more than 40 digits"
    return repr(value)


@final
@dataclass(frozen=True)
class DocumentPlace:
    """A value in a document.

    Parameters
    ----------
    where : str
        The file.
    version : int
        Of the format.
    name : str
        ``"means[1][0]"``; "" for the whole document.
    sizes : mapping of str to tuple of int
        What the letters of a shape stand for.
    or_null : bool
        Whether null may stand there too.
    """

    where: str
    version: int
    name: str = ""
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    or_null: bool = False

    def at(self, *steps: str | int) -> DocumentPlace:
        """A field of the object at this place, or an entry of the list."""
        name = self.name
        for step in steps:
            if isinstance(step, int):
                name += f"[{step}]"
            else:
                name += f".{step}" if name else step
        return DocumentPlace(self.where, self.version, name, self.sizes)

    def shape(self, letters: Sequence[str | int]) -> tuple[int, ...]:
        """A shape, with its letters replaced by numbers."""
        sizes = ((size,) if isinstance(size, int) else self.sizes[size] for size in letters)
        return tuple(n for part in sizes for n in part)

    def error(self, got: Part, wanted: Part, *remedies: Said) -> ModelFileError:
        """Make an error about this place."""
        wanted = Phrase("null or ", wanted) if self.or_null else wanted
        return ModelFileError(self.where, self.name, got, wanted, *remedies)

    @contextmanager
    def of_values(self) -> Iterator[None]:
        """Run checks that know no file: turn their errors into errors about this place."""
        try:
            yield
        except BadInputError as error:
            own = replace(self, name=error.name, or_null=False)
            raise own.error(error.got, error.wanted, *error.remedies) from error
