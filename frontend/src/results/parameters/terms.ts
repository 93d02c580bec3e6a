/** What the figures of a result mean, in a sentence. */
export const TERMS = [
  [
    "Log-likelihood",
    "The sum over all rows of the logarithm of the density: how probable the fit makes the data.",
  ],
  ["BIC", "The log-likelihood charged for parameters, more for more rows; lower is better."],
  ["AIC", "The log-likelihood charged two for each parameter; lower is better."],
  ["ICL", "BIC charged again for rows that lie between components; lower is better."],
  [
    "Relative entropy",
    "How certain the components of the rows are: 1 if each row’s is, 0 if nothing is known of them.",
  ],
  [
    "Certainty",
    "The mean largest probability of the rows of a component: 1 if all of them are surely its own.",
  ],
  ["Weight", "The share of a component in the mixture; together the weights are 1."],
  ["Mean", "The centre of a component, in the units of the columns."],
  [
    "Covariance",
    "How a component spreads: variances on the diagonal, and off it how columns vary together.",
  ],
  ["Standard deviation", "The root of a variance: a typical distance from the mean, in units."],
  ["Correlation", "How two columns vary together within a component, from −1 to 1."],
  ["Free parameters", "How many numbers were estimated freely."],
  ["Iterations", "How many times E-step and M-step were done from the start that was kept."],
] as const;
