"""The document of a model file: from a mixture, and back with everything checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from importlib.resources import files
from json import loads
from typing import Any

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import STRUCTURES
from bactrian.core.values.parameters import Parameters
from bactrian.mixture import Mixture, Scaling
from bactrian.mixture.checks import check_box, check_dof, check_weights, positive_definite
from bactrian.storage import checksum
from bactrian.storage.checks import Checks, shown
from bactrian.storage.files import WANTED
from bactrian.storage.training import Training, check_training

FORMAT = "bactrian-mixture"
VERSION = 3
SINCE_2 = ("noise", "dof")
SINCE_3 = ("component_names",)  # and a checksum, which may be absent
NEWER = {1: SINCE_2 + SINCE_3, 2: SINCE_3, 3: ()}  # fields that a version does not have yet
FIELDS = (
    "format",
    "version",
    "library",
    "covariance_type",
    "n_components",
    "n_features",
    "feature_names",
    "component_names",
    "weights",
    "means",
    "covariances",
    "precisions_cholesky",
    "noise",
    "dof",
    "scaling",
    "training",
)


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the documents."""
    text = (files("bactrian.storage") / "model.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = loads(text)
    return found


def document_of(mixture: Mixture, training: Mapping[str, Any]) -> dict[str, Any]:
    """Document of JSON values, of a mixture and what is known of its fit."""
    from bactrian import __version__

    parameters, scaling = mixture.parameters, mixture.scaling
    structure, shape = parameters.structure, parameters.means.shape
    public = structure.public_shape(*shape)
    factors = parameters.precisions_cholesky
    derived = np.array_equal(factors, structure.precisions_cholesky(parameters.covariances))
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "library": {"name": "bactrian", "version": __version__},
        "covariance_type": structure.name,
        "n_components": shape[0],
        "n_features": shape[1],
        "feature_names": list(mixture.feature_names) or None,
        "component_names": list(mixture.component_names) or None,
        "weights": parameters.weights.tolist(),
        "means": parameters.means.tolist(),
        "covariances": parameters.covariances.reshape(public).tolist(),
        "precisions_cholesky": None if derived else factors.reshape(public).tolist(),
        "noise": _noise_of(parameters),
        "dof": None if parameters.dof is None else parameters.dof.tolist(),
        "scaling": None
        if scaling is None
        else {"centre": scaling.centre.tolist(), "scale": scaling.scale.tolist()},
        "training": dict(training),
    }
    return {**document, checksum.FIELD: checksum.checksum_of(document)}


def _noise_of(parameters: Parameters) -> dict[str, Any] | None:
    if parameters.noise is None:
        return None
    return {"weight": float(parameters.term_weights[-1]), "box": parameters.noise.tolist()}


def content_of(document: Any, where: str) -> tuple[Mixture, Training]:
    """Mixture of a document and what it says of the fit, every field checked.

    Raises
    ------
    ModelFileError
    """
    checks = Checks(where)
    _check_version(checks, document)
    newer = NEWER[document["version"]]
    known = tuple(name for name in FIELDS if name not in newer)
    others = () if "component_names" in newer else (checksum.FIELD,)
    fields = dict.fromkeys(newer) | checks.fields("", document, known, others)
    _check_sum(checks, fields)
    library = checks.fields("library", fields["library"], ("name", "version"))
    for name, value in library.items():
        checks.text(f"library.{name}", value)
    n_features = checks.count("n_features", fields["n_features"], 1)
    parameters = _parameters(checks, fields, n_features)
    training = dict(check_training(fields["training"], checks))
    place, names = "component_names", fields["component_names"]
    if place in newer:  # then they stood among what is known of the fit
        place, names = f"training.{place}", training.pop(place, None)
    mixture = Mixture(
        parameters,
        _scaling(checks, fields["scaling"], n_features),
        _feature_names(checks, fields["feature_names"], n_features),
        component_names=_component_names(checks, place, names, parameters.n_components),
    )
    return mixture, training


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


def _check_sum(checks: Checks, fields: dict[str, Any]) -> None:
    """Refuse a document that is not what was written, before any field is blamed for it."""
    if checksum.FIELD not in fields:
        return
    told = checks.text(checksum.FIELD, fields[checksum.FIELD])
    if told != checksum.checksum_of(fields):
        raise checks.error(
            checksum.FIELD,
            "the file was changed after it was written, by damage or by an edit",
            "",
            "Save the model again, or copy the file again; if it was edited on purpose, remove "
            "the field checksum.",
        )


def _parameters(checks: Checks, fields: dict[str, Any], n_features: int) -> Parameters:
    name = fields["covariance_type"]
    if not isinstance(name, str) or name not in STRUCTURES:
        raise checks.error("covariance_type", shown(name), f"one of {', '.join(STRUCTURES)}")
    structure = STRUCTURES[name]
    n_components = checks.count("n_components", fields["n_components"], 1)
    shape = structure.shape(n_components, n_features)
    public = structure.public_shape(n_components, n_features)
    share, noise = _noise(checks, fields["noise"], n_features)
    weights = checks.reals("weights", fields["weights"], (n_components,))
    means = checks.reals("means", fields["means"], (n_components, n_features))
    covariances = checks.reals("covariances", fields["covariances"], public).reshape(shape)
    factors = None
    if fields["precisions_cholesky"] is not None:
        factors = checks.reals("precisions_cholesky", fields["precisions_cholesky"], public)
        factors = factors.reshape(shape)
    dof = _dof(checks, fields["dof"], n_components)
    with checks.of_values():
        check_weights(weights, share)
        return positive_definite(weights, means, covariances, structure, factors, noise, dof)


def _noise(checks: Checks, value: Any, n_features: int) -> tuple[float, FloatArray | None]:
    """Weight of the noise, and its box; 0 and None without noise."""
    if value is None:
        return 0.0, None
    fields = checks.fields("noise", value, ("weight", "box"))
    weight = checks.real("noise.weight", fields["weight"])
    if not 0 <= weight <= 1:
        raise checks.error("noise.weight", repr(weight), "from 0 to 1")
    box = checks.reals("noise.box", fields["box"], (2, n_features))
    with checks.of_values():
        check_box("noise.box", box)
    return weight, box


def _dof(checks: Checks, value: Any, n_components: int) -> FloatArray | None:
    if value is None:
        return None
    size = len(checks.entries("dof", value))
    if size not in (1, n_components):
        raise checks.error("dof", shown(value), f"a list of 1 or {n_components}")
    dof = checks.reals("dof", value, (size,))
    with checks.of_values():
        check_dof(dof)
    return dof


def _scaling(checks: Checks, value: Any, n_features: int) -> Scaling | None:
    if value is None:
        return None
    fields = checks.fields("scaling", value, ("centre", "scale"))
    parts = {
        name: checks.reals(f"scaling.{name}", fields[name], (n_features,))
        for name in ("centre", "scale")
    }
    with checks.of_values():
        return Scaling(**parts)


def _feature_names(checks: Checks, value: Any, n_features: int) -> tuple[str, ...]:
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


def _component_names(
    checks: Checks, field: str, value: Any, n_components: int
) -> tuple[str | None, ...]:
    if value is None:
        return ()
    names = checks.entries(field, value)
    if len(names) != n_components:
        raise checks.error(field, shown(names), f"null or a list of {n_components}")
    for k, name in enumerate(names):
        if name is not None:
            checks.text(f"{field}[{k}]", name)
    return tuple(names)
