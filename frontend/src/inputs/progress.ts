import type { FitProgress } from "../api/types";
import { counted } from "../phrases";

interface Standing {
  status: string;
  ahead: number;
  progress: FitProgress | null;
}

/** Where a fit stands, in a sentence. */
export function progressInWords({ status, ahead, progress }: Standing): string {
  if (status === "queued" && ahead > 0)
    return `Waiting: ${counted(ahead, "fit")} before this one.`;
  if (status === "queued") return "The fit begins.";
  if (progress === null) return "Looking for starting values.";
  const { start, iteration, log_likelihood: value } = progress;
  const likelihood = Number(value.toPrecision(8)).toLocaleString("en", {
    maximumFractionDigits: 4,
  });
  return `Start ${start}, iteration ${iteration}, log-likelihood ${likelihood.replace("-", "−")}`;
}
