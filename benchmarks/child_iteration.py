"""Child: seconds of one of our iterations, and the rate of matrix products, as threads allow."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from checking import check_same_parameters
from iterations import drawn, enough, per_iteration
from measuring import backend_in_use, seconds
from peers import ours, scikit_learn, start_from
from processes import answer

CHECKED_ROWS = 20_000


def gemm_rate(dtype: str, size: int) -> float:
    """Floating-point operations a second of a matrix product, the best of five."""
    a = np.random.default_rng(0).standard_normal((size, size)).astype(dtype)
    out = np.empty_like(a)
    a.dot(a, out=out)
    return 2 * size**3 / min(seconds(lambda: a.dot(a, out=out)) for _ in range(5))


def measure(
    covariance_type: str,
    shape: tuple[int, int, int],
    dtype: str,
    wanted: float,
    gemm_size: int,
) -> dict[str, Any]:
    mixture = drawn(*shape)
    start = start_from(mixture, covariance_type)
    X = np.ascontiguousarray(mixture.X, dtype=dtype)
    some = X[:CHECKED_ROWS]
    exact = scikit_learn(some.astype(float), start, 2)
    check_same_parameters(ours(some, start, 2), exact, 1e-8 if dtype == "float64" else 1e-3)
    run = partial(ours, X, start)
    before = gemm_rate(dtype, gemm_size)
    taken = per_iteration(run, enough(run, wanted))
    gemm = max(before, gemm_rate(dtype, gemm_size))
    return {"seconds": taken, "gemm": gemm, "backend": backend_in_use()}


if __name__ == "__main__":
    answer(measure)
