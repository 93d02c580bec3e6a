import type { FitResult, Points } from "../../api/types";
import { sharedDensities } from "../../mathematics/density";
import { count, counted, listed } from "../../phrases";
import { documentOf } from "../document";
import { percent, plain, resolved } from "../figures/numbers";

/** A row is uncertain if no component is as probable as this. */
const SURE = 0.9;
const MOST_NAMED = 3;

/** What the result says, in two to four sentences; of the rows only if they are given. */
export function interpretation(result: FitResult, points?: Points | null): string[] {
  return [
    ...groups(result),
    ...noise(result),
    ...pointMasses(result),
    ...cuts(result),
    ...together(result),
    ...(points ? uncertainty(result, points) : []),
  ];
}

function groups(result: FitResult): string[] {
  const { weights, means } = result.mixture;
  const of = weighted(result) ? "the weight" : "the rows";
  const order = weights.map((_, k) => k).sort((a, b) => weights[b] - weights[a]);
  if (weights.length === 1) {
    return [
      `All of ${of} ${of === "the rows" ? "lie" : "lies"} around ${place(result, means[0], 0)}.`,
    ];
  }
  if (weights.length <= MOST_NAMED && result.columns.length <= MOST_NAMED) {
    const parts = means.map(
      (_, k) =>
        `${k === 0 ? "C" : "c"}omponent ${k + 1} holds ${percent(weights[k])}` +
        `${k === 0 ? ` of ${of}` : ""} ${where(result, k)}`,
    );
    return [`${listed(parts)}.`];
  }
  if (weights.length <= MOST_NAMED) {
    return means.map((_, k) => {
      const share = `${percent(weights[k])} of ${of}`;
      return `Component ${k + 1} holds ${share}: ${where(result, k)}.`;
    });
  }
  if (Math.max(...weights) - Math.min(...weights) < 1e-9) {
    return [`The ${weights.length} components hold ${percent(weights[0])} of ${of} each.`];
  }
  const [most, least] = [order[0], order.at(-1)!];
  return [
    `The largest of the ${weights.length} components is component ${most + 1}, with ` +
      `${percent(weights[most])} of ${of}, ${where(result, most)}; the smallest is component ` +
      `${least + 1}, with ${percent(weights[least])}, ${where(result, least)}.`,
  ];
}

/** Around which values a component lies; of many columns, those in which it stands out. */
function where(result: FitResult, k: number): string {
  const { means } = result.mixture;
  const d = result.columns.length;
  if (d <= MOST_NAMED) return `around ${place(result, means[k], k)}`;
  const apart = result.columns.map((_, j) => standsOut(result, k, j));
  const order = apart.map((_, j) => j).sort((a, b) => Math.abs(apart[b]) - Math.abs(apart[a]));
  const [first, second] = order.map((j) => ({
    side: apart[j] > 0 ? "high" : "low",
    place: `${result.columns[j]} (${short(means[k][j], deviation(result, k, j))})`,
  }));
  const rest = second.side === first.side ? second.place : `${second.side} in ${second.place}`;
  return `${first.side} in ${first.place} and ${rest}`;
}

/** How many of the mixture's standard deviations a component's mean lies from the mixture's. */
function standsOut(result: FitResult, k: number, j: number): number {
  const { weights, means, covariances } = result.mixture;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const centre = weights.reduce((sum, weight, c) => sum + weight * means[c][j], 0) / total;
  const variance =
    weights.reduce(
      (sum, weight, c) => sum + weight * (covariances[c][j][j] + (means[c][j] - centre) ** 2),
      0,
    ) / total;
  return (means[k][j] - centre) / Math.sqrt(variance);
}

function place(result: FitResult, mean: number[], k: number): string {
  const values = mean.map((value, j) => short(value, deviation(result, k, j)));
  return values.length === 1 ? `${result.columns[0]} ${values[0]}` : `(${values.join(", ")})`;
}

function noise(result: FitResult): string[] {
  const share = result.mixture.noise?.weight;
  if (share === undefined) return [];
  return [`${percent(share)} is assigned to noise, spread evenly over the range of the data.`];
}

/** How many rows are at each point mass, and of which components these are. */
function pointMasses(result: FitResult): string[] {
  const { weights, noise: background, spikes } = result.mixture;
  const of = weighted(result) ? "of the weight" : "of the rows";
  const terms = background ? [...weights, background.weight] : weights;
  return (spikes ?? []).map(({ column, value, shares }) => {
    const total = terms.reduce((sum, weight, k) => sum + weight * (shares[k] ?? shares[0]), 0);
    const all = `${percent(total)} ${of} are at ${String(value)} in ${result.columns[column]}`;
    if (shares.length === 1) return `${all}, whatever their component.`;
    const parts = shares.map(
      (share, k) =>
        `${percent(share)} of ${k < weights.length ? `component ${k + 1}` : "the noise"}`,
    );
    return shares.length <= MOST_NAMED + 1 ? `${all}: ${listed(parts)}.` : `${all}.`;
  });
}

/** Of one column: between which values which component is the most probable. */
function cuts(result: FitResult): string[] {
  const { thresholds } = documentOf(result);
  if (thresholds.length === 0) return [];
  const finest = Math.min(...result.mixture.weights.map((_, k) => deviation(result, k, 0)));
  const at = (value: number) => resolved([value], finest / 100)[0].text;
  const named = (k: number) => (k < 0 ? "the noise" : `component ${k}`);
  const [column] = result.columns;
  if (thresholds.length === 1) {
    const [{ value, below, above }] = thresholds;
    return [
      `Rows below ${at(value)} in ${column} are most probably of ${named(below)}, ` +
        `those above of ${named(above)}.`,
    ];
  }
  const parts = thresholds.map(
    ({ value, below, above }) => `${at(value)} (from ${named(below)} to ${named(above)})`,
  );
  return [`In ${column} the most probable component changes at ${listed(parts)}.`];
}

/** The strongest correlation within a component, if it is worth a sentence. */
function together(result: FitResult): string[] {
  const { covariances } = result.mixture;
  let strongest = { size: 0.5, value: 0, k: 0, i: 0, j: 0 };
  covariances.forEach((covariance, k) => {
    for (let i = 0; i < covariance.length; i++) {
      for (let j = 0; j < i; j++) {
        const value = covariance[i][j] / Math.sqrt(covariance[i][i] * covariance[j][j]);
        const size = Math.abs(value);
        if (size > strongest.size) strongest = { size, value, k, i: j, j: i };
      }
    }
  });
  if (strongest.value === 0) return [];
  const { value, k, i, j } = strongest;
  const [one, other] = [result.columns[i], result.columns[j]];
  const how = value > 0 ? `${one} and ${other} rise together` : `${other} falls as ${one} rises`;
  const all = covariances.length === 1 ? "" : `Within component ${k + 1} `;
  const sentence = `${all}${how} (correlation ${plain([value], 2)[0].text}).`;
  return [sentence[0].toUpperCase() + sentence.slice(1)];
}

function uncertainty(result: FitResult, points: Points): string[] {
  const { mixture } = result;
  if (mixture.weights.length + (mixture.noise ? 1 : 0) < 2 || points.n === 0) return [];
  const { responsibilities: resp, nTerms } = sharedDensities(points.values, mixture);
  const between = new Map<string, number>();
  let uncertain = 0;
  for (let i = 0, from = 0; i < points.n; i++, from += nTerms) {
    let [first, second] = [0, -1];
    for (let t = 1; t < nTerms; t++) {
      if (resp[from + t] > resp[from + first]) [first, second] = [t, first];
      else if (second < 0 || resp[from + t] > resp[from + second]) second = t;
    }
    if (resp[from + first] >= SURE) continue;
    uncertain++;
    const pair = first < second ? `${first} ${second}` : `${second} ${first}`;
    between.set(pair, (between.get(pair) ?? 0) + 1);
  }
  const which = points.n < points.total ? ` of the ${count(points.n)} that are shown` : "";
  if (uncertain === 0) {
    return [`Every row${which} belongs to one component with a probability of over 90 %.`];
  }
  const [pair, times] = [...between].sort((a, b) => b[1] - a[1])[0];
  const lie =
    nTerms === 2
      ? ""
      : `${times === uncertain ? ", all" : times > 0.5 * uncertain ? ", most" : ""}`;
  const named = lie === "" ? "" : `${lie} of them between ${terms(pair, mixture.weights.length)}`;
  const are = uncertain === 1 ? "is" : "are";
  const one = `${counted(uncertain, "row")}${which} ${are} uncertain`;
  return [`${one} (no component reaches a probability of 90 %)${uncertain === 1 ? "" : named}.`];
}

function terms(pair: string, k: number): string {
  const names = pair
    .split(" ")
    .map((term) => (Number(term) === k ? "noise" : String(Number(term) + 1)));
  return names[1] === "noise"
    ? `component ${names[0]} and noise`
    : `components ${names.join(" and ")}`;
}

function weighted(result: FitResult): boolean {
  return documentOf(result).weight !== result.n_rows;
}

function deviation(result: FitResult, k: number, j: number): number {
  return Math.sqrt(result.mixture.covariances[k][j][j]);
}

/** A place as a reader would say it: no finer than two thirds of the spread around it, nor than four digits. */
function short(value: number, spread: number): string {
  return resolved([value], Math.max(spread / 1.5, Math.abs(value) / 1000))[0].text;
}
