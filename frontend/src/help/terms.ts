import type { Settings } from "../api/types";

/** What each input means, in a sentence. */
export const inputs: Record<keyof Settings | "dimensions" | "weights_column", string> = {
  n_components: "K, how many normal distributions the mixture is made of.",
  dimensions: "D, how many columns are fitted together; fewer than the data have picks columns.",
  max_iter: "The most iterations of EM from each start; a fit that stops here is unfinished.",
  tol: "EM may stop when an iteration gains less than this in log-likelihood, divided by the number of rows.",
  covariance_type:
    "What the covariances of the components have in common: volume, shape or orientation.",
  init_params: "How the first guess is made; EM climbs uphill from there.",
  n_init:
    "How many first guesses are tried; the best result is kept, and “auto” tries until several agree.",
  means_init: "Means to start from, one row for each component, instead of drawn ones.",
  seed: "Fixes all that is drawn at random, so that the same fit can be had again.",
  stopping:
    "What must have become small before EM stops: the last gain, or what is still to come.",
  acceleration:
    "Extrapolates from past steps where EM is slow; “none” shows the plain iterations.",
  reg_covar:
    "Keeps variances from vanishing: “auto” bounds them, a number is added to them in every step.",
  equal_weights: "Holds all weights at 1/K, so that only means and covariances are estimated.",
  prior:
    "What is held plausible before the data are seen; it keeps components of few rows from collapsing.",
  missing:
    "What to do with empty cells: use all that was observed of a row, or refuse such tables.",
  noise:
    "Adds an even background over the range of the data, which takes in rows that fit no component.",
  family: "Normal components, or t distributions, whose longer tails are moved less by outliers.",
  standardize:
    "Fits to z-scores (each column less its mean, over its standard deviation) and gives results in your units.",
  weights_column: "A column that says how many rows each row counts for.",
};

/** What each result means, in a sentence. */
export const results = {
  weights: "The share of each component in the mixture; together they are 1.",
  means: "The centre of each component, in the units of the columns.",
  covariances:
    "How each component spreads: variances on the diagonal, and off it how columns vary together.",
  standard_deviations: "The root of each variance: a typical distance from the mean, in units.",
  correlations: "How two columns vary together within a component, from −1 to 1.",
  log_likelihood:
    "The sum over all rows of the logarithm of the density: how probable the fit makes the data.",
  bic: "The log-likelihood charged for parameters, more for more rows; lower is better.",
  aic: "The log-likelihood charged two for each parameter; lower is better.",
  icl: "BIC charged again for rows that lie between components; lower is better.",
  n_parameters: "How many numbers were estimated freely.",
  responsibilities: "The probability that a row came from each component, given its values.",
  uncertainty:
    "One less the largest responsibility of a row: the chance that its label is wrong, if the model is right.",
  iterations: "How many times the E-step and the M-step were done from the start that was kept.",
  gain_to_come: "How much the log-likelihood a row would still rise, as far as can be estimated.",
  noise_weight: "The share of the even background in the mixture.",
  dof: "Degrees of freedom of the t distributions: the fewer, the longer the tails.",
} as const;

export type ResultTerm = keyof typeof results;
