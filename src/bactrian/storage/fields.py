"""The model file as one table: every field, its possible values, and its meaning.

A mixture is written by it, a file is read by it, and ``python -m bactrian.storage.schema`` writes
``model.schema.json`` and the tables of ``docs/model-file.md`` from it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from bactrian.core.covariance import STRUCTURES
from bactrian.storage import checksum
from bactrian.storage.kinds import Field, constant, nullable, one_of, real, text, whole
from bactrian.storage.nested import like, listed, numbers, record
from bactrian.storage.training import TRAINING

FORMAT = "bactrian-mixture"
VERSION = 4


def _shapes() -> dict[tuple[str, ...], list[str]]:
    """Shapes of covariances, and the structures with each shape."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name, structure in STRUCTURES.items():
        shape = tuple({2: "K", 3: "D"}[size] for size in structure.form.public_shape(2, 3))
        found.setdefault(shape, []).append(name)
    return found


def _library(mixture: Any) -> dict[str, str]:
    from bactrian import __version__

    return {"name": "bactrian", "version": __version__}


def _covariances(mixture: Any) -> Any:
    return _in_shape(mixture, mixture.parameters.covariances)


def _factors(mixture: Any) -> Any:
    parameters = mixture.parameters
    factors = parameters.precisions_cholesky
    derived = parameters.form.algebra.precisions_cholesky(parameters.covariances)
    return None if np.array_equal(factors, derived) else _in_shape(mixture, factors)


def _in_shape(mixture: Any, stack: Any) -> Any:
    shape = mixture.parameters.form.public_shape(*mixture.parameters.means.shape)
    return stack.reshape(shape).tolist()


def _noise(mixture: Any) -> dict[str, Any] | None:
    parameters = mixture.parameters
    if parameters.noise is None:
        return None
    return {"weight": float(parameters.term_weights[-1]), "box": parameters.noise.tolist()}


def _dof(mixture: Any) -> Any:
    dof = mixture.parameters.dof
    return None if dof is None else dof.tolist()


def _spikes(mixture: Any) -> Any:
    spikes = mixture.parameters.spikes
    if spikes is None:
        return None
    entries = zip(spikes.columns, spikes.values, spikes.shares.T, strict=True)
    return [
        {"column": int(column), "value": float(value), "shares": shares.tolist()}
        for column, value, shares in entries
    ]


def _scaling(mixture: Any) -> dict[str, Any] | None:
    scaling = mixture.scaling
    if scaling is None:
        return None
    return {"centre": scaling.centre.tolist(), "scale": scaling.scale.tolist()}


COVARIANCES = like("covariances", _shapes())

FIELDS = (
    Field("format", constant(FORMAT), "What the file is.", lambda _: FORMAT),
    Field("version", constant(VERSION), "Version of the format.", lambda _: VERSION),
    Field(
        "library",
        record(Field("name", text(), "Its name."), Field("version", text(), "Its version.")),
        "What wrote the file.",
        _library,
    ),
    Field(
        "covariance_type",
        one_of(STRUCTURES),
        "What the covariances have in common.",
        lambda mixture: mixture.parameters.structure.name,
    ),
    Field(
        "n_components",
        whole(1),
        "Number of components, K.",
        lambda mixture: mixture.parameters.n_components,
    ),
    Field(
        "n_features",
        whole(1),
        "Number of features, D.",
        lambda mixture: mixture.parameters.n_features,
    ),
    Field(
        "feature_names",
        nullable(listed(text(), "D", distinct=True)),
        "Different names; null if the features have none.",
        lambda mixture: list(mixture.feature_names) or None,
    ),
    Field(
        "component_names",
        nullable(listed(nullable(text()), "K")),
        "Names of the components in the labels; null for one without a name, or if none has one.",
        lambda mixture: list(mixture.component_names) or None,
        since=3,
    ),
    Field(
        "weights",
        numbers("K", minimum=0),
        "Their sum, with the weight of the noise, is 1 within 1e-8 (1e-6 if all are float32).",
        lambda mixture: mixture.parameters.weights.tolist(),
    ),
    Field(
        "means",
        numbers("K", "D"),
        "In the units of the scaling.",
        lambda mixture: mixture.parameters.means.tolist(),
    ),
    Field(
        "covariances",
        COVARIANCES,
        "Symmetric and positive definite; of t distributions, their scale matrices.",
        _covariances,
    ),
    Field(
        "precisions_cholesky",
        nullable(replace(COVARIANCES, words="shaped like `covariances`")),
        "Upper triangular U with inverse covariance U U'; null if it follows from covariances.",
        _factors,
    ),
    Field(
        "noise",
        nullable(
            record(
                Field("weight", real("from 0 to 1", minimum=0, maximum=1), "Share of the noise."),
                Field("box", numbers(2, "D"), "Its lowest and highest corner."),
            )
        ),
        "Uniform noise: its density is 1 / volume of its box, also outside it; null for no noise.",
        _noise,
        since=2,
    ),
    Field(
        "dof",
        nullable(listed(real("above 0", exclusiveMinimum=0), 1, "K")),
        "Degrees of freedom of t distributions, one for all or one for each; null for Gaussians.",
        _dof,
        since=2,
    ),
    Field(
        "spikes",
        nullable(
            listed(
                record(
                    Field("column", whole(), "Number of the feature, from 0."),
                    Field("value", real(), "In units of x, whatever the scaling."),
                    Field(
                        "shares",
                        listed(real("from 0 to 1", minimum=0, maximum=1)),
                        "Its probability in each component, and in the noise; one number for all "
                        "where D is 1.",
                    ),
                )
            )
        ),
        "Point masses, by column and value: values that rows have with a probability of their "
        "own; null for none.",
        _spikes,
        since=4,
    ),
    Field(
        "scaling",
        nullable(
            record(
                Field("centre", numbers("D"), "What is subtracted."),
                Field("scale", numbers("D", exclusiveMinimum=0), "What it is divided by."),
            )
        ),
        "The mixture is one of z = (x - centre) / scale; null if it is one of x itself.",
        _scaling,
    ),
    Field("training", record(*TRAINING, open=True), "What is known of the fit, in units of x."),
    Field(
        checksum.FIELD,
        text("^[0-9a-f]{64}$"),
        "SHA-256 of the other fields; it may be absent, and is if a file was edited on purpose.",
        since=3,
        optional=True,
    ),
)

DOCUMENT = record(*FIELDS)
