"""The native back end: the E-step in C++, on all cores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import final

import numpy as np

from bactrian import _native
from bactrian.backends.here import HeldHere
from bactrian.backends.native.advance import advance, image
from bactrian.backends.native.maximisation import NativeMaximumLikelihood
from bactrian.backends.numpy.backend import NumpyKernel
from bactrian.core.arrays import FloatArray, seal
from bactrian.core.em.state import EMState
from bactrian.core.em.stride import Pace
from bactrian.core.estep.density import responsibilities
from bactrian.core.estep.drawing import Drawn
from bactrian.core.mstep.chart import Coordinates
from bactrian.core.mstep.likelihood import Maximise
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.results import Numbers, RowResults
from bactrian.core.values.statistics import SufficientStats
from bactrian.core.values.terms import Terms
from bactrian.data.source import DataSource
from bactrian.errors import BadInputError
from bactrian.machine.threads import thread_count

VARIABLE = "BACTRIAN_ISA"
MANY = 2**20  # numbers in rows of float32 from which on they are worked on in float32
# Standard deviations and weights with which float32 has room for weighted squares.
SMALLEST, LARGEST = 1e-10, 1e10


def path_in_use(environment: str | None) -> str:
    """Instruction set that BACTRIAN_ISA names; by default the best that this machine has.

    Raises
    ------
    BadInputError
        If this machine has no such one, or it was not compiled.
    """
    paths = _native.paths()
    if not environment:
        return paths[0]
    if environment not in paths:
        raise BadInputError(
            VARIABLE,
            repr(environment),
            f"one of {', '.join(paths)}",
            "Unset it.",
            code="bad_choice",
        )
    return environment


@final
class NativeBackend:
    """Fused E-step, compiled for several instruction sets.

    Rows of float32, if they are many, are worked on in float32, block by block, and summed in
    float64. The result is the same, to the last bit, on any number of threads.

    Parameters
    ----------
    n_jobs : int or None, default=None
        Threads (see :func:`~bactrian.machine.threads.thread_count`).
    path : str or None, default=None
        Instruction set, one of ``bactrian._native.paths()``; by default what the environment
        variable BACTRIAN_ISA names, or the best.
    """

    def __init__(self, n_jobs: int | None = None, path: str | None = None) -> None:
        self.n_threads = thread_count(n_jobs)
        self.path = path_in_use(path or os.environ.get(VARIABLE))

    def hold(self, source: DataSource) -> NativeHeld:
        """The rows of a source."""
        return NativeHeld(source, NativeKernel(self.path, self.n_threads))


@final
class NativeHeld:
    """Rows in this process; several steps over them take one call.

    Parameters
    ----------
    source : DataSource
    kernel : NativeKernel
    """

    def __init__(self, source: DataSource, kernel: NativeKernel) -> None:
        self._here, self._kernel = HeldHere(source, kernel), kernel

    def accumulate(self, terms: Terms, origin: FloatArray | None = None) -> SufficientStats:
        """Sufficient statistics of all rows; as :meth:`.Held.accumulate`."""
        return self._here.accumulate(terms, origin)

    def draw(self, terms: Terms, key: int, origin: FloatArray | None = None) -> Drawn:
        """Components drawn for all rows; as :meth:`.Draws.draw`."""
        return self._here.draw(terms, key, origin)

    def evaluate(self, terms: Terms, *wanted: str) -> RowResults:
        """What the mixture says of each row; as :meth:`.Held.evaluate`."""
        return self._here.evaluate(terms, *wanted)

    def advance(self, maximise: Maximise, state: EMState, pace: Pace) -> EMState | None:
        """Several steps over complete rows; see :data:`~bactrian.core.em.stride.Advance`."""
        chunk, kernel = self._doubles, self._kernel
        if chunk is None or not isinstance(maximise, NativeMaximumLikelihood):
            return None
        return advance(kernel.path, kernel.n_threads, chunk, maximise, state, pace)

    def image(
        self, maximise: Maximise, chart: Coordinates, vector: FloatArray
    ) -> FloatArray | None:
        """A step over complete rows; see :data:`~bactrian.core.em.stride.Image`."""
        chunk, kernel = self._doubles, self._kernel
        if chunk is None or not isinstance(maximise, NativeMaximumLikelihood):
            return None
        return image(kernel.path, kernel.n_threads, chunk, maximise, chart, vector)

    @cached_property
    def _doubles(self) -> Chunk | None:
        """All rows as the compiled steps read them; None if some have holes, or float32 stays."""
        chunk = None if self._here.whole is None else _in_doubles(self._here.whole)
        if chunk is None or chunk.X.dtype == np.float32 or not _is_readable(chunk.X):
            return None
        weights = chunk.sample_weight
        if weights is None:
            return chunk
        return replace(chunk, sample_weight=np.ascontiguousarray(weights, dtype=np.float64))


REFERENCE = NumpyKernel()


@final
class NativeKernel:
    """The E-step in C++; the reference does t distributions and extreme values.

    Parameters
    ----------
    path : str
        Instruction set.
    n_threads : int
    """

    def __init__(self, path: str, n_threads: int) -> None:
        self.path, self.n_threads = path, n_threads

    def accumulate(self, chunk: Chunk, terms: Terms, origin: FloatArray) -> SufficientStats:
        if terms.family.has_tails:
            return REFERENCE.accumulate(chunk, terms, origin)
        total: SufficientStats | None = None
        for part in _in_reach(chunk, terms):
            stats = self._statistics(part, terms, origin)
            total = stats if total is None else total + stats
        return SufficientStats.zeros(terms.form, origin) if total is None else total

    def _statistics(self, chunk: Chunk, terms: Terms, origin: FloatArray) -> SufficientStats:
        means, factors, form, constants = _flattened(terms)
        resp_sum = np.empty(len(means))
        first, second = np.empty(means.shape), np.empty(factors.shape)
        weights = chunk.sample_weight
        log_likelihood, weight, lost = _native.accumulate(
            self.path,
            chunk.X,
            None if weights is None else np.ascontiguousarray(weights, dtype=np.float64),
            form,
            means,
            np.ascontiguousarray(terms.background.padded(origin)),
            factors,
            constants,
            self.n_threads,
            resp_sum,
            first,
            second,
        )
        single = chunk.X.dtype == np.float32
        if lost or (single and not np.isfinite(second).all()):
            # The reference knows where rows of density 0 belong, and has room for all squares.
            return REFERENCE.accumulate(chunk, terms, origin)
        if len(terms.background):
            resp_sum, first = resp_sum[:-1], first[:-1]
            second = terms.form.pooled(second[:-1])
        seal(resp_sum, first, second)
        return SufficientStats(
            terms.form, origin, resp_sum, first, second, log_likelihood, weight, len(chunk.X)
        )

    def draw(self, chunk: Chunk, terms: Terms, origin: FloatArray, key: int, first: int) -> Drawn:
        if terms.family.has_tails or len(terms.background):
            return REFERENCE.draw(chunk, terms, origin, key, first)
        X = chunk.X if chunk.X.dtype == np.float64 and _is_readable(chunk.X) else chunk.values
        means, factors, form, constants = _flattened(terms)
        resp_sum = np.empty(len(means))
        first_moments, second = np.empty(means.shape), np.empty(factors.shape)
        labels = np.empty(len(X), dtype=np.int32)
        log_likelihood, weight, lost = _native.draw(
            self.path,
            X,
            form,
            means,
            np.ascontiguousarray(origin),
            factors,
            constants,
            key,
            first,
            self.n_threads,
            labels,
            resp_sum,
            first_moments,
            second,
        )
        if lost:
            return REFERENCE.draw(chunk, terms, origin, key, first)
        seal(resp_sum, first_moments, second)
        stats = SufficientStats(
            terms.form,
            origin,
            resp_sum,
            first_moments,
            second,
            log_likelihood,
            weight,
            len(X),
        )
        return Drawn(stats, labels)

    def evaluate(self, X: Numbers, terms: Terms, results: RowResults) -> None:
        if terms.family.has_tails:
            REFERENCE.evaluate(X, terms, results)
            return
        begin = 0
        for chunk in _in_reach(Chunk(X, None), terms):
            part = results.part(slice(begin, begin + len(chunk.X)))
            begin += len(chunk.X)
            if chunk.X.dtype == X.dtype:
                self._write(chunk.X, terms, part)
            else:
                exact = part.in_type(chunk.X.dtype)
                self._write(chunk.X, terms, exact)
                part.take_from(exact)

    def _write(self, X: Numbers, terms: Terms, results: RowResults) -> None:
        means, factors, form, constants = _flattened(terms)
        lost = _native.evaluate(
            self.path,
            X,
            form,
            means,
            factors,
            constants,
            self.n_threads,
            results.log_density,
            results.resp,
            results.labels,
        )
        if lost:
            rows = results.missing()
            values = np.asarray(X[rows], dtype=np.float64)
            results.fill(rows, *responsibilities(values, terms))


def _in_reach(chunk: Chunk, terms: Terms) -> Iterator[Chunk]:
    """Return the chunk in a layout that the kernel can read, copied by pieces if needed."""
    chunk = _in_doubles(chunk)
    single = chunk.X.dtype == np.float32
    if _is_readable(chunk.X) and (not single or _has_room(terms, chunk)):
        yield chunk
    else:
        for piece in chunk.cut():
            values = np.require(piece.values, requirements="A")
            yield replace(piece, X=values)


def _in_doubles(chunk: Chunk) -> Chunk:
    """The chunk in float64, unless it holds many numbers in float32."""
    if chunk.X.dtype == np.float32 and chunk.X.size < MANY:
        return replace(chunk, X=chunk.X.astype(np.float64))
    return chunk


def _is_readable(X: Numbers) -> bool:
    """Whether the kernel can read the numbers where they lie."""
    whole = all(stride % X.itemsize == 0 for stride in X.strides)
    return whole and X.flags.aligned and X.dtype.isnative


def _has_room(terms: Terms, chunk: Chunk) -> bool:
    """Whether float32 is wide enough for the weighted squares."""
    factors = terms.factors
    scales = np.diagonal(factors, axis1=1, axis2=2) if factors.ndim == 3 else factors
    weight = 1.0 if chunk.sample_weight is None else chunk.sample_weight.max(initial=0.0)
    sizes = np.array([scales.min(), scales.max(), weight])
    return bool(((sizes >= SMALLEST) & (sizes <= LARGEST)).all())


def _flattened(terms: Terms) -> tuple[FloatArray, FloatArray, str, FloatArray]:
    """Means, factors, form and constants of all terms; the background has zero precision."""
    factors, form = terms.factors, terms.form
    if len(terms.background):
        factors = terms.each_factor()
        factors = np.concatenate([factors, np.zeros_like(factors[:1])])
        form = form.unshared
    means = np.ascontiguousarray(terms.background.padded(terms.means))
    return means, np.ascontiguousarray(factors), form.name, terms.all_log_constants
