"""The error tree. Each message says what was given, what is wanted and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class BadInputError(ValueError):
    """An argument or a data set that cannot be used.

    Parameters
    ----------
    name : str
        Of the parameter, as the caller spells it.
    got, wanted, remedy : str
    """

    def __init__(self, name: str, got: str, wanted: str, remedy: str = "") -> None:
        self.name, self.got, self.wanted, self.remedy = name, got, wanted, remedy
        message = f"{name} must be {wanted}, but got {got}."
        super().__init__(f"{message} {remedy}" if remedy else message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.got, self.wanted, self.remedy)


class DegenerateCovarianceError(ValueError):
    """A component without volume: its covariance is not positive definite.

    Parameters
    ----------
    components : sequence of int
        Which ones, counted from 0 (the message counts from 1).
    n_components, n_features : int
    resp_sum : sequence of float, optional
        How many effective samples each of them holds.
    remedy : str, optional

    Attributes
    ----------
    parameters : Parameters or None
        Where EM stood when it happened.
    """

    parameters: Any = None

    def __init__(
        self,
        components: Sequence[int],
        n_components: int,
        n_features: int,
        resp_sum: Sequence[float] | None = None,
        remedy: str = "",
    ) -> None:
        self.components = tuple(int(k) for k in components)
        self.n_components, self.n_features = n_components, n_features
        self.resp_sum = None if resp_sum is None else tuple(float(r) for r in resp_sum)
        self.remedy = remedy or (
            "Lower n_components, raise reg_covar or leave it at 'auto', "
            "or choose a covariance_type with fewer parameters."
        )
        first = self.components[0]
        more = f" (and {len(self.components) - 1} more)" if len(self.components) > 1 else ""
        message = (
            f"Component {first + 1} of {n_components}{more} has no positive-definite covariance"
        )
        if self.resp_sum is not None:
            message += (
                f": it holds {self.resp_sum[0]:.3g} effective samples in {n_features} features"
            )
        super().__init__(f"{message}. {self.remedy}")

    def because(self, cause: str) -> DegenerateCovarianceError:
        """The same with a cause that is known, and the remedy that goes with it."""
        if not cause:
            return self
        remedy = f"{cause[0].upper()}{cause[1:]}."
        arguments = (self.n_components, self.n_features, self.resp_sum, remedy)
        return DegenerateCovarianceError(self.components, *arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        arguments = (self.n_components, self.n_features, self.resp_sum, self.remedy)
        return type(self), (self.components, *arguments)


class FitInterrupted(KeyboardInterrupt):
    """Ctrl-C during a fit. ``result`` keeps the best that was found until then.

    Parameters
    ----------
    result : object or None
        What the interrupted function would have returned, so far.
    """

    def __init__(self, result: Any = None) -> None:
        self.result = result
        found = "the best so far is in .result" if result is not None else "nothing was found yet"
        super().__init__(f"The fit was interrupted; {found}.")


class DataError(ValueError):
    """A file, a frame or a column that cannot be used as numbers.

    Parameters
    ----------
    what : str
        What is wrong, as a clause: ``"the rows differ in length"``.
    where : str, optional
        The file (and line) or the frame.
    got, wanted : str, optional
    remedy : str, optional
        What to do, as whole sentences.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        got: str = "",
        wanted: str = "",
        remedy: str = "",
    ) -> None:
        self.what, self.where = what, where
        self.got, self.wanted, self.remedy = got, wanted, remedy
        place = f"{where}: " if where else ""
        facts = ", ".join(
            fact for fact in (got and f"got {got}", wanted and f"wanted {wanted}") if fact
        )
        first = f"{place}{what}: {facts}." if facts else f"{place}{what}."
        super().__init__(f"{first}\n{remedy}" if remedy else first)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.what,), self.__dict__ | {"args": self.args}


class ModelFileError(ValueError):
    """A model file that cannot be read or written.

    Parameters
    ----------
    where : str
        The file.
    field : str
        The field of the document, ``"means[1][0]"``, or "" if it is not one field.
    got, wanted, remedy : str
        Without `wanted`, `got` says what is wrong.
    """

    def __init__(self, where: str, field: str, got: str, wanted: str, remedy: str = "") -> None:
        self.where, self.field = where, field
        self.got, self.wanted, self.remedy = got, wanted, remedy
        name = f"{where}: {field}" if field else where
        message = f"{name} must be {wanted}, but got {got}." if wanted else f"{name}: {got}."
        super().__init__(f"{message} {remedy}" if remedy else message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.where, self.field, self.got, self.wanted, self.remedy)


NUMERICAL = (DegenerateCovarianceError, ArithmeticError, np.linalg.LinAlgError)
"""What the mathematics of a fit may raise on data that it cannot fit."""
