"""Convert a fitted mixture to and from values, files and scikit-learn."""

from __future__ import annotations

import os
from typing import Any, Self

from bactrian.estimators.conversion import model_of, restored
from bactrian.estimators.fitted import FittedMixture
from bactrian.mixture import Mixture, Scaling
from bactrian.storage import MixtureModel, load_model


class StoredMixture(FittedMixture):
    """A fitted mixture that can be stored and restored."""

    def to_model(self, scaling: Scaling | None = None) -> MixtureModel:
        """The fitted mixture with what is known of its fit, as a value.

        Parameters
        ----------
        scaling : Scaling, default=None
            If the estimator was fitted to ``(x - centre) / scale``. The model is then one of x,
            its likelihoods and criteria too.
        """
        return model_of(self, scaling)

    @classmethod
    def from_mixture(cls, mixture: Mixture) -> Self:
        """Make a fitted estimator from a mixture, in units of the data.

        Of a :class:`~bactrian.MixtureModel` it has the settings of the fit, as far as they are
        there (no callback, no starting values); ``fit_report_`` is there if ``training`` holds
        all of it.

        Parameters
        ----------
        mixture : Mixture or MixtureModel
        """
        return restored(cls(), mixture)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted mixture to a model file (JSON), completely or not at all.

        Raises
        ------
        ModelFileError
            If it cannot be written.
        """
        self.to_model().save(path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a fitted mixture from a model file. Nothing in the file is executed.

        Raises
        ------
        ModelFileError
            If there is none, or anything in it is not as it should be.
        """
        return cls.from_mixture(load_model(path))

    def to_sklearn(self) -> Any:
        """A fitted :class:`sklearn.mixture.GaussianMixture` of the same mixture.

        Labels, probabilities and densities agree, up to scikit-learn's rounding.

        Raises
        ------
        BadInputError
            If it has noise, t distributions or point masses, which scikit-learn does not have.
        """
        from bactrian.estimators.scikit_learn import to_sklearn

        return to_sklearn(self)

    @classmethod
    def from_sklearn(cls, model: Any) -> Self:
        """Make a fitted estimator from a fitted :class:`sklearn.mixture.GaussianMixture`.

        It has the same settings, scikit-learn's stopping rule included. There is no
        ``fit_report_``.
        """
        from bactrian.estimators.scikit_learn import from_sklearn

        return from_sklearn(cls(), model)
