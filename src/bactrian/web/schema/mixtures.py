"""Mixtures, and the way to one."""

from __future__ import annotations

from bactrian.web.schema.values import Value


class Noise(Value):
    """Uniform noise beside the components, and the corners of its box."""

    weight: float
    log_density: float
    lowest: list[float]
    highest: list[float]


class Mixture(Value):
    """Parameters. Covariances are whole matrices, whatever the structure; of t: scale matrices."""

    weights: list[float]
    means: list[list[float]]
    covariances: list[list[list[float]]]
    noise: Noise | None = None
    dof: list[float] | None = None


class Frame(Value):
    """The mixture after so many iterations, and its log-likelihood.

    On a sample of the rows if `n_rows` is less than all; scaled up to all of them. Two of the same
    iteration: the second is from a search along the slowest direction, which is none.
    """

    iteration: int
    log_likelihood: float
    n_rows: int
    accelerated: bool
    mixture: Mixture


class Frames(Value):
    """The way from the starting values to the result; every `stride`-th step if it was long."""

    stride: int
    frames: list[Frame]
