"""All components share one covariance matrix."""

from __future__ import annotations

from typing import final

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance.matrix import MatrixStructure


@final
class Tied(MatrixStructure):
    """``cov = sum_k scatter_k / sum_k resp_sum_k`` (McLachlan & Peel 2000, section 3.2)."""

    name, letters, form = "tied", "EEE", "tied"

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (1, n_features, n_features)

    def public_shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_features, n_features)

    def shares(self, weights: FloatArray) -> FloatArray:
        return weights.sum(keepdims=True)

    def pooled(self, moments: FloatArray) -> FloatArray:
        return moments.sum(axis=0, keepdims=True)

    def maximise(
        self, scatter: FloatArray, resp_sum: FloatArray, previous: FloatArray, n_features: int
    ) -> FloatArray:
        return scatter / resp_sum.sum()
