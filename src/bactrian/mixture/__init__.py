"""One mixture as a value: what it says of rows, wherever it came from."""

from __future__ import annotations

from bactrian.mixture.likelihoods import Likelihoods
from bactrian.mixture.mixture import Mixture
from bactrian.mixture.scaling import Scaling

__all__ = ["Likelihoods", "Mixture", "Scaling"]
