import type { FitResult, Points } from "../api/types";
import { listed } from "../phrases";
import { counted, digits, fixed, percent, sentence } from "./numbers";
import { readingOf } from "./reading";

/** The rows of the two worked examples. */
export const SAMPLE = [
  [1.0, 1.1],
  [1.5, 1.4],
  [5.0, 4.8],
  [5.5, 5.2],
  [1.2, 0.9],
  [5.1, 5.0],
];
export const CUSTOMERS = [
  [150, 2],
  [30, 10],
  [160, 3],
  [25, 12],
  [140, 1],
  [35, 8],
];

/** Whether a result is one of these rows. */
export function holds(points: Points | null, rows: number[][]): boolean {
  const values = rows.flat();
  return (
    points !== null &&
    points.values.length === values.length &&
    values.every((value, i) => value === points.values[i])
  );
}

/** What to see in the fit to the six rows. */
export function sampleReading(result: FitResult): string[] {
  return [where(result), assignment(result), likelihood(result), enough(result)];
}

/** What to see in the fit to the customers. */
export function customersReading(result: FitResult): string[] {
  return [...segments(result), ...contrast(result), assignment(result), enough(result)];
}

function where(result: FitResult): string {
  const { weights, means } = result.mixture;
  const parts = means.map(
    (mean, k) =>
      `component ${k + 1} with weight ${digits(weights[k])} at (${mean.map((value) => digits(value)).join(", ")})`,
  );
  return `${sentence(listed(parts))}. A weight times ${result.n_rows} is the number of rows that the component holds: ${listed(
    weights.map((weight) => digits(weight * result.n_rows)),
  )}.`;
}

function assignment(result: FitResult): string {
  const { leastSure, sure, collapsed } = readingOf(result);
  if (collapsed) {
    return "A component has shrunk onto rows that it fits without any spread. That makes the likelihood as high as one likes, and the assignment means nothing.";
  }
  if (result.mixture.weights.length === 1) return "With one component there is nothing to assign.";
  if (leastSure > 0.99) {
    const at = leastSure > 0.9999 ? "over 99.99\u00a0%" : `${percent(leastSure)} or more`;
    return `Every row belongs to its component with a probability of ${at}. The groups are so far apart, measured in their own spread, that the soft assignment of EM is as good as a hard one.`;
  }
  return `The most probable component of a row has a responsibility of ${percent(sure)} on average (the geometric mean); the responsibilities show which rows lie between components.`;
}

function likelihood(result: FitResult): string {
  const { logLikelihood } = readingOf(result);
  const mean = logLikelihood / result.n_rows;
  const sign =
    logLikelihood > 0
      ? "It is above 0, since a density is no probability: where rows are close together it is larger than 1, and its logarithm positive."
      : "By itself the number says nothing; it is for comparing fits to these same rows.";
  return `The log-likelihood is ${digits(logLikelihood, 4)}, which is ${digits(mean)} for a row. ${sign}`;
}

/** Whether rows suffice for the parameters. */
function enough(result: FitResult): string {
  const { parameters } = readingOf(result);
  const values = result.n_rows * result.columns.length;
  const rows = sentence(counted(result.n_rows, "row"));
  const data = `${rows} of ${counted(result.columns.length, "column")} are ${values} numbers, and from them ${parameters} parameters were estimated.`;
  if (values <= parameters) {
    return `${data} There are at least as many parameters as numbers, so that the fit says nothing that the rows do not say by themselves.`;
  }
  if (values < 3 * parameters) {
    return `${data} That is far too few to trust anything but the means: a spread, and more so a correlation, of so few rows can be off by several times. The fit describes these rows, and says little of the next ones; ten rows for each parameter, here ${fixed(10 * parameters, 0)}, are a fair beginning.`;
  }
  return `${data} Ten rows for each parameter are a fair beginning, here ${fixed(10 * parameters, 0)}.`;
}

/** The average customer of each segment. */
function segments(result: FitResult): string[] {
  const { weights, means, covariances } = result.mixture;
  return means.map((mean, k) => {
    const parts = mean.map((value, j) => {
      const spread = Math.sqrt(covariances[k][j][j]);
      return `${lower(result.columns[j])} ${digits(value)} (give or take ${digits(spread, 2)})`;
    });
    return `Segment ${k + 1} holds ${percent(weights[k])} of the customers. Its average customer has ${listed(parts)}.`;
  });
}

/** How two segments differ, in how many times as much. */
function contrast(result: FitResult): string[] {
  const { means } = result.mixture;
  if (means.length !== 2 || means.flat().some((value) => value <= 0)) return [];
  const parts = result.columns.map((column, j) => {
    const [most, least] = means[0][j] >= means[1][j] ? [0, 1] : [1, 0];
    const times = means[most][j] / means[least][j];
    return `segment ${most + 1} has ${digits(times, 2)} times the ${lower(column)} of segment ${least + 1}`;
  });
  return [`${sentence(parts.join(", "))}.`];
}

/** A column's name within a sentence, its unit left where it is. */
function lower(name: string): string {
  return /^[A-Z][a-z]/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}
