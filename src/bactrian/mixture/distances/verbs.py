"""How far a mixture is from another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logsumexp

from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError
from bactrian.mixture.distances.components import log_products
from bactrian.mixture.distances.divergences import (
    Divergence,
    hellinger,
    js,
    kl,
    total_variation,
)
from bactrian.mixture.distances.transport import Transport, transport
from bactrian.mixture.value import MixtureValue
from bactrian.phrases import listed


@dataclass(frozen=True, eq=False, init=False)
class Distances(MixtureValue):
    """A mixture beside others, in units of the data.

    Numbers that have no closed form are by quadrature in one and two dimensions (of two with
    noise, and of more, by randomised quasi-Monte Carlo) and come as a
    :class:`~bactrian.mixture.distances.divergences.Divergence`: value, error, and bounds.
    """

    def kl_divergence(self, other: Any, *, seed: int = 0) -> Divergence:
        """Kullback-Leibler divergence of another mixture from this, in nats.

        ``E[log p(X) - log q(X)]``, X from this mixture: what is lost per row where the other is
        taken for it. 0 if they are equal; not symmetric. In more than two dimensions the upper
        bound is the variational one of Hershey and Olsen (2007, section 8), which holds, as their
        variational approximation does not.

        Parameters
        ----------
        other : Mixture
            With as many columns, of the same names if both have names.
        seed : int, default=0
            Of the quasi-Monte Carlo points.

        Raises
        ------
        BadInputError
            If the columns differ, or there are point masses.
        """
        return kl(*self._both(other), seed)

    def js_divergence(self, other: Any, *, seed: int = 0) -> Divergence:
        """Jensen-Shannon divergence, in nats, from 0 to log 2; symmetric (Lin 1991)."""
        return js(*self._both(other), seed)

    def total_variation(self, other: Any, *, seed: int = 0) -> Divergence:
        """Total variation distance, half the integral of ``|p - q|``, from 0 to 1.

        The largest difference in the probability of any set; 1 minus it is the overlap.
        """
        return total_variation(*self._both(other), seed)

    def hellinger(self, other: Any, *, seed: int = 0) -> Divergence:
        """Hellinger distance ``sqrt(1 - integral of sqrt(p q))``, from 0 to 1."""
        return hellinger(*self._both(other), seed)

    def l2_distance(self, other: Any) -> float:
        """``sqrt(integral of (p - q)^2)``, in closed form; of Gaussians.

        Raises
        ------
        BadInputError
            Also with noise or t distributions.
        """
        p, q = self._gaussians("l2_distance", other)
        logs = [_log_product(*pair) for pair in ((p, p), (q, q), (p, q))]
        top = max(logs)
        own, others, both = (float(np.exp(log - top)) for log in logs)
        return float(np.exp(top / 2) * np.sqrt(max(0.0, own + others - 2 * both)))

    def cauchy_schwarz(self, other: Any) -> float:
        """Cauchy-Schwarz divergence ``-log(int p q / sqrt(int p^2 int q^2))``, in closed form.

        In nats, from 0; of Gaussians (Jenssen and others 2006).
        """
        p, q = self._gaussians("cauchy_schwarz", other)
        own, others, both = (_log_product(*pair) for pair in ((p, p), (q, q), (p, q)))
        return max(0.0, (own + others) / 2 - both)

    def transport(self, other: Any) -> Transport:
        """The best transport to another mixture that moves components as Gaussians.

        Its ``distance`` is MW2 (Delon and Desolneux 2020), a metric of Gaussian mixtures that is
        no smaller than the Wasserstein distance W2, and equal to it for single Gaussians; its
        ``plan`` says how much of which component goes where, and ``move`` takes rows there.
        """
        return transport(*self._gaussians("transport", other))

    # ---- what is compared

    def _both(self, other: Any) -> tuple[Parameters, Parameters]:
        if not isinstance(other, MixtureValue):
            got = f"a {type(other).__name__}"
            raise BadInputError("other", got, "a Mixture", code="bad_choice")
        p, q = self.with_densities(), other.with_densities()
        if p.n_features != q.n_features:
            raise BadInputError(
                "other",
                f"{q.n_features} columns",
                f"of {p.n_features} columns, as the first",
                code="wrong_columns",
            )
        names, others = self.feature_names, other.feature_names
        if names and others and tuple(names) != tuple(others):
            if sorted(names) != sorted(others):
                got, wanted = listed(list(others)), listed(list(names))
                raise BadInputError(
                    "other", f"the columns {got}", f"of the columns {wanted}", code="wrong_columns"
                )
            q = q.marginal(np.array([list(others).index(name) for name in names]))
        return p, q

    def _gaussians(self, verb: str, other: Any) -> tuple[Parameters, Parameters]:
        pair = self._both(other)
        for one in pair:
            if one.dof is not None or one.noise is not None:
                got = "t distributions" if one.dof is not None else "noise"
                raise BadInputError(
                    "other",
                    f"a mixture with {got} for {verb}",
                    "of Gaussians alone, both of them",
                    "kl_divergence, js_divergence, total_variation and hellinger take them.",
                    code="do_not_go_together",
                )
        return pair


def _log_product(p: Parameters, q: Parameters) -> float:
    """Log of the integral of p times q."""
    with np.errstate(divide="ignore"):
        logs = np.log(p.weights)[:, None] + np.log(q.weights)[None]
    return float(logsumexp(logs + log_products(p, q)))
