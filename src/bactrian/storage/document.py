"""The document of a model file: from values, and back with everything checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from importlib.resources import files
from json import loads
from typing import Any

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import STRUCTURES, CovarianceStructure
from bactrian.core.errors import BadInputError, DegenerateCovarianceError
from bactrian.core.values.parameters import Parameters
from bactrian.storage.checks import Checks, shown
from bactrian.storage.files import WANTED
from bactrian.storage.scaling import Scaling
from bactrian.storage.training import Training, check_training

FORMAT = "bactrian-mixture"
VERSION = 2
SINCE_2 = ("noise", "dof")  # fields that version 1 has not
FIELDS = (
    "format",
    "version",
    "library",
    "covariance_type",
    "n_components",
    "n_features",
    "feature_names",
    "weights",
    "means",
    "covariances",
    "precisions_cholesky",
    "noise",
    "dof",
    "scaling",
    "training",
)
ASYMMETRY = 1e-6  # of a covariance matrix, in products of deviations: float32's rounding
DISAGREEMENT = 1e-5  # of covariances and precisions_cholesky, relative to rounding's growth


@dataclass(frozen=True, eq=False)
class Content:
    """What a document holds.

    Parameters
    ----------
    parameters : Parameters
    scaling : Scaling or None
    feature_names : tuple of str
        Empty if the features have no names.
    training : dict
    """

    parameters: Parameters
    scaling: Scaling | None
    feature_names: tuple[str, ...]
    training: Training


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the documents."""
    text = (files("bactrian.storage") / "model.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = loads(text)
    return found


def document_of(content: Content) -> dict[str, Any]:
    """Document of JSON values."""
    from bactrian import __version__

    parameters, scaling = content.parameters, content.scaling
    structure, shape = parameters.structure, parameters.means.shape
    public = structure.public_shape(*shape)
    factors = parameters.precisions_cholesky
    derived = np.array_equal(factors, structure.precisions_cholesky(parameters.covariances))
    return {
        "format": FORMAT,
        "version": VERSION,
        "library": {"name": "bactrian", "version": __version__},
        "covariance_type": structure.name,
        "n_components": shape[0],
        "n_features": shape[1],
        "feature_names": list(content.feature_names) or None,
        "weights": parameters.weights.tolist(),
        "means": parameters.means.tolist(),
        "covariances": parameters.covariances.reshape(public).tolist(),
        "precisions_cholesky": None if derived else factors.reshape(public).tolist(),
        "noise": _noise_of(parameters),
        "dof": None if parameters.dof is None else parameters.dof.tolist(),
        "scaling": None
        if scaling is None
        else {"centre": scaling.centre.tolist(), "scale": scaling.scale.tolist()},
        "training": content.training,
    }


def _noise_of(parameters: Parameters) -> dict[str, Any] | None:
    if parameters.noise is None:
        return None
    return {"weight": float(parameters.term_weights[-1]), "box": parameters.noise.tolist()}


def content_of(document: Any, where: str) -> Content:
    """Content of a document, every field checked.

    Raises
    ------
    ModelFileError
    """
    checks = Checks(where)
    _check_version(checks, document)
    old = document["version"] == 1
    known = tuple(name for name in FIELDS if not (old and name in SINCE_2))
    fields = dict.fromkeys(SINCE_2) | checks.fields("", document, known)
    library = checks.fields("library", fields["library"], ("name", "version"))
    for name, value in library.items():
        checks.text(f"library.{name}", value)
    n_features = checks.count("n_features", fields["n_features"], 1)
    parameters = _parameters(checks, fields, n_features)
    return Content(
        parameters,
        _scaling(checks, fields["scaling"], n_features),
        _names(checks, fields["feature_names"], n_features),
        check_training(fields["training"], checks),
    )


def _check_version(checks: Checks, document: Any) -> None:
    if not isinstance(document, dict):
        raise checks.error("", shown(document), WANTED)
    if document.get("format") != FORMAT:
        got = shown(document["format"]) if "format" in document else "nothing"
        remedy = "This is no model file of bactrian."
        raise checks.error("format", got, repr(FORMAT), remedy)
    version = document.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        got = shown(version) if "version" in document else "nothing"
        raise checks.error("version", got, f"from 1 to {VERSION}", "Save the model again.")
    if version > VERSION:
        library = document.get("library")
        made = library.get("version") if isinstance(library, dict) else None
        by = f" (written by bactrian {made})" if isinstance(made, str) else ""
        remedy = "Upgrade: pip install --upgrade bactrian"
        wanted = f"from 1 to {VERSION}, which this release reads"
        raise checks.error("version", f"{shown(version)}{by}", wanted, remedy)


def _parameters(checks: Checks, fields: dict[str, Any], n_features: int) -> Parameters:
    name = fields["covariance_type"]
    if not isinstance(name, str) or name not in STRUCTURES:
        raise checks.error("covariance_type", shown(name), f"one of {', '.join(STRUCTURES)}")
    structure = STRUCTURES[name]
    n_components = checks.count("n_components", fields["n_components"], 1)
    shape = structure.shape(n_components, n_features)
    public = structure.public_shape(n_components, n_features)
    share, noise = _noise(checks, fields["noise"], n_features)
    weights = _weights(checks, fields["weights"], n_components, share)
    means = checks.reals("means", fields["means"], (n_components, n_features))
    covariances = checks.reals("covariances", fields["covariances"], public).reshape(shape)
    _check_symmetry(checks, covariances)
    factors = np.empty(0)
    if fields["precisions_cholesky"] is not None:
        factors = checks.reals("precisions_cholesky", fields["precisions_cholesky"], public)
        factors = factors.reshape(shape)
        _check_factors(checks, structure, covariances, factors)
    dof = _dof(checks, fields["dof"], n_components)
    try:
        return Parameters(weights, means, covariances, structure, factors, noise, dof)
    except DegenerateCovarianceError as error:
        k = error.components[0]
        raise checks.error(
            "covariances",
            f"one that is not (component {k + 1})",
            "positive definite, and its inverse within float64",
        ) from error


def _noise(checks: Checks, value: Any, n_features: int) -> tuple[float, FloatArray | None]:
    """Weight of the noise, and its box; 0 and None without noise."""
    if value is None:
        return 0.0, None
    fields = checks.fields("noise", value, ("weight", "box"))
    weight = checks.real("noise.weight", fields["weight"])
    if not 0 <= weight <= 1:
        raise checks.error("noise.weight", repr(weight), "from 0 to 1")
    box = checks.reals("noise.box", fields["box"], (2, n_features))
    flat = np.flatnonzero(box[0] >= box[1])
    if len(flat):
        j = int(flat[0])
        got = f"{float(box[0, j])!r} and {float(box[1, j])!r} in column {j + 1}"
        raise checks.error("noise.box", got, "a lowest and a higher corner")
    return weight, box


def _dof(checks: Checks, value: Any, n_components: int) -> FloatArray | None:
    if value is None:
        return None
    size = len(checks.entries("dof", value))
    if size not in (1, n_components):
        raise checks.error("dof", shown(value), f"a list of 1 or {n_components}")
    dof = checks.reals("dof", value, (size,))
    if not (dof > 0).all():
        k = int(np.flatnonzero(dof <= 0)[0])
        raise checks.error(f"dof[{k}]", repr(float(dof[k])), "above 0")
    return dof


def _weights(checks: Checks, value: Any, n_components: int, noise: float) -> FloatArray:
    weights = checks.reals("weights", value, (n_components,))
    if (weights < 0).any():
        k = int(np.flatnonzero(weights < 0)[0])
        raise checks.error(f"weights[{k}]", repr(float(weights[k])), "at least 0")
    with np.errstate(over="ignore", under="ignore"):
        single = np.array_equal(weights, weights.astype(np.float32))
    total = weights.sum() + noise
    if abs(total - 1) > (1e-6 if single else 1e-8):
        wanted = f"numbers that sum to 1{' with noise.weight' if noise else ''}"
        got = f"a sum of {total:.10g}"
        raise checks.error("weights", got, wanted, "Divide them by their sum.")
    return weights


def _check_symmetry(checks: Checks, covariances: FloatArray) -> None:
    if covariances.ndim != 3:
        return
    deviations = np.sqrt(np.abs(np.diagonal(covariances, axis1=1, axis2=2)))
    limit = ASYMMETRY * deviations[:, :, None] * deviations[:, None, :]
    gaps = np.abs(covariances - covariances.transpose(0, 2, 1))
    if (gaps > limit).any():
        k, i, j = (int(n) for n in np.argwhere(gaps > limit)[0])
        pair = f"{float(covariances[k, i, j])!r} and {float(covariances[k, j, i])!r}"
        got = f"{pair} at ({i + 1}, {j + 1}) and ({j + 1}, {i + 1}) of matrix {k + 1}"
        raise checks.error("covariances", got, "symmetric")


def _check_factors(
    checks: Checks, structure: CovarianceStructure, covariances: FloatArray, factors: FloatArray
) -> None:
    """``U' cov U = I``, up to the rounding in its products; U upper triangular, diagonal > 0."""
    field = "precisions_cholesky"
    diagonals = factors
    if factors.ndim == 3:
        diagonals = np.diagonal(factors, axis1=1, axis2=2)
        if np.tril(factors, -1).any():
            raise checks.error(field, "entries below the diagonal", "upper triangular")
    if not (diagonals > 0).all():
        got = repr(float(diagonals.min()))
        raise checks.error(field, got, "above 0 on the diagonal")
    with np.errstate(over="ignore", invalid="ignore"):
        gaps = np.abs(structure.change(covariances, factors))
        growth = 1 + np.abs(structure.change(np.abs(covariances), np.abs(factors)))
    if not (gaps <= DISAGREEMENT * growth).all():
        raise checks.error(
            field,
            "factors of other precisions",
            "those of the inverse of covariances",
            "Set precisions_cholesky to null, and it is computed.",
        )


def _scaling(checks: Checks, value: Any, n_features: int) -> Scaling | None:
    if value is None:
        return None
    fields = checks.fields("scaling", value, ("centre", "scale"))
    parts = {
        name: checks.reals(f"scaling.{name}", fields[name], (n_features,))
        for name in ("centre", "scale")
    }
    try:
        return Scaling(**parts)
    except BadInputError as error:
        raise checks.error(error.name, error.got, error.wanted) from error


def _names(checks: Checks, value: Any, n_features: int) -> tuple[str, ...]:
    if value is None:
        return ()
    names = checks.entries("feature_names", value)
    if len(names) != n_features:
        raise checks.error("feature_names", shown(names), f"null or a list of {n_features}")
    texts = tuple(checks.text(f"feature_names[{j}]", name) for j, name in enumerate(names))
    repeated = [name for name, count in Counter(texts).items() if count > 1]
    if repeated:
        got = f"{shown(repeated[0])} more than once"
        raise checks.error("feature_names", got, "a name of its own for each feature")
    return texts
