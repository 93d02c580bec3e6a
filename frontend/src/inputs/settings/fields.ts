import { SETTINGS } from "../../api/vocabulary";

/** What the inputs are called and what they mean, a sentence each. */
const SENTENCES: Record<string, string> = {
  n_components: "How many normal distributions the mixture is made of: the groups.",
  dimensions: "How many columns are fitted together; with fewer you choose the columns.",
  means_init: "Means to start from, one row for each component, instead of drawn ones.",
  seed: "Fixes all random draws: the same seed gives the same fit again.",
  spikes:
    "Values that many rows share, such as zeros: “none”, “auto” to find them, or the values (0, or " +
    "spend=0; age=18). Each component has them with a probability of its own.",
  standardize:
    "Fits z-scores (each column less its mean, over its standard deviation); results are in your " +
    "units.",
  weights: "A column that says for how many rows each row counts: 2 as two, 0 not at all.",
};

const LABELS: Record<string, string> = {
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
  estimation: "Estimation",
  missing: "Missing values",
  family: "Family",
  noise: "Noise component",
  spikes: "Point masses",
  equal_weights: "Equal weights",
  standardize: "Standardise",
  weights: "Row weights",
};

/** What choices are called here, where their names are not enough. */
const WORDS: Record<string, Record<string, string>> = {
  init_params: {
    auto: "Several kinds in turn",
    kmeans: "k-means",
    "k-means++": "k-means++",
    random: "Random responsibilities",
    random_from_data: "Rows drawn at random",
    sample_variance: "Rows, with the sample variance",
    hierarchical: "Hierarchical",
    ward: "Ward",
  },
  stopping: {
    auto: "Gain, and a look around",
    log_likelihood: "Gain",
    aitken: "Gain to come",
    parameters: "Parameters",
  },
  acceleration: {
    none: "None",
    anderson: "Anderson",
    auto: "Where it helps",
  },
  prior: {
    none: "None",
    default: "Weak",
  },
  estimation: {
    likelihood: "Maximum likelihood",
    bayes: "Bayesian",
  },
  missing: {
    em: "Fit what is there",
    error: "Refuse them",
  },
  family: {
    gaussian: "Gaussian",
    t: "Student's t",
  },
};

/** An option: its value, what it is called, and what it does. */
export type Option = readonly [value: string, label: string, sentence: string];

export function labelOf(name: string): string {
  return LABELS[name] ?? asSentence(name.replaceAll("_", " "));
}

export function sentenceOf(name: string): string {
  return SENTENCES[name] ?? SETTINGS[name as keyof typeof SETTINGS].about;
}

/** The choices of a setting. */
export function optionsOf(name: keyof typeof SETTINGS): readonly Option[] {
  return Object.entries(SETTINGS[name].choices).map(([word, meaning]) => [
    word,
    WORDS[name]?.[word] ?? word,
    meaning && `${asSentence(meaning)}.`,
  ]);
}

function asSentence(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

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
