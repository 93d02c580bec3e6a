"""Draw rows from a mixture."""

from __future__ import annotations

import numpy as np

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError

NOISE = -1  # label of noise


def draw_samples(
    parameters: Parameters,
    n_samples: int,
    random_state: np.random.RandomState,
    *,
    sort: bool = True,
    component: int | None = None,
) -> tuple[FloatArray, IntArray]:
    """Draw components by their weights, then rows as mean plus ``z U^-1``, ``cov^-1 = U U'``.

    Of a t distribution z is divided by the root of a gamma variable of mean 1; noise is drawn from
    its box.

    Parameters
    ----------
    parameters : Parameters
    n_samples : int
    random_state : RandomState
    sort : bool
        Whether rows come in the order of their components, or at random.
    component : int, optional
        The only one to draw from, -1 for noise.

    Returns
    -------
    X : (n_samples, n_features)
    y : (n_samples,)
        Component of each row, -1 for noise.

    Raises
    ------
    BadInputError
        If there is no such component.
    """
    numbers = np.arange(parameters.n_terms)
    numbers[parameters.n_components :] = NOISE
    shares = parameters.term_weights
    if component is not None:
        shares = (numbers == component).astype(np.float64)
        if not shares.any() or isinstance(component, bool):
            wanted = f"a component from 0 to {parameters.n_components - 1}"
            wanted += ", or -1 for noise" if parameters.noise is not None else ""
            raise BadInputError("component", repr(component), wanted)
    counts = random_state.multinomial(n_samples, shares / shares.sum())
    labels = np.repeat(numbers, counts)
    if not sort:
        labels = random_state.permutation(labels)
    z = random_state.standard_normal((n_samples, parameters.n_features))
    X = np.empty_like(z)
    if parameters.noise is not None:
        apart = labels == NOISE
        low, high = parameters.noise
        X[apart] = random_state.uniform(low, high, size=(int(apart.sum()), X.shape[1]))
    for k, factor in enumerate(parameters.factors()):
        own = labels == k
        scale = parameters.family.draw_scales(k, int(own.sum()), random_state)
        z[own] /= np.sqrt(scale)[:, None]
        X[own] = parameters.means[k] + parameters.form.algebra.coloured(z[own], factor)
    return X, labels
