"""What to fit, and how."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from bactrian.vocabulary import COVARIANCE_TYPE, SEED, SETTINGS, STRUCTURES, Setting
from bactrian.web.schema.values import Id, Many, Name, StructureName, Value, Whole, choices_of

OWN_DEFAULTS = {"n_components": 2, "max_iter": 100, "tol": 1e-4, "acceleration": "none"}


def _field(setting: Setting) -> Any:
    """Type and default of a setting, for the calculator."""
    kind: Any = bool
    if setting.number is not None:
        kind = Whole if setting.number.whole else float
    if setting.choices and setting.number is None:
        kind = Annotated[str, choices_of(setting)]
    elif setting.choices:
        kind = kind | Annotated[Literal[tuple(setting.choices)], choices_of(setting)]
    default = OWN_DEFAULTS.get(setting.name, setting.spoken)
    return kind, Field(default, description=f"{setting.about}.")


_Shared: Any = create_model(
    "Shared",
    __base__=Value,
    **{setting.name: _field(setting) for setting in SETTINGS.values() if setting.on_page},
)


class Settings(_Shared):
    """How to fit: parameters of bactrian.GaussianMixture, and whether to fit z-scores."""

    means_init: Many[Many[float]] | None = None
    seed: Whole = SEED
    standardize: bool = False

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of :class:`~bactrian.GaussianMixture`, in the units of the data."""
        given = self.model_dump(exclude={"seed", "standardize"})
        spoken = {name: SETTINGS[name].value(said) for name, said in given.items()}
        return {**spoken, "random_state": self.seed}


class RowsToFit(Value):
    """Rows to fit, in the named columns or all numeric ones; `weights` is a column of weights."""

    dataset: Id
    columns: Many[Name] | None = None
    weights: Name | None = None


class FitRequest(RowsToFit):
    """A mixture to fit."""

    settings: Settings = Settings()


class SearchRequest(RowsToFit):
    """Mixtures to fit and compare; they share all other settings."""

    n_components: Many[Whole] = Field(default=[1, 2, 3, 4, 5, 6], min_length=1, max_length=50)
    covariance_types: Many[StructureName] = Field(
        default=[COVARIANCE_TYPE.default], min_length=1, max_length=len(STRUCTURES)
    )
    criterion: Literal["bic", "aic", "icl"] = "bic"
    settings: Settings = Settings()
