"""Covariances: how they are stored (forms) and what the components share (structures)."""

from __future__ import annotations

from bactrian.core.covariance.forms import DIAG, FULL, SPHERICAL, TIED, Form
from bactrian.core.covariance.structures import STRUCTURES, CovarianceStructure, Free, free
from bactrian.errors import BadInputError
from bactrian.vocabulary import COVARIANCE_TYPES, MCLUST_NAMES, ONE_FEATURE

_BY_LETTERS = {structure.letters: structure for structure in STRUCTURES.values()}

__all__ = [
    "DIAG",
    "FULL",
    "SPHERICAL",
    "STRUCTURES",
    "TIED",
    "CovarianceStructure",
    "Form",
    "Free",
    "covariance_structure",
    "free",
    "same_model",
]


def covariance_structure(name: object, n_features: int | None = None) -> CovarianceStructure:
    """Return the structure of that name: only here is ``covariance_type`` translated.

    Parameters
    ----------
    name : str or CovarianceStructure
        scikit-learn's (full, tied, diag, spherical) or three letters for volume, shape and
        orientation; E or V for one feature.
    n_features : int, optional
        If it is known.

    Raises
    ------
    BadInputError
        If there is no such structure, or not with this number of features.
    """
    if isinstance(name, CovarianceStructure):
        return name
    if not isinstance(name, str) or name not in COVARIANCE_TYPES:
        wanted = f"one of {', '.join(COVARIANCE_TYPES)}"
        raise BadInputError("covariance_type", repr(name), wanted, code="bad_choice")
    if name in ONE_FEATURE and n_features not in (None, 1):
        got, same = f"{name!r} for {n_features} features", ONE_FEATURE[name]
        remedy = f"{name!r} is for one feature. Use {same!r}, the same model in any number."
        raise BadInputError(
            "covariance_type", got, f"one of {', '.join(MCLUST_NAMES)}", remedy, code="bad_choice"
        )
    letters = ONE_FEATURE.get(name, name)
    return STRUCTURES.get(letters) or _BY_LETTERS[letters]


def same_model(name: object, n_components: int, n_features: int) -> str:
    """Letters of the simplest structure that is the same model for these numbers of K and D.

    What one component has to itself it shares with all; one feature has neither shape nor
    orientation. So structures are the same if, and only if, these letters are.

    Examples
    --------
    >>> same_model("VEV", 1, 2), same_model("full", 1, 2), same_model("VVI", 3, 1)
    ('EEE', 'EEE', 'VII')
    """
    letters = covariance_structure(name).letters
    if n_features == 1:
        letters = f"{letters[0]}II"
    return letters.replace("V", "E") if n_components == 1 else letters
