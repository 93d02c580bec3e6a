import { deviation } from "d3-array";

import type { FitResult, Points } from "../../api/types";
import type { Clusters } from "../../charts";
import { letter } from "../../charts/scenes/data";
import { hardLabels, sharedDensities } from "../../mathematics/density";
import { nearestCentres } from "../../mathematics/nearest";
import { columnOf } from "../../mathematics/points";
import { count, counted } from "../../phrases";
import { documentOf } from "../document";
import { percent, resolved, small } from "../figures/numbers";
import { bestMatching, crossTable } from "./matching";

/** K-means beside the mixture, its clusters in the order of the components they match best. */
export interface Contrast {
  kmeans: Clusters;
  /** Rows that are compared, and those labelled differently: indices into the points. */
  n: number;
  different: number[];
  sentences: string[];
}

export function contrast(result: FitResult, points: Points): Contrast | null {
  const { kmeans, mixture } = result;
  if (kmeans === null || kmeans.centres.length !== mixture.weights.length) return null;
  const k = mixture.weights.length;
  const soft = Int32Array.from(hardLabels(sharedDensities(points.values, mixture)), (t) =>
    t < k ? t : -1,
  );
  const units = unitsOf(result, points);
  const clusters = Int32Array.from(nearestCentres(points.values, kmeans.centres, units));
  const table = crossTable(soft, clusters, k);
  const order = bestMatching(table);
  const matched = {
    centres: order.map((c) => kmeans.centres[c]),
    sizes: order.map((c) => kmeans.sizes[c]),
    units,
  };
  const different: number[] = [];
  let n = 0;
  for (let i = 0; i < points.n; i++) {
    if (soft[i] < 0) continue;
    n++;
    if (order[soft[i]] !== clusters[i]) different.push(i);
  }
  const sentences = [
    ...howMany(different.length, n, points),
    ...whichWay(table, order, different.length),
    ...whereabouts(result, points, different),
    ...shapes(result, different.length),
  ];
  return { kmeans: matched, n, different, sentences };
}

/** The unit of each column in which K-means was run. */
function unitsOf(result: FitResult, points: Points): number[] {
  const { standardized } = documentOf(result);
  return points.columns.map((_, j) => (standardized && deviation(columnOf(points, j))) || 1);
}

function howMany(different: number, n: number, points: Points): string[] {
  const drawn = points.n < points.total ? ` that are shown` : "";
  if (different === 0)
    return [`K-means and the mixture label all ${count(n)} rows${drawn} alike.`];
  const are = different === 1 ? "is" : "are";
  return [
    `${counted(different, "row")} of ${count(n)}${drawn} (${percent(different / n)}) ${are} labelled ` +
      `differently by K-means.`,
  ];
}

/** Between which groups most of them change. */
function whichWay(table: number[][], order: number[], different: number): string[] {
  if (different === 0) return [];
  let most = { rows: 0, from: 0, to: 0 };
  table.forEach((row, from) =>
    row.forEach((rows, cluster) => {
      if (cluster === order[from] || rows <= most.rows) return;
      most = { rows, from, to: order.indexOf(cluster) };
    }),
  );
  const part =
    most.rows === different
      ? different === 1
        ? "It belongs"
        : "All belong"
      : `${count(most.rows)} of them belong`;
  return [
    `${part} to component ${most.from + 1}, and K-means counts ${different === 1 ? "it" : "them"} with group ${letter(most.to)}.`,
  ];
}

function whereabouts(result: FitResult, points: Points, different: number[]): string[] {
  const d = result.columns.length;
  if (different.length === 0 || d > 3) return [];
  const centre = result.columns.map((_, j) => {
    const values = different.map((i) => points.values[i * d + j]).filter((x) => !Number.isNaN(x));
    const centre = values.reduce((sum, x) => sum + x, 0) / values.length;
    const spread = Math.sqrt(result.mixture.covariances[0][j][j]) / 2;
    return resolved([centre], Math.max(spread, Math.abs(centre) / 1000))[0].text;
  });
  const at = d === 1 ? `${result.columns[0]} ${centre[0]}` : `(${centre.join(", ")})`;
  return [different.length === 1 ? `It lies at ${at}.` : `On average they lie at ${at}.`];
}

/** Why they differ: K-means knows no sizes, shapes or shares. */
function shapes(result: FitResult, different: number): string[] {
  const { covariances, weights } = result.mixture;
  if (covariances.length < 2) return [];
  const widths = covariances.map(longest);
  const ratio = Math.max(...widths) / Math.min(...widths);
  const shares = Math.max(...weights) / Math.min(...weights);
  if (different === 0) return ["The groups lie so far apart that their shapes do not matter."];
  const reasons = [];
  if (ratio > 1.3)
    reasons.push(
      `the widest component is ${small(Number(ratio.toPrecision(2)))} times as wide as the narrowest`,
    );
  if (shares > 1.5)
    reasons.push(
      `the largest holds ${small(Number(shares.toPrecision(2)))} times as many rows as the smallest`,
    );
  const known = reasons.length > 0 ? `; here ${reasons.join(", and ")}` : "";
  return [
    `K-means parts the rows halfway between its centres, whatever the size and shape of the groups${known}.`,
  ];
}

/** The largest standard deviation of a component, over all directions (power iteration). */
function longest(covariance: number[][]): number {
  const d = covariance.length;
  let vector = covariance.map((row, i) => 1 + Math.sqrt(row[i]));
  let size = 0;
  for (let step = 0; step < 60; step++) {
    const image = covariance.map((row) => row.reduce((sum, x, j) => sum + x * vector[j], 0));
    size = Math.hypot(...image);
    if (size === 0) return 0;
    vector = image.map((x) => x / size);
  }
  return d === 0 ? 0 : Math.sqrt(size);
}
