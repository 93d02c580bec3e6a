import type { FitProgress } from "../api/types";
import { count } from "../state/data/paste";

interface Standing {
  status: string;
  ahead: number;
  progress: FitProgress | null;
}

/** Where a fit stands, in a sentence. */
export function progressInWords({ status, ahead, progress }: Standing): string {
  if (status === "queued" && ahead > 0) return `Waiting: ${count(ahead, "fit")} before this one.`;
  if (status === "queued") return "It begins.";
  if (progress === null) return "Starting values are sought.";
  const { start, iteration, log_likelihood: value } = progress;
  const likelihood = Number(value.toPrecision(8)).toLocaleString("en", {
    maximumFractionDigits: 4,
  });
  return `Start ${start}, iteration ${iteration}, log-likelihood ${likelihood.replace("-", "−")}`;
}
