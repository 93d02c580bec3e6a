"""The error of model files: which file, which field, got, wanted, remedy."""

from __future__ import annotations

from typing import Any


class ModelFileError(ValueError):
    """A model file that cannot be read or written.

    Parameters
    ----------
    where : str
        The file.
    field : str
        The field of the document, ``"means[1][0]"``, or "" if it is not one field.
    got, wanted, remedy : str
        Without `wanted`, `got` says what is wrong.
    """

    def __init__(self, where: str, field: str, got: str, wanted: str, remedy: str = "") -> None:
        self.where, self.field = where, field
        self.got, self.wanted, self.remedy = got, wanted, remedy
        name = f"{where}: {field}" if field else where
        message = f"{name} must be {wanted}, but got {got}." if wanted else f"{name}: {got}."
        super().__init__(f"{message} {remedy}" if remedy else message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.where, self.field, self.got, self.wanted, self.remedy)
