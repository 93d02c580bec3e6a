"""Structures: what the components' covariances share. Each is a final class with a form."""

from __future__ import annotations

from bactrian.core.covariance.forms import DIAG, FULL, SPHERICAL, TIED
from bactrian.core.covariance.structures.common_axes import EVE, VVE
from bactrian.core.covariance.structures.diagonal import EEI, EVI, VEI
from bactrian.core.covariance.structures.ellipsoidal import EEV, EVV, VEE, VEV
from bactrian.core.covariance.structures.free import Free, free
from bactrian.core.covariance.structures.spherical import EII
from bactrian.core.covariance.structures.structure import CovarianceStructure

STRUCTURES: dict[str, CovarianceStructure] = {
    structure.name: structure
    for structure in (
        *map(free, (FULL, TIED, DIAG, SPHERICAL)),
        *(EII(), EEI(), VEI(), EVI(), VEE(), EVE(), VVE(), EEV(), VEV(), EVV()),
    )
}

__all__ = ["STRUCTURES", "CovarianceStructure", "Free", "free"]
