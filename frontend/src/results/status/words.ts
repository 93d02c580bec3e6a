import type { FitProgress, FitResult, Frame, Job } from "../../api/types";
import { count, counted } from "../../phrases";
import { documentOf, type FitDocument } from "../document";
import { nats, small } from "../figures/numbers";

export type Tone = "good" | "warn" | "bad";

export interface Status {
  tone: Tone;
  headline: string;
  detail: string;
}

/** Why EM stopped, by the code of its ending. */
const WHY: Record<string, string> = {
  log_likelihood: "the log-likelihood changed by less than the tolerance",
  aitken: "the estimated gain still to come is below the tolerance",
  parameters: "no parameter moved by more than the tolerance",
  limit: "the limit of iterations was reached",
  outpaced: "another start was far ahead",
  interrupted: "it was cancelled",
};

/** Iterations on samples of the rows, before those on the rows that the result is of. */
export function sampledIterations(fit: FitDocument, frames: readonly Frame[]): number {
  const [first, last] = [frames[0], frames.at(-1)];
  if (last === undefined || first.n_rows === last.n_rows) return 0;
  return Math.max(last.iteration - (fit.nIter ?? 0), 0);
}

/** How the fit ended, in plain words; the frames tell of the samples of rows that it began with. */
export function statusOf(
  result: FitResult,
  status: Job["status"],
  frames: readonly Frame[] = [],
): Status {
  const fit = documentOf(result);
  const sampled = sampledIterations(fit, frames);
  const rows = status === "cancelled" ? counted(fit.nSamples, "row") : "all rows";
  const where = sampled > 0 ? ` on ${rows}, after ${count(sampled)} on samples` : "";
  const steps = fit.nIter === null ? "" : ` after ${counted(fit.nIter, "iteration")}${where}`;
  const why = WHY[fit.ending] ?? fit.reason;
  if (status === "cancelled") {
    const known = result.notes.some((note) => note.kind === "interrupted");
    const detail = known ? "" : "You cancelled the fit; this is the best result so far.";
    return { tone: "warn", headline: `Stopped${steps}`, detail };
  }
  const starts = fit.nRuns > 1 ? `; the best of ${counted(fit.nRuns, "start")}` : "";
  const detail = why === "" ? "" : `${why[0].toUpperCase()}${why.slice(1)}${starts}.`;
  if (fit.converged) return { tone: "good", headline: `Converged${steps}`, detail };
  return { tone: "warn", headline: `Not converged${steps}`, detail };
}

/** Where a fit that runs has got to. */
export function progressWords(progress: FitProgress | null, total: number | null): string[] {
  if (progress === null) return [];
  const words = [
    `Start ${progress.start}`,
    `iteration ${count(progress.iteration)}`,
    `log-likelihood ${nats(progress.log_likelihood)}`,
  ];
  if (total !== null && progress.n_rows < total) {
    words.push(`on a sample of ${count(progress.n_rows)} of ${counted(total, "row")}`);
  }
  return words;
}

/** How near to a maximum the result is. */
export function certificate(fit: FitDocument): string {
  if (fit.gainToCome === null) return "";
  const gain = Math.max(fit.gainToCome, 0);
  const sentences = [];
  if (gain < 1e-12) {
    sentences.push(
      "The result is at a maximum, up to rounding: the estimated gain still to come is 0",
    );
  } else {
    sentences.push(`If EM continued, it would gain about ${small(gain)} nats a row`);
  }
  if (fit.score !== null) sentences[0] += ` (largest entry of the score: ${small(fit.score)})`;
  if (fit.rate !== null && fit.rate > 0.01 && fit.rate < 1) {
    const halving = Math.log(0.5) / Math.log(fit.rate);
    const pace =
      halving < 1 ? "less than one iteration" : counted(Math.ceil(halving), "iteration");
    sentences.push(`Near the end ${pace} halved the distance to the maximum`);
  }
  return `${sentences.join(". ")}.`;
}

/** How often the starts came to the same maximum. */
export function agreement(fit: FitDocument): string {
  const runs = fit.optima.reduce((sum, optimum) => sum + optimum.times, 0);
  if (runs < 2) return "";
  const sound = fit.optima.filter((optimum) => !optimum.collapsed);
  const best = sound[0];
  if (best === undefined) return `All ${count(runs)} starts ended in a collapsed component.`;
  if (best.times === runs) return `All ${count(runs)} starts came to the same maximum.`;
  // Where EM stops at a tolerance, starts that differ by less than it may have found the same.
  const within = sound.filter(({ shortfall }) => shortfall < (fit.tol ?? 0) * fit.weight);
  const near = within.reduce((sum, optimum) => sum + optimum.times, 0);
  if (within.length > 1) {
    const apart = small(Math.max(...within.map(({ shortfall }) => shortfall)));
    const who =
      near === runs ? `All ${count(runs)} starts` : `${count(near)} of ${counted(runs, "start")}`;
    return `${who} ended within the tolerance of each other, at most ${apart} nats below the best.`;
  }
  const second = sound[1];
  const next = second ? `; the next best is ${nats(second.shortfall)} nats lower` : "";
  const collapsed = fit.optima.filter((one) => one.collapsed).reduce((n, one) => n + one.times, 0);
  const fell = collapsed ? `; ${counted(collapsed, "start")} ended in a collapsed component` : "";
  return `${count(best.times)} of ${counted(runs, "start")} came to this maximum${next}${fell}.`;
}

/** The mixture in a line: what was fitted to what. */
export function title(result: FitResult): string {
  const fit = documentOf(result);
  const family = fit.family === "t" ? "t distributions" : "Gaussians";
  const noise = result.mixture.noise ? " and uniform noise" : "";
  const k = result.mixture.weights.length;
  const what =
    k === 1 ? `one ${fit.family === "t" ? "t distribution" : "Gaussian"}` : `${k} ${family}`;
  const scale = fit.standardized ? ", fitted to z-scores" : "";
  const columns = counted(result.columns.length, "column");
  return `Mixture of ${what}${noise}${scale}: ${counted(result.n_rows, "row")}, ${columns}`;
}
