"""Numbers against which the page's own mathematics is tested, written to a JSON file.

``python tests/web/page_oracles.py`` writes them anew. The densities are those of this library, the
curves SciPy's and NumPy's.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import gammaln
from scipy.stats import f, gaussian_kde, norm

from bactrian.bayes import NormalMean
from bactrian.core.covariance import covariance_structure
from bactrian.core.estep.density import responsibilities
from bactrian.core.values.parameters import Parameters
from bactrian.core.values.point_masses import PointMasses
from bactrian.mixture import Mixture

FILE = Path(__file__).parents[2] / "frontend" / "src" / "mathematics" / "oracles.json"


def covariances(rng: np.random.Generator, scales: list[float], d: int) -> np.ndarray:
    turns = [np.linalg.qr(rng.standard_normal((d, d)))[0] for _ in scales]
    spectra = [scale**2 * np.geomspace(1.0, 20.0, d) for scale in scales]
    return np.array([(q * s) @ q.T for q, s in zip(turns, spectra, strict=True)])


def mixture(seed: int, k: int, d: int, offset: float = 0.0, **more: Any) -> Parameters:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(k, 3.0)) * (0.9 if "noise" in more else 1.0)
    means = offset + 4 * rng.standard_normal((k, d))
    dense = covariances(rng, list(np.linspace(0.3, 1.5, k)), d)
    return Parameters(weights, means, dense, covariance_structure("full"), **more)


ONE = PointMasses(np.array([0]), np.array([0.1]), np.array([[0.4]]))


def masses(n_terms: int) -> PointMasses:
    """Two values in the first of three columns, one in the last."""
    shares = np.random.default_rng(0).dirichlet(np.ones(4), size=n_terms)
    return PointMasses(np.array([0, 0, 2]), np.array([-1.0, 0.1, 0.0]), shares[:, :3])


def rows(parameters: Parameters, n: int, missing: float) -> np.ndarray:
    rng = np.random.default_rng(n)
    which = rng.integers(parameters.n_components, size=n)
    X = parameters.means[which] + 2 * rng.standard_normal((n, parameters.n_features))
    X[0] += 1e4  # so far out that every density is 0
    if missing > 0:
        X[rng.random(X.shape) < missing] = np.nan
        X[1] = np.nan
    return X


def evaluated(parameters: Parameters, X: np.ndarray) -> tuple[list[float], list[list[float]]]:
    """Of each row, by what is observed of it."""
    densities, resp = [], []
    for x in X:
        seen = np.flatnonzero(~np.isnan(x))
        if len(seen) == 0:
            densities.append(0.0)
            resp.append(parameters.term_weights.tolist())
            continue
        one, probable = responsibilities(x[None, seen], parameters.marginal(seen).terms())
        densities.append(float(one[0]))
        resp.append(probable[0].tolist())
    return densities, resp


def as_page(parameters: Parameters) -> dict[str, Any]:
    """A mixture as the server gives it."""
    noise = None
    if parameters.noise is not None:
        low, high = parameters.noise.tolist()
        noise = {
            "weight": float(parameters.term_weights[-1]),
            "log_density": float(parameters.noise_log_density[0]),
            "lowest": low,
            "highest": high,
        }
    spikes = None
    if parameters.spikes is not None:
        own = parameters.spikes
        spikes = [
            {"column": int(j), "value": float(value), "shares": shares.tolist()}
            for j, value, shares in zip(own.columns, own.values, own.shares.T, strict=True)
        ]
    return {
        "weights": parameters.weights.tolist(),
        "means": parameters.means.tolist(),
        "covariances": parameters.dense_covariances().tolist(),
        "noise": noise,
        "dof": None if parameters.dof is None else parameters.dof.tolist(),
        "spikes": spikes,
    }


def density_case(name: str, parameters: Parameters, missing: float = 0.0) -> dict[str, Any]:
    X = rows(parameters, 12, missing)
    if parameters.spikes is None:
        densities, resp = evaluated(parameters, X)
    else:
        of_terms = np.arange(len(X)) % parameters.n_terms
        X = parameters.spikes.placed(X, of_terms, np.random.RandomState(0))
        mixed = Mixture.from_parameters(parameters)
        densities, resp = mixed.log_density(X).tolist(), mixed.responsibilities(X).tolist()
    cells = [[None if np.isnan(cell) else cell for cell in row] for row in X.tolist()]
    numbers = {"rows": cells, "log_densities": densities, "responsibilities": resp}
    return {"name": name, "mixture": as_page(parameters), **numbers}


def kernel_case(name: str, values: np.ndarray) -> dict[str, Any]:
    low, high = float(values.min()) - 1.0, float(values.max()) + 1.0
    kernel = gaussian_kde(values)
    edges = np.histogram_bin_edges(values, bins="fd")
    return {
        "name": name,
        "values": values.tolist(),
        "low": low,
        "high": high,
        "bandwidth": float(kernel.factor * values.std(ddof=1)),
        "density": kernel(np.linspace(low, high, 41)).tolist(),
        "counts": np.histogram(values, edges)[0].tolist(),
    }


def ellipse_case(parameters: Parameters) -> dict[str, Any]:
    """Half axes and angle of the longer, of each component's first two features."""
    found = []
    for mean, covariance in zip(parameters.means, parameters.dense_covariances(), strict=True):
        spectrum, vectors = np.linalg.eigh(covariance[:2, :2])
        short, long = np.sqrt(spectrum).tolist()
        angle = float(np.arctan2(vectors[1, 1], vectors[0, 1]))
        found.append({"x": mean[0], "y": mean[1], "long": long, "short": short, "angle": angle})
    return {"mixture": as_page(parameters), "ellipses": found}


def normal_mean_case(prior: NormalMean, values: list[float]) -> dict[str, Any]:
    after = prior.updated(values)
    ends = after.interval(0.95)
    law = norm(after.mean, np.sqrt(after.variance))
    return {
        "prior": {"location": prior.location, "variance": prior.variance},
        "known": prior.known_variance,
        "values": values,
        "posterior": {"location": after.location, "variance": after.variance},
        "ends": list(ends),
        "heights": law.pdf(ends).tolist(),
    }


def oracles() -> dict[str, Any]:
    """All of them."""
    box = np.array([[-12.0, -11.0, -10.0], [14.0, 12.0, 13.0]])
    rng = np.random.default_rng(7)
    two_groups = np.r_[rng.normal(0, 1, 60), rng.normal(6, 0.5, 40)]
    cases = [
        density_case("one feature", mixture(1, 2, 1)),
        density_case("two features", mixture(2, 3, 2)),
        density_case("eight features", mixture(3, 4, 8)),
        density_case("far from the origin", mixture(4, 3, 2, offset=1e6)),
        density_case("missing values", mixture(5, 3, 3), missing=0.4),
        density_case("noise", mixture(6, 2, 3, noise=box)),
        density_case("noise and missing values", mixture(6, 2, 3, noise=box), missing=0.4),
        density_case("point masses", mixture(9, 2, 3, spikes=masses(2))),
        density_case(
            "point masses, noise and missing values",
            mixture(6, 2, 3, noise=box, spikes=masses(3)),
            missing=0.3,
        ),
        density_case("a point mass, one column", mixture(10, 2, 1, spikes=ONE)),
        density_case("t, own degrees of freedom", mixture(7, 3, 2, dof=np.array([2.5, 8, 90]))),
        density_case("t, shared, missing", mixture(8, 2, 3, dof=np.array([4.0])), missing=0.4),
    ]
    kernels = [kernel_case("two groups", two_groups), kernel_case("far", two_groups + 1e6)]
    places = [0.01, 0.5, 1.0, 2.5, 11.9, 12.0, 100.5, 1e6]
    return {
        "densities": cases,
        "kernels": kernels,
        "ellipses": ellipse_case(mixture(9, 4, 3)),
        "normal_means": [
            normal_mean_case(NormalMean(60.0, 25.0, 196.0), [79.0, 54.0, 74.0]),
            normal_mean_case(NormalMean(-3.0, 4.0, 0.25), []),
            normal_mean_case(NormalMean(1e6, 1e-4, 9.0), list(1e6 + two_groups)),
        ],
        "credible_radii": [
            [dof, share, float(np.sqrt(2 * f.ppf(share, 2, dof)))]
            for dof, share in [(1.0, 0.95), (2.5, 0.5), (170.0, 0.95), (1e7, 0.99)]
        ],
        "log_gammas": [[x, float(gammaln(x))] for x in places],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(oracles(), indent=1) + "\n", encoding="utf-8")
