"""Class labels as users give them: which rows have one, and what the user says of the classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets

from bactrian.core.arrays import FloatArray, IntArray, is_masked
from bactrian.errors import BadInputError

UNKNOWN = -1


@final
@dataclass(frozen=True, eq=False)
class Classes:
    """The classes of rows.

    Parameters
    ----------
    values : (n_classes,)
        Sorted.
    codes : (n_samples,) of int
        Which of them each row has; -1 where it is unknown.
    """

    values: npt.NDArray[Any]
    codes: IntArray

    @classmethod
    def of(cls, y: Any, unlabelled: Any) -> Classes:
        """Find the classes.

        Parameters
        ----------
        y : (n_samples,)
            None, NaN, hidden by a masked array, or `unlabelled` where it is unknown.
        unlabelled : object

        Raises
        ------
        BadInputError, ValueError
            If no row has one, or they are measurements and no classes.
        """
        hidden = np.ma.getmaskarray(y) if is_masked(y) else None
        values = np.asarray(y)
        unknown = np.array(
            [is_unknown(value, unlabelled) for value in values.tolist()], dtype=bool
        )
        if hidden is not None:
            unknown |= hidden
        known = values[~unknown]
        if len(known) == 0:
            raise BadInputError("y", "no label", "the class of some rows", code="no_labels")
        if known.dtype.kind == "O" and all(isinstance(one, str) for one in known.tolist()):
            known = known.astype(str)
        elif known.dtype.kind == "O":
            known = np.array(known.tolist())
        check_classification_targets(known)
        codes = np.full(len(values), UNKNOWN)
        found, codes[~unknown] = np.unique(known, return_inverse=True)
        return cls(found, codes)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which rows have a class, (n_samples,)."""
        return self.codes != UNKNOWN

    def weights(self, class_weight: Any) -> FloatArray:
        """What the rows of each class count for, (n_classes,); see scikit-learn's `class_weight`.

        Raises
        ------
        ValueError
        """
        labels = self.values[self.codes[self.known]]
        if isinstance(class_weight, dict):
            keys = set(self.values.tolist())
            odd = [key for key in class_weight if key not in keys]
            if odd:
                raise BadInputError(
                    "class_weight", repr(odd[0]), f"some of {self.values.tolist()}",
                    code="bad_choice",
                )  # fmt: skip
        found = compute_class_weight(class_weight, classes=self.values, y=labels)
        return np.asarray(found, dtype=np.float64)

    def shares(self, priors: Any) -> FloatArray | None:
        """The probabilities of the classes, (n_classes,), if the user gives them.

        Parameters
        ----------
        priors : None, "equal", (n_classes,) or dict

        Raises
        ------
        BadInputError
        """
        count = len(self.values)
        if priors is None:
            return None
        if isinstance(priors, str) and priors == "equal":
            return np.full(count, 1 / count)
        if isinstance(priors, dict):
            priors = [priors.get(value, -1) for value in self.values.tolist()]
        try:
            shares = np.asarray(priors, dtype=np.float64)
        except (TypeError, ValueError):
            shares = np.empty(0)
        bad = shares.shape != (count,) or not (shares >= 0).all()
        if bad or abs(shares.sum() - 1) > 1e-6:
            raise BadInputError(
                "priors",
                repr(priors)[:80],
                f"None, 'equal', or {count} probabilities that add up to 1, for the classes "
                f"{self.values.tolist()}",
                code="bad_weights",
            )
        return shares / shares.sum()


def is_unknown(value: Any, unlabelled: Any) -> bool:
    """Whether a label says that the class is unknown."""
    if value is None or (isinstance(value, float) and value != value):
        return True
    return unlabelled is not None and bool(value == unlabelled)
