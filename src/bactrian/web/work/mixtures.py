"""A mixture as the page shows it: full matrices, in the units of the data."""

from __future__ import annotations

from bactrian.core.values.parameters import Parameters
from bactrian.mixture import Mixture
from bactrian.web import schema


def shown(mixture: Mixture) -> schema.Mixture:
    """What the page gets from a mixture."""
    own = mixture.in_original_units()
    noise = None
    if own.noise is not None:
        lowest, highest = own.noise.tolist()
        noise = schema.Noise(
            weight=float(own.term_weights[-1]),
            log_density=float(own.noise_log_density[0]),
            lowest=lowest,
            highest=highest,
        )
    spikes = None
    if own.spikes is not None:
        told = zip(own.spikes.columns, own.spikes.values, own.spikes.shares.T, strict=True)
        spikes = [
            schema.PointMass(column=int(column), value=float(value), shares=shares.tolist())
            for column, value, shares in told
        ]
    return schema.Mixture(
        weights=own.weights.tolist(),
        means=own.means.tolist(),
        covariances=own.dense_covariances().tolist(),
        noise=noise,
        dof=None if own.dof is None else own.dof.tolist(),
        spikes=spikes,
    )


def size_of(parameters: Parameters) -> int:
    """How many numbers the page gets from a mixture."""
    n_components, n_features = parameters.means.shape
    return n_components * (1 + n_features + n_features**2)
