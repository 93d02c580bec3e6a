"""Evaluate rows under a mixture, with a back end; nothing else above the back ends uses one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bactrian.backends import Backend, backend_for
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.results import RowResults
from bactrian.data.marking import marked
from bactrian.data.source import ArraySource
from bactrian.machine.blas import one_blas_thread
from bactrian.mixture.sampling import NOISE
from bactrian.mixture.scaling import Scaling

ROWS_AT_ONCE = 65_536  # rows that are copied, and scaled, at a time


def evaluated(
    chunk: Chunk, parameters: Parameters, wanted: tuple[str, ...], backend: Backend | None
) -> RowResults:
    """Results for each row, given its observed features.

    Parameters
    ----------
    chunk : Chunk
        In the units of the parameters; with a scaling, marked already.
    parameters : Parameters
    wanted : tuple of {"log_density", "resp", "labels"}
    backend : Backend or None
        None for the fastest that is installed.

    Returns
    -------
    RowResults
        Densities and responsibilities have the type of the rows. The label of noise is -1.
    """
    backend = backend_for("auto") if backend is None else backend
    rows = marked(chunk, parameters.spikes)
    with one_blas_thread():
        found = backend.hold(ArraySource.of(rows)).evaluate(parameters.terms(), *wanted)
    if found.labels is not None:
        found.labels[found.labels == parameters.n_components] = NOISE
    return found


def pieces(chunk: Chunk) -> Iterator[Chunk]:
    """Yield rows as float64, some at a time; without rows, one empty piece."""
    parts = chunk.cut(ROWS_AT_ONCE) if len(chunk.X) else [chunk]
    return (replace(part, X=part.values) for part in parts)


def in_pieces(
    chunk: Chunk,
    parameters: Parameters,
    scaling: Scaling | None,
    wanted: tuple[str, ...],
    backend: Backend | None = None,
) -> RowResults:
    """Results in float64 for rows in units of the data; otherwise as :func:`evaluated`.

    Parameters
    ----------
    chunk : Chunk
    parameters : Parameters
        In the units of `scaling`.
    scaling : Scaling or None
    wanted, backend
        As in :func:`evaluated`.
    """

    def of_piece(rows: Chunk) -> RowResults:
        if scaling is None:
            return evaluated(rows, parameters, wanted, backend)
        piece = marked(rows, parameters.spikes)
        values = piece.values
        scaled = replace(piece, X=scaling.scaled(values))
        found = evaluated(scaled, parameters, wanted, backend)
        if found.log_density is not None:
            whole = piece.complete
            found.log_density[...] -= scaling.log_volume if whole else scaling.log_volumes(values)
        return found

    return RowResults.joined([of_piece(piece) for piece in pieces(chunk)])


def in_units_of_data(
    chunk: Chunk,
    parameters: Parameters,
    scaling: Scaling | None,
    wanted: tuple[str, ...],
    backend: Backend | None,
) -> RowResults:
    """As :func:`in_pieces`; without scaling, in one pass and in the type of the rows."""
    if scaling is None:
        return evaluated(chunk, parameters, wanted, backend)
    return in_pieces(chunk, parameters, scaling, wanted, backend)
