"""Draws from the exact posterior, asked for with an estimator's settings."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning

from bactrian.backends.protocol import Draws
from bactrian.bayes.draws.posterior_draws import PosteriorDraws
from bactrian.bayes.sampling.run import Observe, Plan, run
from bactrian.bayes.sampling.state import Target
from bactrian.bayes.sampling.weights import FinitePrior, PartitionPrior, ProcessPrior
from bactrian.core.mstep.variational import VariationalBayes
from bactrian.errors import BadInputError, FitInterrupted
from bactrian.estimators.asking import asked
from bactrian.estimators.bayesian_mixture import BayesianGaussianMixture
from bactrian.estimators.validation import check_callback, check_integer, check_seed
from bactrian.machine.blas import one_blas_thread

CONCENTRATION = 1.0  # of a process


def sample_posterior(
    X: Any,
    n_components: int | None = None,
    covariance_type: str = "full",
    *,
    weight_concentration_prior: float | None = None,
    mean_precision_prior: float | None = None,
    mean_prior: npt.ArrayLike | None = None,
    degrees_of_freedom_prior: float | None = None,
    covariance_prior: npt.ArrayLike | None = None,
    n_draws: int = 1000,
    n_chains: int = 4,
    n_warmup: int | None = None,
    thin: int = 1,
    random_state: int | np.random.RandomState | None = None,
    backend: Any = "auto",
    n_jobs: int | None = None,
    callback: Observe | None = None,
) -> PosteriorDraws:
    """Draw from the exact posterior of a Gaussian mixture.

    Blocked Gibbs sampling [1]_: weights, means and precisions are drawn given which rows are of
    which component, then the component of each row given these. Before each sweep a cluster is
    split, or two are merged, with parameters integrated out, if Metropolis and Hastings accept it
    [2]_: so the number of components that hold rows changes at once. Chains begin with all rows in
    one component (the first), or in several around rows at random. The priors are those of
    :class:`~bactrian.BayesianGaussianMixture`.

    Parameters
    ----------
    X : array-like or data frame of shape (n_samples, n_features)
        Complete.
    n_components : int, default=None
        K, of which some may hold no rows. None: a Dirichlet process, which has as many as the rows
        call for.
    covariance_type : {"full", "tied", "diag", "spherical", "EII", "EEI"}, default="full"
    weight_concentration_prior : float, default=None
        The larger, the more components hold rows. None: 1 / K, or 1 for a process.
    mean_precision_prior, mean_prior, degrees_of_freedom_prior, covariance_prior
        As of :class:`~bactrian.BayesianGaussianMixture`.
    n_draws : int, default=1000
        Of each chain.
    n_chains : int, default=4
        At least 2, to compare them.
    n_warmup : int, default=None
        Steps of each chain before the first draw. None: half as many as the steps that follow.
    thin : int, default=1
        Steps from draw to draw: labels take a byte a row and draw.
    random_state : int, RandomState or None, default=None
        The same seed gives the same draws, on any number of threads.
    backend : {"auto", "native", "numpy"} or Backend, default="auto"
    n_jobs : int, default=None
        Threads. None for one.
    callback : callable, default=None
        Told a :class:`~bactrian.bayes.SampleInfo` after each step; the chains end with what they
        have if it returns True.

    Returns
    -------
    PosteriorDraws

    Raises
    ------
    BadInputError
        If a parameter or the data cannot be used.
    FitInterrupted
        On Ctrl-C; its result is the :class:`PosteriorDraws` so far, or None.

    Warns
    -----
    ConvergenceWarning
        If the chains disagree: R-hat [3]_ above 1.05.

    References
    ----------
    .. [1] Ishwaran, H. and James, L. F. (2001). Gibbs sampling methods for stick-breaking priors.
       J. Am. Stat. Assoc. 96, 161-173.
    .. [2] Jain, S. and Neal, R. M. (2004). A split-merge Markov chain Monte Carlo procedure for
       the Dirichlet process mixture model. J. Comput. Graph. Stat. 13, 158-182.
    .. [3] Vehtari, A. and others (2021). Rank-normalization, folding, and localization: an
       improved R-hat. Bayesian Anal. 16, 667-718.

    Examples
    --------
    >>> import numpy as np
    >>> from bactrian import sample_posterior
    >>> X = np.r_[0:10, 100:110].reshape(-1, 1) / 10
    >>> draws = sample_posterior(X, 3, n_draws=200, n_chains=2, random_state=0)
    >>> draws.partition().n_clusters
    2
    """
    plan = _plan(n_draws, n_chains, n_warmup, thin)
    check_callback(callback)
    random = check_seed(random_state)
    kind, concentration = "dirichlet_distribution", weight_concentration_prior
    if n_components is None:
        kind = "dirichlet_process"
        concentration = CONCENTRATION if concentration is None else concentration
    asking = BayesianGaussianMixture(
        1 if n_components is None else n_components,
        covariance_type=covariance_type,
        weight_concentration_prior_type=kind,
        weight_concentration_prior=concentration,
        mean_precision_prior=mean_precision_prior,
        mean_prior=mean_prior,
        degrees_of_freedom_prior=degrees_of_freedom_prior,
        covariance_prior=covariance_prior,
        backend=backend,
        n_jobs=n_jobs,
        missing="error",
    )
    with one_blas_thread():
        rows, estimation = asked(asking, X, None, None, reset=True)
        maximise = estimation.maximise
        assert isinstance(maximise, VariationalBayes)
        prior = maximise.prior
        partitions: PartitionPrior = (
            ProcessPrior(prior.shares.concentration)
            if n_components is None
            else FinitePrior(prior.shares.concentration, n_components)
        )
        target = Target(
            np.ascontiguousarray(rows.X, dtype=np.float64),
            estimation.data.machine.backend,
            prior,
            partitions,
        )
        if not isinstance(target.held, Draws):
            raise BadInputError("backend", repr(backend), "one that draws components")
        entropy = [int(word) for word in random.randint(0, 2**32, size=4, dtype=np.uint64)]
        settings = {
            "n_components": n_components,
            "covariance_type": prior.structure.name,
            "weight_concentration_prior": prior.shares.concentration,
            "mean_precision_prior": prior.mean_precision,
            "degrees_of_freedom_prior": prior.dof,
        }
        seeds = np.random.SeedSequence(entropy).spawn(plan.n_chains)
        names = estimation.data.feature_names
        found, interrupted = run(target, plan, seeds, callback, names, settings)
    if interrupted:
        raise FitInterrupted(found)
    if found is None:
        raise BadInputError("callback", "True before the first draw", "called until there is one")
    for said in found.warnings:
        warnings.warn(said, ConvergenceWarning, stacklevel=2)
    return found


def _plan(n_draws: Any, n_chains: Any, n_warmup: Any, thin: Any) -> Plan:
    """Check how many draws there are to be.

    Raises
    ------
    BadInputError
    """
    n_draws, thin = check_integer("n_draws", n_draws, 1), check_integer("thin", thin, 1)
    if n_warmup is None:
        n_warmup = max(1, n_draws * thin // 2)
    n_warmup = check_integer("n_warmup", n_warmup, 1, "None, or ")
    return Plan(n_draws, check_integer("n_chains", n_chains, 2), n_warmup, thin)
