"""The settings of a fit: their names, choices and defaults, defined once for all faces.

The estimators, the command line, the calculator's API and its page take them from here. Nothing
is imported, so that ``--help`` is quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final


@final
@dataclass(frozen=True)
class Number:
    """The numbers that a setting can be.

    Parameters
    ----------
    least : int
    whole : bool, default=False
    unit : str, default="n"
        What it is a number of.
    """

    least: int
    whole: bool = False
    unit: str = "n"

    def __str__(self) -> str:
        kind = "whole number" if self.whole else "number"
        return f"a {kind} of at least {self.least}"


@final
@dataclass(frozen=True, eq=False)
class Setting:
    """A parameter of :class:`~bactrian.GaussianMixture`, with its name on the command line.

    Parameters
    ----------
    name : str
    default : object
    about : str, default=""
        What it says, in words for the command line and the page, without a full stop.
    choices : mapping of str to str
        Words that it can be, and what each means.
    number : Number, default=None
        Numbers that it can be.
    option : str, default=""
        Of the command line; "" if that does not have it.
    on_page : bool, default=False
        Whether the calculator has it.
    """

    name: str
    default: Any
    about: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    number: Number | None = None
    option: str = ""
    on_page: bool = False

    @property
    def spoken(self) -> Any:
        """The default in words; None is "none" if that is a choice."""
        return "none" if self.default is None and "none" in self.choices else self.default

    def value(self, spoken: Any) -> Any:
        """The estimator's value for what was said on the command line or the page."""
        return self.default if spoken == self.spoken else spoken


@final
@dataclass(frozen=True)
class Structure:
    """A covariance structure.

    Parameters
    ----------
    name : str
        scikit-learn's, or the letters.
    letters : str
        Volume, shape and orientation: equal, variable or identity, as in mclust; "" if they do
        not say it.
    about : str
        A sentence.
    """

    name: str
    letters: str
    about: str


STRUCTURES = (
    Structure("full", "VVV", "Each component has a shape, size and direction of its own."),
    Structure("tied", "EEE", "All components have the same shape, size and direction."),
    Structure(
        "diag",
        "VVI",
        "Each component has its own spread along each column, with no correlation.",
    ),
    Structure("spherical", "VII", "Each component is round, with a size of its own."),
    Structure("EII", "EII", "All components are round and of the same size."),
    Structure(
        "EEI",
        "EEI",
        "All components have the same spread along each column, with no correlation.",
    ),
    Structure("VEI", "VEI", "Components lie along the columns, of one shape and their own sizes."),
    Structure("EVI", "EVI", "Components lie along the columns, of one size and their own shapes."),
    Structure("VEE", "VEE", "Components have one shape and direction, and their own sizes."),
    Structure("EVE", "EVE", "Components have one size and direction, and their own shapes."),
    Structure("VVE", "VVE", "Components have one direction, and their own sizes and shapes."),
    Structure("EEV", "EEV", "Components have one size and shape, and their own directions."),
    Structure("VEV", "VEV", "Components have one shape, and their own sizes and directions."),
    Structure("EVV", "EVV", "Components have one size, and their own shapes and directions."),
)
STRUCTURE_NAMES = tuple(structure.name for structure in STRUCTURES)
# In mclust's order: by orientation, then shape, then volume.
MCLUST_NAMES = tuple(
    sorted(
        (structure.letters for structure in STRUCTURES if structure.letters),
        key=lambda letters: ["IEV".index(letter) for letter in reversed(letters)],
    )
)
ONE_FEATURE = {"E": "EEE", "V": "VVV"}  # names that say all there is to say of one feature
COVARIANCE_TYPES = (
    *(name for name in STRUCTURE_NAMES if name not in MCLUST_NAMES),
    *MCLUST_NAMES,
    *ONE_FEATURE,
)

N_COMPONENTS = Setting(
    "n_components",
    1,
    "Number of components (distributions) in the mixture",
    number=Number(1, whole=True, unit="k"),
    option="--components",
    on_page=True,
)
MAX_ITER = Setting(
    "max_iter",
    1000,
    "Largest number of EM iterations for each start; a fit that stops there is unfinished",
    number=Number(0, whole=True),
    option="--max-iter",
    on_page=True,
)
TOL = Setting(
    "tol",
    1e-7,
    "EM may stop when an iteration gains less than this (log-likelihood a row), or as the "
    "stopping rule says",
    number=Number(0, unit="nats"),
    option="--tol",
    on_page=True,
)
COVARIANCE_TYPE = Setting(
    "covariance_type",
    "full",
    "What the covariances have in common: volume, shape or orientation",
    choices=dict.fromkeys(COVARIANCE_TYPES, ""),
    option="--covariance",
    on_page=True,
)
INIT_PARAMS = Setting(
    "init_params",
    "auto",
    "How the starting values are found, from which EM climbs",
    choices={
        "auto": "k-means, k-means++ and rows drawn at random, in turn",
        "kmeans": "the clusters that k-means finds",
        "k-means++": "rows far from each other as means, each with the rows nearest to it",
        "random": "each row is shared among components at random, so that all means start close",
        "random_from_data": "K rows as means",
        "sample_variance": "K rows as means, the covariance of all rows, and equal weights",
        "hierarchical": "groups merged one by one by likelihood, of 2,000 rows at most; one start",
        "ward": "groups merged one by one by Ward's criterion, of 2,000 rows at most; one start",
    },
    option="--init",
    on_page=True,
)
N_INIT = Setting(
    "n_init",
    "auto",
    "Number of starts; the best is kept",
    choices={"auto": "until the best was reached three times, 30 at most"},
    number=Number(1, whole=True),
    option="--n-init",
    on_page=True,
)
STOPPING = Setting(
    "stopping",
    "auto",
    "What must fall below the tolerance before EM stops",
    choices={
        "auto": "the last gain, and no slope, plateau or saddle is left",
        "log_likelihood": "the last gain",
        "aitken": "the gain still to come, by Aitken's estimate",
        "parameters": "all changes of the parameters, in the scale of the data",
    },
    option="--stopping",
    on_page=True,
)
ACCELERATION = Setting(
    "acceleration",
    "auto",
    "Whether to extrapolate EM from its last steps when it is slow",
    choices={
        "auto": "yes, but not if the stopping rule is log_likelihood",
        "anderson": "yes, whenever that raises the likelihood",
        "none": "no, every step is plain EM",
    },
    option="--acceleration",
    on_page=True,
)
REG_COVAR = Setting(
    "reg_covar",
    "auto",
    "Number to add to all variances in each step",
    choices={"auto": "none, but no variance falls below 1e-9 of the variance of its column"},
    number=Number(0, unit="variance"),
    option="--reg-covar",
    on_page=True,
)
EQUAL_WEIGHTS = Setting(
    "equal_weights",
    False,
    "Hold all weights at 1 / K instead of estimating them",
    option="--equal-weights",
    on_page=True,
)
MISSING = Setting(
    "missing",
    "em",
    "What to do with empty cells, NA and similar",
    choices={
        "em": "use the values that each row has",
        "error": "refuse them",
    },
    option="--missing",
    on_page=True,
)
NOISE = Setting(
    "noise",
    False,
    "Add a uniform background over the range of the data for rows that fit no component",
    option="--noise",
    on_page=True,
)
NOISE_INIT = Setting("noise_init", 0.05, "Starting weight of the noise", option="--noise-init")
SPIKES = Setting(
    "spikes",
    None,
    "Values that rows may have with a probability of their own (point masses), such as zeros, "
    "or a sensor's limit",
    choices={
        "none": "no such values",
        "auto": "those that stand out of a column because many rows equal them",
    },
    option="--spikes",
    on_page=True,
)
FAMILY = Setting(
    "family",
    "gaussian",
    "How fast the density falls away from a component's centre",
    choices={
        "gaussian": "fast, so that a few distant rows move means and covariances",
        "t": "slowly, as the rows require, so that distant rows count less (t distributions)",
    },
    option="--family",
    on_page=True,
)
DOF = Setting(
    "dof",
    "shared",
    "Degrees of freedom of the t distributions, or how they are estimated",
    choices={"shared": "one for all components", "each": "one for each"},
    option="--dof",
)
PRIOR = Setting(
    "prior",
    None,
    "What to assume before the data are seen",
    choices={
        "none": "nothing, so that the likelihood is maximised",
        "default": "weakly, that components are like the data, but smaller, so that none "
        "collapses",
    },
    option="--prior",
    on_page=True,
)
EIGENVALUE_RATIO = Setting(
    "eigenvalue_ratio",
    None,
    "Largest ratio of the largest to the smallest eigenvalue of all covariances, with columns "
    "measured in their standard deviations. By default there is no limit",
    number=Number(1, unit="ratio"),
    option="--eigenvalue-ratio",
)
FIXED = Setting(
    "fixed",
    None,
    "Parameters held at their starting values",
    choices=dict.fromkeys(("weights", "means", "covariances"), ""),
    option="--fixed",
)
LABELS = Setting(
    "labels",
    "auto",
    choices={
        "auto": "used if some are unknown, or if they are a matrix",
        "use": "used",
        "ignore": "ignored",
    },
)
SETTINGS = {
    setting.name: setting
    for setting in (
        N_COMPONENTS,
        MAX_ITER,
        TOL,
        COVARIANCE_TYPE,
        INIT_PARAMS,
        N_INIT,
        Setting("weights_init", None, "Weights to start from", option="--start-weights"),
        Setting("means_init", None, "Means to start from", option="--start-mean"),
        Setting("precisions_init", None, "Inverse covariances to start from"),
        Setting("resp_init", None),
        Setting("random_state", None, "Seed of the starts", option="--seed"),
        Setting("warm_start", False),
        STOPPING,
        ACCELERATION,
        REG_COVAR,
        EQUAL_WEIGHTS,
        PRIOR,
        EIGENVALUE_RATIO,
        Setting("half_life", None),
        FIXED,
        FAMILY,
        DOF,
        MISSING,
        NOISE,
        NOISE_INIT,
        SPIKES,
        LABELS,
        Setting("backend", "auto"),
        Setting("n_jobs", None, "Threads", option="--jobs"),
        Setting("verbose", 0),
        Setting("verbose_interval", 10),
        Setting("callback", None),
    )
}
ESTIMATION = Setting(
    "estimation",
    "likelihood",
    "What is estimated",
    choices={
        "likelihood": "the parameters under which the rows are most probable",
        "bayes": "a posterior, how probable all parameters are (variational Bayes); components "
        "that are not needed hold no row",
    },
    option="--bayes",
    on_page=True,
)
BAYES = {
    setting.name: setting
    for setting in (
        Setting(
            "weight_concentration_prior_type",
            "dirichlet_process",
            "What is known of the weights before the data are seen",
            choices={
                "dirichlet_process": "there are infinitely many components, and the first K may "
                "hold rows",
                "dirichlet_distribution": "there are K components",
            },
            option="--weight-concentration-prior-type",
            on_page=True,
        ),
        Setting(
            "weight_concentration_prior",
            None,
            "Concentration of the weights: the larger, the more components hold rows. By default "
            "1 / K",
            number=Number(0),
            option="--weight-concentration-prior",
            on_page=True,
        ),
        Setting(
            "weight_concentration_hyperprior",
            None,
            "Shape and rate of a gamma distribution: learn the concentration, with this prior",
            option="--weight-concentration-hyperprior",
        ),
        Setting(
            "mean_precision_prior",
            None,
            "How many rows the prior mean of each component is worth. By default 1",
            number=Number(0),
            option="--mean-precision-prior",
            on_page=True,
        ),
        Setting(
            "mean_prior",
            None,
            "Prior mean of the components, in units of the data. By default the mean of the data",
            option="--mean-prior",
        ),
        Setting(
            "degrees_of_freedom_prior",
            None,
            "How many rows the prior scatter is worth. By default the number of columns",
            number=Number(0),
            option="--degrees-of-freedom-prior",
            on_page=True,
        ),
        Setting(
            "covariance_prior",
            None,
            "Prior scatter, degrees of freedom times a covariance, row by row. By default the "
            "covariance of the data",
            option="--covariance-prior",
        ),
        Setting("moves", True),
    )
}
"""Settings of :class:`~bactrian.BayesianGaussianMixture` that maximum likelihood has not."""
LIKELIHOOD_ALONE = (
    "equal_weights", "prior", "eigenvalue_ratio", "family", "dof", "spikes", "fixed",
    "weights_init", "means_init", "precisions_init",
)  # fmt: skip
"""Settings of maximum likelihood that a posterior has not."""
PARTITION_LOSSES = ("vi", "binder")
"""Between partitions: variation of information, and Binder's."""
SEED = 0  # of the command line and the page, so that the same gives the same

MEASURES = ("bic", "aic", "aicc", "icl", "caic", "hq", "cv")  # that a search can rank by
SIGNS = {"lower": 1, "mclust": -1}  # of a criterion: lower is better, or mclust's, the opposite
BOOTSTRAP_METHODS = ("weighted", "nonparametric")
BOOTSTRAP_INTERVALS = ("percentile", "basic", "bias_corrected")
ASSIGNMENTS = ("hard", "soft")
EXPORT_FORMATS = ("sklearn", "onnx")
TABLE_FORMATS = ("csv", "tsv", "parquet", "arrow", "feather", "npy")
THOUSANDS = ("none", ",", ".", "space", "apostrophe")  # marks between them
