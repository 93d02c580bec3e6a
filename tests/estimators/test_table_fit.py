"""A fit as the command line and the calculator do it: names, and what an interruption keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bactrian import GaussianMixture
from bactrian.core.em import EMInfo
from bactrian.estimators.table_fit import InterruptedFitError, TableFit, fit_model
from bactrian.tables.named_rows import NamedRows


def rows_of(*, flat: bool = False) -> NamedRows:
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(size=(60, 2)), rng.normal(3, 1, size=(60, 2))]
    if flat:
        X[:, 1] = 7.0
    return NamedRows(X, ("length", "width"), None, "somewhere")


def stop(info: EMInfo) -> None:
    if info.iteration == 3:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"equal_weights": True},
        {"fixed": "weights", "weights_init": [0.4, 0.6]},
        {"family": "t", "dof": 5.0, "equal_weights": True},
        {"noise": True},
    ],
    ids=lambda settings: "-".join(settings) or "none",
)
def test_an_interrupted_fit_counts_the_parameters_of_a_whole_one(settings):
    everything = {**GaussianMixture(2).get_params(), "random_state": 0, **settings}
    del everything["callback"]
    task = TableFit.of(rows_of(), standardize=False)
    with pytest.raises(InterruptedFitError) as caught:
        fit_model(task, everything, [stop])
    model, whole = caught.value.model, fit_model(task, everything)
    assert model.training["reason"] == "it was interrupted"
    assert model.training["n_parameters"] == whole.training["n_parameters"]
    penalty = model.training["n_parameters"] * np.log(120)
    expected = -2 * model.training["log_likelihood"] + penalty
    assert model.training["bic"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("standardize", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_constant_column_is_warned_of_by_name(weighted, standardize):
    rows = rows_of(flat=True)
    if weighted:  # constant but for rows that count for nothing
        rows.X[:3, 1] = 9.0
        rows = replace(rows, weights=np.r_[np.zeros(3), np.ones(117)])
    task = TableFit.of(rows, standardize=standardize)
    settings = {**GaussianMixture(2).get_params(), "random_state": 0}
    del settings["callback"]
    model = fit_model(task, settings)
    said = [text for text in model.training["warnings"] if "constant" in text]
    expected = "column 'width' is constant; leave it out, because its density is a convention"
    assert said == [expected]
    assert model.feature_names == ("length", "width")
