"""Covariance structures: what the components' covariances share, as final classes."""

from __future__ import annotations

from bactrian.core.covariance.diag import Diag
from bactrian.core.covariance.full import Full
from bactrian.core.covariance.spherical import Spherical
from bactrian.core.covariance.structure import CovarianceStructure
from bactrian.core.covariance.tied import Tied
from bactrian.core.errors import BadInputError

STRUCTURES: dict[str, CovarianceStructure] = {
    structure.name: structure for structure in (Full(), Tied(), Diag(), Spherical())
}

__all__ = ["STRUCTURES", "CovarianceStructure", "covariance_structure"]


def covariance_structure(name: object) -> CovarianceStructure:
    """Structure of that name: the one place where ``covariance_type`` is translated.

    Raises
    ------
    BadInputError
        If there is no such structure.
    """
    if isinstance(name, CovarianceStructure):
        return name
    if not isinstance(name, str) or name not in STRUCTURES:
        raise BadInputError("covariance_type", repr(name), f"one of {', '.join(STRUCTURES)}")
    return STRUCTURES[name]
