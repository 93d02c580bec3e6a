"""Check a request before there is a job: whether it is valid and can be fitted."""

from __future__ import annotations

from itertools import product
from typing import Any

from pydantic import BaseModel, ValidationError

from bactrian.core.covariance import covariance_structure
from bactrian.errors import BadInputError
from bactrian.estimators.bayesian_mixture import BayesianGaussianMixture
from bactrian.estimators.gaussian_mixture import GaussianMixture
from bactrian.estimators.of_posterior import settings_of_posterior
from bactrian.estimators.settings import check_settings
from bactrian.phrases import Parameter, Phrase
from bactrian.selection.search.request import counts_of, structures_of
from bactrian.selection.search.trial import OF_ONE_CANDIDATE
from bactrian.tables.checks import check_enough
from bactrian.web.orders import DataShape
from bactrian.web.problems import RefusalError, unusable
from bactrian.web.schema import SearchRequest, Settings
from bactrian.web.work.child import Tell


def look_through(kind: type[BaseModel], content: bytes, tell: Tell) -> bytes:
    """Refuse content that does not have the shape of its class."""
    try:
        kind.model_validate_json(content)
    except ValidationError as error:
        raise RefusalError(unusable(error)) from None
    return b""


def check_fit(settings: Settings, shape: DataShape, tell: Tell) -> bytes:
    """Refuse settings that cannot fit any rows with that shape."""
    _check_units(settings)
    check_enough(shape.n_rows, shape.n_columns, settings.n_components, shape.label)
    if settings.estimation == "bayes":
        own = BayesianGaussianMixture(**settings_of_posterior(settings.parameters))
        check_settings(own, (shape.n_rows, shape.n_columns))
    else:
        _check(settings.parameters, shape)
    return b""


def check_search(request: SearchRequest, shape: DataShape, tell: Tell) -> bytes:
    """Refuse a search that would fail for all its candidates, for rows with that shape.

    A fault of single candidates is told in their rows of the result.
    """
    parameters = request.settings.parameters
    _check_units(request.settings)
    covariance_structure(parameters["covariance_type"])  # which no candidate takes
    counts = counts_of(request.n_components)
    structures = structures_of(request.covariance_types, shape.n_columns)
    pairs = list(product(sorted(counts), structures))
    check_enough(shape.n_rows, shape.n_columns, pairs[0][0], shape.label)
    faults: list[BadInputError] = []
    for count, name in pairs:
        try:
            _check({**parameters, "n_components": count, "covariance_type": name}, shape)
        except BadInputError as error:
            if error.name not in OF_ONE_CANDIDATE:
                raise
            faults.append(error)
    if len(faults) == len(pairs):
        raise faults[0]
    return b""


def _check_units(settings: Settings) -> None:
    """Refuse z-scores if given numbers are in units of the data."""
    own = {"precisions_init": settings.precisions_init, "prior": settings.prior}
    for name, value in own.items():
        if settings.standardize and value is not None and not isinstance(value, str):
            remedy = Phrase("Leave out ", Parameter("standardize"), ".")
            got = "numbers, which are of the data"
            wanted = "without numbers where the fit is of z-scores"
            raise BadInputError(name, got, wanted, remedy, code="do_not_go_together")


def _check(parameters: dict[str, Any], shape: DataShape) -> None:
    check_settings(GaussianMixture(**parameters), (shape.n_rows, shape.n_columns))
