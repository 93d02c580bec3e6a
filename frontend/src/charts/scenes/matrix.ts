import type { Mixture, Points } from "../../api/types";
import { curves } from "../../mathematics/curve";
import { histogram } from "../../mathematics/histogram";
import { shortened } from "../numbers";
import { componentColour } from "../painting/colours";
import {
  type Group,
  type Mark,
  polyline,
  rectangle,
  type Scene,
  type Space,
} from "../painting/scene";
import { axis, type Plot, type Interval } from "../parts/axis";
import { ellipsePath } from "../parts/components";
import { type Colours, dots, places } from "../parts/rows";

/** Where the cells of the matrix are: row i and column j of the page. */
export interface Grid {
  side: number;
  gap: number;
  left: number;
  top: number;
  size: number;
}

export function grid(space: Space, size: number): Grid {
  const gap = Math.max(3, space.em * 0.5);
  const [left, top] = [space.em * 1.7, space.em * 0.2];
  const side = (space.width - left - gap * (size - 1)) / size;
  return { side: Math.max(8, side), gap, left, top, size };
}

export function matrixHeight({ side, gap, top, size }: Grid, em: number): number {
  return Math.ceil(top + size * side + (size - 1) * gap + em * 1.7);
}

/** Upper left corner of the cell with column `i` on the x axis, column `j` on the y axis. */
export function corner({ side, gap, left, top }: Grid, i: number, j: number): [number, number] {
  return [left + i * (side + gap), top + j * (side + gap)];
}

function cellPlot(side: number, x: Interval, y: Interval): Plot {
  return {
    ...{ left: 0, top: 0, width: side, height: side },
    x: axis(x, 2, ""),
    y: axis(y, 2, ""),
    toX: (value) => ((value - x.low) / (x.high - x.low)) * side,
    toY: (value) => (1 - (value - y.low) / (y.high - y.low)) * side,
    fromX: (pixel) => x.low + (pixel / side) * (x.high - x.low),
    fromY: (pixel) => y.low + (1 - pixel / side) * (y.high - y.low),
  };
}

export interface MatrixView {
  /** The rows that are drawn: a few of those of the large chart. */
  points: Points;
  columns: number[];
  extents: Interval[];
  colours: Colours;
  mixture: Mixture | null;
  ellipses: boolean;
  chosen: [number, number] | null;
}

function pairMarks(view: MatrixView, axes: [number, number], side: number, em: number): Mark[] {
  const plot = cellPlot(side, view.extents[axes[0]], view.extents[axes[1]]);
  const scatter = dots(places(view.points, axes, plot), view.colours, em);
  const radius = Math.max(0.9, Math.min(scatter.radius * 0.75, side / 55));
  const marks: Mark[] = [{ ...scatter, radius, rim: false }];
  const { mixture } = view;
  if (mixture === null || !view.ellipses) return marks;
  mixture.means.forEach((_, k) => {
    const d = ellipsePath(mixture, k, axes, plot, 2);
    marks.push(
      { kind: "path", d, stroke: "--surface", width: 3, opacity: 0.75 },
      { kind: "path", d, stroke: componentColour(k), width: 1.5 },
    );
  });
  return marks;
}

/** The distribution of one column: bins, and the mixture's curves at the same scale. */
function ownMarks(view: MatrixView, column: number, side: number): Mark[] {
  const { points, mixture } = view;
  const { low, high } = view.extents[column];
  const width = points.columns.length;
  const values = Float64Array.from(
    { length: points.n },
    (_, i) => points.values[i * width + column],
  );
  const bins = histogram(values, 40);
  if (bins === null) return [];
  const rows = bins.counts.reduce((sum, count) => sum + count, 0);
  const step = (bins.high - bins.low) / bins.counts.length;
  const heights = Array.from(bins.counts, (count) => count / (rows * step));
  const found = mixture === null ? null : curves(mixture, column, low, high);
  const top = 1.12 * Math.max(...heights, ...(found?.mixture ?? []));
  const toX = (value: number) => ((value - low) / (high - low)) * side;
  const toY = (value: number) => (1 - value / top) * side;
  const bars = heights.map((height, bin) =>
    rectangle(toX(bins.low + bin * step), toY(height), toX(low + step), side - toY(height)),
  );
  const marks: Mark[] = [
    { kind: "path", d: bars.join(""), fill: "--strong-line", fillOpacity: 0.35 },
  ];
  found?.terms.forEach((term, t) => {
    const d = polyline(Array.from(found.x, toX), Array.from(term, toY));
    const noise = t >= mixture!.means.length;
    const stroke = noise ? "--soft-ink" : componentColour(t);
    marks.push({ kind: "path", d, stroke, width: 1.5 });
  });
  return marks;
}

function cell(view: MatrixView, grid: Grid, i: number, j: number, em: number): Group {
  const { columns, chosen } = view;
  const [x, y] = corner(grid, i, j);
  const { side } = grid;
  const same = chosen !== null && columns[i] === chosen[0] && columns[j] === chosen[1];
  const marks: Mark[] = [
    { kind: "path", d: rectangle(0, 0, side, side), fill: "--surface" },
    ...(i === j
      ? ownMarks(view, columns[i], side)
      : pairMarks(view, [columns[i], columns[j]], side, em)),
    {
      kind: "path",
      d: rectangle(0.5, 0.5, side - 1, side - 1),
      stroke: same ? "--accent" : "--line",
      width: same ? 4 : 1,
    },
  ];
  return { kind: "group", x, y, clip: [side, side], marks };
}

/** All pairs of columns, and each column by itself on the diagonal. */
export function matrixScene(view: MatrixView, grid: Grid, space: Space): Scene {
  const { em } = space;
  const marks: Mark[] = [];
  const letters = Math.max(3, Math.floor(grid.side / (em * 0.58)));
  view.columns.forEach((column, i) => {
    const name = shortened(view.points.columns[column], letters);
    const [x, y] = corner(grid, i, grid.size - 1);
    const text = {
      kind: "text",
      text: name,
      size: em,
      anchor: "middle",
      colour: "--ink",
    } as const;
    marks.push({ ...text, x: x + grid.side / 2, y: y + grid.side + em * 1.25 });
    const middle = corner(grid, 0, i)[1] + grid.side / 2;
    marks.push({ ...text, x: em, y: middle, turned: true });
    view.columns.forEach((_, j) => marks.push(cell(view, grid, i, j, em)));
  });
  return { ...space, marks };
}
