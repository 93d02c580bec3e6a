"""What a report calls features."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bactrian.mixture import Mixture


def names_of(mixture: Mixture) -> list[str]:
    """Names of the features; x1, x2, ... for features without names.

    Parameters
    ----------
    mixture : Mixture

    Returns
    -------
    list of str
    """
    n_features = mixture.parameters.n_features
    return list(mixture.feature_names) or [f"x{position + 1}" for position in range(n_features)]
