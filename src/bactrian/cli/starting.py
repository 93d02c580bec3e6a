"""Starting values, given or from a model file, in the units and the structure of the fit."""

from __future__ import annotations

from typing import Any

import click
import numpy as np

from bactrian.core.covariance import CovarianceStructure, covariance_structure
from bactrian.core.values.parameters import Parameters
from bactrian.estimators.table_fit import TableFit
from bactrian.mixture import Mixture, Scaling
from bactrian.phrases import counted


def starting_values(
    start: Mixture, covariance_type: str, scaling: Scaling | None
) -> dict[str, Any]:
    """Parameters of a model as starting values of an estimator.

    Parameters
    ----------
    start : Mixture
    covariance_type : str
        Of the fit. From another structure, the likeliest covariances are taken.
    scaling : Scaling or None
        Of the fit.

    Returns
    -------
    dict
        ``weights_init``, ``means_init`` and ``precisions_init``.
    """
    parameters = start.in_original_units()
    structure = covariance_structure(covariance_type)
    if scaling is not None or parameters.structure.name != structure.name:
        parameters = _converted(parameters, structure, scaling)
    form = structure.form
    public = form.public_shape(*parameters.means.shape)
    precisions = form.algebra.precisions_of(parameters.precisions_cholesky)
    return {
        "weights_init": parameters.weights / parameters.weights.sum(),
        "means_init": parameters.means,
        "precisions_init": precisions.reshape(public),
    }


def check_means(means: tuple[tuple[float, ...], ...], replaced: Any, task: TableFit) -> None:
    """Refuse means with the wrong number of columns or components.

    Parameters
    ----------
    means : tuple of tuple of float
    replaced : (n_components, n_features) or None
        Of the model of --start.
    task : TableFit

    Raises
    ------
    click.UsageError
    """
    width = len(task.rows.names)
    for mean in means:
        if len(mean) != width:
            said = ",".join(f"{value:g}" for value in mean[:5])
            raise click.UsageError(
                f"--start-mean {said} has {counted(len(mean), 'value')}, but there are "
                f"{counted(width, 'column')}."
            )
    if replaced is not None and len(replaced) != len(means):
        raise click.UsageError(
            f"--start-mean is given {counted(len(means), 'time')}, but the model of --start "
            f"has {counted(len(replaced), 'component')}."
        )


def _converted(
    parameters: Parameters, structure: CovarianceStructure, scaling: Scaling | None
) -> Parameters:
    """The mixture in units of `scaling`, with the likeliest covariances of the structure.

    ``cov_k = L_k L_k'`` is a sum of outer products of the columns of L_k, so that the structure
    can take it for the scatter of data.
    """
    means, dense = parameters.means, parameters.dense_covariances()
    if scaling is not None:
        means = scaling.scaled(means)
        dense = dense / np.outer(scaling.scale, scaling.scale)
    share = np.maximum(parameters.weights, 1e-100)  # a component of weight 0 keeps its shape
    roots = np.sqrt(share)[:, None, None] * np.linalg.cholesky(dense)
    columns = [roots[:, :, j] for j in range(parameters.n_features)]
    form = structure.form
    scatter = np.sum([form.outer(column, column) for column in columns], axis=0)
    previous = np.ones(form.shape(*means.shape))
    covariances = structure.maximise(scatter, share, previous, means.shape[1])
    return Parameters(parameters.weights, means, covariances, structure)
