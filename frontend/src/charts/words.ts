import type { Mixture, Points } from "../api/types";
import { counted, grouped } from "../phrases";
import { percent, tidy } from "./numbers";
import { rowDensities } from "./parts/rows";

/** Values of a row, what the mixture makes of it. */
export function rowLines(points: Points, index: number, mixture: Mixture | null): string[] {
  const width = points.columns.length;
  const values = points.columns.map(
    (name, j) => `${name}: ${tidy(points.values[index * width + j], 6)}`,
  );
  const lines = [`Row ${grouped(String(points.numbers[index]))}`, ...values.slice(0, 8)];
  return mixture === null ? lines : [...lines, ...beliefs(points, index, mixture)];
}

function beliefs(points: Points, index: number, mixture: Mixture): string[] {
  const { logDensities, responsibilities } = rowDensities(points, index, mixture);
  const ranked = [...responsibilities.keys()]
    .sort((a, b) => responsibilities[b] - responsibilities[a])
    .filter((t, rank) => rank === 0 || responsibilities[t] >= 0.005)
    .slice(0, 3)
    .map((t) => `${termName(t, mixture)}: ${percent(responsibilities[t])}`);
  return [...ranked, `log-density: ${tidy(logDensities[0])}`];
}

export function termName(t: number, mixture: Mixture): string {
  return t < mixture.means.length ? `component ${t + 1}` : "noise";
}

export function componentLines(
  mixture: Mixture,
  k: number,
  columns: string[],
  axes: number[],
): string[] {
  const means = axes.map((j) => {
    const deviation = Math.sqrt(mixture.covariances[k][j][j]);
    return `${columns[j]}: ${tidy(mixture.means[k][j])} ± ${tidy(deviation, 3)}`;
  });
  return [`Component ${k + 1}`, `weight: ${percent(mixture.weights[k])}`, ...means];
}

/** What a chart of the data shows, in a sentence or two. */
export function describeData(
  points: Points,
  mixture: Mixture | null,
  axes: number[],
  drawn = 0,
): string {
  const names = axes.map((j) => points.columns[j]).join(" and ");
  const what = axes.length === 1 ? "Distribution" : "Scatter plot";
  const rows = counted(points.n, "row");
  if (mixture === null) return `${what} of ${names}, ${rows}.`;
  const components = mixture.means.map((mean, k) => {
    const at = axes.map((j) => tidy(mean[j], 3)).join(", ");
    return `${k + 1} at ${at} (${percent(mixture.weights[k])})`;
  });
  const noise = mixture.noise === null ? "" : `, and noise (${percent(mixture.noise.weight)})`;
  const many = counted(components.length, "component");
  const over =
    drawn > 0 ? ` Over them ${counted(drawn, "row")} drawn from the mixture, hollow.` : "";
  return `${what} of ${names}, ${rows}, with ${many}: ${components.join("; ")}${noise}.${over}`;
}

/** What must be said under a chart of rows. */
export function rowNotes(points: Points, missing: number): string[] {
  const notes: string[] = [];
  const number = (n: number) => grouped(String(n), 4);
  if (points.n < points.total) {
    notes.push(`A sample of ${number(points.n)} of ${number(points.total)} rows is shown.`);
  }
  if (missing > 0) {
    const verb = missing === 1 ? "is" : "are";
    notes.push(`${counted(missing, "row")} ${verb} not shown: a value is missing here.`);
  }
  return notes;
}

/** What the lines of a chart of the data mean. */
export function keyNotes(
  mixture: Mixture | null,
  { flat, ellipses, contours }: { flat: boolean; ellipses: boolean; contours: boolean },
): string[] {
  if (flat) {
    const kernel = "Bars: histogram. Dashed: kernel density estimate.";
    return [mixture === null ? kernel : `${kernel} Heavy line: the mixture.`];
  }
  if (mixture === null) return [];
  const unit = mixture.dof === null ? "standard deviations" : "units of the scale matrix";
  return [
    ...(ellipses ? [`Ellipses: 1, 2 and 3 ${unit}.`] : []),
    ...(contours ? ["Regions hold 25, 50, 75, 90 and 95\u00a0% of the mixture."] : []),
  ];
}
