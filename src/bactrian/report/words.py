"""The library's words for things, in those of the command line."""

from __future__ import annotations

import re

_OPTIONS = {
    "n_components": "--components",
    "covariance_type": "--covariance",
    "max_iter": "--max-iter",
    "reg_covar": "--reg-covar",
    "init_params": "--init",
    "n_init": "--n-init",
    "random_state": "--seed",
    "weights_init": "--start-weights",
    "means_init": "--start-mean",
    "equal_weights": "--equal-weights",
    "sample_weight": "--weights-column",
    "noise_init": "--noise-init",
    "dof": "--dof",
    "eigenvalue_ratio": "--eigenvalue-ratio",
    "resume": "--resume",
    "cv": "--cv",
    "n_resamples": "--bootstrap-test",
}
_PARAMETERS = re.compile(rf"\b({'|'.join(_OPTIONS)})\b")


def in_options(message: str) -> str:
    """Name the options where a message names the parameters of the library.

    Parameters
    ----------
    message : str

    Returns
    -------
    str
    """
    return _PARAMETERS.sub(lambda match: _OPTIONS[match[1]], message)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Spell a number with its noun: ``1 row``, ``2 rows``.

    Parameters
    ----------
    number : int
    noun : str
    plural : str, optional
        By default the noun with an s.

    Returns
    -------
    str
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def is_are(number: int) -> str:
    """The verb that goes with a number: ``is`` for 1, otherwise ``are``."""
    return "is" if number == 1 else "are"
