import type { Candidate, Frames, KMeans, Mixture, Points } from "../src/api/types";
import fixtures from "./fixtures.json";

export interface Case {
  points: Points;
  mixture: Mixture;
  kmeans: KMeans;
  frames: Frames | null;
}

function points(columns: string[], rows: (number | null)[][], total = rows.length): Points {
  const values = Float64Array.from(rows.flat(), (cell) => cell ?? NaN);
  const numbers = Float64Array.from(rows, (_, i) => i + 1);
  return { columns, n: rows.length, total, numbers, values };
}

export const cases = Object.fromEntries(
  Object.entries(fixtures.cases).map(([name, { columns, rows, ...rest }]) => [
    name,
    { points: points(columns, rows), ...rest } as Case,
  ]),
);

export const searches = fixtures.searches as Record<
  string,
  { criterion: string; candidates: Candidate[]; best: number }
>;

/** Numbers that look random and are the same each time. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Rows drawn from a mixture of two features, as if they were a sample of more. */
export function drawn(mixture: Mixture, n: number, total: number): Points {
  const random = seeded(1);
  const rows = Array.from({ length: n }, () => {
    let [u, k] = [random(), 0];
    while (k < mixture.weights.length - 1 && u > mixture.weights[k]) u -= mixture.weights[k++];
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    const [z, w] = [radius * Math.cos(angle), radius * Math.sin(angle)];
    const [[a, b], [, c]] = mixture.covariances[k];
    const side = Math.sqrt(a);
    const [mean, slope] = [mixture.means[k], b / side];
    return [mean[0] + side * z, mean[1] + slope * z + Math.sqrt(c - slope * slope) * w];
  });
  return points(["x", "y"], rows, total);
}
