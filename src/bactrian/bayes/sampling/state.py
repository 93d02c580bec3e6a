"""Where a chain stands: a partition of the rows, and what is known given it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast, final

import numpy as np

from bactrian.backends import Backend
from bactrian.backends.protocol import Draws
from bactrian.bayes.sampling.clusters import Clusters, empty_stats, picked, together
from bactrian.bayes.sampling.weights import PartitionPrior
from bactrian.core.arrays import FloatArray
from bactrian.core.covariance import Form
from bactrian.core.estep.drawing import Drawn, DrawnLabels
from bactrian.core.values.posterior import ConjugatePrior
from bactrian.core.values.statistics import SufficientStats
from bactrian.data.source import ArraySource


@final
@dataclass(frozen=True, eq=False)
class Target:
    """A posterior: rows, and priors of partitions and of clusters.

    Parameters
    ----------
    X : (n_samples, n_features)
        float64, complete.
    backend : Backend
        Of which components can be drawn (:class:`~bactrian.backends.protocol.Draws`).
    prior : ConjugatePrior
        Of means and precisions; its weights do not count.
    partitions : PartitionPrior
    """

    X: FloatArray
    backend: Backend
    prior: ConjugatePrior
    partitions: PartitionPrior

    @property
    def form(self) -> Form:
        """How the precisions are stored, one for each cluster."""
        return self.prior.structure.form.unshared

    @cached_property
    def held(self) -> Draws:
        """All rows."""
        return self.hold(slice(None))

    def hold(self, rows: slice | np.ndarray) -> Draws:
        """Some of the rows, held where the back end works."""
        return cast(Draws, self.backend.hold(ArraySource(self.X[rows], complete=True)))

    def state(self, drawn: Drawn) -> State:
        """The state of labels as they were drawn, in which clusters without rows are dropped."""
        held = drawn.stats.resp_sum > 0
        if held.all():
            return State(self, drawn.labels, drawn.stats)
        number = np.cumsum(held, dtype=np.int32) - 1
        return State(self, number[drawn.labels], picked(drawn.stats, held))


@final
@dataclass(frozen=True, eq=False)
class State:
    """A partition of the rows into clusters, each of which holds some.

    Parameters
    ----------
    target : Target
    labels : (n_samples,) of int
    stats : SufficientStats
        Of the rows of each cluster.
    """

    target: Target
    labels: DrawnLabels
    stats: SufficientStats

    @property
    def sizes(self) -> FloatArray:
        """Rows of each cluster, (n_clusters,)."""
        return self.stats.resp_sum

    @cached_property
    def components(self) -> Clusters:
        """The clusters, and the components without rows that rows may go to."""
        target, n = self.target, self.target.partitions.n_empty(len(self.sizes))
        stats = self.stats
        if n:
            stats = together([stats, empty_stats(target.form, target.prior, n)])
        return Clusters(target.prior, stats)

    @cached_property
    def log_joint(self) -> float:
        """Log of the probability of the partition times the density of the rows, in nats."""
        return self.components.log_marginal() + self.log_prior

    @property
    def log_prior(self) -> float:
        """Log-probability of the partition before rows are seen."""
        return self.target.partitions.log_prior(self.sizes)
