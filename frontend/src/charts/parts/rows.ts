import type { Mixture, Points } from "../../api/types";
import { densities, hardLabels, sharedDensities } from "../../mathematics/density";
import { nearestCentres } from "../../mathematics/nearest";
import { valuesAt } from "../../mathematics/points";
import { componentSwatch, PLAIN, termSwatches } from "../painting/colours";
import type { Dots, Swatch } from "../painting/scene";
import type { Clusters, Colouring } from "../types";
import { widened, type Plot, type Interval } from "./axis";

/** Lowest and highest value of a column, widened a little, more so of few rows. */
export function extent(points: Points, column: number): Interval {
  let [low, high] = [Infinity, -Infinity];
  for (let at = column; at < points.values.length; at += points.columns.length) {
    const value = points.values[at];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high
    ? widened({ low, high }, 0.07 + 0.3 / Math.sqrt(points.n))
    : { low: 0, high: 1 };
}

/** Pixels of each row in the plot; NaN where either value is missing. */
export interface Places {
  x: Float32Array;
  y: Float32Array;
}

export function places(points: Points, [i, j]: [number, number], plot: Plot): Places {
  const width = points.columns.length;
  const [x, y] = [new Float32Array(points.n), new Float32Array(points.n)];
  for (let row = 0; row < points.n; row++) {
    x[row] = plot.toX(points.values[row * width + i]);
    y[row] = plot.toY(points.values[row * width + j]);
    if (x[row] !== x[row] || y[row] !== y[row]) x[row] = y[row] = NaN;
  }
  return { x, y };
}

/** How each row is coloured. */
export interface Colours {
  palette: Swatch[];
  labels: Uint8Array;
  shares: Float64Array | null;
}

/**
 * Which component has the colour of each cluster: of all pairs the nearest, then of the others, by
 * distances in the data's extents.
 */
export function matched(centres: number[][], mixture: Mixture | null, points: Points): number[] {
  if (mixture === null) return centres.map((_, k) => k);
  const spans = centres[0].map((_, j) => {
    const { low, high } = extent(points, j);
    return high - low;
  });
  const pairs = centres.flatMap((centre, cluster) =>
    mixture.means.map((mean, component) => {
      const away = Math.hypot(...centre.map((value, j) => (value - mean[j]) / spans[j]));
      return { cluster, component, away };
    }),
  );
  pairs.sort((a, b) => a.away - b.away);
  const found = new Map<number, number>();
  const taken = new Set<number>();
  for (const { cluster, component } of pairs) {
    if (found.has(cluster) || taken.has(component)) continue;
    found.set(cluster, component);
    taken.add(component);
  }
  let next = mixture.means.length;
  return centres.map((_, cluster) => found.get(cluster) ?? next++);
}

export function colours(
  points: Points,
  mixture: Mixture | null,
  kmeans: Clusters | null,
  colouring: Colouring,
): Colours {
  if (colouring === "kmeans" && kmeans !== null) {
    const palette = matched(kmeans.centres, mixture, points).map(componentSwatch);
    const labels = nearestCentres(points.values, kmeans.centres, kmeans.units);
    return { palette, labels, shares: null };
  }
  if (colouring === "plain" || colouring === "kmeans" || mixture === null) {
    return { palette: [PLAIN], labels: new Uint8Array(points.n), shares: null };
  }
  const found = sharedDensities(points.values, mixture);
  return {
    palette: termSwatches(mixture.means.length, mixture.noise !== null),
    labels: hardLabels(found),
    shares: colouring === "soft" ? found.responsibilities : null,
  };
}

/** Dots as large, and as opaque, as their number allows. */
export function dots({ x, y }: Places, colours: Colours, em: number, crowd = x.length): Dots {
  const step = crowd <= 300 ? 0 : crowd <= 3000 ? 1 : crowd <= 8000 ? 2 : 3;
  const radius = em * [0.32, 0.22, 0.17, 0.14][step];
  const opacity = [0.9, 0.6, 0.4, 0.25][step];
  return { kind: "dots", x, y, radius, opacity, ...colours, rim: step === 0 };
}

/** The least likely rows, by their index: those whose log-density is below a threshold. */
export function below(points: Points, mixture: Mixture, threshold: number): number[] {
  const { logDensities } = sharedDensities(points.values, mixture);
  const found: number[] = [];
  for (let i = 0; i < points.n; i++) if (logDensities[i] < threshold) found.push(i);
  return found;
}

/** Responsibilities of one row, and its log-density. */
export function rowDensities(points: Points, index: number, mixture: Mixture) {
  return densities(valuesAt(points, index), mixture);
}
