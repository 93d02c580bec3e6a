// Written from openapi.json by dev/vocabulary.js.
export const SETTINGS = {
  n_components: {
    kind: "whole",
    default: 2,
    about: "Number of components (distributions) in the mixture.",
    choices: {},
  },
  max_iter: {
    kind: "whole",
    default: 100,
    about: "Largest number of EM iterations for each start; a fit that stops there is unfinished.",
    choices: {},
  },
  tol: {
    kind: "number",
    default: 0.0001,
    about:
      "EM may stop when an iteration gains less than this (log-likelihood a row), or as the stopping rule says.",
    choices: {},
  },
  covariance_type: {
    kind: "word",
    default: "full",
    about: "What the covariances have in common: volume, shape or orientation.",
    choices: {
      full: "",
      tied: "",
      diag: "",
      spherical: "",
      EII: "",
      VII: "",
      EEI: "",
      VEI: "",
      EVI: "",
      VVI: "",
      EEE: "",
      VEE: "",
      EVE: "",
      VVE: "",
      EEV: "",
      VEV: "",
      EVV: "",
      VVV: "",
      E: "",
      V: "",
    },
  },
  init_params: {
    kind: "word",
    default: "auto",
    about: "How the starting values are found, from which EM climbs.",
    choices: {
      auto: "k-means, k-means++ and rows drawn at random, in turn",
      kmeans: "the clusters that k-means finds",
      "k-means++": "rows far from each other as means, each with the rows nearest to it",
      random: "each row is shared among components at random, so that all means start close",
      random_from_data: "K rows as means",
      sample_variance: "K rows as means, the covariance of all rows, and equal weights",
      hierarchical: "groups merged one by one by likelihood, of 2,000 rows at most; one start",
      ward: "groups merged one by one by Ward's criterion, of 2,000 rows at most; one start",
    },
  },
  n_init: {
    kind: "whole",
    default: "auto",
    about: "Number of starts; the best is kept.",
    choices: { auto: "until the best was reached three times, 30 at most" },
  },
  stopping: {
    kind: "word",
    default: "auto",
    about: "What must fall below the tolerance before EM stops.",
    choices: {
      auto: "the last gain, and no slope, plateau or saddle is left",
      log_likelihood: "the last gain",
      aitken: "the gain still to come, by Aitken's estimate",
      parameters: "all changes of the parameters, in the scale of the data",
    },
  },
  acceleration: {
    kind: "word",
    default: "none",
    about: "Whether to extrapolate EM from its last steps when it is slow.",
    choices: {
      auto: "yes, but not if the stopping rule is log_likelihood",
      anderson: "yes, whenever that raises the likelihood",
      none: "no, every step is plain EM",
    },
  },
  reg_covar: {
    kind: "number",
    default: "auto",
    about: "Number to add to all variances in each step.",
    choices: { auto: "none, but no variance falls below 1e-9 of the variance of its column" },
  },
  equal_weights: {
    kind: "switch",
    default: false,
    about: "Hold all weights at 1 / K instead of estimating them.",
    choices: {},
  },
  prior: {
    kind: "word",
    default: "none",
    about: "What to assume before the data are seen.",
    choices: {
      none: "nothing, so that the likelihood is maximised",
      default: "weakly, that components are like the data, but smaller, so that none collapses",
    },
  },
  family: {
    kind: "word",
    default: "gaussian",
    about: "How fast the density falls away from a component's centre.",
    choices: {
      gaussian: "fast, so that a few distant rows move means and covariances",
      t: "slowly, as the rows require, so that distant rows count less (t distributions)",
    },
  },
  missing: {
    kind: "word",
    default: "em",
    about: "What to do with empty cells, NA and similar.",
    choices: { em: "use the values that each row has", error: "refuse them" },
  },
  noise: {
    kind: "switch",
    default: false,
    about: "Add a uniform background over the range of the data for rows that fit no component.",
    choices: {},
  },
  spikes: {
    kind: "array",
    default: "none",
    about:
      "Values that rows may have with a probability of their own (point masses), such as zeros, or a sensor's limit.",
    choices: {
      none: "no such values",
      auto: "those that stand out of a column because many rows equal them",
    },
  },
  means_init: { kind: "array", default: null, about: "", choices: {} },
  estimation: {
    kind: "word",
    default: "likelihood",
    about: "What is estimated.",
    choices: {
      likelihood: "the parameters under which the rows are most probable",
      bayes:
        "a posterior, how probable all parameters are (variational Bayes); components that are not needed hold no row",
    },
  },
  seed: { kind: "whole", default: 0, about: "", choices: {} },
  standardize: { kind: "switch", default: false, about: "", choices: {} },
} as const;
export const CRITERIA = ["bic", "aic", "icl"] as const;
