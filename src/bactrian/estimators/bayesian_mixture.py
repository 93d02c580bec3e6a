"""The estimator of a posterior: scikit-learn's contract, and the whole evidence bound."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from bactrian.bayes.conjugate import check_level
from bactrian.bayes.predictive import IndependentTails
from bactrian.bayes.summary import PosteriorSummary, probability_empty
from bactrian.core.arrays import FloatArray, RealArray
from bactrian.core.covariance import covariance_structure
from bactrian.core.em import EMInfo
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.posterior import Posterior
from bactrian.core.values.results import RowResults
from bactrian.core.values.shares import SHARES, Gamma
from bactrian.errors import BadInputError
from bactrian.estimators.estimated import EstimatedMixture
from bactrian.estimators.fitted import feature_names_of
from bactrian.estimators.scanned import each_block
from bactrian.estimators.validation import (
    check_choice,
    check_integer,
    check_rows,
    check_sample_weight,
    check_seed,
    check_values,
)
from bactrian.fitting.conjugate import ConjugateChoice, check_conjugate
from bactrian.fitting.estimation import Estimation
from bactrian.fitting.report import FitReport
from bactrian.mixture import Mixture
from bactrian.storage.posterior import posterior_of


class BayesianGaussianMixture(EstimatedMixture):
    """Variational posterior of a Gaussian mixture.

    Takes the place of :class:`sklearn.mixture.BayesianGaussianMixture`: the same parameters,
    attributes and methods. The prior is conjugate; the posterior that maximises the evidence bound
    is sought among those in which components and parameters are independent (Bishop 2006,
    section 10.2). Below, K is ``n_components`` and D ``n_features``.

    Parameters
    ----------
    n_components : int, default=1
        Largest number of components, K: those that are not needed hold no rows.
    covariance_type : {"full", "tied", "diag", "spherical", "EII", "EEI"}, default="full"
        What the covariances have in common, as in :class:`~bactrian.GaussianMixture`; also under
        the letters "VVV", "EEE", "VVI", "VII". The other structures have no conjugate prior.
    tol : float, default=1e-8
        When to stop, in nats a sample of the bound (see `stopping`).
    reg_covar : "auto" or float, default="auto"
        "auto": nothing is added, as the prior keeps covariances away from zero. A number is added
        to all variances after each step; then the bound may fall by as much as that matters.
    max_iter : int, default=1000
    n_init : "auto" or int, default="auto"
        Number of starts; the best is kept. "auto": one of each of three kinds, as the moves find
        what starts miss.
    init_params : {"auto", "kmeans", "k-means++", "random", "random_from_data", \
"sample_variance", "hierarchical", "ward"}, default="auto"
        As in :class:`~bactrian.GaussianMixture`.
    weight_concentration_prior_type : {"dirichlet_process", "dirichlet_distribution"}, \
default="dirichlet_process"
        "dirichlet_process": infinitely many components, of which the first K may hold rows
        [1]_. "dirichlet_distribution": K components.
    weight_concentration_prior : float, default=None
        The larger, the more components hold rows. None: 1 / K.
    weight_concentration_hyperprior : (float, float), default=None
        Shape and rate of a gamma distribution: the concentration of a process is learned, with
        this prior, in place of `weight_concentration_prior` [1]_. None: it is known.
    mean_precision_prior : float, default=None
        Rows that `mean_prior` is worth for each component. None: 1.
    mean_prior : array-like of shape (D,), default=None
        None: the mean of the data.
    degrees_of_freedom_prior : float, default=None
        Rows that `covariance_prior` is worth; above D - 1, or above 0 where covariances are
        diagonal or spherical. None: D.
    covariance_prior : float or array-like, default=None
        Scatter, ``degrees_of_freedom_prior`` times a covariance: (D, D) for "full" and "tied",
        (D,) for "diag" and "EEI", a number for "spherical" and "EII". None: the covariance of the
        data (or its diagonal where it is singular), their variances, or the mean of these.
    random_state : int, RandomState or None, default=None
    warm_start : bool, default=False
        Start from the posterior of the last fit.
    verbose : int, default=0
    verbose_interval : int, default=10
    resp_init : array-like of shape (n_samples,) or (n_samples, K), default=None
        Start from labels 0 to K - 1, or from responsibilities.
    moves : bool, default=True
        Whether the best run is followed by moves: merges, deletes and births of components, each
        kept only if the bound rises [2]_. With more than 20,000 rows, and ``n_init="auto"``, they
        are made on a sample.
    stopping : {"auto", "log_likelihood", "aitken", "parameters"}, default="auto"
    acceleration : {"auto", "anderson", "none"}, default="auto"
    backend : {"auto", "native", "numpy"} or Backend, default="auto"
    n_jobs : int, default=None
    missing : {"em", "error"}, default="em"
        These five as in :class:`~bactrian.GaussianMixture`, with the bound in place of the
        likelihood.
    noise : bool or float, default=False
        Whether there is uniform noise besides the components; its weight has a uniform prior.
    noise_init : float or array-like of bool of shape (n_samples,), default=0.05
    labels : {"auto", "use", "ignore"}, default="auto"
    callback : callable, default=None
        These as in :class:`~bactrian.GaussianMixture`.

    Attributes
    ----------
    weights_, means_ : ndarray of shape (K,), (K, D)
        Posterior means. Those of a process are divided by their sum, as in scikit-learn, and its
        components come by size, unless labels name them.
    covariances_, precisions_, precisions_cholesky_ : ndarray
        ``precisions_`` are posterior means, ``covariances_`` their inverses.
    weight_concentration_ : ndarray of shape (K,), or tuple of two
        Of the Dirichlet distribution, or both shapes of the beta distributions of the sticks.
    mean_precision_ : ndarray of shape (K,)
    degrees_of_freedom_ : ndarray of shape (K,), or float where components share a covariance
    weight_concentration_prior_, mean_precision_prior_, degrees_of_freedom_prior_ : float
        A concentration that is learned has its prior mean here.
    mean_prior_ : ndarray of shape (D,)
    covariance_prior_ : float or ndarray
    posterior_ : Posterior
        All of this as one value.
    predictive_ : Mixture
        Density of a new row, a mixture of t distributions; of ``covariance_type="diag"`` and
        "EEI" there is no such mixture for more than one feature, and ``score_samples`` and
        ``sample`` use products of t distributions.
    mixture_ : Mixture
        The Gaussian mixture at the posterior means.
    lower_bound_ : float
        Lower bound of the log evidence of the data, with all constants, in nats.
    lower_bounds_ : list of float
        The same after each iteration.
    converged_, n_iter_, fit_report_, n_features_in_, feature_names_in_
        As in :class:`~bactrian.GaussianMixture`.

    References
    ----------
    .. [1] Blei, D. M. and Jordan, M. I. (2006). Variational inference for Dirichlet process
       mixtures. Bayesian Anal. 1, 121-143.
    .. [2] Hughes, M. C. and Sudderth, E. B. (2013). Memoized online variational inference for
       Dirichlet process mixture models. NeurIPS 26.

    Examples
    --------
    >>> import numpy as np
    >>> from bactrian import BayesianGaussianMixture
    >>> X = np.r_[0:20, 100:120].reshape(-1, 1) / 10
    >>> bgm = BayesianGaussianMixture(n_components=5, n_init=1, random_state=0).fit(X)
    >>> bgm.posterior_.counts.round(2)
    array([20., 20.,  0.,  0.,  0.])
    """

    # What maximum likelihood has, and a posterior has not.
    fixed = weights_init = means_init = precisions_init = eigenvalue_ratio = spikes = None
    equal_weights = False
    family, dof = "gaussian", "shared"

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        tol: float = 1e-8,
        reg_covar: float | str = "auto",
        max_iter: int = 1000,
        n_init: int | str = "auto",
        init_params: str = "auto",
        weight_concentration_prior_type: str = "dirichlet_process",
        weight_concentration_prior: float | None = None,
        mean_precision_prior: float | None = None,
        mean_prior: npt.ArrayLike | None = None,
        degrees_of_freedom_prior: float | None = None,
        covariance_prior: npt.ArrayLike | None = None,
        random_state: int | np.random.RandomState | None = None,
        warm_start: bool = False,
        verbose: int = 0,
        verbose_interval: int = 10,
        resp_init: npt.ArrayLike | None = None,
        moves: bool = True,
        stopping: str = "auto",
        acceleration: str = "auto",
        backend: Any = "auto",
        n_jobs: int | None = None,
        missing: str = "em",
        noise: bool | float = False,
        noise_init: float | npt.ArrayLike = 0.05,
        labels: str = "auto",
        callback: Callable[[EMInfo], bool | None] | None = None,
        weight_concentration_hyperprior: tuple[float, float] | None = None,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.weight_concentration_prior_type = weight_concentration_prior_type
        self.weight_concentration_prior = weight_concentration_prior
        self.mean_precision_prior = mean_precision_prior
        self.mean_prior = mean_prior
        self.degrees_of_freedom_prior = degrees_of_freedom_prior
        self.covariance_prior = covariance_prior
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.verbose_interval = verbose_interval
        self.resp_init = resp_init
        self.moves = moves
        self.stopping = stopping
        self.acceleration = acceleration
        self.backend = backend
        self.n_jobs = n_jobs
        self.missing = missing
        self.noise = noise
        self.noise_init = noise_init
        self.labels = labels
        self.callback = callback
        self.weight_concentration_hyperprior = weight_concentration_hyperprior

    # ---- estimation

    @property
    def prior(self) -> ConjugateChoice:
        """The prior that the parameters describe, checked.

        Raises
        ------
        BadInputError
        """
        check_conjugate(covariance_structure(self.covariance_type))
        kind = check_choice(
            "weight_concentration_prior_type", self.weight_concentration_prior_type, SHARES
        )
        mean = self.mean_prior
        return ConjugateChoice(
            kind,
            _positive("weight_concentration_prior", self.weight_concentration_prior),
            _positive("mean_precision_prior", self.mean_precision_prior),
            None if mean is None else _vector("mean_prior", mean),
            _positive("degrees_of_freedom_prior", self.degrees_of_freedom_prior),
            self.covariance_prior,
            _hyperprior(self, kind),
        )

    def _warm_start(self, estimation: Estimation) -> Parameters | None:
        found = super()._warm_start(estimation)
        return None if found is None else self.posterior_

    def _keep(self, parameters: Parameters, report: FitReport, dtype: Any) -> None:
        assert isinstance(parameters, Posterior)
        super()._keep(parameters, report, dtype)
        self._know(parameters)
        bounds = [report.weight * bound for bound in report.trace[1:] or report.trace]
        self.lower_bounds_, self.lower_bound_ = bounds, bounds[-1]

    def _know(self, posterior: Posterior) -> None:
        """Set the attributes that say more of a posterior than its means."""
        prior, shapes = posterior.prior, posterior.prior.shares.shapes(posterior.counts)
        self.posterior_ = posterior
        self.weight_concentration_prior_ = prior.shares.concentration
        self.weight_concentration_ = shapes if prior.shares.sorts else shapes[0]
        self.mean_precision_prior_ = prior.mean_precision
        self.mean_precision_ = posterior.mean_precision
        self.mean_prior_ = np.array(prior.mean)
        self.degrees_of_freedom_prior_ = prior.dof
        dof = posterior.degrees_of_freedom
        self.degrees_of_freedom_ = float(dof[0]) if prior.shares_precision else dof
        self.covariance_prior_ = prior.public_scale

    @classmethod
    def from_mixture(cls, mixture: Mixture) -> Self:
        """Make a fitted estimator from a model that has a posterior.

        Parameters
        ----------
        mixture : MixtureModel
            Of a fit of a posterior to columns that were not scaled.

        Raises
        ------
        BadInputError
            If it is another.
        """
        training = getattr(mixture, "training", {})
        posterior = posterior_of(mixture.parameters, training)
        if posterior is None or mixture.scaling is not None:
            got = "one without a posterior" if posterior is None else "one of scaled columns"
            raise BadInputError(
                "mixture", got, "a model that has a posterior, of the data's units"
            )
        found = super().from_mixture(mixture)
        found._know(posterior)
        hyperprior = posterior.prior.shares.hyperprior
        found.weight_concentration_hyperprior = hyperprior
        weight = training.get("weight", 0.0)
        found.lower_bounds_ = [weight * bound for bound in training.get("trace", [])[1:]]
        found.lower_bound_ = training.get("evidence_bound", float("nan"))
        return found

    @classmethod
    def from_sklearn(cls, model: Any) -> Self:
        """There is no posterior in a :class:`sklearn.mixture.GaussianMixture`.

        Raises
        ------
        BadInputError
            Always: scikit-learn's posteriors are fitted anew.
        """
        got = f"a {type(model).__name__} of scikit-learn"
        raise BadInputError("model", got, "one of bactrian", "Fit BayesianGaussianMixture anew.")

    def _n_parameters(self) -> int:
        """Count the free parameters of the components that hold rows."""
        check_is_fitted(self)
        return self.posterior_.n_parameters()

    def posterior_summary(self, level: float = 0.95) -> PosteriorSummary:
        """Posterior means, modes, deviations and central intervals of the parameters.

        Parameters
        ----------
        level : float, default=0.95
            Probability of each interval, between 0 and 1.

        Returns
        -------
        PosteriorSummary
            With `weights` (K,), `means` (K, D), `variances` (K, D), `correlations` (K, D, D) and
            `concentration` (), each with its `mean`, `mode`, `deviation`, `low` and `high`. They
            are those of the variational posterior, which is narrower than the exact one where
            components overlap.

        Raises
        ------
        BadInputError
        """
        check_is_fitted(self)
        return PosteriorSummary(self.posterior_, check_level(level))

    def probability_empty(self, X: Any, sample_weight: npt.ArrayLike | None = None) -> FloatArray:
        """Probability that a component holds none of these rows, (K,).

        The rows are independent in the variational posterior: it is the product over rows of the
        probabilities of other components.

        Parameters
        ----------
        X : array-like or data frame of shape (n_samples, D)
        sample_weight : array-like of shape (n_samples,), default=None
            A row of weight 2 counts twice.
        """
        weights = check_sample_weight(sample_weight, len(X))
        return probability_empty(np.asarray(self.predict_proba(X), float), weights)[
            : len(self.weights_)
        ]

    # ---- what the posterior says of rows

    @property
    def _judge(self) -> Mixture:
        """The posterior, whose terms are expected logarithms."""
        check_is_fitted(self)
        return Mixture.from_parameters(self.posterior_, feature_names=feature_names_of(self))

    def _evaluate(self, X: Any, *wanted: str) -> RowResults:
        judge = self._judge
        rows = check_rows(self, X, reset=False)
        complete, backend = check_values(self, rows), self._backend()
        return judge.evaluate(rows, *wanted, backend=backend, complete=complete)

    @property
    def predictive_(self) -> Mixture:
        """Density of a new row, as a mixture of t distributions.

        Raises
        ------
        AttributeError
            If the variances of several features are independent: a product of t distributions is
            no multivariate one.
        """
        if isinstance(self._predictive, IndependentTails):
            raise AttributeError(
                f"predictive_ is no mixture of t distributions with covariance_type="
                f"{self.covariance_type!r}: score_samples and sample have its products."
            )
        return self._predictive

    @property
    def _predictive(self) -> Mixture | IndependentTails:
        check_is_fitted(self)
        found = self.posterior_.predictive()
        if found.form.shape(1, 2)[1:] == (2,) and found.n_features > 1:
            return IndependentTails(found)
        return Mixture.from_parameters(found, feature_names=feature_names_of(self))

    @each_block
    def score_samples(self, X: Any) -> RealArray:
        """Log of the predictive density of each row (of its observed part), (n_samples,)."""
        predictive = self._predictive
        rows = check_rows(self, X, reset=False)
        complete = check_values(self, rows)
        if isinstance(predictive, IndependentTails):
            return predictive.log_density(np.asarray(rows, np.float64)).astype(rows.dtype)
        backend = self._backend()
        found = predictive.evaluate(rows, "log_density", backend=backend, complete=complete)
        return cast(RealArray, found.log_density)

    def sample(
        self, n_samples: int = 1, *, sort: bool = True, component: int | None = None
    ) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        """Draw rows from the predictive density.

        Parameters and results are those of :meth:`bactrian.GaussianMixture.sample`.
        """
        predictive = self._predictive
        size = check_integer("Invalid value for 'n_samples': it", n_samples, 1)
        source = check_seed(self.random_state)
        return predictive.sample(size, source, sort=sort, component=component)


def _hyperprior(estimator: BayesianGaussianMixture, kind: str) -> Gamma | None:
    """Check the prior of the concentration; None if that is known.

    Raises
    ------
    BadInputError
    """
    name, given = "weight_concentration_hyperprior", estimator.weight_concentration_hyperprior
    if given is None:
        return None
    wanted = "None, or the shape and the rate of a gamma distribution: two numbers above 0"
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadInputError(name, repr(given)[:60], wanted, code="not_a_number") from None
    if values.shape != (2,) or not (np.isfinite(values) & (values > 0)).all():
        raise BadInputError(name, repr(given)[:60], wanted, code="out_of_range")
    if not SHARES[kind].sorts:
        raise BadInputError(
            name,
            f"given with weight_concentration_prior_type={kind!r}",
            "None for it",
            "Only the concentration of a process can be learned.",
            code="do_not_go_together",
        )
    if estimator.weight_concentration_prior is not None:
        raise BadInputError(
            name,
            "given with weight_concentration_prior",
            "given without it",
            "The concentration is known or learned, not both.",
            code="do_not_go_together",
        )
    return Gamma(float(values[0]), float(values[1]))


def _positive(name: str, value: Any) -> float | None:
    """Check a number above 0; None stays None.

    Raises
    ------
    BadInputError
    """
    if value is None:
        return None
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not 0 < float(value) < np.inf:
        raise BadInputError(
            name, repr(value)[:80], "None, or a number above 0", code="out_of_range"
        )
    return float(value)


def _vector(name: str, value: Any) -> FloatArray:
    """Check finite numbers.

    Raises
    ------
    BadInputError
    """
    try:
        numbers = np.atleast_1d(np.asarray(value, dtype=np.float64))
    except (TypeError, ValueError):
        raise BadInputError(name, repr(value)[:60], "numbers", code="not_a_number") from None
    if not np.isfinite(numbers).all():
        raise BadInputError(name, "NaN or infinity", "finite numbers", code="not_finite")
    return numbers
