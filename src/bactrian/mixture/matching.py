"""Match the components of one mixture to those of another."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.estep.density import weighted_log_prob
from bactrian.core.values.parameters import Parameters


def matching(reference: Parameters, other: Parameters) -> IntArray:
    """Order that puts the components of a mixture like those of a reference.

    ``other.permuted(order)`` is, of all orders, the one under which rows of the reference that are
    labelled with their components are most likely: the sum over k of
    :func:`expected_log_prob`, each times the weight of k, is largest. Neither units nor the order
    of either mixture matter.

    Parameters
    ----------
    reference, other : Parameters
        With the same number of components, all of weight above 0.

    Returns
    -------
    (n_components,)
    """
    gain = reference.weights[:, None] * expected_log_prob(reference, other)
    return np.asarray(linear_sum_assignment(gain, maximize=True)[1], dtype=np.int64)


def expected_log_prob(reference: Parameters, other: Parameters) -> FloatArray:
    """Expected log of weight times density under each component, for rows of another mixture.

    ``log w_k + log N(m0_j; m_k, S_k) - tr(S_k^-1 S0_j) / 2``. Components are taken for Gaussians:
    of t distributions, those of the same scale matrices.

    Returns
    -------
    (n_components, n_components)
        Rows: the components of `reference`; columns: those of `other`. In nats.
    """
    k, d = other.means.shape
    algebra = other.form.algebra
    gaussians = other.replaced(noise=None, dof=None, spikes=None)
    precisions = algebra.dense(algebra.precisions_of(other.precisions_cholesky), k, d)
    covariances = reference.dense_covariances()
    traces = covariances.reshape(k, d * d) @ precisions.reshape(k, d * d).T
    return weighted_log_prob(reference.means, gaussians.terms()) - traces / 2
