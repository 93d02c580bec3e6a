"""Starting values when the component of some rows is known."""

from __future__ import annotations

from scipy.optimize import linear_sum_assignment

from bactrian.core.arrays import FloatArray
from bactrian.core.estep.density import responsibilities
from bactrian.core.values.parameters import Parameters


def labelled_means(X: FloatArray, labels: FloatArray) -> FloatArray | None:
    """Means of the rows known to belong to each component; None if one has no such row.

    Parameters
    ----------
    X : (n_samples, n_features)
        Rows whose component is known.
    labels : (n_samples, n_components)
        1 for the component of each, 0 elsewhere; times the weight of the row.
    """
    held = labels.sum(axis=0)
    return (labels.T @ X) / held[:, None] if held.all() else None


def aligned(parameters: Parameters, X: FloatArray, labels: FloatArray) -> Parameters:
    """Number the components of a mixture so that they agree best with the known labels.

    Components are matched by the responsibilities that they take for the rows of each label.
    """
    resp = responsibilities(X, parameters.terms())[1][:, : parameters.n_components]
    _, order = linear_sum_assignment(labels.T @ resp, maximize=True)
    return parameters.permuted(order)
