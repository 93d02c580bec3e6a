"""The native back end: the E-step in C++, on all cores."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import final

import numpy as np

from bactrian import _native
from bactrian.backends.numpy_backend import NumpyBackend
from bactrian.backends.protocol import RowResults, Rows
from bactrian.backends.threads import thread_count
from bactrian.core.arrays import FloatArray, seal
from bactrian.core.density import responsibilities
from bactrian.core.errors import BadInputError
from bactrian.core.parameters import Parameters
from bactrian.core.statistics import SufficientStats
from bactrian.data.source import Chunk

VARIABLE = "BACTRIAN_ISA"
MANY = 2**20  # numbers in rows of float32 from which on they are worked on in float32
# Standard deviations and weights with which float32 has room for weighted squares.
SMALLEST, LARGEST = 1e-10, 1e10


def path_in_use(environment: str | None) -> str:
    """Instruction set by the value of BACTRIAN_ISA: the best that this machine has by default.

    Raises
    ------
    BadInputError
        If this machine has no such one, or it was not compiled.
    """
    paths = _native.paths()
    if not environment:
        return paths[0]
    if environment not in paths:
        raise BadInputError(VARIABLE, repr(environment), f"one of {', '.join(paths)}", "Unset it.")
    return environment


@final
class NativeBackend:
    """Fused E-step, compiled for several instruction sets.

    Rows of float32, if they are many, are worked on in float32, block by block, and summed in
    float64. The result is the same, to the last bit, on any number of threads.

    Parameters
    ----------
    n_jobs : int or None, default=None
        Threads (see :func:`~bactrian.backends.threads.thread_count`).
    path : str or None, default=None
        Instruction set, one of ``bactrian._native.paths()``; by default what the environment
        variable BACTRIAN_ISA names, or the best.
    """

    def __init__(self, n_jobs: int | None = None, path: str | None = None) -> None:
        self.n_threads = thread_count(n_jobs)
        self.path = path_in_use(path or os.environ.get(VARIABLE))

    def accumulate(
        self, chunks: Iterable[Chunk], parameters: Parameters, origin: FloatArray | None = None
    ) -> SufficientStats:
        origin = parameters.means if origin is None else origin
        total = None
        for whole in chunks:
            if parameters.dof is not None or whole.plausibility is not None:
                parts = iter([NumpyBackend().accumulate([whole], parameters, origin)])
            else:
                parts = (
                    self._statistics(chunk, parameters, origin)
                    for chunk in _in_reach(whole, parameters)
                )
            for stats in parts:
                total = stats if total is None else total + stats
        return SufficientStats.zeros(parameters.structure, origin) if total is None else total

    def _statistics(
        self, chunk: Chunk, parameters: Parameters, origin: FloatArray
    ) -> SufficientStats:
        means, factors, form = _terms(parameters)
        resp_sum = np.empty(len(means))
        first, second = np.empty(means.shape), np.empty(factors.shape)
        weights = chunk.sample_weight
        log_likelihood, weight, lost = _native.accumulate(
            self.path,
            chunk.X,
            None if weights is None else np.ascontiguousarray(weights, dtype=np.float64),
            form,
            means,
            np.ascontiguousarray(_padded(origin, parameters)),
            factors,
            log_constants(parameters),
            self.n_threads,
            resp_sum,
            first,
            second,
        )
        single = chunk.X.dtype == np.float32
        if lost or (single and not np.isfinite(second).all()):
            # The reference knows where rows of density 0 belong, and has room for all squares.
            return NumpyBackend().accumulate([chunk], parameters, origin)
        if parameters.noise is not None:
            resp_sum, first = resp_sum[:-1], first[:-1]
            second = parameters.structure.pooled(second[:-1])
        seal(resp_sum, first, second)
        return SufficientStats(
            parameters.structure,
            origin,
            resp_sum,
            first,
            second,
            log_likelihood,
            weight,
            len(chunk.X),
        )

    def evaluate(self, X: Rows, parameters: Parameters, *wanted: str) -> RowResults:
        if parameters.dof is not None:
            return NumpyBackend().evaluate(X, parameters, *wanted)
        results = RowResults.empty(X, parameters.n_terms, wanted)
        begin = 0
        for chunk in _in_reach(Chunk(X, None), parameters):
            part = results.part(slice(begin, begin + len(chunk.X)))
            begin += len(chunk.X)
            if chunk.X.dtype == X.dtype:
                self._write(chunk.X, parameters, part)
            else:
                exact = RowResults.empty(chunk.X, parameters.n_terms, wanted)
                self._write(chunk.X, parameters, exact)
                part.take_from(exact)
        return results

    def _write(self, X: Rows, parameters: Parameters, results: RowResults) -> None:
        means, factors, form = _terms(parameters)
        lost = _native.evaluate(
            self.path,
            X,
            form,
            means,
            factors,
            log_constants(parameters),
            self.n_threads,
            results.log_density,
            results.resp,
            results.labels,
        )
        if lost:
            rows = results.missing()
            values = np.asarray(X[rows], dtype=np.float64)
            results.fill(rows, *responsibilities(values, parameters))


def _in_reach(chunk: Chunk, parameters: Parameters) -> Iterator[Chunk]:
    """The chunk as the kernel can read it, copied piece by piece if need be."""
    X = chunk.X
    if X.dtype == np.float32 and X.size < MANY:
        X = X.astype(np.float64)
    whole = all(stride % X.itemsize == 0 for stride in X.strides) and X.flags.aligned
    single = X.dtype == np.float32
    if whole and X.dtype.isnative and (not single or _has_room(parameters, chunk)):
        yield Chunk(X, chunk.sample_weight)
    else:
        for piece in Chunk(X, chunk.sample_weight).cut():
            values = np.require(piece.values, requirements="A")
            yield Chunk(values, piece.sample_weight)


def _has_room(parameters: Parameters, chunk: Chunk) -> bool:
    """Whether float32 has room for weighted squares."""
    factors = parameters.precisions_cholesky
    scales = np.diagonal(factors, axis1=1, axis2=2) if factors.ndim == 3 else factors
    weight = 1.0 if chunk.sample_weight is None else chunk.sample_weight.max(initial=0.0)
    sizes = np.array([scales.min(), scales.max(), weight])
    return bool(((sizes >= SMALLEST) & (sizes <= LARGEST)).all())


def _terms(parameters: Parameters) -> tuple[FloatArray, FloatArray, str]:
    """Means, factors and form of all terms: noise is a component of no precision."""
    factors, form = parameters.precisions_cholesky, parameters.structure.form
    if parameters.noise is not None:
        factors = parameters.factors()
        factors = np.concatenate([factors, np.zeros_like(factors[:1])])
        form = "full" if form == "tied" else form
    means = _padded(parameters.means, parameters)
    return np.ascontiguousarray(means), np.ascontiguousarray(factors), form


def _padded(places: FloatArray, parameters: Parameters) -> FloatArray:
    """Places of the components, and any for the noise."""
    return places if parameters.noise is None else np.concatenate([places, places[:1]])


def log_constants(parameters: Parameters) -> FloatArray:
    """Log of the weight times the greatest density of each term, (n_terms,)."""
    n_components, n_features = parameters.means.shape
    result = np.empty(parameters.n_terms)
    _native.log_constants(
        parameters.structure.form,
        n_features,
        parameters.weights,
        parameters.precisions_cholesky,
        result[:n_components],
    )
    if parameters.noise is not None:
        result[n_components:] = parameters.log_weights[-1] + parameters.noise_log_density
    return result
