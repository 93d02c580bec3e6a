"""What to fit, and how."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from bactrian.vocabulary import (
    COVARIANCE_TYPE,
    DOF,
    EIGENVALUE_RATIO,
    ESTIMATION,
    FIXED,
    NOISE,
    NOISE_INIT,
    PRIOR,
    SEED,
    SETTINGS,
    SPIKES,
    STRUCTURES,
    Setting,
)
from bactrian.web.schema.values import Id, Many, Name, StructureName, Value, Whole, choices_of

Numbers = float | Many[float] | Many[Many[float]]
Stack = Many[float] | Many[Many[float]] | Many[Many[Many[float]]]
OWN_DEFAULTS = {"n_components": 2, "max_iter": 100, "tol": 1e-4, "acceleration": "none"}


def _field(setting: Setting) -> Any:
    """Type and default of a setting, for the calculator."""
    kind: Any = bool
    if setting.number is not None:
        kind = Whole if setting.number.whole else float
    if setting.choices and setting.number is None:
        kind = Annotated[str, choices_of(setting)]
    elif setting.choices:
        kind = kind | _words(setting)
    default = OWN_DEFAULTS.get(setting.name, setting.spoken)
    return kind, Field(default, description=f"{setting.about}.")


def _words(setting: Setting) -> Any:
    """Type of a setting's words, if it can be numbers too."""
    return Annotated[Literal[tuple(setting.choices)], choices_of(setting)]


_Shared: Any = create_model(
    "Shared",
    __base__=Value,
    **{setting.name: _field(setting) for setting in SETTINGS.values() if setting.on_page},
)


def _for_programs(setting: Setting, more: str = "") -> Any:
    """Field of a setting without an input on the page."""
    extra: dict[str, Any] = {"x-for-programs": True}
    about = f"{setting.about}.{more}"
    return Field(setting.default, description=about, json_schema_extra=extra)


class Settings(_Shared):
    """How to fit: parameters of bactrian.GaussianMixture, and whether to fit z-scores.

    All numbers are in units of the data. `noise` may be the volume over which its density is 1,
    and `prior` an object that changes parts of the default: mean, shrinkage, scale, dof,
    concentration. A prior of numbers and precisions do not go with z-scores. `spikes` may be the
    values of a single column, or an object from columns to their values. A search maximises the
    likelihood, whatever `estimation` is.
    """

    noise: bool | float = Field(NOISE.default, description=f"{NOISE.about}.")
    prior: _words(PRIOR) | dict[str, Numbers] = Field(  # type: ignore[valid-type]
        PRIOR.spoken, description=f"{PRIOR.about}."
    )
    spikes: Many[float] | dict[Name, Many[float]] | _words(SPIKES) = Field(  # type: ignore[valid-type]
        SPIKES.spoken, description=f"{SPIKES.about}."
    )
    means_init: Many[Many[float]] | None = None
    weights_init: Many[float] | None = _for_programs(SETTINGS["weights_init"])
    precisions_init: Stack | None = _for_programs(
        SETTINGS["precisions_init"], " In the shape that scikit-learn gives covariances."
    )
    fixed: Many[Literal[tuple(FIXED.choices)]] | None = _for_programs(FIXED)  # type: ignore[valid-type]
    noise_init: float = _for_programs(NOISE_INIT)
    dof: _words(DOF) | float | Many[float] = _for_programs(  # type: ignore[valid-type]
        DOF, " Numbers are held: one, or one for each component."
    )
    eigenvalue_ratio: float | None = _for_programs(EIGENVALUE_RATIO)
    estimation: _words(ESTIMATION) = Field(  # type: ignore[valid-type]
        ESTIMATION.default, description=f"{ESTIMATION.about}."
    )
    seed: Whole = SEED
    standardize: bool = False

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of :class:`~bactrian.GaussianMixture`, in the units of the data."""
        given = self.model_dump(exclude={"seed", "standardize", "estimation"})
        spoken = {name: SETTINGS[name].value(said) for name, said in given.items()}
        return {**spoken, "random_state": self.seed}


class RowsToFit(Value):
    """Rows to fit, in the named columns or all numeric ones; `weights` is a column of weights."""

    dataset: Id
    columns: Many[Name] | None = None
    weights: Name | None = None

    @property
    def told(self) -> dict[str, str]:
        """Columns that are not fitted but describe the rows, by the field that names them."""
        return {} if self.weights is None else {"weights": self.weights}


class FitRequest(RowsToFit):
    """A mixture to fit; `labels` is a column of known components.

    These are 1 to K where all are whole numbers from 1; missing, or -1, where unknown.
    """

    labels: Name | None = None

    @property
    def told(self) -> dict[str, str]:
        """Columns that are not fitted but describe the rows, by the field that names them."""
        return super().told | ({} if self.labels is None else {"labels": self.labels})

    settings: Settings = Settings()


class SearchRequest(RowsToFit):
    """Mixtures to fit and compare; they share all other settings."""

    n_components: Many[Whole] = Field(default=[1, 2, 3, 4, 5, 6], min_length=1, max_length=50)
    covariance_types: Many[StructureName] = Field(
        default=[COVARIANCE_TYPE.default], min_length=1, max_length=len(STRUCTURES)
    )
    criterion: Literal["bic", "aic", "icl"] = "bic"
    settings: Settings = Settings()
