"""The distribution of some columns given the others, for many rows at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from bactrian.core.arrays import FloatArray, IntArray
from bactrian.core.observation.imputation import Conditional, conditionals, drawn
from bactrian.core.values.family import GAUSSIAN, Family, Student
from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError
from bactrian.mixture.columns.row_quantiles import RowMixtures
from bactrian.mixture.distribution.checks import check_probabilities
from bactrian.mixture.evaluation import ROWS_AT_ONCE
from bactrian.mixture.seeds import Seed, random


@final
@dataclass(frozen=True, eq=False)
class Regression:
    """The distribution of some columns, the targets, given the others in each row.

    That of a row is a mixture with its own weights and means. It is computed when it is asked
    for, some rows at a time.

    Parameters
    ----------
    parameters : Parameters
        Of all columns, in units of the data.
    rows : (n_samples, n_features)
        NaN at the targets, and where a predictor is missing.
    targets : (n_targets,)
        Positions among the columns.
    """

    parameters: Parameters
    rows: FloatArray
    targets: IntArray

    def mean(self) -> FloatArray:
        """Conditional expectation, (n_samples, n_targets): the prediction of least squares.

        Raises
        ------
        BadInputError
            If t distributions have too few degrees of freedom, here and below.
        """
        found = self._empty()
        for rows, part in self._parts():
            self._check_shapes(part, 0.5, "mean")
            found[rows] = np.einsum("nk,knt->nt", part.resp, part.centres)
        return found

    def covariance(self) -> FloatArray:
        """Conditional covariance, (n_samples, n_targets, n_targets)."""
        n_targets = len(self.targets)
        found = np.empty((len(self.rows), n_targets, n_targets))
        for rows, part in self._parts():
            self._check_shapes(part, 1.0, "covariance")
            steps = part.centres - np.einsum("nk,knt->nt", part.resp, part.centres)
            between = np.einsum("nk,kni,knj->nij", part.resp, steps, steps)
            k = self.parameters.n_components
            shares = part.resp[:, :k]
            if part.shapes is not None and part.rates is not None:
                shares = shares * part.rates / (part.shapes - 1)
            found[rows] = between + np.einsum("nk,kij->nij", shares, part.covariances)
            if self.parameters.noise is not None:
                sides = np.diff(self.parameters.noise[:, self.targets], axis=0)[0]
                found[rows] += part.resp[:, -1, None, None] * np.diag(sides**2 / 12)
        return found

    def std(self) -> FloatArray:
        """Conditional standard deviation, (n_samples, n_targets)."""
        return np.sqrt(np.diagonal(self.covariance(), axis1=1, axis2=2))

    def icdf(self, p: npt.ArrayLike) -> FloatArray:
        """Conditional quantiles of each target.

        Parameters
        ----------
        p : float or array-like of shape (n_p,)
            Above 0 and below 1.

        Returns
        -------
        (n_samples, n_targets), or (n_p, n_samples, n_targets)
        """
        levels = check_probabilities("p", p)
        if not ((levels > 0) & (levels < 1)).all():
            got = repr(float(levels.min() if levels.min() <= 0 else levels.max()))
            raise BadInputError("p", got, "above 0 and below 1", code="out_of_range")
        found = np.empty((levels.size, *self._empty().shape))
        for rows, part in self._parts():
            for t in range(len(self.targets)):
                mixtures = self._of_target(part, t)
                for i, level in enumerate(levels.ravel()):
                    found[i, rows, t] = mixtures.quantile(float(level))
        return found[0] if levels.ndim == 0 else found

    def logpdf(self, Y: npt.ArrayLike) -> FloatArray:
        """Conditional log-density of the targets of each row, (n_samples,), in nats.

        Parameters
        ----------
        Y : (n_samples, n_targets), or (n_samples,) of one target
        """
        given = np.asarray(Y, dtype=np.float64).reshape(len(self.rows), -1)
        if given.shape[1] != len(self.targets):
            got, wanted = f"{given.shape[1]} columns", f"of {len(self.targets)} columns"
            raise BadInputError("Y", got, wanted, code="bad_shape")
        found = np.empty(len(self.rows))
        for rows, part in self._parts():
            with np.errstate(divide="ignore"):
                weights = np.log(part.resp)
            found[rows] = logsumexp(weights + self._log_prob(part, given[rows]), axis=1)
        return found

    def sample(self, n_draws: int = 1, random_state: Seed = None) -> FloatArray:
        """Draw the targets of each row, (n_draws, n_samples, n_targets)."""
        repeated = np.tile(self.rows, (n_draws, 1))
        found = drawn(repeated, self.parameters, random(random_state))[:, self.targets]
        return found.reshape(n_draws, *self._empty().shape)

    # ---- how

    def _empty(self) -> FloatArray:
        return np.empty((len(self.rows), len(self.targets)))

    def _parts(self) -> Any:
        """Conditional distributions of the targets alone, some rows at a time."""
        for begin in range(0, len(self.rows), ROWS_AT_ONCE):
            some = self.rows[begin : begin + ROWS_AT_ONCE]
            for part in conditionals(some, self.parameters):
                kept = np.searchsorted(part.missing, self.targets)
                yield (
                    begin + part.rows,
                    Conditional(
                        part.rows,
                        self.targets,
                        part.resp,
                        part.centres[:, :, kept],
                        part.covariances[:, kept[:, None], kept],
                        part.shapes,
                        part.rates,
                    ),
                )

    def _check_shapes(self, part: Conditional, above: float, what: str) -> None:
        if part.shapes is not None and (part.shapes <= above).any():
            k = int(np.flatnonzero((part.shapes <= above).any(axis=0))[0])
            dof = 2 * float(part.shapes[:, k].min())
            wanted = f"above {2 * above:g} with the given columns, for the {what} to exist"
            raise BadInputError(f"dof[{k}]", f"{dof:g} with them", wanted, code="out_of_range")

    def _of_target(self, part: Conditional, t: int) -> RowMixtures:
        k = self.parameters.n_components
        deviations = np.broadcast_to(np.sqrt(part.covariances[:, t, t]), part.resp[:, :k].shape)
        dof = None
        if part.shapes is not None and part.rates is not None:
            dof, deviations = 2 * part.shapes, deviations * np.sqrt(part.rates / part.shapes)
        noise, low, high = np.zeros(len(part.resp)), 0.0, 1.0
        if self.parameters.noise is not None:
            noise = part.resp[:, -1]
            low, high = (float(end) for end in self.parameters.noise[:, self.targets[t]])
        centres = part.centres[:k, :, t].T
        return RowMixtures(part.resp[:, :k], centres, deviations, dof, noise, low, high)

    def _log_prob(self, part: Conditional, Y: FloatArray) -> FloatArray:
        """Log-density of the targets under each term, (n_rows, n_terms)."""
        n_targets = len(self.targets)
        found = np.empty(part.resp.shape)
        for k, covariance in enumerate(part.covariances):
            lower = np.linalg.cholesky(covariance)
            z = np.linalg.solve(lower, (Y - part.centres[k]).T)
            family: Family = GAUSSIAN
            scale = np.ones(len(Y))
            if part.shapes is not None and part.rates is not None:
                family, scale = (
                    Student(2 * part.shapes[:, k]),
                    part.rates[:, k] / part.shapes[:, k],
                )
            volume = n_targets / 2 * np.log(scale) + float(np.log(np.diagonal(lower)).sum())
            fall = family.fall((z * z).sum(axis=0) / scale, n_targets)
            found[:, k] = family.log_greatest(n_targets) - fall - volume
        if self.parameters.noise is not None:
            low, high = self.parameters.noise[:, self.targets]
            inside = ((low <= Y) & (high >= Y)).all(axis=1)
            found[:, -1] = np.where(inside, -np.log(high - low).sum(), -np.inf)
        return found
