"""The mixture of some columns given one value of each of the others."""

from __future__ import annotations

import numpy as np

from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import DIAG, FULL, Form, free
from bactrian.core.observation.imputation import conditionals
from bactrian.core.values.parameters import Parameters


def conditional(parameters: Parameters, row: FloatArray) -> Parameters:
    """The mixture of the missing columns of a row, given those that are there.

    The weights become the responsibilities. A Gaussian remains one, with the mean of its
    regression on the given values (Anderson 2003, theorem 2.5.1); a t distribution remains one
    with ``v + d`` degrees of freedom and its scale times ``(v + q) / (v + d)``, q the squared
    distance of the d given values (Ding 2016). Noise is uniform on the rest of its box.

    Parameters
    ----------
    parameters : Parameters
    row : (n_features,)
        NaN where missing.
    """
    (part,) = conditionals(row[None], parameters)
    covariances, dof = part.covariances, None
    if part.shapes is not None and part.rates is not None:
        dof = 2 * part.shapes[0]
        covariances = covariances * (part.rates[0] / part.shapes[0])[:, None, None]
    form: Form = FULL
    if not parameters.form.correlated:
        form = DIAG
        covariances = np.diagonal(covariances, axis1=1, axis2=2)
    k = parameters.n_components
    return Parameters(
        part.resp[0, :k],
        part.centres[:k, 0],
        covariances,
        free(form),
        noise=None if parameters.noise is None else parameters.noise[:, part.missing],
        dof=dof,
    )
