"""Back ends: where the E-step runs. One protocol, one registry."""

from __future__ import annotations

from bactrian.backends.numpy_backend import NumpyBackend
from bactrian.backends.protocol import Backend
from bactrian.core.errors import BadInputError

BACKENDS: dict[str, type[Backend]] = {"numpy": NumpyBackend}

__all__ = ["BACKENDS", "Backend", "backend_for"]


def backend_for(choice: object) -> Backend:
    """Back end by name; "auto" is the fastest that is installed; a back end is itself.

    Raises
    ------
    BadInputError
        If there is no such back end.
    """
    if isinstance(choice, Backend) and not isinstance(choice, type):
        return choice
    if choice == "auto":
        return NumpyBackend()
    if isinstance(choice, str) and choice in BACKENDS:
        return BACKENDS[choice]()
    raise BadInputError(
        "backend", repr(choice), f"one of auto, {', '.join(BACKENDS)}, or a Backend"
    )
