"""Models to and from JSON files; a graph for ONNX."""

from __future__ import annotations

from bactrian.errors import ModelFileError
from bactrian.storage.model import MixtureModel, load_model

__all__ = ["MixtureModel", "ModelFileError", "load_model"]
