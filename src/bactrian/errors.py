"""The error tree. An error is made of values, and each face puts it into its own words.

``str(error)`` is in the words of Python: what was given, what is wanted and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from copyreg import __newobj__  # type: ignore[attr-defined]
from dataclasses import replace
from typing import Any

from bactrian.faces import PYTHON, Face
from bactrian.phrases import Parameter, Part, Phrase, Place
from bactrian.remedies import Act, Advice, Lower, Raise, Remedy, Say

Said = Remedy | Part


class BactrianError(ValueError):
    """An error that bactrian raises on purpose: it says what is refused and why.

    Attributes
    ----------
    code : str
        What kind of error it is, for programs.
    subject : str, Parameter, Place or Phrase
        What is refused.
    got, wanted : str or Phrase
    remedies : tuple of Remedy
        What can be done, the most likely first.
    """

    code = "error"
    between = " "  # what is wrong and what to do
    subject: Part = ""
    got: Part = ""
    wanted: Part = ""
    remedies: tuple[Remedy, ...] = ()

    def __init__(
        self, subject: Part, got: Part, wanted: Part, remedies: Sequence[Said], code: str
    ) -> None:
        self.subject, self.got, self.wanted = subject, got, wanted
        given = (one for one in remedies if one)
        self.remedies = tuple(Advice(one) if isinstance(one, Part) else one for one in given)
        if code:
            self.code = code
        super().__init__(PYTHON.message(self))

    @property
    def remedy(self) -> str:
        """What to do, in the words of Python."""
        return PYTHON.remedies(self.remedies)

    def statement(self, face: Face) -> str:
        """Say what is wrong, as a sentence without its full stop."""
        wanted, got = face.words(self.wanted), face.words(self.got)
        return f"{face.subject(self.subject)} must be {wanted}, but got {got}"

    def __reduce__(self) -> tuple[Any, ...]:
        return __newobj__, (type(self), *self.args), self.__dict__


class BadInputError(BactrianError):
    """An argument or a data set cannot be used.

    Parameters
    ----------
    name : str or Phrase
        Of the parameter, as the library spells it.
    got, wanted : str or Phrase
    *remedies : Remedy, str or Phrase
        A text is an :class:`~bactrian.remedies.Advice`.
    code : str, optional
        "bad_choice" (not one of the choices), "out_of_range" (a number outside its range, or no
        number), "bad_shape", "not_a_number", "not_finite", "wrong_columns", "do_not_go_together",
        or what is wrong with the data, such as "too_few_rows".
    """

    code = "bad_input"

    def __init__(
        self, name: Part, got: Part, wanted: Part, *remedies: Said, code: str = ""
    ) -> None:
        subject = Parameter(name) if isinstance(name, str) else name
        super().__init__(subject, got, wanted, remedies, code)

    @property
    def name(self) -> str:
        """The parameter's name in the library."""
        return PYTHON.words(self.subject)


SIMPLER = Act(Phrase("change ", Parameter("covariance_type"), " to one with fewer parameters"))
_OF_A_COLLAPSE = (
    Lower("n_components"),
    Raise("reg_covar"),
    Say("reg_covar", "auto"),
    SIMPLER,
)


class DegenerateCovarianceError(BactrianError):
    """A component has no volume: its covariance is not positive definite.

    Parameters
    ----------
    components : sequence of int
        Which ones, counted from 0 (the message counts from 1).
    n_components, n_features : int
    resp_sum : sequence of float, optional
        How many effective samples each of them holds.
    *remedies : Remedy, str or Phrase

    Attributes
    ----------
    parameters : Parameters or None
        Where EM stood when it happened.
    """

    code = "collapse"
    parameters: Any = None

    def __init__(
        self,
        components: Sequence[int],
        n_components: int,
        n_features: int,
        resp_sum: Sequence[float] | None = None,
        *remedies: Said,
    ) -> None:
        self.components = tuple(int(k) for k in components)
        self.n_components, self.n_features = n_components, n_features
        self.resp_sum = None if resp_sum is None else tuple(float(r) for r in resp_sum)
        got = ""
        if self.resp_sum is not None:
            got = f"{self.resp_sum[0]:.3g} effective samples in {n_features} features"
        subject = f"Component {self.components[0] + 1} of {n_components}"
        if len(self.components) > 1:
            subject += f" (and {len(self.components) - 1} more)"
        wanted = "a positive-definite covariance"
        super().__init__(subject, got, wanted, remedies or _OF_A_COLLAPSE, "")

    def statement(self, face: Face) -> str:
        """Say which component has no volume."""
        holds = self.got and f": it holds {face.words(self.got)}"
        return f"{face.subject(self.subject)} has no positive-definite covariance{holds}"

    def because(self, cause: str) -> DegenerateCovarianceError:
        """The same error with a known cause and the remedy for that cause."""
        if not cause:
            return self
        arguments = (self.components, self.n_components, self.n_features, self.resp_sum)
        return DegenerateCovarianceError(*arguments, f"{cause[0].upper()}{cause[1:]}.")


class FitInterrupted(KeyboardInterrupt):
    """Ctrl-C ended a fit. ``result`` keeps the best that was found until then.

    Parameters
    ----------
    result : object or None
        What the interrupted function would have returned, so far.
    """

    def __init__(self, result: Any = None) -> None:
        self.result = result
        found = "the best so far is in .result" if result is not None else "nothing was found yet"
        super().__init__(f"The fit was interrupted; {found}.")

    def __reduce__(self) -> tuple[Any, ...]:
        return __newobj__, (type(self), *self.args), self.__dict__


class DataError(BactrianError):
    """A file, a frame or a column cannot be used as numbers.

    Parameters
    ----------
    what : str or Phrase
        What is wrong, as a clause: ``"the rows differ in length"``.
    *remedies : Remedy, str or Phrase
    where : str or Place, optional
        The file, and where in it.
    got, wanted : str or Phrase, optional
    code : str, optional

    Attributes
    ----------
    columns : tuple of str
        Names that are asked for and not there, of the code ``"no_such_column"``.
    """

    code = "bad_data"
    between = "\n"
    columns: tuple[str, ...] = ()

    def __init__(
        self,
        what: Part,
        *remedies: Said,
        where: str | Place = "",
        got: Part = "",
        wanted: Part = "",
        code: str = "",
        columns: Sequence[str] = (),
    ) -> None:
        self.what, self.columns = what, tuple(columns)
        self.place = Place(where) if isinstance(where, str) else where
        super().__init__(self.place, got, wanted, remedies, code)

    @property
    def where(self) -> str:
        """The file, and where in it."""
        return str(self.place)

    def of_file(self, name: str) -> DataError:
        """The same error about a file with another name."""
        told = DataError(
            self.what,
            *self.remedies,
            where=replace(self.place, file=name),
            got=self.got,
            wanted=self.wanted,
            code=self.code,
            columns=self.columns,
        )
        told.__cause__ = self.__cause__
        return told

    def statement(self, face: Face) -> str:
        """Say what is wrong, and where."""
        place, what = face.words(self.subject), face.words(self.what)
        got, wanted = face.words(self.got), face.words(self.wanted)
        facts = ", ".join(filter(None, (got and f"got {got}", wanted and f"wanted {wanted}")))
        return ": ".join(filter(None, (place, what, facts)))


class ModelFileError(BactrianError):
    """A model file cannot be read or written.

    Parameters
    ----------
    where : str
        The file.
    field : str
        The field of the document, ``"means[1][0]"``, or "" if it is not one field.
    got, wanted : str or Phrase
        Without `wanted`, `got` says what is wrong.
    *remedies : Remedy, str or Phrase
    """

    code = "bad_model_file"

    def __init__(self, where: str, field: str, got: Part, wanted: Part, *remedies: Said) -> None:
        self.where, self.field = where, field
        super().__init__(f"{where}: {field}" if field else where, got, wanted, remedies, "")

    def statement(self, face: Face) -> str:
        """Say what is wrong with the field, or with the file."""
        if self.wanted:
            return super().statement(face)
        return f"{face.words(self.subject)}: {face.words(self.got)}"


def reason_of(error: Exception) -> str:
    """What went wrong in one attempt among others, without remedies."""
    if isinstance(error, BactrianError):
        return f"{error.statement(PYTHON)}."
    return str(error)
