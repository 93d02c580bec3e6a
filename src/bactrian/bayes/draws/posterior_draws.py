"""Draws from a posterior as one value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, final

import numpy as np

from bactrian.bayes.conjugate import check_level
from bactrian.bayes.draws.diagnostics import carriers, mean_error, share_error
from bactrian.bayes.draws.losses import Labels
from bactrian.bayes.draws.partitions import PointPartition, co_assignment, point_partition
from bactrian.bayes.draws.relabelling import DrawSummary, Relabelled, draw_summary, matches
from bactrian.core.arrays import FloatArray, IntArray
from bactrian.errors import BadInputError
from bactrian.vocabulary import PARTITION_LOSSES

MOST_ROWS = 20_000  # of which all pairs are held
CARRIED = 10  # draws, by their effective number, that must carry the mean of a probability
AGREED = 1.05  # largest R-hat with which chains are taken to agree


class ComponentCounts(NamedTuple):
    """How probable each number of components that hold rows is.

    Parameters
    ----------
    n_components : (n,) of int
    probability : (n,)
    error : (n,)
        Monte Carlo standard error.
    """

    n_components: IntArray
    probability: FloatArray
    error: FloatArray


@final
@dataclass(frozen=True, eq=False)
class PosteriorDraws:
    """Draws from the exact posterior of a mixture, chain by chain.

    Components without rows are left out, so draws have different numbers of them: K is the
    largest. They come in the order of their first rows; :meth:`relabelled` names them.

    Parameters
    ----------
    labels : (n_chains, n_draws, n_samples) of int
        The component of each row, counted from 0.
    weights : (n_chains, n_draws, K)
        0 where there is no such component. Components without rows have what is left of 1.
    means : (n_chains, n_draws, K, n_features)
        NaN where there is no such component.
    covariances : (n_chains, n_draws, K, ...)
        Of one component, as "full" (D, D), "diag" (D,) or "spherical" () has it; NaN likewise.
    log_likelihood : (n_chains, n_draws)
        Of the parameters, in nats.
    log_joint : (n_chains, n_draws)
        Log of the density of the rows, given the partition, times its prior probability, in nats.
    log_known : (n_chains, n_draws)
        Log-probability of one partition, the same for all, given the parameters.
    log_joint_known : float
        `log_joint` of that partition.
    feature_names : tuple of str
        Empty if the columns have no names.
    n_warmup : int
        Steps of each chain before the first draw.
    settings : dict
        What was asked for: the kind of prior and its numbers.
    """

    labels: Labels
    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    log_likelihood: FloatArray
    log_joint: FloatArray
    log_known: FloatArray
    log_joint_known: float
    feature_names: tuple[str, ...]
    n_warmup: int
    settings: dict[str, Any]

    @property
    def n_chains(self) -> int:
        """Number of chains."""
        return self.labels.shape[0]

    @property
    def n_draws(self) -> int:
        """Draws of each chain."""
        return self.labels.shape[1]

    @property
    def n_samples(self) -> int:
        """Rows of the data."""
        return self.labels.shape[2]

    @cached_property
    def n_components(self) -> IntArray:
        """How many components hold rows, (n_chains, n_draws)."""
        return np.asarray(self.labels.max(axis=2), dtype=np.int64) + 1

    # ---- what is said of partitions

    def component_counts(self) -> ComponentCounts:
        """How probable each number of components that hold rows is, P(K)."""
        values = np.unique(self.n_components)
        events = np.equal(self.n_components[..., None], values)
        return ComponentCounts(values, events.mean(axis=(0, 1)), share_error(events))

    def co_assignment(self) -> FloatArray:
        """How probable it is that two rows are of one component, (n_samples, n_samples).

        Raises
        ------
        BadInputError
            If there are more than 20,000 rows.
        """
        self._check_pairs()
        return co_assignment(self._flat)

    def co_assignment_error(self) -> FloatArray:
        """Monte Carlo standard errors of :meth:`co_assignment`, (n_samples, n_samples)."""
        self._check_pairs()
        found = np.empty((self.n_samples, self.n_samples))
        for i in range(self.n_samples):
            found[i] = share_error(np.equal(self.labels, self.labels[..., i : i + 1]))
        np.fill_diagonal(found, 0.0)
        return found

    def _check_pairs(self) -> None:
        if self.n_samples > MOST_ROWS:
            raise BadInputError(
                "X", f"{self.n_samples} rows", f"at most {MOST_ROWS} for a matrix of all pairs"
            )

    @property
    def _flat(self) -> Labels:
        return self.labels.reshape(-1, self.n_samples)

    def partition(self, loss: str = "vi") -> PointPartition:
        """The partition that minimises the expected loss [1]_.

        Parameters
        ----------
        loss : {"vi", "binder"}, default="vi"
            "vi": variation of information, in bits. "binder": share of the ordered pairs of rows
            that are together in one of two partitions only.

        Raises
        ------
        BadInputError

        References
        ----------
        .. [1] Wade, S. and Ghahramani, Z. (2018). Bayesian cluster analysis: point estimation and
           credible balls. Bayesian Anal. 13, 559-626.
        """
        if loss not in PARTITION_LOSSES:
            wanted = f"one of {', '.join(PARTITION_LOSSES)}"
            raise BadInputError("loss", repr(loss), wanted, code="bad_choice")
        if loss not in self._partitions:
            self._partitions[loss] = point_partition(self._flat, loss)
        return self._partitions[loss]

    @cached_property
    def _partitions(self) -> dict[str, PointPartition]:
        return {}

    # ---- what is said of parameters

    def relabelled(self, loss: str = "vi") -> Relabelled:
        """Parameters of the clusters of the point partition in all draws.

        The components of a draw are matched with these clusters so that the number of rows in
        matched ones is largest. Draws in which a cluster has no match are left out.

        Parameters
        ----------
        loss : {"vi", "binder"}, default="vi"
            Of the point partition.

        Raises
        ------
        BadInputError
            Also if each draw of a chain is left out.
        """
        matched = self._matched(loss)
        missed = matched.min(axis=2) < 0
        n = int((~missed).sum(axis=1).min())
        if n == 0:
            got = "draws of a chain of which none has a match for each cluster of the partition"
            raise BadInputError("n_draws", got, "enough for one in each chain", "Raise n_draws.")
        which = np.stack([np.flatnonzero(~missed[c])[:n] for c in range(self.n_chains)])
        chains = np.arange(self.n_chains)[:, None]
        order = matched[chains, which]
        at = chains[..., None], which[..., None], order
        pivot = self.partition(loss).labels
        kept = n / self.n_draws
        return Relabelled(
            self.weights[at], self.means[at], self.covariances[at], pivot.copy(), kept
        )

    def _matched(self, loss: str) -> IntArray:
        """The component of each draw that is matched with each cluster; -1 without one."""
        pivot = self.partition(loss).labels
        found = np.stack([matches(own, pivot) for own in self._flat.astype(np.int64)])
        return found.reshape(self.n_chains, self.n_draws, -1)

    # ---- whether the chains agree

    def diagnostics(self, level: float = 0.95) -> dict[str, DrawSummary]:
        """Summaries of what no numbering of components changes.

        Parameters
        ----------
        level : float, default=0.95
            Probability of the intervals.

        Returns
        -------
        dict of str to DrawSummary
            Of `log_likelihood`, `log_joint`, `n_components` and `largest_weight`.

        Raises
        ------
        BadInputError
        """
        check_level(level)
        quantities = {
            "log_likelihood": self.log_likelihood,
            "log_joint": self.log_joint,
            "n_components": self.n_components.astype(float),
            "largest_weight": self.weights.max(axis=2),
        }
        return {name: draw_summary(values, level) for name, values in quantities.items()}

    @cached_property
    def disagreement(self) -> tuple[str, float]:
        """The quantity of largest R-hat among :meth:`diagnostics`, and that R-hat."""
        found = {name: float(said.r_hat) for name, said in self.diagnostics().items()}
        name = max(found, key=lambda one: np.nan_to_num(found[one]))
        return name, found[name]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What speaks against trusting the draws; empty if nothing does."""
        name, found = self.disagreement
        if not found > AGREED:
            return ()
        return (
            f"The chains disagree: R-hat of {name} is {found:.3f}, and should be near 1. "
            "Raise n_draws and n_warmup.",
        )

    # ---- the evidence

    @property
    def log_evidence(self) -> float:
        """Log-density of all rows under the prior, in nats (Chib 1995).

        From the posterior probability of one partition, the mean of that given the parameters.
        NaN if the partition has more than 12 clusters, or if so few draws carry the mean that the
        evidence would seem too high.
        """
        return float(self.log_joint_known - self._log_mean) if self._carried else float("nan")

    @property
    def log_evidence_error(self) -> float:
        """Monte Carlo standard error of :attr:`log_evidence`."""
        scaled = np.exp(self.log_known - self._log_mean)
        return float(mean_error(scaled)) if self._carried else float("nan")

    @property
    def _carried(self) -> bool:
        """Whether enough draws carry the mean, by their effective number."""
        return carriers(self.log_known) > min(CARRIED, self.log_known.size / 2)

    @property
    def _log_mean(self) -> float:
        highest = self.log_known.max()
        return float(highest + np.log(np.exp(self.log_known - highest).mean()))

    # ---- for others

    def to_arviz(self, loss: str = "vi") -> Any:
        """The draws for ArviZ, which must be installed.

        The posterior holds `n_components`, and `weights`, `means` and `covariances` of the
        clusters of the point partition, NaN in draws in which one has no match;
        `sample_stats` holds `lp`, which is `log_joint`, and `log_likelihood`.

        Parameters
        ----------
        loss : {"vi", "binder"}, default="vi"

        Returns
        -------
        arviz.InferenceData

        Raises
        ------
        ImportError
        """
        import arviz

        matched = self._matched(loss)
        at = (
            np.arange(self.n_chains)[:, None, None],
            np.arange(self.n_draws)[None, :, None],
            np.maximum(matched, 0),
        )
        posterior: dict[str, Any] = {"n_components": self.n_components}
        for name in ("weights", "means", "covariances"):
            values = getattr(self, name)[at]
            values[matched < 0] = np.nan
            posterior[name] = values
        groups = {
            "posterior": posterior,
            "sample_stats": {"lp": self.log_joint, "log_likelihood": self.log_likelihood},
        }
        if arviz.__version__.startswith("0."):
            return arviz.from_dict(**groups)
        return arviz.from_dict(groups)
