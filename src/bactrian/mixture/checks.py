"""Check the numbers that make a mixture; each error says where and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import STRUCTURES, CovarianceStructure, Form
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.point_masses import PointMasses
from bactrian.errors import BadInputError, DegenerateCovarianceError

ASYMMETRY = 1e-6  # of a covariance matrix, in products of deviations: float32's rounding
DISAGREEMENT = 1e-5  # of covariances and precisions_cholesky, relative to rounding's growth
ROUNDING = 1e-8  # of the sum of weights
SINGLE_ROUNDING = 1e-6  # the same where float32 holds all of them


def given_parameters(
    weights: npt.ArrayLike,
    means: npt.ArrayLike,
    covariances: npt.ArrayLike,
    covariance_type: str,
    noise: npt.ArrayLike | None,
    dof: npt.ArrayLike | None,
) -> Parameters:
    """Check everything that :class:`bactrian.Mixture` is given; return the parameters.

    Raises
    ------
    BadInputError
    """
    structure = check_structure(covariance_type)
    centres = finite_array("means", means, ("n_components", "n_features"))
    n_components, n_features = centres.shape
    shares = finite_array("weights", weights, (n_components,))
    public = structure.form.public_shape(n_components, n_features)
    matrices = finite_array("covariances", covariances, public)
    box = tails = None
    if noise is not None:
        box = finite_array("noise", noise, (2, n_features))
        check_box("noise", box)
    check_weights(shares, 0.0 if box is None else None)
    if dof is not None:
        each = np.size(dof) > 1
        tails = finite_array("dof", np.atleast_1d(dof), (n_components if each else 1,))
        check_dof(tails)
    matrices = matrices.reshape(structure.form.shape(n_components, n_features))
    return positive_definite(shares, centres, matrices, structure, noise=box, dof=tails)


def finite_array(name: str, value: npt.ArrayLike, shape: tuple[int | str, ...]) -> FloatArray:
    """Check a finite float64 array of a shape; a letter in the shape is any length from 1.

    Raises
    ------
    BadInputError
    """
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError
        array = array.astype(np.float64)
    except (TypeError, ValueError):
        got = f"a {type(value).__name__} of other values, or of lists with unequal lengths"
        raise BadInputError(name, got, "an array of numbers", code="not_a_number") from None
    same = array.ndim == len(shape) and all(
        n > 0 if isinstance(wanted, str) else n == wanted
        for n, wanted in zip(array.shape, shape, strict=True)
    )
    if not same:
        spelled = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        raise BadInputError(
            name, f"the shape {array.shape}", f"of shape ({spelled})", code="bad_shape"
        )
    bad = ~np.isfinite(array)
    if bad.any():
        place = "".join(f"[{i}]" for i in np.argwhere(bad)[0])
        raise BadInputError(name + place, repr(float(array[bad][0])), "finite", code="not_finite")
    return array


def check_structure(covariance_type: Any) -> CovarianceStructure:
    """Return the structure of that name.

    Raises
    ------
    BadInputError
    """
    if not isinstance(covariance_type, str) or covariance_type not in STRUCTURES:
        wanted = f"one of {', '.join(STRUCTURES)}"
        raise BadInputError("covariance_type", repr(covariance_type), wanted, code="bad_choice")
    return STRUCTURES[covariance_type]


def check_weights(weights: FloatArray, noise: float | None = None) -> None:
    """Refuse weights below 0, or whose sum with the noise's weight is not 1.

    Parameters
    ----------
    weights : (n_components,)
    noise : float or None
        Weight of the noise; None if it is what the weights leave of 1.

    Raises
    ------
    BadInputError
    """
    if (weights < 0).any():
        k = int(np.flatnonzero(weights < 0)[0])
        raise BadInputError(
            f"weights[{k}]", repr(float(weights[k])), "at least 0", code="out_of_range"
        )
    with np.errstate(over="ignore", under="ignore"):
        single = np.array_equal(weights, weights.astype(np.float32))
    total = weights.sum() + (noise or 0.0)
    rounding = SINGLE_ROUNDING if single else ROUNDING
    if total <= 1 + rounding and (noise is None or total >= 1 - rounding):
        return
    wanted = f"numbers that sum to 1{' with noise.weight' if noise else ''}"
    remedy = "Divide them by their sum."
    if noise is None:
        wanted, remedy = "numbers that sum to at most 1", "The rest is the weight of the noise."
    raise BadInputError("weights", f"a sum of {total:.10g}", wanted, remedy)


def check_symmetry(covariances: FloatArray) -> None:
    """Refuse matrices that are not symmetric.

    Raises
    ------
    BadInputError
    """
    if covariances.ndim != 3:
        return
    deviations = np.sqrt(np.abs(np.diagonal(covariances, axis1=1, axis2=2)))
    limit = ASYMMETRY * deviations[:, :, None] * deviations[:, None, :]
    gaps = np.abs(covariances - covariances.transpose(0, 2, 1))
    if (gaps > limit).any():
        k, i, j = (int(n) for n in np.argwhere(gaps > limit)[0])
        pair = f"{float(covariances[k, i, j])!r} and {float(covariances[k, j, i])!r}"
        got = f"{pair} at ({i + 1}, {j + 1}) and ({j + 1}, {i + 1}) of matrix {k + 1}"
        raise BadInputError("covariances", got, "symmetric")


def check_factors(form: Form, covariances: FloatArray, factors: FloatArray) -> None:
    """Refuse factors U that do not belong to the inverses of the covariances.

    ``U' cov U = I``, up to the rounding in its products; U upper triangular, diagonal above 0.

    Raises
    ------
    BadInputError
    """
    name = "precisions_cholesky"
    diagonals = factors
    if factors.ndim == 3:
        diagonals = np.diagonal(factors, axis1=1, axis2=2)
        if np.tril(factors, -1).any():
            raise BadInputError(name, "entries below the diagonal", "upper triangular")
    if not (diagonals > 0).all():
        raise BadInputError(name, repr(float(diagonals.min())), "above 0 on the diagonal")
    with np.errstate(over="ignore", invalid="ignore"):
        gaps = np.abs(form.changes.change(covariances, factors))
        growth = 1 + np.abs(form.changes.change(np.abs(covariances), np.abs(factors)))
    if not (gaps <= DISAGREEMENT * growth).all():
        raise BadInputError(
            name,
            "the factors of other precisions",
            "the factors of the inverse covariances",
            "Set precisions_cholesky to null, and it is computed.",
        )


def check_box(name: str, box: FloatArray) -> None:
    """Refuse a box of noise without volume; it is (2, n_features).

    Raises
    ------
    BadInputError
    """
    flat = np.flatnonzero(box[0] >= box[1])
    if len(flat):
        j = int(flat[0])
        got = f"{float(box[0, j])!r} and {float(box[1, j])!r} in column {j + 1}"
        raise BadInputError(name, got, "a lowest and a higher corner")


def given_spikes(entries: Sequence[Mapping[str, Any]], parameters: Parameters) -> PointMasses:
    """The point masses that are given for a mixture, each as column, value and shares.

    Raises
    ------
    BadInputError
        If there is no such column, a value is there twice, or shares cannot be probabilities.
    """
    n_terms, n_features = parameters.n_terms, parameters.n_features
    allowed = (1, n_terms) if n_features == 1 else (n_terms,)
    for i, entry in enumerate(entries):
        column, shares = entry["column"], entry["shares"]
        if column >= n_features:
            raise BadInputError(f"spikes[{i}].column", repr(column), f"below {n_features}")
        if len(shares) not in allowed or len(shares) != len(entries[0]["shares"]):
            got, wanted = f"{len(shares)} numbers", f"{' or '.join(map(str, allowed))} numbers"
            raise BadInputError(f"spikes[{i}].shares", got, wanted, code="bad_shape")
    ordered = sorted(entries, key=lambda entry: (entry["column"], entry["value"]))
    places = [(entry["column"], entry["value"]) for entry in ordered]
    if len(set(places)) < len(places):
        raise BadInputError("spikes", "a value twice in a column", "each value once")
    spikes = PointMasses(
        np.array([column for column, _ in places]),
        np.array([value for _, value in places]),
        np.array([entry["shares"] for entry in ordered]).T,
    )
    total = float(spikes.summed(spikes.shares).max())
    if total > 1 + ROUNDING:
        wanted_sum = "probabilities of each column that sum to at most 1"
        raise BadInputError("spikes", f"a sum of {total:.10g}", wanted_sum)
    return spikes


def check_dof(dof: FloatArray) -> None:
    """Refuse degrees of freedom that are not above 0.

    Raises
    ------
    BadInputError
    """
    if not (dof > 0).all():
        k = int(np.flatnonzero(dof <= 0)[0])
        raise BadInputError(f"dof[{k}]", repr(float(dof[k])), "above 0", code="out_of_range")


def check_feature_names(names: Sequence[Any], n_features: int) -> tuple[str, ...]:
    """Check names: one for each feature, all different; empty for features without names.

    Raises
    ------
    BadInputError
    """
    texts = (names,) if isinstance(names, str) else tuple(str(name) for name in names)
    repeated = [name for name, count in Counter(texts).items() if count > 1]
    if texts and (repeated or len(texts) != n_features):
        remedy = f"{repeated[0]!r} appears more than once." if repeated else ""
        raise BadInputError("feature_names", repr(texts), f"{n_features} different names", remedy)
    return texts


def check_component_names(names: Sequence[Any], n_components: int) -> tuple[str | None, ...]:
    """Check names: None for a component without one; empty if no component has a name.

    Raises
    ------
    BadInputError
    """
    given = (names,) if isinstance(names, str) else tuple(names)
    if given and len(given) != n_components:
        remedy = "None stands for a component without a name."
        raise BadInputError("component_names", repr(given), f"{n_components} names", remedy)
    texts = tuple(None if name is None else str(name) for name in given)
    return () if all(name is None for name in texts) else texts


def positive_definite(
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    structure: CovarianceStructure,
    factors: FloatArray | None = None,
    noise: FloatArray | None = None,
    dof: FloatArray | None = None,
) -> Parameters:
    """Make parameters in the shapes of :class:`Parameters`; compute the factors if None.

    Raises
    ------
    BadInputError
        If a covariance is not symmetric and positive definite, or the factors are of others.
    """
    check_symmetry(covariances)
    if factors is None:
        factors = np.empty(0)
    else:
        check_factors(structure.form, covariances, factors)
    try:
        return Parameters(weights, means, covariances, structure, factors, noise, dof)
    except DegenerateCovarianceError as error:
        raise BadInputError(
            "covariances",
            f"one that is not (component {error.components[0] + 1})",
            "positive definite, and its inverse within float64",
        ) from error
