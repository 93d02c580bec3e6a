"""Which candidates are one and the same model, by the letters of their names."""

from __future__ import annotations

from bactrian.core.covariance import STRUCTURES

LETTERS = {"full": "VVV", "tied": "EEE", "diag": "VVI", "spherical": "VII"}
"""scikit-learn's names in the letters of Banfield and Raftery (1993)."""


def model_key(covariance_type: str, n_components: int, n_features: int) -> str:
    """Name that structures share if they are the same model.

    The letters stand for volume, shape and orientation: equal (E), varying (V) or none (I) [1]_.
    With one component nothing varies, so that V is E; with one feature there is only a volume.

    Parameters
    ----------
    covariance_type : str
    n_components, n_features : int

    References
    ----------
    .. [1] Celeux, G. and Govaert, G. (1995). Gaussian parsimonious clustering models. Pattern
       Recognition 28, 781-793, table 1.
    """
    letters = LETTERS.get(covariance_type, covariance_type)
    if not set(letters) <= set("EVI"):
        return letters
    if n_components == 1:
        letters = letters.replace("V", "E")
    return letters[:1] if n_features == 1 else letters


def all_structures() -> list[str]:
    """Every structure once, however many names it has, in the order of the core."""
    names = {LETTERS.get(name, name): name for name in reversed(STRUCTURES)}
    return [name for name in STRUCTURES if name in names.values()]
