"""Fields of what ``partial_fit`` has learned, in what is known of a fit."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.storage.kinds import Field, Kind, flag, nullable, one_of, real, text, whole
from bactrian.storage.nested import listed, record
from bactrian.storage.places import DocumentPlace, shown


def _flat(*, holes: bool = False) -> Kind:
    """A list of numbers; with holes, null stands for a missing one."""
    allowed = {int, float, type(None)} if holes else {int, float}
    wanted = "a list of finite numbers" + (" or null" if holes else "")

    def read(place: DocumentPlace, value: Any) -> FloatArray:
        if not isinstance(value, list) or not set(map(type, value)) <= allowed:
            raise place.error(shown(value), wanted)
        try:
            array = np.array(value, dtype=np.float64)
        except OverflowError:
            array = np.array([inf])
        if np.isinf(array).any():
            raise place.error("a number beyond float64", "finite")
        return array

    items: dict[str, Any] = {"type": ["number", "null"] if holes else "number"}
    return Kind(read, {"type": "array", "items": items}, wanted)


NUMBERS = _flat()
POSITIVE = real("above 0", exclusiveMinimum=0)

ROWS = record(
    Field("X", _flat(holes=True), "Row by row; null for a missing value."),
    Field("dtype", one_of(("float32", "float64")), "Of the rows."),
    Field("sample_weight", NUMBERS, "Weight of each."),
    Field("plausibility", nullable(NUMBERS), "Of each, what is known of its component."),
    Field("complete", flag(), "Whether it is known that no value is missing."),
)
PARAMETERS = record(
    Field("weights", NUMBERS, "Of the components."),
    Field("means", NUMBERS, "(K, D), row by row."),
    Field("covariances", NUMBERS, "As those of the mixture, in one list."),
    Field("precisions_cholesky", NUMBERS, "Likewise."),
    Field("noise", nullable(NUMBERS), "Lowest and highest corner of its box."),
    Field("dof", nullable(NUMBERS), "Degrees of freedom."),
)
STATISTICS = record(
    Field("origin", NUMBERS, "(K, D): what the moments are about."),
    Field("resp_sum", NUMBERS, "Weight of each component."),
    Field("first", NUMBERS, "(K, D): first moments."),
    Field("second", NUMBERS, "Second moments, in one list."),
    Field("log_likelihood", nullable(real()), "In nats; null for -inf."),
    Field("weight", POSITIVE, "Of the rows."),
    Field("n_samples", whole(), "Rows."),
    Field("scaled_sum", nullable(NUMBERS), "Of t distributions, sum of E[u]."),
    Field("log_scale", nullable(NUMBERS), "Of t distributions, sum of E[log u - u]."),
)
M_STEP = record(
    Field("floor", NUMBERS, "Lowest variance of each feature."),
    Field("ridge", real("of at least 0", minimum=0), "What is added to each variance."),
    Field("resolution", NUMBERS, "Variance of the rounding of each feature."),
    Field("collapsed", NUMBERS, "Variance of each feature below which a component collapses."),
    Field("ratio", nullable(real("of at least 1", minimum=1)), "Of eigenvalues; null for none."),
    Field("units", nullable(NUMBERS), "In which eigenvalues are compared."),
    Field("fixed", listed(text()), "Names of the parameters that are held."),
    Field(
        "prior",
        nullable(
            record(
                Field("mean", NUMBERS, "(K, D)."),
                Field("means", real(), "Rows in each mean."),
                Field("deviations", NUMBERS, "Rows that have the scatter of the prior."),
                Field("covariances", real(), "Rows in each covariance."),
                Field("weights", NUMBERS, "Rows in each weight."),
            )
        ),
        "As rows that nobody observed; null without one.",
    ),
)
STREAM = record(
    Field("n_samples_seen", whole(), "Rows that were learned from."),
    Field("maximise", nullable(M_STEP), "What the M-step needs; null before the first fit."),
    Field("current", nullable(PARAMETERS), "The mixture that rows are seen under; likewise."),
    Field("rows", ROWS, "Rows that wait: the first ones, or those of a block not yet full."),
    Field("fitted", nullable(real()), "Weight of the rows of the last fit of the first rows."),
    Field(
        "steps",
        nullable(
            record(
                Field("seen", POSITIVE, "Weight of all rows."),
                Field("weight", POSITIVE, "The same, less what is forgotten."),
                Field("squares", POSITIVE, "Sum of the squared weights."),
                Field("recent", STATISTICS, "State of the steps, a unit of weight."),
                Field("average", nullable(STATISTICS), "Its average; null if it is the same."),
            )
        ),
        "What was learned; null while the first rows are kept.",
    ),
)
