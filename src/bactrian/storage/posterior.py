"""A posterior in what is known of a fit: with the mixture at its means it is whole again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bactrian.core.values.parameters import Parameters
from bactrian.core.values.posterior import CONJUGATE, ConjugatePrior, Posterior
from bactrian.core.values.shares import SHARES, Gamma, Sticks, weight_prior
from bactrian.core.values.wishart import WishartLaw
from bactrian.errors import BadInputError

WANTED = "what a posterior needs besides the mixture at its means"


def posterior_values(posterior: Posterior) -> dict[str, Any]:
    """The counts and the prior, in JSON's types."""
    prior, hyperprior = posterior.prior, posterior.prior.shares.hyperprior
    return {
        "weight_concentration_prior_type": prior.shares.kind,
        "weight_concentration_prior": prior.shares.concentration,
        "weight_concentration_hyperprior": None if hyperprior is None else list(hyperprior),
        "mean_precision_prior": prior.mean_precision,
        "mean_prior": prior.mean.tolist(),
        "degrees_of_freedom_prior": prior.dof,
        "covariance_prior": prior.scale.ravel().tolist(),
        "counts": posterior.counts.tolist(),
        "noise_count": posterior.noise_count,
    }


def posterior_of(parameters: Parameters, training: Mapping[str, Any]) -> Posterior | None:
    """The posterior whose means are these parameters; None if there was no such fit.

    Raises
    ------
    BadInputError
        If what is known of it does not fit the mixture.
    """
    told = training.get("posterior")
    if told is None:
        return None
    structure, n_features = parameters.structure, parameters.n_features
    kind, hyperprior = told["weight_concentration_prior_type"], _hyperprior(told)
    counts, mean = np.array(told["counts"]), np.array(told["mean_prior"])
    scale = np.array(told["covariance_prior"])
    size = n_features**2 if structure.form.correlated else n_features
    numbers = (
        told["weight_concentration_prior"],
        told["mean_precision_prior"],
        told["degrees_of_freedom_prior"] - WishartLaw.of(structure.form, n_features).least_dof,
    )
    fits = (
        structure.letters in CONJUGATE
        and kind in SHARES
        and (hyperprior is None or (kind == Sticks.kind and min(hyperprior) > 0))
        and counts.shape == (parameters.n_components,)
        and mean.shape == (n_features,)
        and scale.shape == (size,)
        and min(*counts, told["noise_count"]) >= 0 < min(numbers)
    )
    if fits and structure.form.correlated:
        scale = scale.reshape(n_features, n_features)
    prior = None
    if fits:
        prior = ConjugatePrior(
            weight_prior(kind, numbers[0], hyperprior),
            mean,
            numbers[1],
            told["degrees_of_freedom_prior"],
            scale,
            structure,
        )
    if prior is None or not np.isfinite(prior.factor).all():
        raise BadInputError("posterior of the model", "other numbers", WANTED)
    return Posterior.of(parameters, counts, told["noise_count"], prior)


def _hyperprior(told: Mapping[str, Any]) -> Gamma | None:
    """That of the concentration; files that are older have none.

    Raises
    ------
    BadInputError
        If it is not two numbers.
    """
    given = told.get("weight_concentration_hyperprior")
    if given is not None and len(given) != 2:
        raise BadInputError("posterior of the model", "other numbers", WANTED)
    return None if given is None else Gamma(*given)
