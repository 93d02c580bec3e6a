"""What is to be fitted, and how."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bactrian.web.schema.values import Auto, Id, Many, Name, Value, Whole


class Settings(Value):
    """How to fit: parameters of bactrian.GaussianMixture, and whether on z-scores."""

    n_components: Whole = 2
    max_iter: Whole = 100
    tol: float = 1e-4
    covariance_type: str = "full"
    init_params: str = "auto"
    n_init: Whole | Auto = "auto"
    means_init: Many[Many[float]] | None = None
    seed: Whole = 0
    stopping: str = "auto"
    acceleration: str = "none"
    reg_covar: float | Auto = "auto"
    equal_weights: bool = False
    prior: Literal["none", "default"] = "none"
    missing: str = "em"
    noise: bool = False
    family: str = "gaussian"
    standardize: bool = False


class RowsToFit(Value):
    """Rows to fit: all columns of numbers if none are named; `weights` is a column of weights."""

    dataset: Id
    columns: Many[Name] | None = None
    weights: Name | None = None


class FitRequest(RowsToFit):
    """One mixture to fit."""

    settings: Settings = Settings()


class SearchRequest(RowsToFit):
    """Mixtures to fit and to compare; the rest of the settings is the same for all."""

    n_components: Many[Whole] = Field(default=[1, 2, 3, 4, 5, 6], min_length=1, max_length=50)
    covariance_types: Many[str] = Field(default=["full"], min_length=1, max_length=14)
    criterion: Literal["bic", "aic", "icl"] = "bic"
    settings: Settings = Settings()
