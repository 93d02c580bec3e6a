import type { FitResult } from "../api/types";

/** What the document of a fit tells of it; the fields are those of `bactrian fit --json`. */
export interface FitDocument {
  source: string;
  command: string;
  /** Rows that count: not those without weight, nor those without a value. */
  nSamples: number;
  weight: number;
  covarianceType: string;
  standardized: boolean;
  family: "gaussian" | "t";
  logLikelihood: number;
  logPosterior: number | null;
  nParameters: number | null;
  nIter: number | null;
  tol: number | null;
  converged: boolean;
  /** Code of why it stopped, and the same in the words of the library. */
  ending: string;
  reason: string;
  seconds: number | null;
  nRuns: number;
  /** Nats a row, estimated. */
  gainToCome: number | null;
  score: number | null;
  rate: number | null;
  certainty: Certainty | null;
  optima: Optimum[];
  /** Of one column: where the most probable component changes. */
  thresholds: Threshold[];
}

/** How certain the components of the rows are; for each, and for the noise last. */
export interface Certainty {
  relative_entropy: number | null;
  probabilities: (number | null)[];
}

/** A cut between two components, counted from 1; -1 is the noise. */
export interface Threshold {
  value: number;
  below: number;
  above: number;
}

export interface Optimum {
  log_likelihood: number;
  times: number;
  shortfall: number;
  collapsed: boolean;
}

type Section = Record<string, unknown>;

export function documentOf(result: FitResult): FitDocument {
  const document = result.document as Record<string, unknown>;
  const section = (name: string) => (document[name] ?? {}) as Section;
  const [data, model, fit, certificate] = ["data", "model", "fit", "certificate"].map(section);
  return {
    source: text(document.source),
    command: text(document.command),
    nSamples: number(data.n_samples) ?? result.n_rows,
    weight: number(data.weight) ?? result.n_rows,
    covarianceType: text(model.covariance_type) || "full",
    standardized: model.standardized === true,
    family: model.family === "t" ? "t" : "gaussian",
    logLikelihood: number(fit.log_likelihood) ?? NaN,
    logPosterior: number(fit.log_posterior),
    nParameters: number(fit.n_parameters),
    nIter: number(fit.n_iter),
    tol: number(fit.tol),
    converged: fit.converged === true,
    ending: text(fit.ending),
    reason: text(fit.reason),
    seconds: number(fit.seconds),
    nRuns: number(fit.n_runs) ?? 1,
    gainToCome: number(certificate.gain_to_come),
    score: number(certificate.score),
    rate: number(certificate.rate),
    certainty: (document.certainty ?? null) as Certainty | null,
    optima: Array.isArray(document.optima) ? (document.optima as Optimum[]) : [],
    thresholds: Array.isArray(model.thresholds) ? (model.thresholds as Threshold[]) : [],
  };
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
