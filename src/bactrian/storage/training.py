"""What is known of a fit, as JSON, and converted to other units."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from bactrian.errors import BadInputError
from bactrian.mixture import Scaling
from bactrian.storage.kinds import Field, flag, nullable, real, text, whole
from bactrian.storage.nested import listed, record
from bactrian.storage.stream import STREAM

Training = dict[str, Any]

REAL, COUNT = nullable(real()), whole()

TRAINING = (
    Field("n_samples", COUNT, "Rows; those of weight 0 and those without any value are left out."),
    Field("weight", real(), "Sum of the sample weights, the n of BIC."),
    Field(
        "log_likelihood",
        REAL,
        "Sum over the rows of weight times log-density of the data as they were, in nats.",
    ),
    Field(
        "log_posterior",
        REAL,
        "The same plus the log-density of the prior, up to a constant; null without a prior.",
    ),
    Field(
        "evidence_bound",
        REAL,
        "Of a posterior, the lower bound of the log evidence, in nats; null without one.",
    ),
    Field(
        "posterior",
        nullable(
            record(
                Field("weight_concentration_prior_type", text(), "Process or distribution."),
                Field("weight_concentration_prior", real(), "Concentration of the prior."),
                Field(
                    "weight_concentration_hyperprior",
                    nullable(listed(real())),
                    "Shape and rate of its gamma prior if it is learned.",
                    optional=True,
                ),
                Field("mean_precision_prior", real(), "Rows that the prior's mean is worth."),
                Field("mean_prior", listed(real()), "Mean of the prior."),
                Field("degrees_of_freedom_prior", real(), "Rows that the next is worth."),
                Field("covariance_prior", listed(real()), "Scatter of the prior, row by row."),
                Field("counts", listed(real()), "Rows that each component holds."),
                Field("noise_count", real(), "Rows that the noise holds."),
                Field(
                    "empty",
                    nullable(listed(real())),
                    "Probability that each component holds no row; null where it was not asked.",
                    optional=True,
                ),
            )
        ),
        "With the mixture, which is at its means, the posterior; in the units of the mixture.",
    ),
    Field("bic", REAL, "Bayesian information criterion; lower is better."),
    Field("aic", REAL, "Akaike information criterion; lower is better."),
    Field("n_parameters", COUNT, "Free parameters."),
    Field(
        "certainty",
        nullable(
            record(
                Field("relative_entropy", REAL, "1 if each row's is certain; null if K is 1."),
                Field(
                    "probabilities",
                    listed(REAL),
                    "Mean largest probability of the rows of each component, noise last; null "
                    "where there are none.",
                ),
            )
        ),
        "How certain the components of the rows are; null where it was not asked.",
    ),
    Field("n_iter", COUNT, "Iterations of the best start."),
    Field(
        "converged",
        flag(),
        "Whether the fit stopped by its rule, and nothing speaks against convergence.",
    ),
    Field("ending", text(), "Code of why the fit stopped."),
    Field("reason", text(), "The same in words."),
    Field("gain_to_come", REAL, "Mean log-likelihood that more iterations would gain, estimated."),
    Field("score", REAL, "Largest entry of the gradient of the mean log-likelihood."),
    Field("rate", REAL, "Rate of convergence of EM: below 1 at a maximum; null if not examined."),
    Field("tol", real(), "Tolerance of the stopping rule, in nats a sample."),
    Field(
        "objections",
        listed(record(Field("kind", text(), "Code of what it is."), open=True)),
        "What speaks against the fit; the facts of each depend on its kind.",
    ),
    Field("warnings", listed(text()), "The same in words."),
    Field("failures", listed(text()), "Why starts failed."),
    Field(
        "collapses",
        listed(
            record(
                Field("component", COUNT, "Number of the component, from 0."),
                Field("rows", REAL, "Rows that it holds, effectively."),
                Field("smallest_deviation", REAL, "Relative to the columns'."),
            )
        ),
        "Components that are dead or near collapse.",
    ),
    Field("optima_samples", COUNT, "Rows on which the optima were found."),
    Field("every_split", flag(), "Whether the starts were all splits of the rows into groups."),
    Field(
        "optima",
        listed(
            record(
                Field("log_likelihood", REAL, "Sum over these rows, in nats."),
                Field("times", COUNT, "Starts that led to it."),
                Field("shortfall", REAL, "How much lower it is than the best, in nats."),
                Field("distance", REAL, "Largest distance of a mean from that of the best."),
                Field("collapsed", flag(), "Whether a component has collapsed."),
            )
        ),
        "Distinct optima that the starts led to, the best first.",
    ),
    Field("seconds", real(), "Time that all starts took."),
    Field(
        "missing",
        nullable(
            record(
                Field("rows", COUNT, "Rows that were not complete."),
                Field("empty", COUNT, "Rows without any observed value."),
                Field("values", listed(COUNT), "Missing values of each column."),
                Field("observed", listed(real()), "Weight of the rows that have each column."),
            )
        ),
        "What was missing of the rows; null if nothing was.",
    ),
    Field(
        "spikes",
        listed(
            record(
                Field("column", COUNT, "Number of the feature, from 0."),
                Field("value", REAL, "In units of x."),
                Field("share", REAL, "Of the rows in which the feature is observed."),
            )
        ),
        "Point masses, and how many rows were at each.",
    ),
    Field("labelled", COUNT, "Rows of whose component something was known; labels count."),
    Field(
        "trace",
        listed(REAL),
        "Mean log-likelihood at each iteration; with a prior, the log-posterior a unit of weight; "
        "of a posterior the evidence bound.",
    ),
    Field(
        "stream",
        nullable(STREAM),
        "What `partial_fit` has learned and goes on from, in units of x; null without it.",
    ),
    Field(
        "settings",
        record(open=True),
        "Parameters of the estimator, its seed if it was a whole number; no arrays or callbacks.",
    ),
)


def mean_log_volume(training: Mapping[str, Any], scaling: Scaling) -> float:
    """Mean log-density of z minus that of x, for rows that may be incomplete."""
    missing, weight = training.get("missing"), training.get("weight")
    spikes = training.get("spikes") or []
    if not weight or not (missing or spikes):
        return scaling.log_volume
    held = np.full(len(scaling.scale), float(weight))  # rows in which each feature has a density
    if missing:
        held = np.array(missing["observed"], dtype=np.float64)
    shares = np.zeros(len(held))
    np.add.at(shares, [spike["column"] for spike in spikes], [s["share"] for s in spikes])
    return float(np.log(scaling.scale) @ (held * (1 - shares)) / weight)


def in_other_units(training: Mapping[str, Any], log_volume: float) -> Training:
    """The same fit, with likelihoods for data whose log-densities are lower by `log_volume`."""

    def lowered(value: float | None, times: float) -> float | None:
        return None if value is None else value - times * log_volume

    changed = dict(training)
    weight = training.get("weight")
    if weight is None:
        return changed
    posterior = ("log_posterior", weight)  # the prior's density changes by a constant as well
    criteria = (("bic", -2 * weight), ("aic", -2 * weight))
    bound = ("evidence_bound", weight)
    for name, times in (("log_likelihood", weight), posterior, bound, *criteria):
        if name in changed:
            changed[name] = lowered(changed[name], times)
    if "trace" in changed:
        changed["trace"] = [lowered(value, 1.0) for value in changed["trace"]]
    if "optima" in changed:  # they may be those of a sample of the rows
        rows = training.get("n_samples", 0)
        share = training.get("optima_samples", rows) / rows if rows else 1.0
        changed["optima"] = [
            {**optimum, "log_likelihood": lowered(optimum["log_likelihood"], weight * share)}
            for optimum in changed["optima"]
        ]
    return changed


def json_values(value: Any, name: str = "training") -> Any:
    """The same in JSON's types; numbers that are not finite become null.

    Raises
    ------
    BadInputError
        If something has no place in JSON.
    """
    match value:
        case None | bool() | str():
            return value
        case np.generic():
            return json_values(value.item(), name)
        case int():
            return int(value)
        case float():
            return float(value) if isfinite(value) else None
        case Mapping():
            return {str(key): json_values(entry, f"{name}.{key}") for key, entry in value.items()}
        case list() | tuple():
            return [json_values(entry, f"{name}[{i}]") for i, entry in enumerate(value)]
        case np.ndarray():
            return json_values(value.tolist(), name)
    raise BadInputError(name, repr(value)[:80], "text, a number, a list or an object (JSON)")
