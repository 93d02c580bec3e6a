"""Mixtures, and the steps that lead to them."""

from __future__ import annotations

from bactrian.web.schema.values import Value


class Noise(Value):
    """Uniform noise besides the components, and the corners of its box."""

    weight: float
    log_density: float
    lowest: list[float]
    highest: list[float]


class PointMass(Value):
    """A value of a column, counted from 0, and its probability in each term, noise last.

    One probability for all terms, where the mixture has one column.
    """

    column: int
    value: float
    shares: list[float]


class Mixture(Value):
    """Parameters. Covariances are full matrices for every structure; for t, scale matrices."""

    weights: list[float]
    means: list[list[float]]
    covariances: list[list[list[float]]]
    noise: Noise | None = None
    dof: list[float] | None = None
    spikes: list[PointMass] | None = None


class Frame(Value):
    """The mixture after this number of iterations, and its log-likelihood.

    On a sample of the rows if `n_rows` is less than all; scaled up to all of them. If two have
    the same iteration, the second is from a search along the slowest direction.
    """

    iteration: int
    log_likelihood: float
    n_rows: int
    accelerated: bool
    mixture: Mixture


class Frames(Value):
    """The steps from the starting values to the result; only every `stride`-th of many."""

    stride: int
    frames: list[Frame]
