"""Posteriors as values: what they say of parameters and of new rows."""

from bactrian.bayes.conjugate import (
    Dirichlet,
    NormalInverseWishart,
    NormalMean,
    NormalParameters,
)
from bactrian.bayes.draws.partitions import CredibleBall, PointPartition
from bactrian.bayes.draws.posterior_draws import ComponentCounts, PosteriorDraws
from bactrian.bayes.draws.relabelling import DrawSummary, Relabelled
from bactrian.bayes.sampling.run import SampleInfo

__all__ = [
    "ComponentCounts",
    "CredibleBall",
    "Dirichlet",
    "DrawSummary",
    "NormalInverseWishart",
    "NormalMean",
    "NormalParameters",
    "PointPartition",
    "PosteriorDraws",
    "Relabelled",
    "SampleInfo",
]
