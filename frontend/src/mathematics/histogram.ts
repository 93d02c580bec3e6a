import { quantileSorted } from "d3-array";

/** Equal bins from low to high. */
export interface Histogram {
  low: number;
  high: number;
  counts: Float64Array;
}

/**
 * Bins by Freedman & Diaconis' rule, 2 IQR n^(-1/3) wide; Sturges' count where the quartiles are
 * one. At most `most` of them. Values that are not finite are left out.
 */
export function histogram(values: Float64Array, most = 120): Histogram | null {
  const sorted = values.filter(Number.isFinite).sort();
  const n = sorted.length;
  if (n === 0) return null;
  const [low, high] = [sorted[0], sorted[n - 1]];
  const quantile = (share: number) => quantileSorted(sorted as never, share)!;
  const quartiles = quantile(0.75) - quantile(0.25);
  const width = (2 * quartiles) / Math.cbrt(n);
  const wanted = width > 0 ? Math.ceil((high - low) / width) : Math.ceil(Math.log2(n)) + 1;
  const bins = Math.max(1, Math.min(most, wanted));
  if (high === low) return flat(low, n);
  const counts = new Float64Array(bins);
  for (const value of sorted) {
    counts[Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))]++;
  }
  return { low, high, counts };
}

/** One bin about values that are all the same. */
function flat(value: number, n: number): Histogram {
  const half = Math.abs(value) * 1e-3 || 0.5;
  return { low: value - half, high: value + half, counts: Float64Array.of(n) };
}
