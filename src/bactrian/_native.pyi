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
def draw(
    path: str,
    values: Rows,
    structure: str,
    means: Floats,
    origins: Floats,
    factors: Floats,
    log_constants: Floats,
    key: int,
    first_row: int,
    n_threads: int,
    labels: npt.NDArray[np.int32],
    resp_sum: Floats,
    first: Floats,
    second: Floats,
) -> tuple[float, float, int]: ...

SHARING: list[str]
MOST_FEATURES: int
MOST_CHARTED: int

def gather(
    values: Floats,
    weights: Floats,
    labels: npt.NDArray[np.int64] | None,
    shares: Floats | None,
    structure: str,
    mass: Floats,
    means: Floats,
    first: Floats,
    second: Floats,
) -> None: ...
def settle(
    structure: str,
    mass: Floats,
    means: Floats,
    second: Floats,
    lowest: Floats,
    place: Floats,
    units: Floats,
    one_row: float,
    to: list[Floats],
) -> bool: ...
def image(
    path: str,
    values: Rows,
    row_weights: Floats | None,
    structure: str,
    sharing: str,
    bound: Floats,
    ridge: float,
    tolerance: float,
    held_weights: Floats | None,
    lowest: Floats,
    n_threads: int,
    base_weights: Floats,
    base_means: Floats,
    base_factors: Floats,
    vector: Floats,
    led: Floats,
) -> bool: ...
def share(
    structure: str,
    sharing: str,
    n_features: int,
    resp_sum: Floats,
    previous: Floats,
    values: Floats,
) -> bool: ...
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

MOST_MOVES: int

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
    lowest: Floats,
    n_threads: int,
    most: int,
    enough: int,
    accelerated: bool,
    gain: float,
    to_come: float,
    due: float,
    rival: float,
    racing_after: int,
    trace: list[float],
    n_plain: int,
    is_plain: bool,
    log_likelihood: float,
    weight: float,
    moments: list[Floats],
    now: list[Floats],
    before: list[Floats],
    base: list[Floats],
    vectors: list[Floats],
    remembered: tuple[float, float, int, bool, bool, bool],
) -> tuple[
    int, list[float], int, bool, float, float, tuple[float, float, int, bool, bool, bool]
]: ...
def locate(
    structure: str,
    sharing: str,
    weights_move: bool,
    base_weights: Floats,
    base_means: Floats,
    base_factors: Floats,
    weights: Floats,
    means: Floats,
    covariances: Floats,
    vector: Floats,
) -> None: ...
def point(
    structure: str,
    sharing: str,
    weights_move: bool,
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
