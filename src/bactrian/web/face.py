"""The words of the page, and the input of the page that an error belongs to."""

from __future__ import annotations

from bactrian.errors import BactrianError, DataError
from bactrian.faces import Face, columns_of, shown, upper_first
from bactrian.phrases import Parameter, Part, listed
from bactrian.remedies import ChooseColumns, LeaveOutColumns, Remedy, Say
from bactrian.web.schema import Settings

NAMES = {
    "n_components": "the number of components",
    "max_iter": "the iteration limit",
    "tol": "the tolerance",
    "covariance_type": "the structure",
    "init_params": "the starting values",
    "n_init": "the number of starts",
    "weights_init": "the starting weights",
    "means_init": "the starting means",
    "precisions_init": "the starting precisions",
    "fixed": "what is held fixed",
    "seed": "the seed",
    "stopping": "the stopping rule",
    "acceleration": "the acceleration",
    "reg_covar": "the added variance",
    "equal_weights": "equal weights",
    "prior": "the prior",
    "missing": "what to do with missing values",
    "noise": "the noise",
    "noise_init": "the noise's first weight",
    "family": "the family",
    "dof": "the degrees of freedom",
    "eigenvalue_ratio": "the ratio of eigenvalues",
    "dataset": "the data",
    "weights": "the weights",
    "labels": "the labels",
    "standardize": "the z-scores",
    "columns": "the columns",
    "delimiter": "the delimiter",
    "decimal": "the decimal mark",
    "thousands": "the mark between thousands",
    "missing_values": "what means a missing value",
    "skip_lines": "the lines left out at the beginning",
    "header": "the line of names",
    "format": "the format",
}
FIELDS = frozenset((*Settings.model_fields, "dataset", "columns", "weights", "labels"))
_INPUTS = {"random_state": "seed", "X": "dataset", "sample_weight": "weights"}
_OF_CODES = {
    "collapse": "n_components",
    "too_few_rows": "n_components",
    "missing_value": "missing",
    "no_such_column": "columns",
    "no_columns": "columns",
    "empty_column": "columns",
    "constant_column": "columns",
    "identical_rows": "columns",
    "bad_weights": "weights",
    "bad_labels": "labels",
}
_HEADER = {
    True: "the first line holds names",
    False: "the first line holds no names",
}


class Page(Face):
    """The words of the page: what its inputs are called there."""

    def subject(self, part: Part) -> str:
        """Words that begin a sentence."""
        words = self.words(part)
        return upper_first(words) if words in NAMES.values() else words

    def parameter(self, name: str) -> str:
        """Spell a parameter as the input of the page."""
        return NAMES.get(_INPUTS.get(name, name), name)

    def setting(self, parameter: str, value: object) -> str:
        """Spell an input and what is in it."""
        match parameter, value:
            case "columns", tuple():
                return f"choose {shown(columns_of(value))}"
            case "exclude", tuple():
                return f"leave out {shown(columns_of(value))}"
            case "header", bool():
                return _HEADER[value]
            case "thousands", "none":
                return "nothing is between thousands"
            case "thousands", str():
                return f"{value!r} is between thousands"
            case "missing_values", tuple():
                return f"{listed([str(one) for one in value])} means a missing value"
            case "decimal", str():
                return f"{value!r} is the decimal mark"
        return f"{self.parameter(parameter)} {value!r}"

    def remedy(self, remedy: Remedy) -> str:
        """Spell a remedy as a clause."""
        match remedy:
            case Say("missing", "em"):
                return "allow missing values"
            case Say(parameter, value):
                return f"set {self.parameter(parameter)} to {value!r}"
            case ChooseColumns(columns):
                return f"choose columns of numbers: {shown(columns)}"
            case LeaveOutColumns(columns):
                return f"leave {shown(columns)} out of the columns"
        return super().remedy(remedy)


PAGE = Page()


def field_of(error: BactrianError, at: str | None) -> str | None:
    """Input of the page that an error belongs to.

    Parameters
    ----------
    error : BactrianError
    at : str or None
        The input that was read when it arose. Data are to blame for what is wrong with them, and
        for a parameter only if the page has none.
    """
    if isinstance(error, DataError):
        return at or _OF_CODES.get(error.code, "dataset")
    if error.code in _OF_CODES:
        return _OF_CODES[error.code]
    name = error.subject.name if isinstance(error.subject, Parameter) else ""
    name = _INPUTS.get(name, name)
    return name if name in FIELDS else at
