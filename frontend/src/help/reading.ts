import type { FitResult } from "../api/types";

/** What the explanation takes from a fit. */
export interface Reading {
  logLikelihood: number;
  bic: number;
  iterations: number;
  parameters: number;
  converged: boolean;
  reason: string;
  /** The geometric mean of the rows' largest responsibilities. */
  sure: number;
  /** No row's largest responsibility is below this. */
  leastSure: number;
  collapsed: boolean;
  /** Warnings, in words. */
  notes: string[];
}

interface Fit {
  log_likelihood: number;
  n_iter: number;
  n_parameters: number;
  converged: boolean;
  reason: string;
}

export function readingOf(result: FitResult): Reading {
  const fit = result.document.fit as Fit;
  const { bic, icl } = result.criteria;
  // ICL is BIC less twice the sum of the logarithms of the largest responsibilities.
  const doubt = Math.max(0, (icl - bic) / 2);
  return {
    logLikelihood: fit.log_likelihood,
    bic,
    iterations: fit.n_iter,
    parameters: fit.n_parameters,
    converged: fit.converged,
    reason: fit.reason,
    sure: Math.exp(-doubt / result.n_rows),
    leastSure: Math.exp(-doubt),
    collapsed: result.notes.some((note) => note.kind === "collapse"),
    notes: result.notes.map((note) => note.text),
  };
}
