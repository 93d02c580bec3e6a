"""The estimator: scikit-learn's contract, and a good fit by default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.em import EMInfo
from bactrian.core.mstep.prior import Prior
from bactrian.estimators.partial import LearningMixture


class GaussianMixture(LearningMixture):
    """Gaussian mixture by maximum likelihood.

    Takes the place of :class:`sklearn.mixture.GaussianMixture`: the same parameters, attributes
    and methods, and a better maximum. Below, K is ``n_components`` and D ``n_features``.

    Parameters
    ----------
    n_components : int, default=1
        Number of components, K.
    covariance_type : {"full", "tied", "diag", "spherical"} or three letters, default="full"
        What the covariances have in common. The letters say whether volume, shape and orientation
        are equal (E), variable (V) or the identity (I), as in mclust: "EII", "VII", "EEI", "VEI",
        "EVI", "VVI", "EEE", "VEE", "EVE", "VVE", "EEV", "VEV", "EVV", "VVV". Of these "VVV" is
        "full", "EEE" "tied", "VVI" "diag" and "VII" "spherical". For one feature also "E", "V".
    tol : float, default=1e-7
        When to stop, in nats a sample (see `stopping`).
    reg_covar : "auto" or float, default="auto"
        "auto": no variance, in any direction, falls below 1e-9 of the columns'. The likelihood
        is maximised under that constraint, whatever the units. A number is added to all
        variances after each step, as in scikit-learn; 0 adds nothing.
    max_iter : int, default=1000
        Most iterations of EM for each start; each is a pass over the data.
    n_init : "auto" or int, default="auto"
        Number of starts; the best is kept. "auto": until the best optimum was reached three
        times, but no more than 30. Where the rows are more than 20,000 these run on a sample
        (drawn by position), and the best of them is followed on larger samples, and on all rows.
    init_params : {"auto", "kmeans", "k-means++", "random", "random_from_data", \
"sample_variance", "hierarchical", "ward"}, default="auto"
        Where to start. "auto": "kmeans", "k-means++" and "random_from_data" in turn, so that a
        single start is "kmeans". "kmeans": the clusters of k-means. "k-means++": rows far from
        each other as means, each with the rows nearest to it. "random": responsibilities drawn
        at random. "random_from_data": rows drawn at random as means. "sample_variance": the same,
        with the sample covariance for all and equal weights. "hierarchical" and "ward": the
        groups of model-based agglomeration [1]_, by the criterion of unconstrained covariances
        or by that of equal spheres (Ward's), of at most 2000 rows. They draw nothing: there is
        one start, the same for any seed, and one dendrogram for all K.
    weights_init : array-like of shape (K,), default=None
    means_init : array-like of shape (K, D), default=None
    precisions_init : array-like, default=None
        Starting precisions (inverse covariances), of the shape of ``precisions_``.
    resp_init : array-like of shape (n_samples,) or (n_samples, K), default=None
        Start from labels 0 to K - 1, or from responsibilities: with the M-step of the model on
        these, or near it where that leaves a component without volume.
    random_state : int, RandomState or None, default=None
    warm_start : bool, default=False
        Start from the parameters of the last fit.
    verbose : int, default=0
        1 prints iterations, 2 log-likelihoods and times as well.
    verbose_interval : int, default=10
        Iterations from line to line.
    stopping : {"auto", "log_likelihood", "aitken", "parameters"}, default="auto"
        "log_likelihood": the mean gain of an iteration is below `tol` (scikit-learn's rule).
        "aitken": the estimated gain still to come is. "parameters": no weight, mean or
        covariance entry moved by more than `tol`, relative to the scale of the data. "auto": as
        "log_likelihood", but the fit goes on, over plateaus and off saddles, until the
        certificate agrees.
    acceleration : {"auto", "anderson", "none"}, default="auto"
        "anderson": once the gains are small and shrink, EM is extrapolated from its last steps
        wherever the likelihood is higher there, which saves most passes where EM is slow.
        "none": every iteration is one of plain EM. "auto": "anderson", but "none" with
        ``stopping="log_likelihood"``, so that the iterations are scikit-learn's.
    fixed : str or iterable of {"weights", "means", "covariances"}, default=None
        Parameters held at their starting values, which must be given.
    equal_weights : bool, default=False
        Whether all weights are 1 / K, rather than estimated.
    backend : {"auto", "native", "numpy"} or Backend, default="auto"
        Where the E-step runs. "auto": in C++ if that was compiled, else in NumPy.
    n_jobs : int, default=None
        Threads of the native back end; -1 for all processors, as in joblib. None: what the
        environment variable BACTRIAN_NUM_THREADS says, or all. The result is the same to the
        last bit.
    missing : {"em", "error"}, default="em"
        "em": a NaN in `X`, or a null in a frame, is a value that is missing at random, and the
        likelihood of what is observed is maximised. "error": it is refused.
    noise : bool or float, default=False
        Whether there is uniform noise besides the components. Its density is 1 over the volume of
        the box that holds the data, or over the volume that is given.
    noise_init : float or array-like of bool of shape (n_samples,), default=0.05
        Starting share of the noise, or which rows are noise at the start.
    spikes : "auto", array-like or dict, default=None
        Point masses: values that rows have with a probability of their own, in each component and
        column, such as the zeros of an amount or a sensor at its limit. The density of a row is
        that of its other columns, times these probabilities. "auto": the values that stand out of
        their columns because many rows equal them exactly. Numbers: the values, for a single
        column; or a dict from columns, by name or number from 0, to their values. None: all
        values have a density.
    family : {"gaussian", "t"}, default="gaussian"
        "t": components are multivariate t distributions, whose tails are heavier, so that rows
        far out count less. Their ``covariances_`` are scale matrices.
    dof : {"shared", "each"}, float or array-like of shape (K,), default="shared"
        Degrees of freedom of the t distributions: estimated, one for all or one for each, or
        given.
    labels : {"auto", "use", "ignore"}, default="auto"
        What to make of the `y` of ``fit``. "auto": it is used if some of it is -1, for unknown,
        or if it is a matrix; otherwise it is ignored, as in scikit-learn.
    callback : callable, default=None
        Called with an :class:`~bactrian.core.em.EMInfo` after each iteration; the fit stops
        where it is if the callback returns True.
    prior : "default", Prior or dict, default=None
        What is known before: the mode of the posterior is sought. "default": weakly that the
        components are like the data, only smaller (Fraley & Raftery 2007), which keeps them from
        collapsing onto a few rows. A dict changes parts of the default, such as
        ``{"shrinkage": 0}``; a :class:`~bactrian.Prior` says all. None: maximum likelihood. The
        default changes with the units as the data do, for "spherical" by a common unit.
    eigenvalue_ratio : float, default=None
        Bound on the ratio of the largest eigenvalue of all covariances to the smallest, at least
        1 (Garcia-Escudero et al. 2008); the likelihood is maximised under it. Eigenvalues are
        those of columns in their standard deviations (one common length for "spherical"), so that
        the units do not matter; the ratio does depend on what the deviations are, as any bound on
        eigenvalues. For "full", "tied", "diag", "spherical", "EII", "EEI" and "EEV".
    half_life : float, default=None
        Of ``partial_fit``: rows (weight of rows) after which a row counts half as much. None:
        nothing is forgotten. ``fit`` does not use it.

    Attributes
    ----------
    weights_ : ndarray of shape (K,)
        Their sum is 1, or with noise 1 less its weight.
    means_ : ndarray of shape (K, D)
    covariances_, precisions_, precisions_cholesky_ : ndarray
        Of shape (K, D, D) for "full", (D, D) for "tied", (K, D) for "diag", (K,) for
        "spherical". Of other letters: (K,) for "EII", (K, D) if the last is I, else (K, D, D).
    converged_ : bool
        The stopping rule was satisfied and the certificate does not object.
    n_iter_ : int
        Iterations of the best start, extrapolations that were not kept included.
    noise_weight_ : float
    noise_box_ : ndarray of shape (2, D)
        Weight of the noise, and the lowest and highest corner of its box; only with `noise`.
    dof_ : ndarray of shape (1,) or (K,)
        Degrees of freedom, one for all or one for each; only with ``family="t"``.
    spikes_ : PointMasses
        With `columns`, `values` and `shares`: of the point masses their columns, counted from 0,
        their values, and their probability in each component (n_terms, n_spikes), noise last, or
        with one column in all (1, n_spikes); only if there are any.
    lower_bound_ : float
        Mean log-likelihood before the last M-step, as in scikit-learn; with a prior, the
        log-posterior (up to a constant) a unit of weight.
    lower_bounds_ : list of float
        The same for each iteration.
    mixture_ : Mixture
        The mixture as a value, of the attributes as they are now.
    log_likelihood_ : float
        Log-likelihood at the final parameters, a sum over samples, in nats.
    fit_report_ : FitReport
        Criteria, certificate, distinct optima, warnings, time.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        If `X` had names.

    References
    ----------
    .. [1] Fraley, C. (1998). Algorithms for model-based Gaussian hierarchical clustering. SIAM J.
       Sci. Comput. 20, 270-281.

    Examples
    --------
    >>> import numpy as np
    >>> from bactrian import GaussianMixture
    >>> X = np.array([[1.0, 2], [1, 4], [1, 0], [2, 3], [10, 2], [10, 4], [10, 0], [11, 3]])
    >>> gm = GaussianMixture(n_components=2, random_state=0).fit(X)
    >>> np.sort(gm.means_[:, 0]).round(2)
    array([ 1.25, 10.25])
    """

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        tol: float = 1e-7,
        reg_covar: float | str = "auto",
        max_iter: int = 1000,
        n_init: int | str = "auto",
        init_params: str = "auto",
        weights_init: npt.ArrayLike | None = None,
        means_init: npt.ArrayLike | None = None,
        precisions_init: npt.ArrayLike | None = None,
        resp_init: npt.ArrayLike | None = None,
        random_state: int | np.random.RandomState | None = None,
        warm_start: bool = False,
        verbose: int = 0,
        verbose_interval: int = 10,
        stopping: str = "auto",
        acceleration: str = "auto",
        fixed: str | tuple[str, ...] | None = None,
        equal_weights: bool = False,
        backend: Any = "auto",
        n_jobs: int | None = None,
        missing: str = "em",
        noise: bool | float = False,
        noise_init: float | npt.ArrayLike = 0.05,
        family: str = "gaussian",
        dof: str | float | npt.ArrayLike = "shared",
        spikes: str | npt.ArrayLike | Mapping[Any, Any] | None = None,
        labels: str = "auto",
        callback: Callable[[EMInfo], bool | None] | None = None,
        prior: Prior | str | Mapping[str, Any] | None = None,
        eigenvalue_ratio: float | None = None,
        half_life: float | None = None,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.weights_init = weights_init
        self.means_init = means_init
        self.precisions_init = precisions_init
        self.resp_init = resp_init
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.verbose_interval = verbose_interval
        self.stopping = stopping
        self.acceleration = acceleration
        self.fixed = fixed
        self.equal_weights = equal_weights
        self.backend = backend
        self.n_jobs = n_jobs
        self.missing = missing
        self.noise = noise
        self.noise_init = noise_init
        self.family = family
        self.dof = dof
        self.spikes = spikes
        self.labels = labels
        self.callback = callback
        self.prior = prior
        self.eigenvalue_ratio = eigenvalue_ratio
        self.half_life = half_life

    # ---- estimation
