from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.floating[Any]]

class BuildInfo(TypedDict):
    compiler: str
    compiler_version: str
    cxx_standard: int
    build_type: str
    architecture: str
    optimised: bool

def build_info() -> BuildInfo: ...
def paths() -> list[str]: ...
def accumulate(
    path: str,
    values: Rows,
    weights: Floats | None,
    structure: str,
    means: Floats,
    origins: Floats,
    factors: Floats,
    log_constants: Floats,
    n_threads: int,
    resp_sum: Floats,
    first: Floats,
    second: Floats,
) -> tuple[float, float, int]: ...

MOST_FEATURES: int
MOST_CHARTED: int

def maximise(
    structure: str,
    sharing: str,
    origins: Floats,
    resp_sum: Floats,
    first: Floats,
    second: Floats,
    weight: float,
    bound: Floats,
    ridge: float,
    tolerance: float,
    previous: Floats,
    held_weights: Floats | None,
    weights: Floats,
    means: Floats,
    covariances: Floats,
    factors: Floats,
) -> bool: ...
def advance(
    path: str,
    values: Rows,
    row_weights: Floats | None,
    structure: str,
    sharing: str,
    bound: Floats,
    ridge: float,
    tolerance: float,
    held_weights: Floats | None,
    n_threads: int,
    most: int,
    gain: float,
    to_come: float,
    rival: float,
    racing_after: int,
    trace: list[float],
    log_likelihood: float,
    weight: float,
    resp_sum: Floats,
    first: Floats,
    second: Floats,
    weights: Floats,
    means: Floats,
    covariances: Floats,
    factors: Floats,
    weights_before: Floats,
    means_before: Floats,
    covariances_before: Floats,
    factors_before: Floats,
) -> tuple[list[float], float, float]: ...
def locate(
    base_weights: Floats,
    base_means: Floats,
    base_factors: Floats,
    weights: Floats,
    means: Floats,
    covariances: Floats,
    vector: Floats,
) -> None: ...
def point(
    base_weights: Floats,
    base_means: Floats,
    base_factors: Floats,
    vector: Floats,
    weights: Floats,
    means: Floats,
    covariances: Floats,
    factors: Floats,
) -> bool: ...
def evaluate(
    path: str,
    values: Rows,
    structure: str,
    means: Floats,
    factors: Floats,
    log_constants: Floats,
    n_threads: int,
    log_density: Rows | None,
    resp: Rows | None,
    labels: npt.NDArray[np.int64] | None,
) -> bool: ...
def assign(
    path: str,
    values: Rows,
    weights: Floats | None,
    centres: Floats,
    n_threads: int,
    labels: npt.NDArray[np.int64] | None,
    squared: Floats | None,
    mass: Floats | None,
    first: Floats | None,
) -> float: ...
def approach(
    path: str,
    values: Rows,
    weights: Floats | None,
    centres: Floats,
    squared: Floats,
    n_threads: int,
    closer: Floats,
    potential: Floats,
) -> None: ...
