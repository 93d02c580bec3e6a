"""Is one more component needed? The likelihood-ratio test with a simulated distribution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from bactrian.core.arrays import FloatArray
from bactrian.errors import BadInputError, FitInterrupted
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.estimators.validation import (
    check_integer,
    check_real,
    check_rows,
    check_sample_weight,
    check_seed,
    check_values,
)
from bactrian.machine.blas import one_blas_thread
from bactrian.phrases import Parameter, Phrase
from bactrian.selection.parallel import results_of, shares
from bactrian.selection.settings import NUMERICAL, check_names
from bactrian.selection.tests.two_mixtures import Design, Pair, Resample, statistic_of

STARTS = ("weights_init", "means_init", "precisions_init", "resp_init", "warm_start")
MOST_TRIES = 2  # samples that are drawn at most, for each that is wanted
NOT_HERE = (*STARTS, "fixed", "callback")


Observe = Callable[[Resample], bool | None]


@dataclass(frozen=True, eq=False)
class LikelihoodRatioTest:
    """Test of K components against K + 1.

    Parameters
    ----------
    n_components : int
        K, of the null hypothesis.
    covariance_type : str
    statistic : float
        Twice the difference of the log-likelihoods, at least 0.
    bootstrap : (n_done,)
        The statistic under the null hypothesis, simulated; failures left out.
    failures : tuple of str
        Why other simulated data sets could not be fitted.
    null, alternative : GaussianMixture
        Fitted to the data.
    """

    n_components: int
    covariance_type: str
    statistic: float
    bootstrap: FloatArray
    failures: tuple[str, ...]
    null: GaussianMixture = field(repr=False)
    alternative: GaussianMixture = field(repr=False)

    @property
    def p_value(self) -> float:
        """``(1 + number of simulated statistics not below) / (1 + number)`` [1]_.

        The data count as one of the samples from the null hypothesis, so that the level of the
        test is kept and the p-value is never 0.

        References
        ----------
        .. [1] Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application.
           Cambridge University Press, eq. 4.11.
        """
        beyond = int((self.bootstrap >= self.statistic).sum())
        return (1 + beyond) / (1 + len(self.bootstrap))

    def __str__(self) -> str:
        k, failed = self.n_components, len(self.failures)
        return (
            f"{k} against {k + 1} components, {self.covariance_type}: "
            f"statistic {self.statistic:.4f}, p-value {self.p_value:.4g} "
            f"({len(self.bootstrap)} resamples{f', {failed} failed' if failed else ''})"
        )


@dataclass(frozen=True, eq=False)
class SequentialTest:
    """Tests of K against K + 1 for K = 1, 2, ... until one is not significant.

    Parameters
    ----------
    tests : tuple of LikelihoodRatioTest
    level : float
    failure : str
        Why the next test could not be made; "" if none was needed.
    """

    tests: tuple[LikelihoodRatioTest, ...]
    level: float
    failure: str = ""

    @property
    def n_components(self) -> int:
        """The first K that is not rejected; one more than the last K if all are rejected."""
        last = self.tests[-1]
        return last.n_components + (last.p_value <= self.level)

    def __str__(self) -> str:
        return "\n".join([*map(str, self.tests), *filter(None, [self.failure])])


def bootstrap_lrt(
    X: Any,
    n_components: int = 1,
    covariance_type: str = "full",
    *,
    n_resamples: int = 199,
    n_init: int = 2,
    sample_weight: npt.ArrayLike | None = None,
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
    observe: Observe | None = None,
    **settings: Any,
) -> LikelihoodRatioTest:
    """Test K components against K + 1, with the parametric bootstrap [1]_.

    The likelihood-ratio statistic has no chi-squared distribution here: under the null hypothesis
    the parameters of the extra component are not identified. So its distribution is simulated:
    data sets are drawn from the fitted mixture of K, and both models are fitted to each.

    Data and simulated data are fitted in the same way, so the test keeps its level. The mixture
    of K + 1 starts from that of K with each component split in turn, and from `n_init` starts
    without it; the best after a few iterations is followed to the end. As the mixture of K with
    one component named twice is one of K + 1, the statistic is at least 0. The mixture of K is
    the best that :class:`~bactrian.GaussianMixture` finds, or that comes out of splitting that of
    K - 1; for simulated data, the best that starts from the truth or from `n_init` starts.

    Parameters
    ----------
    X : array-like or data frame of shape (n_samples, n_features)
        NaN where missing. In simulated data the same is missing as in these rows.
    n_components : int, default=1
        K, of the null hypothesis.
    covariance_type : str, default="full"
    n_resamples : int, default=199
        Data sets to simulate. The p-value is a multiple of ``1 / (n_resamples + 1)``. One that
        cannot be fitted counts as a failure and is replaced, up to as many.
    n_init : int, default=2
        Starts of each fit besides those that are known.
    sample_weight : array-like of shape (n_samples,), default=None
        A weight of 2 counts as the same row twice: as many rows are drawn as the weights sum to.
    random_state : int, RandomState or None, default=None
    n_jobs : int, default=None
        Processors to use, -1 for all. None: this process alone. The result is the same.
    observe : callable, default=None
        Told each :class:`Resample` as soon as it is fitted; the test ends with those that there
        are if it returns True.
    **settings
        Other parameters of :class:`~bactrian.GaussianMixture`, except starting values.

    Returns
    -------
    LikelihoodRatioTest

    Raises
    ------
    BadInputError
        If a parameter or the data cannot be used, or a component of one of the mixtures collapses
        whatever the start: its likelihood says nothing.
    FitInterrupted
        On Ctrl-C; its result is the :class:`LikelihoodRatioTest` with the resamples so far, or
        None.

    References
    ----------
    .. [1] McLachlan, G. J. (1987). On bootstrapping the likelihood ratio test statistic for the
       number of components in a normal mixture. Appl. Stat. 36, 318-324.

    Examples
    --------
    >>> import numpy as np
    >>> from bactrian import bootstrap_lrt
    >>> rng = np.random.default_rng(0)
    >>> X = np.r_[rng.normal(size=(50, 1)), rng.normal(5, 1, size=(50, 1))]
    >>> bootstrap_lrt(X, 1, n_resamples=19, random_state=0).p_value
    0.05
    """
    count = check_integer("n_components", n_components, 1)
    n_resamples = check_integer("n_resamples", n_resamples, 1)
    n_init = check_integer("n_init", n_init, 1)
    check_names(settings)
    for name in NOT_HERE:
        value = settings.get(name)
        if value is not None and value is not False:
            raise BadInputError(name, "a value", "left out: this test finds its own starts")
    if np.ndim(settings.get("noise_init", 0)):
        raise BadInputError("noise_init", "rows", "a share in a test, which draws other rows")
    if settings.get("equal_weights"):
        why = "K equal weights are not K + 1 equal weights with one component named twice."
        raise BadInputError("equal_weights", "True", "False in a test of K against K + 1", why)
    checked = GaussianMixture()
    rows = check_rows(checked, X, reset=True)
    check_values(checked, rows)
    values = np.asarray(rows, dtype=np.float64)
    seed = int(check_seed(random_state).randint(np.iinfo(np.int32).max))
    n_processes, n_threads = shares(n_jobs, n_resamples)
    given = {**settings, "covariance_type": covariance_type, "random_state": seed}
    pair = Pair(count, n_init, given)
    data = pair.data(values, sample_weight)
    null = pair.null(data)
    alternative = pair.alternative(null, data)
    statistic = statistic_of(null.log_likelihood, alternative.log_likelihood)
    weights = check_sample_weight(sample_weight, len(values))
    design = Design.of(values, weights)
    if design.size < count + 1:
        got = f"a sum of {design.size} rows"
        wanted = Phrase("numbers of rows, more than ", Parameter("n_components"), " in all")
        raise BadInputError("sample_weight", got, wanted)
    threads = {} if n_threads is None else {"n_jobs": n_threads}
    simulate = partial(
        replace(pair, settings={**given, **threads}).simulated, null.parameters, design
    )
    found: list[Resample] = []

    def result() -> LikelihoodRatioTest:
        done = sorted(found, key=lambda resample: resample.number)
        return LikelihoodRatioTest(
            count,
            null.estimation.model.structure.name,
            statistic,
            np.array([one.statistic for one in done if one.statistic is not None]),
            tuple(one.failure for one in done if one.failure is not None),
            pair.estimator(null),
            pair.estimator(alternative),
        )

    try:
        while missing := n_resamples - sum(one.failure is None for one in found):
            numbers = range(len(found), min(len(found) + missing, MOST_TRIES * n_resamples))
            if not numbers:
                break
            # BLAS is on one thread in each fit; to say so once for all is quicker.
            with one_blas_thread():
                for _, resample in results_of(simulate, numbers, n_processes):
                    found.append(resample)
                    if observe is not None and observe(resample) is True:
                        return result()
    except KeyboardInterrupt:
        raise FitInterrupted(result() if found else None) from None
    return result()


def sequential_bootstrap_lrt(
    X: Any,
    max_components: int = 9,
    covariance_type: str = "full",
    *,
    level: float = 0.05,
    **settings: Any,
) -> SequentialTest:
    """Test K against K + 1 for K = 1, 2, ... until a test is not significant.

    Parameters
    ----------
    X : array-like or data frame of shape (n_samples, n_features)
    max_components : int, default=9
        Largest K that is tested.
    covariance_type : str, default="full"
    level : float, default=0.05
        Of each test: K is rejected if its p-value is not above.
    **settings
        Of :func:`bootstrap_lrt`.

    Returns
    -------
    SequentialTest

    Raises
    ------
    BadInputError
        As :func:`bootstrap_lrt`, if not even the first test can be made; also if too few
        resamples are asked for to reach the level.
    FitInterrupted
        On Ctrl-C; its result is the :class:`SequentialTest` so far, or None.
    """
    most = check_integer("max_components", max_components, 1)
    level = check_real("level", level)
    n_resamples = check_integer("n_resamples", settings.get("n_resamples", 199), 1)
    if level * (n_resamples + 1) < 1:
        got, wanted = f"{n_resamples}", f"at least {int(np.ceil(1 / level)) - 1}" if level else ""
        wanted = wanted or "used with a level above 0"
        raise BadInputError(
            "n_resamples",
            got,
            wanted,
            f"No p-value can be {level:g} or less.",
            code="out_of_range",
        )
    tests: list[LikelihoodRatioTest] = []
    try:
        for count in range(1, most + 1):
            tests.append(bootstrap_lrt(X, count, covariance_type, **settings))
            if tests[-1].p_value > level:
                break
    except (*NUMERICAL, BadInputError) as error:
        if not tests:
            raise
        why = f"{len(tests) + 1} against {len(tests) + 2} components: {error}"
        return SequentialTest(tuple(tests), level, why)
    except FitInterrupted as interrupt:
        so_far = (*tests, interrupt.result) if interrupt.result is not None else tuple(tests)
        raise FitInterrupted(SequentialTest(so_far, level) if so_far else None) from None
    return SequentialTest(tuple(tests), level)
