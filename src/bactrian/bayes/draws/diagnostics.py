"""Whether chains agree, and how much their draws are worth: Vehtari and others (2021).

Vehtari, A., Gelman, A., Simpson, D., Carpenter, B. and Buerkner, P.-C. (2021). Rank-normalization,
folding, and localization: an improved R-hat for assessing convergence of MCMC. Bayesian Anal. 16,
667-718. Equations are theirs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.fft import next_fast_len
from scipy.special import ndtri
from scipy.stats import rankdata

from bactrian.core.arrays import FloatArray

FEWEST = 4  # draws of a chain that can be split and compared
TAILS = (0.05, 0.95)


def r_hat(draws: npt.ArrayLike) -> FloatArray:
    """Potential scale reduction: how much wider all chains are than each half of one.

    The larger of that of the rank-normalised draws and that of their distances from the median
    (section 4): 1 if the chains agree, above 1.01 if they may not. 1 where all draws are equal,
    infinite where only those of each chain are. NaN with fewer than 4 draws a chain.

    Parameters
    ----------
    draws : (n_chains, n_draws, ...)

    Returns
    -------
    (...)
    """

    def largest(halves: FloatArray) -> FloatArray:
        folded = np.abs(halves - np.median(halves, axis=(0, 1)))
        return np.maximum(_reduction(_normal_ranks(halves)), _reduction(_normal_ranks(folded)))

    return _of_halves(draws, largest)


def effective_size(draws: npt.ArrayLike) -> FloatArray:
    """Effective number of independent draws for the mean (eqs. 10 and 13, by Geyer's pairs).

    Parameters
    ----------
    draws : (n_chains, n_draws, ...)

    Returns
    -------
    (...)
    """
    return _of_halves(draws, _size)


def bulk_size(draws: npt.ArrayLike) -> FloatArray:
    """Effective number of draws, of ranks: where the mean may be infinite (section 4)."""
    return _of_halves(draws, lambda halves: _size(_normal_ranks(halves)))


def tail_size(draws: npt.ArrayLike) -> FloatArray:
    """Effective number of draws for the 5 % and 95 % quantiles, the smaller one (section 4.3)."""
    ends = np.quantile(np.asarray(draws, dtype=np.float64), TAILS, axis=(0, 1))

    def smaller(halves: FloatArray) -> FloatArray:
        return np.minimum(*(_size((halves <= end).astype(float)) for end in ends))

    return _of_halves(draws, smaller)


def carriers(logarithms: FloatArray) -> float:
    """Effective number of positive numbers that carry their mean, from their logs.

    ``(sum w)^2 / sum w^2``: how many there are if all are equal, 1 if one is far above the others
    (Kish 1965). NaN if a log is.
    """
    shares = np.exp(logarithms - logarithms.max())
    return float(shares.sum() ** 2 / np.square(shares).sum())


def mean_error(draws: npt.ArrayLike) -> FloatArray:
    """Monte Carlo standard error of the mean: ``sd / sqrt(effective size)``."""
    values = np.asarray(draws, dtype=np.float64)
    return np.asarray(values.std(axis=(0, 1), ddof=1) / np.sqrt(effective_size(values)))


def share_error(events: npt.ArrayLike) -> FloatArray:
    """Monte Carlo standard error of a probability, from draws of whether something happens.

    The variance is that of a share to which half an event and half a failure were added, so that
    what happened always or never has an error too.

    Parameters
    ----------
    events : (n_chains, n_draws, ...) of bool
    """
    values = np.asarray(events, dtype=np.float64)
    size = effective_size(values)
    share = (values.mean(axis=(0, 1)) * size + 0.5) / (size + 1)
    return np.asarray(np.sqrt(share * (1 - share) / size))


def _of_halves(draws: npt.ArrayLike, measure: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Measure each chain as two, (2 n_chains, n_draws / 2, ...); NaN if they are too short.

    The middle draw of an odd number is left out.
    """
    values = np.asarray(draws, dtype=np.float64)
    half = values.shape[1] // 2
    if values.shape[1] < FEWEST:
        return np.full(values.shape[2:], np.nan)
    return measure(np.concatenate([values[:, :half], values[:, -half:]]))


def _normal_ranks(draws: FloatArray) -> FloatArray:
    """Normal quantiles of ``(rank - 3/8) / (S + 1/4)`` (eq. 14)."""
    n = draws.shape[0] * draws.shape[1]
    ranks = rankdata(draws.reshape(n, -1), axis=0).reshape(draws.shape)
    return np.asarray(ndtri((ranks - 0.375) / (n + 0.25)))


def _reduction(chains: FloatArray) -> FloatArray:
    """R-hat (eqs. 1 to 4)."""
    n = chains.shape[1]
    within = chains.var(axis=1, ddof=1).mean(axis=0)
    between = chains.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = between / within
    ratio = np.where(between > 0, ratio, 1 / n)
    return np.asarray(np.sqrt((n - 1) / n + ratio))


def _size(chains: FloatArray) -> FloatArray:
    """Effective number of draws; all of them where they are equal."""
    m, n = chains.shape[:2]
    own = chains.reshape(m, n, -1)
    covariance = _autocovariances(own)
    within = covariance[:, 0].mean(axis=0) * n / (n - 1)
    between = own.mean(axis=1).var(axis=0, ddof=1)
    variance = within * (n - 1) / n + between
    same = ~(variance > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = 1 - (within - covariance.mean(axis=0)) / variance
    correlation[0] = 1.0
    n_pairs = max(1, (n - 1) // 2)
    pairs = correlation[: 2 * n_pairs].reshape(n_pairs, 2, -1)
    # Geyer's initial positive and monotone sequence of sums of pairs, and what is positive after.
    positive = np.cumprod(pairs[:-1].sum(axis=1) > 0, axis=0).astype(bool)
    monotone = np.minimum.accumulate(np.where(positive, pairs[:-1].sum(axis=1), 0.0), axis=0)
    ends = positive.sum(axis=0)
    after = np.take_along_axis(pairs[:, 0], ends[None], axis=0)[0]
    time = -1 + 2 * monotone.sum(axis=0) + np.maximum(after, 0.0)
    total = m * n
    size = total / np.maximum(time, 1 / np.log10(total))
    return np.asarray(np.where(same, float(total), size).reshape(chains.shape[2:]))


def _autocovariances(chains: FloatArray) -> FloatArray:
    """Autocovariances of each chain at all lags, divided by n, (m, n, q), by Fourier transform."""
    n = chains.shape[1]
    centred = chains - chains.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred, next_fast_len(2 * n), axis=1)
    power = np.square(np.abs(spectrum))
    return np.asarray(np.fft.irfft(power, next_fast_len(2 * n), axis=1)[:, :n] / n)
