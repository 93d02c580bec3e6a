"""Mixtures of numbers that are given: each argument is checked, and its error names it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from bactrian import BadInputError, Mixture, MixtureModel
from bactrian.mixture import Scaling
from strategies import cases

GOOD = {
    "weights": [0.25, 0.75],
    "means": [[0.0, 1.0], [4.0, 5.0]],
    "covariances": [[[1.0, 0.5], [0.5, 1.0]], [[2.0, 0.0], [0.0, 1.0]]],
}
BOX = [[-1.0, -1.0], [9.0, 9.0]]


@given(cases())
def test_it_is_the_mixture_of_the_same_parameters(case):
    p = case.parameters
    public = p.covariances.reshape(p.form.public_shape(*p.means.shape))
    found = Mixture(p.weights, p.means, public, p.structure.name)
    for name in ("weights", "means", "covariances", "precisions_cholesky"):
        value = getattr(p, name)
        np.testing.assert_array_equal(getattr(found.parameters, name), value, name)
    assert found.parameters.structure is p.structure


def test_all_of_it_at_once():
    scaling = Scaling([0.0, 1.0], [2.0, 3.0])
    found = Mixture(
        [0.2, 0.7],
        GOOD["means"],
        GOOD["covariances"],
        noise=BOX,
        dof=5,
        scaling=scaling,
        feature_names=["a", "b"],
        component_names=["low", None],
    )
    assert found.scaling is scaling
    assert found.feature_names == ("a", "b")
    assert found.component_names == ("low", None)
    assert found.parameters.dof.tolist() == [5.0]
    assert found.parameters.term_weights[-1] == pytest.approx(0.1)
    assert Mixture(**GOOD, dof=[3, 4]).parameters.dof.tolist() == [3.0, 4.0]


def test_it_holds_no_array_of_the_caller():
    means = np.array(GOOD["means"])
    found = Mixture(GOOD["weights"], means, GOOD["covariances"])
    means[0, 0] = 7.0
    assert found.parameters.means[0, 0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        found.parameters.means[0, 0] = 7.0


def test_a_model_is_made_likewise_and_knows_of_no_fit():
    model = MixtureModel(Mixture(**GOOD).parameters)
    assert isinstance(model, MixtureModel)
    assert model.training == {}
    again = MixtureModel.from_json(model.to_json())
    np.testing.assert_array_equal(again.parameters.covariances, model.parameters.covariances)


FAULTS = [
    ({"weights": [0.5, 0.6]}, "weights", r"sum to 1, but got a sum of 1\.1\. Divide them"),
    ({"weights": [0.5, 0.4]}, "weights", r"sum to 1, but got a sum of 0\.9"),
    ({"weights": [1.5, -0.5]}, "weights[1]", r"at least 0, but got -0\.5"),
    ({"weights": [1.0]}, "weights", r"of shape \(2,\), but got the shape \(1,\)"),
    ({"weights": [np.nan, 1.0]}, "weights[0]", "finite, but got nan"),
    ({"weights": ["a", "b"]}, "weights", "an array of numbers"),
    ({"weights": None}, "weights", "an array of numbers"),
    ({"weights": [0.5, 0.6], "noise": BOX}, "weights", r"at most 1, but got a sum of 1\.1"),
    ({"means": [0.0, 1.0]}, "means", r"of shape \(n_components, n_features\)"),
    ({"means": np.empty((0, 2))}, "means", r"got the shape \(0, 2\)"),
    ({"means": [[0.0, 1.0], [2.0]]}, "means", "of lists with unequal lengths"),
    ({"means": [[0.0, 1.0], [np.inf, 0.0]]}, "means[1][0]", "finite, but got inf"),
    ({"covariances": np.eye(2)}, "covariances", r"of shape \(2, 2, 2\), but got the shape \(2"),
    ({"covariances": [1.0, 1.0], "covariance_type": "diag"}, "covariances", r"shape \(2, 2\)"),
    ({"covariances": [[[1, 0.5], [0.4, 1]]] * 2}, "covariances", "symmetric, but got 0.5 and 0.4"),
    ({"covariances": [[[1, 2], [2, 1]]] * 2}, "covariances", r"positive definite.*component 1"),
    (
        {"covariances": [1.0, -1.0], "covariance_type": "spherical"},
        "covariances",
        r"positive definite.*component 2",
    ),
    ({"covariance_type": "round"}, "covariance_type", "one of full, tied, diag, spherical"),
    ({"covariance_type": 3}, "covariance_type", "one of full"),
    ({"noise": [[0, 0], [1, 0]]}, "noise", "a lowest and a higher corner.*in column 2"),
    ({"noise": [0, 1]}, "noise", r"of shape \(2, 2\)"),
    ({"dof": 0}, "dof[0]", r"above 0, but got 0\.0"),
    ({"dof": [1, 2, 3]}, "dof", r"of shape \(2,\)"),
    ({"dof": "many"}, "dof", "an array of numbers"),
    ({"scaling": Scaling([0.0], [1.0])}, "scaling", "of 2 features"),
    ({"feature_names": ["a"]}, "feature_names", "2 different names"),
    ({"feature_names": ["a", "a"]}, "feature_names", "2 different names.*'a' appears more"),
    ({"feature_names": "ab"}, "feature_names", "2 different names"),
    ({"component_names": ["a", "b", "c"]}, "component_names", "2 names.*None stands for"),
    ({"component_names": "ab"}, "component_names", "2 names"),
]


@pytest.mark.parametrize(("changes", "name", "words"), FAULTS)
def test_faults_are_named(changes, name, words):
    with pytest.raises(BadInputError, match=words) as caught:
        Mixture(**{**GOOD, **changes})
    assert caught.value.name == name


def test_names_that_none_has_are_no_names():
    assert Mixture(**GOOD, component_names=[None, None]).component_names == ()


def test_units_do_not_matter_for_what_is_symmetric_and_positive_definite():
    factor = np.diag([1e-9, 1e9])
    covariances = factor @ np.array(GOOD["covariances"]) @ factor
    assert Mixture(GOOD["weights"], GOOD["means"], covariances).parameters.n_features == 2
    covariances[0, 0, 1] *= 1.001
    with pytest.raises(BadInputError, match="symmetric"):
        Mixture(GOOD["weights"], GOOD["means"], covariances)
