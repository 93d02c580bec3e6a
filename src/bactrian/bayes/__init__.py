"""Posteriors as values: what they say of parameters and of new rows."""

from bactrian.bayes.conjugate import (
    Dirichlet,
    NormalInverseWishart,
    NormalMean,
    NormalParameters,
)

__all__ = ["Dirichlet", "NormalInverseWishart", "NormalMean", "NormalParameters"]
