"""What estimators of decisions have in common: how rows are checked, and mixtures are fitted."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from bactrian.core.arrays import FloatArray
from bactrian.errors import BadInputError

OF_MIXTURES = (
    "missing", "family", "dof", "prior", "reg_covar", "tol", "max_iter", "n_init", "n_jobs",
)  # fmt: skip


class OfMixtures:
    """An estimator whose mixtures have the settings :data:`OF_MIXTURES`."""

    missing: str

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.allow_nan = self.missing == "em"
        return tags

    def _settings(self) -> dict[str, Any]:
        """Parameters of :class:`~bactrian.GaussianMixture`, as this estimator has them."""
        return {name: getattr(self, name) for name in OF_MIXTURES}

    def _checked_rows(self, X: Any, *, reset: bool = False) -> FloatArray:
        """Rows in float64, with the columns of the fit; NaN where missing, if it may be.

        Raises
        ------
        NotFittedError
            If they are not those of a fit (`reset`), and there was none.
        ValueError
        """
        if not reset:
            check_is_fitted(self)
        rows = validate_data(
            self,
            X,
            reset=reset,
            dtype=np.float64,
            ensure_all_finite="allow-nan" if self.missing == "em" else True,
            ensure_min_samples=2 if reset else 1,
        )
        return np.asarray(rows, dtype=np.float64)


def check_share(name: str, share: Any) -> float:
    """Check a share above 0 and below 1.

    Raises
    ------
    BadInputError
    """
    number = isinstance(share, Real) and not isinstance(share, bool)
    if not number or not 0 < float(share) < 1:
        raise BadInputError(name, repr(share), "above 0 and below 1", code="out_of_range")
    return float(share)
