"""Check what an estimator says of the prior."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bactrian.core.mstep.prior import Prior
from bactrian.errors import BadInputError
from bactrian.fitting.conjugate import ConjugateChoice
from bactrian.fitting.prior import PARTS, PriorChoice

DEFAULT = "default"
WANTED = (
    f"None, '{DEFAULT}', a bactrian.Prior, or a dict of parts of the default to change: "
    f"{', '.join(PARTS)}"
)


def check_prior(prior: Any) -> PriorChoice | ConjugateChoice | None:
    """What the user says of the prior; None for no prior. A conjugate one was checked before.

    Raises
    ------
    BadInputError
    """
    if prior is None or isinstance(prior, ConjugateChoice):
        return prior
    if isinstance(prior, Prior):
        return PriorChoice(prior.parts())
    if isinstance(prior, str) and prior == DEFAULT:
        return PriorChoice({})
    if not isinstance(prior, Mapping):
        raise BadInputError("prior", repr(prior)[:60], WANTED, code="bad_choice")
    for name in prior:
        if name not in PARTS:
            raise BadInputError("prior", f"a dict with {name!r}", WANTED, code="bad_choice")
    return PriorChoice(dict(prior))
