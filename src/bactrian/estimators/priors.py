"""From what the user says of the prior to a prior for the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from bactrian.core.errors import BadInputError
from bactrian.core.priors import Prior

DEFAULT = "default"
PARTS = tuple(entry.name for entry in fields(Prior))
WANTED = (
    f"None, '{DEFAULT}', a bactrian.Prior, or a dict of parts of the default to change: "
    f"{', '.join(PARTS)}"
)


@dataclass(frozen=True, eq=False)
class PriorChoice:
    """A prior that may leave some parts to the data.

    Parameters
    ----------
    changes : mapping
        From names of parts to their values; the default's hold for the others.
    """

    changes: Mapping[str, Any]

    @property
    def needs_data(self) -> bool:
        """Whether a part is left to the default."""
        return set(self.changes) != set(PARTS)

    def over(self, default: Prior) -> Prior:
        """The default, with the changes.

        Raises
        ------
        BadInputError
            If a part cannot be what it shall be.
        """
        return Prior(**{**default.parts(), **self.changes})


def check_prior(prior: Any) -> PriorChoice | None:
    """What the user says of the prior; None for none.

    Raises
    ------
    BadInputError
    """
    if prior is None:
        return None
    if isinstance(prior, Prior):
        return PriorChoice(prior.parts())
    if isinstance(prior, str) and prior == DEFAULT:
        return PriorChoice({})
    if not isinstance(prior, Mapping):
        raise BadInputError("prior", repr(prior)[:60], WANTED)
    for name in prior:
        if name not in PARTS:
            raise BadInputError("prior", f"a dict with {name!r}", WANTED)
    return PriorChoice(dict(prior))
