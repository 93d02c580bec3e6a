"""Checks of values that came out of a JSON text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.errors import BadInputError, ModelFileError


def shown(value: Any) -> str:
    """A JSON value in few words."""
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


@dataclass(frozen=True)
class Checks:
    """Checks that name the file.

    Parameters
    ----------
    where : str
        The file.
    """

    where: str

    def error(self, field: str, got: str, wanted: str, remedy: str = "") -> ModelFileError:
        """Error about one field, to be raised."""
        return ModelFileError(self.where, field, got, wanted, remedy)

    @contextmanager
    def of_values(self) -> Iterator[None]:
        """Checks of numbers that know no file: their errors become errors of this one."""
        try:
            yield
        except BadInputError as error:
            raise self.error(error.name, error.got, error.wanted, error.remedy) from error

    def fields(
        self, field: str, value: Any, needed: tuple[str, ...], others: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Object with the fields that it needs and none that it does not know."""
        prefix = f"{field}." if field else ""
        if not isinstance(value, dict):
            raise self.error(field, shown(value), "an object {...}")
        for name in needed:
            if name not in value:
                raise self.error(prefix + name, "nothing", "given", "Save the model again.")
        strays = [name for name in value if name not in needed and name not in others]
        if strays:
            got = f"the unknown {shown(strays[0])}"
            known = ", ".join((*needed, *others))
            raise self.error(field or "the field", got, f"one of {known}", "Leave it out.")
        return value

    def text(self, field: str, value: Any) -> str:
        """Text."""
        if not isinstance(value, str):
            raise self.error(field, shown(value), "text")
        return value

    def flag(self, field: str, value: Any) -> bool:
        """True or false."""
        if not isinstance(value, bool):
            raise self.error(field, shown(value), "true or false")
        return value

    def count(self, field: str, value: Any, least: int = 0) -> int:
        """Whole number of at least `least`."""
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.error(field, shown(value), f"a whole number of at least {least}")
        return value

    def real(self, field: str, value: Any) -> float:
        """Finite number."""
        return float(self.reals(field, value, ()))

    def entries(self, field: str, value: Any) -> list[Any]:
        """Elements of a list."""
        if not isinstance(value, list):
            raise self.error(field, shown(value), "a list [...]")
        return value

    def reals(self, field: str, value: Any, shape: tuple[int, ...]) -> FloatArray:
        """Nested lists of finite numbers, of a shape."""
        self._nesting(field, value, shape)
        try:
            array = np.array(value, dtype=np.float64)
        except OverflowError:
            raise self.error(field, "a number beyond float64", "finite") from None
        bad = ~np.isfinite(array)
        if bad.any():
            place = "".join(f"[{i}]" for i in np.argwhere(bad)[0])
            raise self.error(field + place, "a number beyond float64", "finite")
        return array

    def _nesting(self, field: str, value: Any, shape: tuple[int, ...]) -> None:
        if not shape:
            if type(value) not in (int, float):
                raise self.error(field, shown(value), "a number")
            return
        if not isinstance(value, list) or len(value) != shape[0]:
            raise self.error(field, shown(value), f"a list of {shape[0]}")
        if len(shape) == 1 and set(map(type, value)) <= {int, float}:
            return
        for i, entry in enumerate(value):
            self._nesting(f"{field}[{i}]", entry, shape[1:])
