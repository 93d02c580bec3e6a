"""A mixture with what is known of its fit, and its file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from bactrian.core.values.parameters import Parameters
from bactrian.errors import ModelFileError
from bactrian.mixture import Mixture
from bactrian.mixture.scaling import Scaling
from bactrian.storage.document import content_of, document_of
from bactrian.storage.files import WANTED, parse, read_text, spell, write_whole
from bactrian.storage.training import json_values

Path = str | os.PathLike[str]


@dataclass(frozen=True, eq=False, init=False)
class MixtureModel(Mixture):
    """A mixture with what is known of its fit: the content of a model file.

    Parameters
    ----------
    parameters : Parameters
        In the units of `scaling`.
    scaling : Scaling, optional
    feature_names : sequence of str, optional
    training : mapping, optional
        What is known of the fit, in JSON's types; numbers that are not finite become None. It
        uses the units of the data, as a :class:`~bactrian.Mixture` does.
    component_names : sequence of str or None, optional

    Raises
    ------
    BadInputError
        If names or scaling do not fit the mixture, or `training` has no place in JSON.
    """

    training: Mapping[str, Any]

    def __init__(
        self,
        parameters: Parameters,
        scaling: Scaling | None = None,
        feature_names: Sequence[str] = (),
        training: Mapping[str, Any] = MappingProxyType({}),
        *,
        component_names: Sequence[str | None] = (),
    ) -> None:
        self._hold(parameters, scaling, feature_names, component_names)
        object.__setattr__(self, "training", json_values(dict(training)))

    @classmethod
    def from_parameters(
        cls,
        parameters: Parameters,
        scaling: Scaling | None = None,
        feature_names: Sequence[str] = (),
        training: Mapping[str, Any] = MappingProxyType({}),
        *,
        component_names: Sequence[str | None] = (),
    ) -> Self:
        """Make a model; by default nothing is known of its fit."""
        return cls(parameters, scaling, feature_names, training, component_names=component_names)

    def _content(self) -> tuple[Any, ...]:
        return *super()._content(), spell(dict(self.training))

    # ---- files

    def to_json(self) -> str:
        """Text of the model file (docs/model-file.md)."""
        return spell(document_of(self, self.training))

    @classmethod
    def from_json(cls, text: str, where: str = "the model") -> MixtureModel:
        """Make a model from the text of a model file.

        Parameters
        ----------
        text : str
        where : str, default="the model"
            What an error calls it.

        Raises
        ------
        ModelFileError
            If anything in it is not as it should be.
        """
        try:
            mixture, training = content_of(parse(text, where), where)
            return cls(
                mixture.parameters,
                mixture.scaling,
                mixture.feature_names,
                training,
                component_names=mixture.component_names,
            )
        except RecursionError as error:
            raise ModelFileError(where, "", "values nested too deeply", WANTED) from error

    def save(self, path: Path) -> None:
        """Write the model file completely or not at all; it replaces a file of that name.

        Raises
        ------
        ModelFileError
            If it cannot be written.
        """
        write_whole(path, self.to_json().encode())

    @classmethod
    def load(cls, path: Path) -> MixtureModel:
        """Read a model file. Nothing in the file is executed.

        Raises
        ------
        ModelFileError
            If there is none, or anything in it is not as it should be.
        """
        return cls.from_json(read_text(path), os.fspath(path))


def load_model(path: Path) -> MixtureModel:
    """Read a model file: :meth:`MixtureModel.load`."""
    return MixtureModel.load(path)
