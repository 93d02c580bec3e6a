/** What the inputs are called and what they mean, a sentence each. */
export const SENTENCES = {
  n_components: "How many normal distributions the mixture is made of: the groups.",
  dimensions: "How many columns are fitted together; fewer picks columns.",
  max_iter: "The most iterations of EM from each start; a fit that stops here is unfinished.",
  tol: "EM may stop when an iteration gains less log-likelihood a row than this.",
  covariance_type:
    "What the covariances of the components have in common: volume, shape or orientation.",
  init_params: "How the first guess is made; EM climbs uphill from there.",
  n_init:
    "How many first guesses are tried; the best result is kept. auto: until the best was reached " +
    "three times, 30 at most.",
  means_init: "Means to start from, one row for each component, instead of drawn ones.",
  seed: "Fixes all random draws: the same seed gives the same fit again.",
  stopping: "What must have become small before EM stops.",
  acceleration: "Whether EM is extrapolated from past steps where it is slow.",
  reg_covar:
    "A number is added to all variances in every step. auto: nothing, but a bound keeps them from " +
    "vanishing.",
  prior: "What is held plausible before the data are seen.",
  missing: "How empty cells, NA and the like are treated.",
  family: "How fast the density falls away from a component's centre.",
  noise: "An even background over the range of the data takes in rows that fit no component.",
  equal_weights: "All weights are held at 1/K; only means and covariances are estimated.",
  standardize:
    "Fits z-scores (each column less its mean, over its standard deviation); results are in your " +
    "units.",
  weights: "A column that says for how many rows each row counts: 2 as two, 0 not at all.",
};

export const LABELS = {
  n_components: "Components K",
  dimensions: "Dimensions D",
  max_iter: "Maximum iterations",
  tol: "Tolerance",
  covariance_type: "Covariance structure",
  init_params: "Starting values",
  n_init: "Number of starts",
  means_init: "Starting means",
  seed: "Seed",
  stopping: "Stopping rule",
  acceleration: "Acceleration",
  reg_covar: "Added variance",
  prior: "Prior",
  missing: "Missing values",
  family: "Family",
  noise: "Noise component",
  equal_weights: "Equal weights",
  standardize: "Standardise",
  weights: "Row weights",
};

/** An option: its value, what it is called, and what it does. */
export type Option = readonly [value: string, label: string, sentence: string];

export const OPTIONS = {
  init_params: [
    ["auto", "Several kinds in turn", "k-means, k-means++ and rows drawn at random, in turn."],
    ["kmeans", "k-means", "The clusters that k-means finds."],
    ["k-means++", "k-means++", "Rows far from each other as means, each with the rows nearest."],
    [
      "random",
      "Random responsibilities",
      "Each row is shared out at random: all means begin close.",
    ],
    ["random_from_data", "Rows drawn at random", "K rows as means."],
    [
      "sample_variance",
      "Rows, with the sample variance",
      "K rows as means, the covariance of all rows for each, and equal weights.",
    ],
    [
      "hierarchical",
      "Hierarchical",
      "Groups merged one by one by likelihood, of 2,000 rows at most.",
    ],
    ["ward", "Ward", "Groups merged one by one by Ward's criterion, of 2,000 rows at most."],
  ],
  stopping: [
    [
      "auto",
      "Gain, and a look around",
      "The gain is small, and no slope, plateau or saddle is left.",
    ],
    ["log_likelihood", "Gain", "The gain of the last step is below the tolerance."],
    ["aitken", "Gain to come", "The gain still to come, by Aitken's estimate, is below it."],
    ["parameters", "Parameters", "No parameter moves by more than it, in the scale of the data."],
  ],
  acceleration: [
    ["none", "None", "Each step of the replay is one of plain EM."],
    [
      "anderson",
      "Anderson",
      "Extrapolates from the last steps where the likelihood is higher there.",
    ],
    ["auto", "Where it helps", "As Anderson, but never with the stopping rule “Gain”."],
  ],
  prior: [
    ["none", "None", "Maximum likelihood."],
    [
      "default",
      "Weak",
      "Components are like the data, only smaller (Fraley & Raftery 2007): none collapses.",
    ],
  ],
  missing: [
    ["em", "Fit what is there", "Each row counts with the values that it has."],
    ["error", "Refuse them", "A missing value is an error."],
  ],
  family: [
    ["gaussian", "Gaussian", "Fast: single rows far out pull at means and covariances."],
    ["t", "Student's t", "Slowly, as slowly as the rows say: rows far out count less."],
  ],
} satisfies Record<string, readonly Option[]>;

const STRUCTURE_NAMES: Record<string, string> = {
  full: "Full: each its own",
  tied: "Tied: one for all",
  diag: "Diagonal: each its own, along the axes",
  spherical: "Spherical: a circle of its own size each",
};

export function structureLabel(name: string, mclust: string): string {
  const plain = STRUCTURE_NAMES[name];
  return plain === undefined || name === mclust ? (plain ?? name) : `${plain} (${mclust})`;
}
