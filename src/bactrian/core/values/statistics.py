"""Sufficient statistics: all that the M-step needs from the data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np

from bactrian.core.arrays import FloatArray, frozen
from bactrian.core.covariance import Form


@final
@dataclass(frozen=True, eq=False)
class TailStats:
    """What the M-step of t distributions needs besides the moments. They add.

    A t distribution is a Gaussian with its precision scaled, row by row, by a hidden u.

    Parameters
    ----------
    scaled_sum : (n_components,)
        ``sum_i r_ik E[u_ik]``.
    log_scale : (n_components,)
        ``sum_i r_ik E[log u_ik - u_ik]``.
    """

    scaled_sum: FloatArray
    log_scale: FloatArray

    def __post_init__(self) -> None:
        for name in ("scaled_sum", "log_scale"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __add__(self, other: TailStats) -> TailStats:
        return TailStats(self.scaled_sum + other.scaled_sum, self.log_scale + other.log_scale)

    def __mul__(self, factor: float) -> TailStats:
        return TailStats(factor * self.scaled_sum, factor * self.log_scale)


@final
@dataclass(frozen=True, eq=False)
class SpikeStats:
    """What the M-step of point masses needs: weights of rows, for each term and value. They add.

    Parameters
    ----------
    at : (n_terms or 1, n_spikes)
        Of rows at the value, by responsibility, or of all.
    observed : (n_terms or 1, n_spikes)
        Of rows in which the value's column is observed.
    silent : float
        Of rows that say nothing of the components: nothing else counts them.
    """

    at: FloatArray
    observed: FloatArray
    silent: float = 0.0

    def __post_init__(self) -> None:
        for name in ("at", "observed"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __add__(self, other: SpikeStats) -> SpikeStats:
        silent = self.silent + other.silent
        return SpikeStats(self.at + other.at, self.observed + other.observed, silent)

    def __mul__(self, factor: float) -> SpikeStats:
        return SpikeStats(factor * self.at, factor * self.observed, factor * self.silent)


@final
@dataclass(frozen=True, eq=False)
class SufficientStats:
    """Moments about an origin, for each component. They add and scale.

    With responsibilities times sample weights ``r_ik`` and origins ``o_k``:
    ``resp_sum = sum_i r_ik``, ``first = sum_i r_ik (x_i - o_k)`` and
    ``second = sum_i r_ik (x_i - o_k)(x_i - o_k)'``. The origin is near the mean, so that the
    covariance ``second / resp_sum - delta delta'`` loses no digits [1]_.

    For t distributions the moments are weighted by ``r_ik E[u_ik]`` (see :class:`TailStats`).
    Times a number, all is as if each row had that weight: so the past is forgotten by and by.

    Parameters
    ----------
    form : Form
    origin : (n_components, n_features)
    resp_sum : (n_components,)
    first : (n_components, n_features)
    second : the form's second moments
    log_likelihood : float
        Sum over samples of weight times log-density, in nats.
    weight : float
        Sum of the sample weights.
    n_samples : int
    tails : TailStats or None
        None for Gaussians.
    spikes : SpikeStats or None
        None without point masses.

    References
    ----------
    .. [1] Chan, T., Golub, G. and LeVeque, R. (1983). Algorithms for computing the sample
       variance. Am. Stat. 37, 242-247.
    """

    form: Form
    origin: FloatArray
    resp_sum: FloatArray
    first: FloatArray
    second: FloatArray
    log_likelihood: float
    weight: float
    n_samples: int
    tails: TailStats | None = None
    spikes: SpikeStats | None = None

    def __post_init__(self) -> None:
        keep = object.__setattr__
        keep(self, "origin", frozen(self.origin))
        keep(self, "resp_sum", frozen(self.resp_sum))
        keep(self, "first", frozen(self.first))
        keep(self, "second", frozen(self.second))

    @property
    def scaled_sum(self) -> FloatArray:
        """Total of the factors that weight the moments, (n_components,)."""
        return self.resp_sum if self.tails is None else self.tails.scaled_sum

    @property
    def weight_of_terms(self) -> float:
        """Sum of the weights of rows that say something of the components, or of noise."""
        return self.weight if self.spikes is None else self.weight - self.spikes.silent

    @property
    def log_scale(self) -> FloatArray:
        """``sum_i r_ik E[log u_ik - u_ik]``, (n_components,)."""
        return self._all_tails.log_scale

    @property
    def _all_tails(self) -> TailStats:
        """The tail statistics; for Gaussians, those with u = 1."""
        return TailStats(self.resp_sum, -self.resp_sum) if self.tails is None else self.tails

    @classmethod
    def zeros(cls, form: Form, origin: FloatArray) -> SufficientStats:
        """Statistics of no data."""
        nothing = np.zeros_like(origin)
        second = form.outer(nothing, nothing)
        return cls(form, origin, np.zeros(len(origin)), nothing, second, 0.0, 0.0, 0)

    @classmethod
    def of(
        cls,
        form: Form,
        X: FloatArray,
        resp: FloatArray,
        origin: FloatArray,
        log_likelihood: float = 0.0,
        weight: float | None = None,
        scale: tuple[FloatArray, FloatArray] | None = None,
    ) -> SufficientStats:
        """Statistics of a chunk.

        Parameters
        ----------
        X : (n_samples, n_features)
        resp : (n_samples, n_components)
            Responsibilities times sample weights.
        origin : (n_components, n_features)
        weight : float, optional
            Of all samples; by default the sum of `resp`.
        scale : (n_samples, n_components) twice, optional
            ``E[u]`` and ``E[log u]`` of t distributions.
        """
        scaled = resp if scale is None else resp * scale[0]
        with np.errstate(over="ignore", invalid="ignore"):  # an origin at 1e160 squares to none
            first = np.stack([scaled[:, k] @ (X - o) for k, o in enumerate(origin)])
            second = form.scatter(X, scaled, origin)
        tails = None
        if scale is not None:
            log_scale = np.einsum("ik,ik->k", resp, scale[1] - scale[0])
            tails = TailStats(scaled.sum(axis=0), log_scale)
        return cls(
            form,
            origin,
            resp.sum(axis=0),
            first,
            second,
            log_likelihood,
            float(resp.sum()) if weight is None else weight,
            len(X),
            tails,
        )

    def __add__(self, other: SufficientStats) -> SufficientStats:
        if not np.array_equal(other.origin, self.origin):
            other = other.recentred(self.origin)
        tails = None
        if self.tails is not None or other.tails is not None:
            tails = self._all_tails + other._all_tails
        spikes = self.spikes
        if other.spikes is not None:
            spikes = other.spikes if spikes is None else spikes + other.spikes
        return SufficientStats(
            self.form,
            self.origin,
            self.resp_sum + other.resp_sum,
            self.first + other.first,
            self.second + other.second,
            self.log_likelihood + other.log_likelihood,
            self.weight + other.weight,
            self.n_samples + other.n_samples,
            tails,
            spikes,
        )

    def __mul__(self, factor: float) -> SufficientStats:
        return replace(
            self,
            resp_sum=factor * self.resp_sum,
            first=factor * self.first,
            second=factor * self.second,
            log_likelihood=factor * self.log_likelihood,
            weight=factor * self.weight,
            tails=None if self.tails is None else self.tails * factor,
            spikes=None if self.spikes is None else self.spikes * factor,
        )

    __rmul__ = __mul__

    def recentred(self, origin: FloatArray) -> SufficientStats:
        """The same statistics about another origin."""
        with np.errstate(over="ignore", invalid="ignore"):
            second = self.second_about(origin)
        return SufficientStats(
            self.form,
            origin,
            self.resp_sum,
            self.first + self.scaled_sum[:, None] * (self.origin - origin),
            second,
            self.log_likelihood,
            self.weight,
            self.n_samples,
            self.tails,
            self.spikes,
        )

    def second_about(self, origin: FloatArray) -> FloatArray:
        """Second moments about an origin shifted by s: ``second + (2 first + n s) s'``."""
        shift = self.origin - origin
        twice = 2 * self.first + self.scaled_sum[:, None] * shift
        return self.second + self.form.outer(twice, shift)

    @property
    def means(self) -> FloatArray:
        """Means of the components, ``origin + first / scaled_sum``; the origin if the sum is 0."""
        held = self.scaled_sum[:, None]
        step = np.divide(self.first, held, out=np.zeros_like(self.first), where=held > 0)
        return self.origin + step
