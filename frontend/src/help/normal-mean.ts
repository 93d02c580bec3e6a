import { quantile } from "d3-array";

import type { Points } from "../api/types";
import type { NormalMean, Seen } from "../mathematics/normal-mean";
import { digits } from "./numbers";

/** The first twenty waits for an eruption of Old Faithful, in minutes. */
export const WAITS = [
  79, 54, 74, 62, 85, 55, 88, 85, 51, 85, 54, 84, 78, 47, 83, 52, 62, 84, 52, 79,
];

/** What is set with sliders: the prior's mean and deviation, and the deviation of a value. */
export interface Beliefs {
  mean: number;
  deviation: number;
  known: number;
}

/** Beliefs to begin with, and how far they may go. */
export interface Range {
  start: Beliefs;
  low: number;
  high: number;
  /** Of the slider of the mean; a deviation is at least one of these. */
  step: number;
}

/** The values of a column that are there. */
export function columnOf(points: Points, column: number): number[] {
  const d = points.columns.length;
  const found = Array.from({ length: points.n }, (_, i) => points.values[i * d + column]);
  return found.filter(Number.isFinite);
}

/** Where to begin, for values of any unit. */
export function rangeOf(values: number[]): Range {
  const [first, last] = [Math.min(...values), Math.max(...values)];
  const spread = last > first ? last - first : Math.abs(first) || 1;
  const step = 10 ** Math.floor(Math.log10(spread / 40));
  const rounded = (value: number) => Number((Math.round(value / step) * step).toPrecision(12));
  const middle = quantile(values, 0.5) ?? 0;
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const known = Math.max(step, rounded(Math.sqrt(variance) || spread / 4));
  const start = {
    mean: rounded(middle - known / 2),
    deviation: Math.max(step, rounded(known / 3)),
    known,
  };
  return { start, low: rounded(first), high: rounded(last), step };
}

const tex = (value: number, n = 4) =>
  digits(value, n).replaceAll("−", "-").replaceAll(",", "{,}\\!");

/** The two formulas with their numbers. */
export function worked(prior: NormalMean, data: Seen, known: number, after: NormalMean) {
  const [before, own] = [tex(prior.variance), tex(known)];
  const x = data.n === 0 ? "0" : tex(data.mean);
  const bracketed = (text: string) => (text.startsWith("-") ? `(${text})` : text);
  const n = tex(data.n, 6);
  return {
    variance: String.raw`\sigma_n^2 = \left(\frac{n}{\sigma^2} + \frac{1}{\sigma_0^2}\right)^{-1} = \left(\frac{${n}}{${own}} + \frac{1}{${before}}\right)^{-1} = ${tex(after.variance)}`,
    mean: String.raw`\mu_n = \sigma_n^2 \left(\frac{n\,\bar x}{\sigma^2} + \frac{\mu_0}{\sigma_0^2}\right) = ${tex(after.variance)} \left(\frac{${n} \cdot ${bracketed(x)}}{${own}} + \frac{${tex(prior.location)}}{${before}}\right) = ${tex(after.location)}`,
  };
}
