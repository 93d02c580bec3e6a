"""A fitted mixture as a value: density, responsibilities, samples, and its file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bactrian.backends import backend_for
from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.errors import BadInputError
from bactrian.core.imputation import drawn, expected
from bactrian.core.sampling import draw_samples
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource
from bactrian.storage.document import Content, content_of, document_of
from bactrian.storage.errors import ModelFileError
from bactrian.storage.files import WANTED, parse, read_text, spell, write_whole
from bactrian.storage.rows import check_columns
from bactrian.storage.scaling import Scaling
from bactrian.storage.training import in_other_units, json_values, mean_log_volume

if TYPE_CHECKING:
    from bactrian.estimators.gaussian_mixture import GaussianMixture

Path = str | os.PathLike[str]

PIECE_ROWS = 65_536  # rows that are scaled and evaluated at a time


@dataclass(frozen=True, eq=False)
class MixtureModel:
    """A fitted mixture, without what it takes to fit one.

    What it says is in units of the data, whatever the scaling: densities, samples, likelihoods.

    Parameters
    ----------
    parameters : Parameters
        In the units of `scaling`.
    scaling : Scaling, optional
        The mixture is one of ``(x - centre) / scale``.
    feature_names : tuple of str, optional
        Empty if the features have no names.
    training : mapping, optional
        What is known of the fit, in JSON's types; numbers that are not finite become None.

    Raises
    ------
    BadInputError
        If names or scaling do not fit the number of features.
    """

    parameters: Parameters
    scaling: Scaling | None = None
    feature_names: tuple[str, ...] = ()
    training: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n_features = self.parameters.n_features
        names = tuple(str(name) for name in self.feature_names)
        if names and len(set(names)) != n_features:
            raise BadInputError("feature_names", repr(names), f"{n_features} different names")
        if self.scaling is not None and self.scaling.n_features != n_features:
            got = f"one of {self.scaling.n_features} features"
            raise BadInputError("scaling", got, f"of {n_features} features")
        object.__setattr__(self, "feature_names", names)
        object.__setattr__(self, "training", json_values(self.training))

    # ---- what it says of data

    def in_original_units(self) -> Parameters:
        """Parameters in units of the data. A scaled "spherical" is "diag" there.

        Raises
        ------
        BadInputError
            If they are beyond float64.
        """
        if self.scaling is None:
            return self.parameters
        return self.scaling.folded_into(self.parameters)

    def log_density(self, X: Any) -> FloatArray:
        """Log-density of what is observed of each row, (n_samples,), in nats.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, n_features)
            NaN where missing. Columns of a frame are found by their names, if the features have
            names.
        """
        densities = np.concatenate([np.empty(0), *self._evaluated(X, "log_density")])
        if self.scaling is None:
            return densities
        volumes = [self.scaling.log_volumes(piece.values) for piece in self._pieces(X)]
        return densities - np.concatenate([np.empty(0), *volumes])

    def responsibilities(self, X: Any) -> FloatArray:
        """Probability of each component for each row, (n_samples, n_components).

        Given what is observed of it. With noise there is one more column, the last.
        """
        nothing = np.empty((0, self.parameters.n_terms))
        return np.concatenate([nothing, *self._evaluated(X, "resp")])

    def impute(
        self,
        X: Any,
        n_draws: int | None = None,
        random_state: int | np.random.RandomState | np.random.Generator | None = None,
    ) -> FloatArray:
        """Fill in what is missing, given what is observed of each row.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, n_features)
            NaN where missing.
        n_draws : int, default=None
            None for conditional expectations; a number of tables, in each of which the missing
            values are drawn from their conditional distribution.
        random_state : int, RandomState, Generator or None, default=None

        Returns
        -------
        (n_samples, n_features), or (n_draws, n_samples, n_features)
        """
        source = _random(random_state)
        if n_draws is not None:
            _check_count("n_draws", n_draws)
        filled = [] if n_draws is None else [self._filled(X, source) for _ in range(n_draws)]
        return self._filled(X, None) if n_draws is None else np.stack(filled)

    def _filled(self, X: Any, source: Any) -> FloatArray:
        parts = [np.empty((0, self.parameters.n_features))]
        for piece in self._pieces(X):
            values, scaling = piece.values, self.scaling
            z = values if scaling is None else scaling.scaled(values)
            if source is None:
                z = expected(z, self.parameters)
            else:
                z = drawn(z, self.parameters, source)
            found = z if scaling is None else scaling.original(z)
            parts.append(np.where(np.isnan(values), found, values))
        return np.concatenate(parts)

    def sample(
        self,
        n_samples: int = 1,
        random_state: int | np.random.RandomState | np.random.Generator | None = None,
        sort: bool = True,
    ) -> tuple[FloatArray, IntArray]:
        """Draw rows.

        Parameters
        ----------
        n_samples : int, default=1
        random_state : int, RandomState, Generator or None, default=None
        sort : bool, default=True
            Whether rows come in the order of their components, or at random.

        Returns
        -------
        X : (n_samples, n_features)
        y : (n_samples,)
            Component of each row, -1 for noise.
        """
        _check_count("n_samples", n_samples)
        source = _random(random_state)
        X, y = draw_samples(self.parameters, int(n_samples), source, sort=sort)
        return (X if self.scaling is None else self.scaling.original(X)), y

    def _evaluated(self, X: Any, wanted: str) -> Iterator[FloatArray]:
        """What the mixture says of each row, piece by piece, as float64."""
        backend = backend_for("auto")
        for piece in self._pieces(X):
            values = piece.values
            if self.scaling is not None:
                values = self.scaling.scaled(values)
            held = backend.hold(ArraySource(values))
            yield getattr(held.evaluate(self.parameters.terms(), wanted), wanted)

    def _pieces(self, X: Any) -> Iterator[Chunk]:
        rows = check_columns(X, self.feature_names, self.parameters.n_features)
        return Chunk(rows, None).cut(PIECE_ROWS)

    # ---- files

    def to_json(self) -> str:
        """Text of the model file (docs/model-file.md)."""
        training = dict(self.training)
        content = Content(self.parameters, self.scaling, self.feature_names, training)
        return spell(document_of(content))

    @classmethod
    def from_json(cls, text: str, where: str = "the model") -> MixtureModel:
        """Model out of the text of a model file.

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
            content = content_of(parse(text, where), where)
            names, training = content.feature_names, content.training
            return cls(content.parameters, content.scaling, names, training)
        except RecursionError as error:
            raise ModelFileError(where, "", "values nested too deeply", WANTED) from error

    def save(self, path: Path) -> None:
        """Write the model file, whole or not at all; a file of that name is replaced.

        Raises
        ------
        ModelFileError
            If it cannot be written.
        """
        write_whole(path, self.to_json().encode())

    @classmethod
    def load(cls, path: Path) -> MixtureModel:
        """Read a model file. Nothing in it is executed.

        Raises
        ------
        ModelFileError
            If there is none, or anything in it is not as it should be.
        """
        return cls.from_json(read_text(path), os.fspath(path))

    # ---- estimators

    @classmethod
    def from_estimator(
        cls, estimator: GaussianMixture, scaling: Scaling | None = None
    ) -> MixtureModel:
        """Model of a fitted estimator.

        Parameters
        ----------
        estimator : GaussianMixture
        scaling : Scaling, optional
            If the estimator was fitted to ``(x - centre) / scale``. The likelihoods and criteria
            in `training` are then turned into those of x.
        """
        from bactrian.storage.conversion import names_of, training_of_estimator

        training = training_of_estimator(estimator)
        if scaling is not None:
            training = in_other_units(training, mean_log_volume(training, scaling))
        return cls(estimator._parameters(), scaling, names_of(estimator), training)

    def to_estimator(self) -> GaussianMixture:
        """Fitted estimator, in units of the data.

        It has the settings of the fit, so far as the file holds them (no callback, no starting
        values); ``fit_report_`` is there if `training` holds all of it.
        """
        from bactrian.storage.conversion import estimator_of

        return estimator_of(
            self.in_original_units(),
            self.feature_names,
            self.training,
            scaled=self.scaling is not None,
        )


def _random(random_state: Any) -> Any:
    """A generator: the one that is given, or one of that seed."""
    if isinstance(random_state, np.random.RandomState | np.random.Generator):
        return random_state
    return np.random.RandomState(random_state)


def _check_count(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise BadInputError(name, repr(value), "a whole number of at least 1")


def load_model(path: Path) -> MixtureModel:
    """Read a model file: :meth:`MixtureModel.load`."""
    return MixtureModel.load(path)
