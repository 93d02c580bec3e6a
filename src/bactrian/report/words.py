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
