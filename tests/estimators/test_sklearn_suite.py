"""scikit-learn's own tests of its mixture, run against ours.

The modules are taken from the installed wheel with ``GaussianMixture`` exchanged. Left out are
tests of scikit-learn's private functions, which need no estimator, and of its exact wording,
each of which has its counterpart in test_messages.py. Array namespaces other than NumPy's are no
part of this class.
"""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest
import sklearn.mixture
from sklearn.utils import _array_api

from bactrian import GaussianMixture

# scikit-learn runs them with this warning let through: some fit three rows or stop early.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

PRIVATE = "tests private functions of scikit-learn, not an estimator"
WORDING = "asks for scikit-learn's wording; test_messages.py asks for ours"
REFUSAL = "asks for a refusal: with arrays of other kinds scikit-learn cannot start by k-means"
LEFT_OUT = {
    "test_suffstat_sk_full": PRIVATE,
    "test_suffstat_sk_tied": PRIVATE,
    "test_suffstat_sk_diag": PRIVATE,
    "test_gaussian_suffstat_sk_spherical": PRIVATE,
    "test_compute_log_det_cholesky": PRIVATE,
    "test_gaussian_mixture_log_probabilities": PRIVATE,
    "test_gaussian_mixture_precisions_init": PRIVATE,
    "test_gaussian_mixture_all_init_does_not_estimate_gaussian_parameters": PRIVATE,
    "test_check_weights": WORDING,
    "test_check_means": WORDING,
    "test_check_precisions": WORDING,
    "test_regularisation": WORDING,
    "test_gaussian_mixture_fit_convergence_warning": WORDING,
    "test_gaussian_mixture_raises_where_array_api_not_implemented": REFUSAL,
}


def one_start(n_components: int = 1, **settings: object) -> GaussianMixture:
    """Ours with scikit-learn's default of one start."""
    return GaussianMixture(n_components, **{"n_init": 1, **settings})


def _with_ours(name: str, ours: object = GaussianMixture) -> ModuleType:
    """A copy of one of scikit-learn's test modules that tests our class."""
    spec = importlib.util.find_spec(f"sklearn.mixture.tests.{name}")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sklearn.mixture, "GaussianMixture", ours)
        combinations = _array_api.yield_namespace_device_dtype_combinations
        installed = [c for c in combinations() if c[0] == "numpy"]
        patch.setattr(_array_api, combinations.__name__, lambda: installed)
        spec.loader.exec_module(module)
    return module


def _tests(module: ModuleType) -> dict[str, object]:
    return {name: value for name, value in vars(module).items() if name.startswith("test_")}


_found = {
    **_tests(_with_ours("test_gaussian_mixture")),
    **_tests(_with_ours("test_mixture")),
    # That five starts are no worse than the default is told of one start. Ours are up to 30.
    "test_multiple_init": _tests(_with_ours("test_gaussian_mixture", one_start))[
        "test_multiple_init"
    ],
}
globals().update({name: test for name, test in _found.items() if name not in LEFT_OUT})


def test_nothing_is_left_out_unnamed():
    assert set(LEFT_OUT) <= set(_found)
    assert len(_found) - len(LEFT_OUT) >= 29
