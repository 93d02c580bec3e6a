import type { KMeans, Mixture, Points } from "../../api/types";
import { regions } from "../../mathematics/contour";
import { componentColour } from "../painting/colours";
import { type Dots, type Mark, polyline, type Scene, type Space } from "../painting/scene";
import { type Plot, plotMarks } from "../parts/axis";
import {
  badge,
  badgePlace,
  besideRows,
  ellipseMarks,
  ellipsePath,
  FEW,
  leader,
  meanMarks,
  trailMarks,
} from "../parts/components";
import { type Colours, dots, matched, type Places } from "../parts/rows";

export const SHARES = [0.25, 0.5, 0.75, 0.9, 0.95];
const CELL = 5; // pixels between places at which the density is known

/** What is seen of the data on two axes. */
export interface DataView {
  points: Points;
  axes: [number, number];
  plot: Plot;
  places: Places;
  colours: Colours;
  mixture: Mixture | null;
  /** Centres of clusters, where they are asked for. */
  kmeans: KMeans | null;
  ellipses: boolean;
  contours: boolean;
  /** Rows that are marked as unlikely, by their index. */
  marked: number[];
  /** What lies over the rows. */
  hollow: Mark[];
  trail: number[][][];
}

/** Regions that hold most of the mixture. */
export function regionMarks(mixture: Mixture, axes: [number, number], plot: Plot): Mark[] {
  const columns = Math.max(8, Math.ceil(plot.width / CELL));
  const rows = Math.max(8, Math.ceil(plot.height / CELL));
  // A cell more on each side: where a region is cut off is not seen.
  const [dx, dy] = [plot.width / (columns - 2), plot.height / (rows - 2)];
  const x = { low: plot.fromX(-dx), high: plot.fromX(plot.width + dx) };
  const y = { low: plot.fromY(-dy), high: plot.fromY(plot.height + dy) };
  return regions(mixture, axes, SHARES, { x, y, columns, rows }).map(({ rings }) => ({
    kind: "path",
    d: rings
      .map((ring) =>
        polyline(
          ring.map(([column]) => (column - 1) * dx),
          ring.map(([, row]) => (row - 1) * dy),
          true,
        ),
      )
      .join(""),
    fill: "--ink",
    fillOpacity: 0.035,
    stroke: "--soft-ink",
    width: 1,
    opacity: 0.6,
  }));
}

/** Rings about some of the rows. */
export function rings(places: Places, rows: number[], em: number): Dots {
  return {
    kind: "dots",
    x: Float32Array.from(rows, (row) => places.x[row]),
    y: Float32Array.from(rows, (row) => places.y[row]),
    radius: em * 0.56,
    opacity: 0.95,
    palette: [{ colour: "--bad", shape: "ring" }],
    labels: new Uint8Array(rows.length),
    shares: null,
    rim: false,
  };
}

function centreMarks(view: DataView, kmeans: KMeans, em: number): Mark[] {
  const [i, j] = view.axes;
  const numbers = matched(kmeans.centres, view.mixture, view.points);
  return kmeans.centres.flatMap((centre, cluster) => {
    const at = { x: view.plot.toX(centre[i]), y: view.plot.toY(centre[j]) };
    const place = besideRows(at, view, em);
    const colour = componentColour(numbers[cluster]);
    const text = letter(numbers[cluster]);
    const sign = badge(place.x, place.y, text, { em, colour, square: true });
    return [...leader(place, colour, em), ...sign];
  });
}

/** a, b, ... z, aa, ... */
export function letter(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letter(Math.floor(index / 26) - 1) + last;
}

/** Points, regions, ellipses and means on two axes. */
export function dataScene(view: DataView, space: Space): Scene {
  const { plot, mixture, axes } = view;
  const marks: Mark[] = [];
  if (mixture !== null && view.contours) marks.push(...regionMarks(mixture, axes, plot));
  // Few rows lie over the ellipses, so that none is hidden; over many the ellipses would be.
  const over = view.points.n > FEW;
  const ellipses =
    mixture !== null && view.ellipses ? ellipseMarks(mixture, axes, plot, over) : [];
  const rows = dots(view.places, view.colours, space.em);
  marks.push(...(over ? [rows, ...ellipses] : [...ellipses, rows]));
  marks.push(...view.hollow);
  if (view.marked.length) marks.push(rings(view.places, view.marked, space.em));
  if (mixture !== null) {
    marks.push(...trailMarks(view.trail, mixture, axes, plot));
    marks.push(...meanMarks(mixture, view, space.em));
  }
  if (view.kmeans !== null) marks.push(...centreMarks(view, view.kmeans, space.em));
  return { ...space, marks: [...plotMarks(plot, space), inPlot(plot, marks)] };
}

export function inPlot(plot: Plot, marks: Mark[]): Mark {
  const { left, top, width, height } = plot;
  return { kind: "group", x: left, y: top, clip: [width, height], marks };
}

/** What the pointer is on, to be laid over the chart. */
export function dataHighlight(
  view: DataView,
  space: Space,
  { index, component }: { index: number | null; component: number | null },
): Scene {
  const marks: Mark[] = [];
  const { mixture, plot } = view;
  if (component !== null && mixture !== null && component < mixture.means.length) {
    const stroke = componentColour(component);
    for (const radius of [1, 2, 3]) {
      const d = ellipsePath(mixture, component, view.axes, plot, radius);
      marks.push({ kind: "path", d, fill: stroke, fillOpacity: 0.08, stroke, width: 3 });
    }
    const { x, y } = badgePlace(mixture, component, view, space.em);
    const text = String(component + 1);
    marks.push(...badge(x, y, text, { em: space.em * 1.2, colour: stroke }));
  }
  if (index !== null && index >= 0) {
    const mark = rings(view.places, [index], space.em);
    marks.push({ ...mark, palette: [{ colour: "--surface", shape: "ring" }], radius: space.em * 0.72 }); // prettier-ignore
    marks.push({ ...mark, palette: [{ colour: "--ink", shape: "ring" }], radius: space.em * 0.6 });
  }
  return { ...space, marks: [inPlot(plot, marks)] };
}
