import type { Points, Sample } from "../../api/types";
import type { Drawn } from "../../charts";

/** Where a row of the table stands among the drawn ones; -1 if it is not drawn. */
export function indexOf(points: Points, row: number): number {
  const { numbers, n } = points;
  let [low, high] = [0, n - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] === row) return middle;
    if (numbers[middle] < row) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

export function valuesAt(points: Points, index: number): Float64Array {
  const d = points.columns.length;
  return points.values.subarray(index * d, (index + 1) * d);
}

export function column(points: Points, j: number): Float64Array {
  return Float64Array.from(
    { length: points.n },
    (_, i) => points.values[i * points.columns.length + j],
  );
}

/** Rows of one's own, as charts take them. Their numbers are below 0: they are none of the table. */
export function pointsOf(columns: string[], rows: (number | null)[][]): Points {
  const values = Float64Array.from(rows.flat(), (value) => value ?? NaN);
  const numbers = Float64Array.from(rows, (_, i) => i - rows.length);
  return { columns, n: rows.length, total: rows.length, numbers, values };
}

/** Drawn rows as charts take them, thinned evenly, so that as many are left of each component. */
export function drawnOf({ columns, rows, components }: Sample, most = 1000): Drawn {
  const n = Math.min(rows.length, most);
  const kept = Array.from({ length: n }, (_, i) => Math.floor((i * rows.length) / n));
  const points = pointsOf(
    columns,
    kept.map((i) => rows[i]),
  );
  return { points, components: kept.map((i) => (components[i] < 0 ? -1 : components[i] - 1)) };
}

/** The log-density below which a share of the rows lies. */
export function quantile(logDensities: Float64Array, share: number): number {
  const sorted = logDensities.slice().sort();
  return sorted[Math.min(Math.ceil(share * sorted.length), sorted.length) - 1] ?? -Infinity;
}
