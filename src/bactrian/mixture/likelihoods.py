"""Likelihoods of rows under a mixture, from which criteria are computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple, cast

import numpy as np
from scipy.special import entr

from bactrian.backends import Backend, backend_for
from bactrian.core.arrays import FloatArray
from bactrian.core.values.chunk import Chunk, pieces
from bactrian.core.values.parameters import Parameters
from bactrian.data.marking import marked
from bactrian.data.source import ArraySource
from bactrian.machine.blas import one_blas_thread
from bactrian.mixture.certainty import Certainty
from bactrian.mixture.evaluation import in_units_of_data
from bactrian.mixture.scaling import Scaling

RESPONSIBILITIES_AT_ONCE = 2**20  # responsibilities that are held at a time


class Likelihoods(NamedTuple):
    """Log-likelihoods of rows under a mixture, in nats, and the total weight of the rows.

    Parameters
    ----------
    log_likelihood : float
        Sum over the rows of weight times log-density.
    weight : float
        Sum of the weights of the rows with any observed value, the n of BIC.
    classification : float
        `log_likelihood` plus ``sum_i w_i log(max_k r_ik)``, r the responsibilities.
    certainty : Certainty
        How certain it is which component the rows are of.
    """

    log_likelihood: float
    weight: float
    classification: float
    certainty: Certainty


def likelihoods(
    chunks: Iterable[Chunk],
    parameters: Parameters,
    scaling: Scaling | None,
    backend: Backend | None,
) -> Likelihoods:
    """Sums over rows, piece by piece; see :meth:`bactrian.Mixture.likelihoods`.

    Where something is known of a row's component, the factors y_k on the weights, its density is
    that of row and label, ``sum_k y_k w_k f_k(x)``: what a fit to both maximises.

    Parameters
    ----------
    chunks : iterable of Chunk
        In units of the data, with weights of at least 0.
    parameters : Parameters
        In the units of `scaling`.
    scaling : Scaling or None
    backend : Backend or None
    """
    log_likelihood = sureness = entropy = total = 0.0
    held, sure = np.zeros((2, parameters.n_terms))
    for piece in pieces(chunks, max(1, RESPONSIBILITIES_AT_ONCE // parameters.n_components)):
        weight = np.ones(len(piece.X)) if piece.sample_weight is None else piece.sample_weight
        seen = np.ones(len(weight), bool) if piece.complete else ~np.isnan(piece.X).all(axis=1)
        kept = (weight > 0) & seen
        total += float(weight[seen].sum())
        wanted = ("log_density", "resp")
        rows = Chunk(piece.values[kept], None, complete=piece.complete)
        found = in_units_of_data(rows, parameters, scaling, wanted, backend)
        resp = cast(FloatArray, found.resp)
        if piece.plausibility is None:
            log_likelihood += float(weight[kept] @ cast(FloatArray, found.log_density))
        else:
            told = replace(rows, sample_weight=weight[kept], plausibility=piece.plausibility[kept])
            log_likelihood += _of_rows_and_labels(told, parameters, scaling, backend)
            resp = _given_labels(resp, piece.plausibility[kept])
        labels, largest = resp.argmax(axis=1), resp.max(axis=1)
        sureness += float(weight[kept] @ np.log(largest))
        entropy += float(weight[kept] @ entr(resp).sum(axis=1))
        held += np.bincount(labels, weight[kept], len(held))
        sure += np.bincount(labels, weight[kept] * largest, len(held))
    certainty = Certainty.of(entropy, held, sure)
    return Likelihoods(log_likelihood, total, log_likelihood + sureness, certainty)


def _of_rows_and_labels(
    rows: Chunk, parameters: Parameters, scaling: Scaling | None, backend: Backend | None
) -> float:
    """Log-likelihood of rows with positive weight, and of what is known of their components."""
    if len(rows.X) == 0:
        return 0.0
    rows = marked(rows, parameters.spikes)
    weights, offset = cast(FloatArray, rows.sample_weight), 0.0
    if scaling is not None:
        offset = float(weights @ (scaling.log_volumes(rows.values)))
        rows = replace(rows, X=scaling.scaled(rows.values))
    with one_blas_thread():
        held = (backend or backend_for("auto")).hold(ArraySource.of(rows))
        return held.accumulate(parameters.terms()).log_likelihood - offset


def _given_labels(resp: FloatArray, plausibility: FloatArray) -> FloatArray:
    """Responsibilities given what is known; what is known, if it contradicts them."""
    joint = resp * plausibility
    total = joint.sum(axis=1, keepdims=True)
    hopeless = total == 0
    joint = np.where(hopeless, plausibility, joint)
    return joint / np.where(hopeless, plausibility.sum(axis=1, keepdims=True), total)
