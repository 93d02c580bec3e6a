import { ticks } from "d3-array";

import type { Mixture, Points } from "../../api/types";
import { type Curves, curves } from "../../mathematics/curve";
import { type Histogram, histogram } from "../../mathematics/histogram";
import { kernelDensity } from "../../mathematics/kernel";
import { columnOf } from "../../mathematics/points";
import { componentColour, componentDash, termSwatches } from "../painting/colours";
import {
  circle,
  type Mark,
  polyline,
  rectangle,
  type Scene,
  segment,
  type Space,
} from "../painting/scene";
import { type Plot, plot, plotMarks, type Interval } from "../parts/axis";
import { badge } from "../parts/components";
import { type Colours, dots, type Places } from "../parts/rows";
import { inPlot, rings } from "./data";

const STRIP = 0.13; // share of the height below zero, where the rows are
const KERNEL_STEPS = 300;

/** One column's values, which stay as they are while a mixture is fitted. */
export interface BinnedColumn {
  name: string;
  values: Float64Array;
  bins: Histogram | null;
  /** Height of the highest bin, as a density. */
  highest: number;
}

export function binned(points: Points, index: number): BinnedColumn {
  const values = columnOf(points, index).filter((value) => !Number.isNaN(value));
  const bins = histogram(values);
  const highest = bins === null ? 1 : Math.max(...bins.counts) * densityUnit(bins);
  return { name: points.columns[index], values, bins, highest };
}

/** What one row in a bin adds to the density. */
function densityUnit({ low, high, counts }: Histogram): number {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return counts.length / (rows * (high - low));
}

/** Densities of one feature: bins, kernel estimate, mixture, components. */
export interface DensityView {
  plot: Plot;
  column: BinnedColumn;
  feature: number;
  mixture: Mixture | null;
  found: Curves | null;
  kernel: ReturnType<typeof kernelDensity>;
}

export function densityView(
  column: BinnedColumn,
  feature: number,
  mixture: Mixture | null,
  { x, space }: { x: Interval; space: Space },
): DensityView {
  const found = mixture === null ? null : curves(mixture, feature, x.low, x.high);
  const highest = Math.max(column.highest, found === null ? 0 : Math.max(...found.mixture));
  // A whole number of ticks, so that the axis stays as it is while a mixture is replayed.
  const step = ticks(0, highest * 1.08, 5)[1] || 1;
  const high = Math.ceil((highest * 1.08) / step) * step;
  const y = { low: -STRIP * high, high };
  const box = plot(space, { x, y, xName: column.name, yName: "density" });
  box.y.ticks = box.y.ticks.filter(({ at }) => at >= 0);
  const kernel = kernelDensity(column.values, x.low, x.high, KERNEL_STEPS);
  return { plot: box, column, feature, mixture, found, kernel };
}

/** Rows lie below zero, scattered a little so that equal ones are seen. */
export function stripPlaces(points: Points, column: number, plot: Plot): Places {
  const width = points.columns.length;
  const x = new Float32Array(points.n);
  const y = new Float32Array(points.n);
  const [top, room] = [plot.toY(0), plot.height - plot.toY(0)];
  for (let row = 0; row < points.n; row++) {
    x[row] = plot.toX(points.values[row * width + column]);
    const scatter = (row * 0.618034) % 1;
    y[row] = x[row] === x[row] ? top + room * (0.28 + 0.5 * scatter) : NaN;
  }
  return { x, y };
}

function binMarks({ plot, column: { bins } }: DensityView): Mark[] {
  if (bins === null) return [];
  const unit = densityUnit(bins);
  const width = (bins.high - bins.low) / bins.counts.length;
  const zero = plot.toY(0);
  const bars = Array.from(bins.counts, (count, bin) => {
    const [left, right] = [bins.low + bin * width, bins.low + (bin + 1) * width].map(plot.toX);
    const gap = Math.min(1, (right - left) / 6);
    const top = plot.toY(count * unit);
    return count === 0 ? "" : rectangle(left + gap / 2, top, right - left - gap, zero - top);
  });
  return [{ kind: "path", d: bars.join(""), fill: "--strong-line", fillOpacity: 0.3 }];
}

function curvePath(plot: Plot, x: Float64Array, y: Float64Array): string {
  return polyline(Array.from(x, plot.toX), Array.from(y, plot.toY));
}

function termMarks({ plot, mixture, found }: DensityView): Mark[] {
  if (mixture === null || found === null) return [];
  const swatches = termSwatches(mixture.means.length, mixture.noise !== null);
  const [left, right] = [0, plot.width];
  const zero = plot.toY(0);
  return found.terms.flatMap((term, t): Mark[] => {
    const { colour } = swatches[t];
    const d = curvePath(plot, found.x, term);
    const area = `${d}L${right} ${zero}L${left} ${zero}Z`;
    return [
      { kind: "path", d: area, fill: colour, fillOpacity: 0.16 },
      { kind: "path", d, stroke: colour, width: 1.75, dash: componentDash(t) },
    ];
  });
}

/** Top of a component's curve, where its number stands. */
export function peakPlace(view: DensityView, k: number, em: number): { x: number; y: number } {
  const { plot, mixture, found, feature } = view;
  const y = Math.max(em, plot.toY(Math.max(...(found?.terms[k] ?? [0]))));
  return { x: plot.toX(mixture!.means[k][feature]), y };
}

function peakMarks(view: DensityView, em: number): Mark[] {
  if (view.mixture === null) return [];
  return view.mixture.means.flatMap((_, k) => {
    const { x, y } = peakPlace(view, k, em);
    return badge(x, y, String(k + 1), { em, colour: componentColour(k) });
  });
}

/** Where each mean was at first, and the way from there, along zero. */
function wayMarks({ plot, mixture, feature }: DensityView, trail: number[][][]): Mark[] {
  const first = trail[0];
  if (mixture === null || first === undefined) return [];
  const swatches = termSwatches(mixture.means.length, false);
  const y = plot.toY(0);
  return mixture.means.flatMap((mean, k): Mark[] => {
    if (first[k] === undefined) return [];
    const [from, to] = [plot.toX(first[k][feature]), plot.toX(mean[feature])];
    const stroke = swatches[k].colour;
    return [
      { kind: "path", d: segment(from, y, to, y), stroke, width: 3 },
      { kind: "path", d: circle(from, y, 3), fill: "--surface", stroke, width: 1.5 },
    ];
  });
}

/** Histogram, kernel density estimate, mixture density and its weighted components. */
export function densityScene(
  view: DensityView,
  space: Space,
  rows: {
    places: Places;
    colours: Colours;
    marked: number[];
    hollow: Mark[];
    trail: number[][][];
  },
): Scene {
  const { plot, found, kernel } = view;
  const marks = [...binMarks(view), ...termMarks(view)];
  if (kernel !== null) {
    const d = curvePath(plot, kernel.x, kernel.density);
    marks.push({ kind: "path", d, stroke: "--soft-ink", width: 1.5, dash: [5, 4] });
  }
  if (found !== null) {
    const d = curvePath(plot, found.x, found.mixture);
    marks.push({ kind: "path", d, stroke: "--ink", width: 2.25 });
  }
  const zero = plot.toY(0);
  marks.push({ kind: "path", d: segment(0, zero, plot.width, zero), stroke: "--strong-line" });
  marks.push({ ...dots(rows.places, rows.colours, space.em), rim: false });
  marks.push(...rows.hollow);
  if (rows.marked.length) marks.push(rings(rows.places, rows.marked, space.em));
  marks.push(...wayMarks(view, rows.trail), ...peakMarks(view, space.em));
  return { ...space, marks: [...plotMarks(plot, space), inPlot(plot, marks)] };
}

/** What the pointer is on: a row's place, or a component's curve. */
export function densityHighlight(
  view: DensityView,
  space: Space,
  rows: { places: Places; index: number | null; component: number | null },
): Scene {
  const { plot, found, mixture } = view;
  const marks: Mark[] = [];
  const { index, component } = rows;
  if (mixture && found && component !== null && component < mixture.means.length) {
    const { colour } = termSwatches(mixture.means.length, false)[component];
    const d = curvePath(plot, found.x, found.terms[component]);
    marks.push({ kind: "path", d, stroke: colour, width: 4 });
  }
  if (index !== null && index >= 0 && Number.isFinite(rows.places.x[index])) {
    const x = rows.places.x[index];
    marks.push({ kind: "path", d: segment(x, 0, x, plot.height), stroke: "--ink", opacity: 0.6 });
    marks.push({ ...rings(rows.places, [index], space.em), palette: [{ colour: "--ink", shape: "ring" }] }); // prettier-ignore
  }
  return { ...space, marks: [inPlot(plot, marks)] };
}
