"""Back ends: where the E-step runs. There is one protocol and one registry."""

from __future__ import annotations

from collections.abc import Callable

from bactrian.backends.numpy.backend import NumpyBackend
from bactrian.backends.protocol import Backend, Held
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.mstep.likelihood import Maximise, MaximumLikelihood
from bactrian.core.mstep.pseudo import Flat
from bactrian.errors import BadInputError
from bactrian.machine.threads import thread_count

__all__ = ["BACKENDS", "Backend", "Held", "backend_for", "maximisation_for"]


def _numpy(n_jobs: int | None) -> Backend:
    thread_count(n_jobs)  # one thread is what it uses; the number must be one all the same
    return NumpyBackend()


BACKENDS: dict[str, Callable[[int | None], Backend]] = {"numpy": _numpy}

try:
    from bactrian.backends.native.backend import NativeBackend
    from bactrian.backends.native.maximisation import NativeMaximumLikelihood
except ImportError:  # not compiled: config.show_config() says why

    def maximisation_for(backend: Backend, reference: Maximise) -> Maximise:
        """Return the M-step unchanged."""
        return reference

else:

    def maximisation_for(backend: Backend, reference: Maximise) -> Maximise:
        """The M-step, compiled if the back end is and the M-step is plain maximum likelihood."""
        if not isinstance(reference, MaximumLikelihood) or not isinstance(backend, NativeBackend):
            return reference
        plain = isinstance(reference.prior, Flat) and type(reference.bounds) is Bounds
        return NativeMaximumLikelihood(reference) if plain else reference

    BACKENDS = {"native": NativeBackend, **BACKENDS}


def backend_for(choice: object, n_jobs: int | None = None) -> Backend:
    """Return a back end by name ("auto" is the fastest installed one), or the given back end.

    Parameters
    ----------
    choice : {"auto", "native", "numpy"} or Backend
    n_jobs : int or None, default=None
        Threads, for back ends that have several.

    Raises
    ------
    BadInputError
        If there is no such back end.
    """
    if isinstance(choice, str):  # first: to ask whether it is a back end takes long
        if choice == "auto":
            return next(iter(BACKENDS.values()))(n_jobs)
        if choice in BACKENDS:
            return BACKENDS[choice](n_jobs)
    elif isinstance(choice, Backend) and not isinstance(choice, type):
        return choice
    if choice == "native":
        raise BadInputError(
            "backend",
            "'native', which was not compiled",
            f"one of auto, {', '.join(BACKENDS)}",
            "bactrian.show_config() says why, and how to get it.",
            code="bad_choice",
        )
    raise BadInputError(
        "backend",
        repr(choice),
        f"one of auto, {', '.join(BACKENDS)}, or a Backend",
        code="bad_choice",
    )
