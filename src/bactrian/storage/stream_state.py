"""What ``partial_fit`` has learned, in a model file: a stream goes on with the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np

from bactrian.backends import Backend, maximisation_for
from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import Form
from bactrian.core.mstep.bounds import Bounds
from bactrian.core.mstep.likelihood import Maximise, MaximumLikelihood
from bactrian.core.mstep.pseudo import FLAT, PriorStatistics, PseudoStatistics
from bactrian.core.mstep.ratio import RatioBounds
from bactrian.core.values.chunk import Chunk
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.statistics import SufficientStats, TailStats
from bactrian.errors import DegenerateCovarianceError
from bactrian.fitting.stream import NO_ROWS, Schedule, Stream
from bactrian.fitting.waiting import Waiting
from bactrian.storage.places import DocumentPlace
from bactrian.storage.stream import STREAM

HELD = ("weights", "noise", "means", "covariances", "dof")
CHANGED = "Save the model again from the estimator that learned."

# ---- what is learned, as JSON values


def state_values(state: Waiting | Stream) -> dict[str, Any]:
    """What was learned, as arrays and numbers that have a place in JSON; no rows more."""
    if isinstance(state, Waiting):
        found, rows, steps, fitted = state.found, state.rows, None, state.fitted
    else:
        found, rows, fitted = state.current, state.pending, None
        steps = {
            "seen": state.seen,
            "weight": state.weight,
            "squares": state.squares,
            "recent": _statistics_values(state.recent),
            "average": None
            if state.average is state.recent
            else _statistics_values(state.average),
        }
    return {
        "maximise": None if state.maximise is None else _step_values(state.maximise),
        "current": None if found is None else _parameter_values(found),
        "rows": _row_values(rows),
        "fitted": fitted,
        "steps": steps,
    }


def _row_values(rows: Chunk) -> dict[str, Any]:
    X = np.asarray(rows.X)
    return {
        "X": X.ravel(),
        "dtype": "float32" if X.dtype == np.float32 else "float64",
        "sample_weight": rows.sample_weight,
        "plausibility": _listed(rows.plausibility),
        "complete": rows.complete,
    }


def _parameter_values(found: Parameters) -> dict[str, Any]:
    names = ("weights", "means", "covariances", "precisions_cholesky", "noise", "dof")
    return {name: _listed(getattr(found, name)) for name in names}


def _statistics_values(stats: SufficientStats) -> dict[str, Any]:
    tails = stats.tails
    names = ("origin", "resp_sum", "first", "second")
    return {
        **{name: _listed(getattr(stats, name)) for name in names},
        "log_likelihood": stats.log_likelihood,
        "weight": stats.weight,
        "n_samples": stats.n_samples,
        "scaled_sum": None if tails is None else tails.scaled_sum,
        "log_scale": None if tails is None else tails.log_scale,
    }


def _step_values(step: Any) -> dict[str, Any]:
    bounds, prior = step.bounds, getattr(step, "reference", step).prior
    told: dict[str, Any] = {"ratio": None, "units": None, "prior": None}
    if isinstance(bounds, RatioBounds):
        told |= {"ratio": bounds.ratio, "units": bounds.units}
    if isinstance(prior, PseudoStatistics):
        parts = ("mean", "means", "deviations", "covariances", "weights")
        told["prior"] = {name: _listed(getattr(prior, name)) for name in parts}
    names = ("floor", "ridge", "resolution", "collapsed")
    return {**{n: getattr(bounds, n) for n in names}, **told, "fixed": sorted(step.fixed)}


def _listed(value: Any) -> Any:
    return value.ravel() if isinstance(value, np.ndarray) else value


# ---- and back


def state_of(
    parameters: Parameters, schedule: Schedule, backend: Backend, told: Mapping[str, Any]
) -> tuple[Waiting | Stream, int]:
    """What was learned, and from how many rows; everything is checked.

    Parameters
    ----------
    parameters : Parameters
        The mixture that it belongs to.
    schedule : Schedule
    backend : Backend
        Which compiles the M-step if it can.
    told : mapping
        As :func:`state_values` gives it, in JSON's types, with `n_samples_seen`.

    Raises
    ------
    ModelFileError
        If it does not go with the mixture.
    """
    return _Reader(parameters, backend).state(schedule, told)


class _Reader:
    """Turns checked fields into values that have the shapes of a mixture."""

    def __init__(self, parameters: Parameters, backend: Backend) -> None:
        self.backend = backend
        self.like = parameters
        self.form: Form = parameters.form
        self.size = parameters.means.shape
        self.place = DocumentPlace("the model", 1, "training.stream")

    def state(self, schedule: Schedule, told: Mapping[str, Any]) -> tuple[Waiting | Stream, int]:

        values = STREAM.read(self.place, told)
        rows, steps, seen = self._rows(values["rows"]), values["steps"], values["n_samples_seen"]
        known = values["current"] is not None and values["maximise"] is not None
        step = self._m_step(values["maximise"]) if known else None
        found = self._parameters(values["current"]) if known else None
        if steps is None:
            fitted = values["fitted"]
            return Waiting(rows, schedule, 0 if fitted is None else fitted, found, step), seen
        if step is None or found is None:
            raise self.place.at("steps").error("steps without a mixture", "", CHANGED)
        recent = self._statistics(steps["recent"])
        average = recent
        if steps["average"] is not None:
            average = self._statistics(steps["average"])
        weights = steps["seen"], steps["weight"], steps["squares"]
        return Stream(step, schedule, *weights, recent, average, found, rows), seen

    def _shaped(self, name: str, values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
        count = int(np.prod(shape))
        if values.size != count:
            place = self.place.at(*name.split("."))
            raise place.error(f"a list of {values.size}", f"a list of {count}", CHANGED)
        return values.reshape(shape)

    def _rows(self, told: dict[str, Any]) -> Chunk:
        weights, known = told["sample_weight"], told["plausibility"]
        n, n_features = len(weights), self.size[1]
        X = self._shaped("rows.X", told["X"], (n, n_features)).astype(told["dtype"])
        if n and not weights.min() > 0:
            raise self.place.at("rows", "sample_weight").error("one not above 0", "", CHANGED)
        if known is not None:
            known = self._shaped("rows.plausibility", known, (n, self.like.n_terms))
        return Chunk(X, weights, known, told["complete"]) if n else NO_ROWS

    def _parameters(self, told: dict[str, Any]) -> Parameters:
        shape = self.form.shape(*self.size)
        dof, noise, like = told["dof"], told["noise"], self.like
        for name, own, other in (("dof", dof, like.dof), ("noise", noise, like.noise)):
            if (own is None) != (other is None):
                place = self.place.at("current", name)
                raise place.error("not as in the mixture", "", CHANGED)
        try:
            return Parameters(
                self._shaped("current.weights", told["weights"], self.size[:1]),
                self._shaped("current.means", told["means"], self.size),
                self._shaped("current.covariances", told["covariances"], shape),
                like.structure,
                self._shaped("current.precisions_cholesky", told["precisions_cholesky"], shape),
                None if noise is None else self._shaped("current.noise", noise, (2, self.size[1])),
                None if like.dof is None else self._shaped("current.dof", dof, like.dof.shape),
            )
        except DegenerateCovarianceError as error:
            place = self.place.at("current", "covariances")
            raise place.error("not positive definite", "", CHANGED) from error

    def _statistics(self, told: dict[str, Any]) -> SufficientStats:
        origin = self._shaped("steps.origin", told["origin"], self.size)
        nothing, count = SufficientStats.zeros(self.form, origin), self.size[:1]
        tails, likelihood = None, told["log_likelihood"]
        if told["scaled_sum"] is not None and told["log_scale"] is not None:
            tails = TailStats(
                self._shaped("steps.scaled_sum", told["scaled_sum"], count),
                self._shaped("steps.log_scale", told["log_scale"], count),
            )
        return SufficientStats(
            self.form,
            origin,
            self._shaped("steps.resp_sum", told["resp_sum"], count),
            self._shaped("steps.first", told["first"], self.size),
            self._shaped("steps.second", told["second"], nothing.second.shape),
            -inf if likelihood is None else likelihood,
            told["weight"],
            told["n_samples"],
            tails,
        )

    def _m_step(self, told: dict[str, Any]) -> Maximise:
        width = self.size[1:]
        names = ("floor", "resolution", "collapsed")
        own = {n: self._shaped(f"maximise.{n}", told[n], width) for n in names}
        bounds = Bounds(ridge=told["ridge"], **own)
        if told["ratio"] is not None and told["units"] is not None:
            units = self._shaped("maximise.units", told["units"], width)
            bounds = RatioBounds(ridge=told["ridge"], **own, ratio=told["ratio"], units=units)
        fixed = frozenset(told["fixed"])
        if not fixed <= set(HELD):
            raise self.place.at("maximise", "fixed").error(
                f"{sorted(fixed)}", f"some of {', '.join(HELD)}", CHANGED
            )
        reference = MaximumLikelihood(bounds, fixed, self._prior(told["prior"]))
        return maximisation_for(self.backend, reference)

    def _prior(self, told: dict[str, Any] | None) -> PriorStatistics:
        if told is None:
            return FLAT
        deviations, n_features = told["deviations"], self.size[1]
        shape = (len(deviations) // n_features, n_features)
        return PseudoStatistics(
            self.form,
            self._shaped("maximise.prior.mean", told["mean"], self.size),
            told["means"],
            self._shaped("maximise.prior.deviations", deviations, shape),
            told["covariances"],
            self._shaped("maximise.prior.weights", told["weights"], self.size[:1]),
        )
