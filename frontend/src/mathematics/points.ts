import type { Points } from "../api/types";

/** Where a row of the table stands among the drawn ones; null if it is not drawn. */
export function indexOf(points: Points, row: number | null): number | null {
  if (row === null) return null;
  const { numbers, n } = points;
  let [low, high] = [0, n - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] === row) return middle;
    if (numbers[middle] < row) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

/** Values of a row. */
export function valuesAt(points: Points, index: number): Float64Array {
  const d = points.columns.length;
  return points.values.subarray(index * d, (index + 1) * d);
}

/** Values of a column. */
export function columnOf(points: Points, j: number): Float64Array {
  return Float64Array.from(
    { length: points.n },
    (_, i) => points.values[i * points.columns.length + j],
  );
}
