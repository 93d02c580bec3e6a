import type { Points, Sample } from "../../api/types";
import type { Drawn } from "../../charts";

/** Rows of one's own, as charts take them. Their numbers are below 0, as no row of the table has them. */
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
