"""Models to and from JSON files, and to the formats of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bactrian.storage.errors import ModelFileError
from bactrian.storage.exports import export
from bactrian.storage.model import MixtureModel, load_model
from bactrian.storage.scaling import Scaling

if TYPE_CHECKING:
    from bactrian.storage.conversion import from_sklearn, to_sklearn

__all__ = [
    "MixtureModel",
    "ModelFileError",
    "Scaling",
    "export",
    "from_sklearn",
    "load_model",
    "to_sklearn",
]


def __getattr__(name: str) -> Any:
    """Conversions on first use: they import scikit-learn, and loading a model need not."""
    if name in ("from_sklearn", "to_sklearn"):
        from bactrian.storage import conversion

        return getattr(conversion, name)
    raise AttributeError(f"module 'bactrian.storage' has no attribute {name!r}")
