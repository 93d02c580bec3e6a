"""Export mixtures to other formats."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bactrian.errors import BadInputError
from bactrian.mixture import Mixture
from bactrian.storage.files import write_whole
from bactrian.storage.onnx_graph import onnx_bytes

if TYPE_CHECKING:
    from bactrian.estimators.gaussian_mixture import GaussianMixture


def export(
    model: Mixture | GaussianMixture,
    path: str | os.PathLike[str],
    format: str | None = None,
) -> None:
    """Write a model for other programs, completely or not at all.

    Parameters
    ----------
    model : Mixture, MixtureModel or GaussianMixture
        The latter fitted.
    path : path
    format : {"onnx", "sklearn"}, optional
        "sklearn": a pickled :class:`sklearn.mixture.GaussianMixture`, for ``joblib.load`` or
        ``pickle.load``. Whoever loads a pickle executes what is in it: load none from strangers.
        "onnx": input ``X`` (n, n_features), outputs ``label``, ``probabilities`` and
        ``score_samples`` (log-density), all in float64. By default the extension decides:
        .onnx, or .joblib, .pickle, .pkl.

    Raises
    ------
    BadInputError
        If there is no such format, or what it takes is not installed.
    ModelFileError
        If the file cannot be written.
    """
    name = EXTENSIONS.get(Path(path).suffix.lower()) if format is None else format
    if not isinstance(name, str) or name not in EXPORTS:
        got = repr(format if format is not None else os.fspath(path))
        wanted = f"one of {', '.join(EXPORTS)}"
        remedy = "" if format is not None else f"Or an extension: {', '.join(EXTENSIONS)}."
        raise BadInputError("format", got, wanted, remedy, code="bad_choice")
    write_whole(path, EXPORTS[name](model))


def _sklearn(model: Mixture | GaussianMixture) -> bytes:
    from bactrian.estimators.gaussian_mixture import GaussianMixture

    estimator = GaussianMixture.from_mixture(model) if isinstance(model, Mixture) else model
    return pickle.dumps(estimator.to_sklearn(), protocol=5)


def _onnx(model: Mixture | GaussianMixture) -> bytes:
    mixture = model if isinstance(model, Mixture) else model.mixture_
    return onnx_bytes(mixture.parameters, mixture.scaling)


EXPORTS: dict[str, Callable[[Mixture | GaussianMixture], bytes]] = {
    "onnx": _onnx,
    "sklearn": _sklearn,
}
EXTENSIONS = {".onnx": "onnx", ".joblib": "sklearn", ".pickle": "sklearn", ".pkl": "sklearn"}
