/** A small picture of rows as one path in a box of 64 by 48. */

const WIDTH = 64;
const HEIGHT = 48;
const MOST = 160;

export function thumbnail(rows: readonly (readonly (number | null)[])[]): string {
  const full = rows.filter((row) => row.every((value) => value !== null)) as number[][];
  if (full.length === 0) return "";
  return full[0].length === 1 ? bars(full.map((row) => row[0])) : dots(full);
}

function dots(rows: number[][]): string {
  const stride = Math.max(1, Math.ceil(rows.length / MOST));
  const some = rows.filter((_, i) => i % stride === 0);
  const [x, y] = [0, 1].map((axis) => scale(some.map((row) => row[axis])));
  const size = some.length > 60 ? 1.8 : some.length > 20 ? 2.6 : 4;
  return some
    .map((row) => {
      const [left, top] = [4 + x(row[0]) * (WIDTH - 8), 4 + (1 - y(row[1])) * (HEIGHT - 8)];
      return circle(left, top, size / 2);
    })
    .join("");
}

function circle(x: number, y: number, r: number): string {
  return `M${n(x - r)} ${n(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
}

function bars(values: number[]): string {
  const count = Math.max(4, Math.min(20, Math.round(Math.sqrt(values.length))));
  const x = scale(values);
  const heights = new Array<number>(count).fill(0);
  for (const value of values) heights[Math.min(count - 1, Math.floor(x(value) * count))]++;
  const [most, width] = [Math.max(...heights), (WIDTH - 8) / count];
  return heights
    .map((height, i) => {
      const tall = (height / most) * (HEIGHT - 8);
      return `M${n(4 + i * width)} ${HEIGHT - 4}v${n(-tall)}h${n(width * 0.85)}v${n(tall)}z`;
    })
    .join("");
}

function scale(values: number[]): (value: number) => number {
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  return (value) => (value - low) / span;
}

function n(value: number): string {
  return value.toFixed(1);
}
