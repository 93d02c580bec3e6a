"""Figures of mixtures, in scikit-learn's convention of Display classes; needs matplotlib."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bactrian.plotting.convergence import ConvergenceDisplay as ConvergenceDisplay
    from bactrian.plotting.criteria import CriterionDisplay as CriterionDisplay
    from bactrian.plotting.mixture import MixtureDisplay as MixtureDisplay
    from bactrian.plotting.uncertainty import UncertaintyDisplay as UncertaintyDisplay
    from bactrian.plotting.view import MixtureView as MixtureView

_HOMES = {
    "ConvergenceDisplay": "convergence",
    "CriterionDisplay": "criteria",
    "MixtureDisplay": "mixture",
    "MixtureView": "view",
    "UncertaintyDisplay": "uncertainty",
}
REMEDY = 'Figures need matplotlib. Install it: pip install "bactrian[plot]"'

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bactrian.plotting' has no attribute {name!r}")
    try:
        return getattr(import_module(f"bactrian.plotting.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise ModuleNotFoundError(REMEDY, name="matplotlib") from error


def __dir__() -> list[str]:
    return __all__
