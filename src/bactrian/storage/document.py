"""The document of a model file: made from a mixture, and read back with everything checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bactrian.core.covariance import STRUCTURES
from bactrian.core.values.parameters import Parameters
from bactrian.mixture import Mixture, Scaling
from bactrian.mixture.checks import check_box, check_weights, given_spikes, positive_definite
from bactrian.storage import checksum
from bactrian.storage.fields import DOCUMENT, FIELDS, FORMAT, VERSION
from bactrian.storage.files import WANTED
from bactrian.storage.nested import record
from bactrian.storage.places import DocumentPlace, shown
from bactrian.storage.training import Training

NAMES = "component_names"  # they stood among what is known of the fit before version 3
KINDS = {field.name: field.kind for field in FIELDS}
SIZES = ("covariance_type", "n_components", "n_features")
SIZED = record(*(field for field in FIELDS if field.name in SIZES))


def document_of(mixture: Mixture, training: Mapping[str, Any]) -> dict[str, Any]:
    """Make the JSON document of a mixture and what is known of its fit."""
    document = {field.name: field.of(mixture) for field in FIELDS if field.of is not None}
    document["training"] = dict(training)
    return {**document, checksum.FIELD: checksum.checksum_of(document)}


def content_of(document: Any, where: str) -> tuple[Mixture, Training]:
    """Read the mixture of a document, and what it says of the fit; check every field.

    Raises
    ------
    ModelFileError
    """
    place = DocumentPlace(where, _version_of(document, DocumentPlace(where, VERSION)))
    _check_sum(document, place)
    place = replace(place, sizes=_sizes_of(document, place))
    values = DOCUMENT.read(place, document)
    training: Training = dict(document["training"])
    names = values[NAMES]
    if NAMES not in document:
        names = KINDS[NAMES].read(place.at("training", NAMES), training.pop(NAMES, None))
    with place.of_values():
        mixture = Mixture.from_parameters(
            _parameters(values),
            None if values["scaling"] is None else Scaling(**values["scaling"]),
            tuple(values["feature_names"] or ()),
            component_names=tuple(names or ()),
        )
    return mixture, training


def _version_of(document: Any, place: DocumentPlace) -> int:
    """Version of the format, if this release can read it."""
    if not isinstance(document, dict):
        raise place.error(shown(document), WANTED)
    if document.get("format") != FORMAT:
        got = shown(document["format"]) if "format" in document else "nothing"
        remedy = "This is not a model file of bactrian."
        raise place.at("format").error(got, repr(FORMAT), remedy)
    version, place = document.get("version"), place.at("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        got = shown(version) if "version" in document else "nothing"
        raise place.error(got, f"from 1 to {VERSION}", "Save the model again.")
    if version > VERSION:
        library = document.get("library")
        made = library.get("version") if isinstance(library, dict) else None
        by = f" (written by bactrian {made})" if isinstance(made, str) else ""
        remedy = "Upgrade: pip install --upgrade bactrian"
        wanted = f"from 1 to {VERSION}, which this release reads"
        raise place.error(f"{shown(version)}{by}", wanted, remedy)
    return version


def _check_sum(document: dict[str, Any], place: DocumentPlace) -> None:
    """Refuse a changed document, before any single field is blamed."""
    name = checksum.FIELD
    if name not in document:
        return
    told = KINDS[name].read(place.at(name), document[name])
    if told != checksum.checksum_of(document):
        raise place.at(name).error(
            "the file was changed after it was written, by damage or by an edit",
            "",
            "Save the model again, or copy the file again; if it was edited on purpose, remove "
            "the field checksum.",
        )


def _sizes_of(document: dict[str, Any], place: DocumentPlace) -> dict[str, tuple[int, ...]]:
    """The numbers that the letters in shapes stand for."""
    own = {name: document[name] for name in SIZES if name in document}
    structure_name, n_components, n_features = SIZED.read(place, own).values()
    shape = STRUCTURES[structure_name].form.public_shape(n_components, n_features)
    return {"K": (n_components,), "D": (n_features,), "covariances": shape}


def _parameters(values: dict[str, Any]) -> Parameters:
    """Make parameters from valid fields, if the fields go together."""
    structure = STRUCTURES[values["covariance_type"]]
    weights, means = values["weights"], values["means"]
    shape = structure.form.shape(*means.shape)
    factors = values["precisions_cholesky"]
    noise = values["noise"] or {"weight": 0.0, "box": None}
    dof = None if values["dof"] is None else np.array(values["dof"])
    if noise["box"] is not None:
        check_box("noise.box", noise["box"])
    check_weights(weights, noise["weight"])
    parameters = positive_definite(
        weights,
        means,
        values["covariances"].reshape(shape),
        structure,
        None if factors is None else factors.reshape(shape),
        noise["box"],
        dof,
    )
    spikes = values["spikes"]
    if not spikes:
        return parameters
    return parameters.replaced(spikes=given_spikes(spikes, parameters))
