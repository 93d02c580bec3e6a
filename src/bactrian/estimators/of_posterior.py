"""Settings of a posterior, from those of maximum likelihood."""

from __future__ import annotations

from typing import Any

from bactrian.errors import BadInputError
from bactrian.estimators.bayesian_mixture import BayesianGaussianMixture
from bactrian.vocabulary import LIKELIHOOD_ALONE, SETTINGS, TOL


def settings_of_posterior(settings: dict[str, Any]) -> dict[str, Any]:
    """Parameters of :class:`~bactrian.BayesianGaussianMixture`.

    Parameters
    ----------
    settings : dict
        Parameters of :class:`~bactrian.GaussianMixture`; a tolerance that is its default becomes
        that of a posterior.

    Raises
    ------
    BadInputError
        If one of them has no meaning for a posterior.
    """
    for name in LIKELIHOOD_ALONE:
        default = SETTINGS[name].default
        value = settings.get(name, default)
        if value is not default and (not isinstance(default, str | bool) or value != default):
            raise BadInputError(
                name,
                repr(value)[:60],
                f"{SETTINGS[name].spoken!r} for a posterior",
                "Only maximum likelihood has it.",
                code="do_not_go_together",
            )
    known = BayesianGaussianMixture().get_params()
    own = {name: value for name, value in settings.items() if name in known}
    if own.get("tol") == TOL.default:
        del own["tol"]
    return own
