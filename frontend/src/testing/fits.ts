// Two fits by the library, for tests: the six rows of the sample, and Old Faithful.
import type { FitResult, Frames, Points } from "../api/types";
import faithfulFit from "./faithful.json";
import sampleFit from "./sample.json";

function fit(told: unknown): { result: FitResult; frames: Frames; points: Points } {
  const { result, frames, rows } = told as { result: FitResult; frames: Frames; rows: number[][] };
  const n = rows.length;
  const points = {
    ...{ columns: result.columns, n, total: n },
    numbers: Float64Array.from({ length: n }, (_, i) => i + 1),
    values: Float64Array.from(rows.flat()),
  };
  return { result, frames, points };
}

export const sample = fit(sampleFit);
export const faithful = fit(faithfulFit);
export const oracle = faithfulFit.oracle;

export function changed(result: FitResult, changes: Partial<FitResult>): FitResult {
  return { ...result, ...changes };
}

/** A result whose document has other entries in one section. */
export function redocumented(result: FitResult, section: string, changes: object): FitResult {
  const old = (result.document as Record<string, object>)[section];
  return changed(result, { document: { ...result.document, [section]: { ...old, ...changes } } });
}
