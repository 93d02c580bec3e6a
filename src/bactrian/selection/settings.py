"""Check the settings of estimators before the first one is fitted."""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np

from bactrian.errors import BadInputError, DegenerateCovarianceError
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.phrases import Parameter, Phrase

NUMERICAL = (DegenerateCovarianceError, ArithmeticError, np.linalg.LinAlgError)
"""What the mathematics of a fit may raise on data that it cannot fit."""


def check_names(settings: dict[str, Any]) -> None:
    """Refuse settings that the estimator does not have.

    Raises
    ------
    BadInputError
    """
    known = signature(GaussianMixture).parameters
    for name in settings:
        if name not in known:
            wanted = f"one of {', '.join(known)}"
            raise BadInputError("the setting", repr(name), wanted, code="bad_choice")


def check_callback(settings: dict[str, Any], n_processes: int) -> None:
    """Refuse a callback that runs where nobody can see its effect.

    Raises
    ------
    BadInputError
    """
    if settings.get("callback") is not None and n_processes > 1:
        raise BadInputError(
            "callback",
            f"a function, which {n_processes} processes cannot share",
            Phrase("None unless ", Parameter("n_jobs"), " is"),
            Phrase("Use ", Parameter("observe"), ", which is told each candidate."),
        )
