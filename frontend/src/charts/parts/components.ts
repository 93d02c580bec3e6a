import type { Mixture } from "../../api/types";
import { axesOf } from "../../mathematics/ellipse";
import { componentColour, componentDash } from "../painting/colours";
import { circle, type Mark, oval, polyline, segment, type Token } from "../painting/scene";
import type { Plot } from "./axis";
import type { Places } from "./rows";

/** Where the rows and the means are drawn. */
export interface Layout {
  axes: [number, number];
  plot: Plot;
  places: Places;
}

/** Rows of which each is seen by itself. */
export const FEW = 300;
const SMALL = 0.85; // a deviation of fewer letters would be hidden by a number

/** Path of the ellipse `radius` standard deviations from a mean, in pixels of the plot. */
export function ellipsePath(
  mixture: Mixture,
  k: number,
  [i, j]: [number, number],
  plot: Plot,
  radius: number,
): string {
  const xScale = plot.width / (plot.x.high - plot.x.low);
  const yScale = -plot.height / (plot.y.high - plot.y.low);
  const covariance = mixture.covariances[k];
  const { long, short, angle } = axesOf(
    covariance[i][i] * xScale ** 2,
    covariance[i][j] * xScale * yScale,
    covariance[j][j] * yScale ** 2,
  );
  const mean = mixture.means[k];
  return oval(plot.toX(mean[i]), plot.toY(mean[j]), radius * long, radius * short, angle);
}

/** Ellipses of 1, 2 and 3 standard deviations; over rows, with a border that sets them off. */
export function ellipseMarks(
  mixture: Mixture,
  axes: [number, number],
  plot: Plot,
  over: boolean,
): Mark[] {
  return mixture.means.flatMap((_, k): Mark[] => {
    const stroke = componentColour(k);
    const dash = componentDash(k);
    const of = (radius: number) => ellipsePath(mixture, k, axes, plot, radius);
    const border: Mark[] = [
      { kind: "path", d: of(3) + of(2), stroke: "--surface", width: 3, opacity: 0.6 },
      { kind: "path", d: of(1), stroke: "--surface", width: 5, opacity: 0.8 },
    ];
    return [
      ...(over ? border : []),
      { kind: "path", d: of(3), stroke, width: 1, opacity: 0.7, dash },
      { kind: "path", d: of(2), stroke, width: 1.5, opacity: 0.9, dash },
      { kind: "path", d: of(1), stroke, width: 2, fill: stroke, fillOpacity: 0.1, dash },
    ];
  });
}

/** A sign with a letter or a number on it. */
export function badge(
  x: number,
  y: number,
  text: string,
  { em, colour, square = false }: { em: number; colour: Token; square?: boolean },
): Mark[] {
  const radius = em * (0.68 + 0.16 * (text.length - 1));
  const d = square
    ? polyline([x, x + radius * 1.25, x, x - radius * 1.25], [y - radius * 1.25, y, y + radius * 1.25, y], true) // prettier-ignore
    : circle(x, y, radius);
  return [
    { kind: "path", d, stroke: "--surface", width: 4.5, opacity: 0.85 },
    { kind: "path", d, fill: "--surface", stroke: colour, width: 2 },
    { kind: "text", x, y: y + em * 0.3, text, size: em * 0.85, anchor: "middle", colour: "--ink", bold: true }, // prettier-ignore
  ];
}

/** Where a sign is, and the place that it marks, in pixels of the plot. */
export interface SignPlace {
  x: number;
  y: number;
  mean: { x: number; y: number };
}

/** The line from a sign that stands aside to the place that it marks. */
export function leader({ x, y, mean }: SignPlace, colour: Token, em: number): Mark[] {
  if (x === mean.x && y === mean.y) return [];
  const line = segment(mean.x, mean.y, x, y);
  const d = circle(mean.x, mean.y, em * 0.2);
  return [
    { kind: "path", d: line, stroke: "--surface", width: 3, opacity: 0.8 },
    { kind: "path", d: line, stroke: colour, width: 1 },
    { kind: "path", d, fill: colour, stroke: "--surface", width: 1.5 },
  ];
}

/** The numbered means. */
export function meanMarks(mixture: Mixture, layout: Layout, em: number): Mark[] {
  return mixture.means.flatMap((_, k): Mark[] => {
    const place = badgePlace(mixture, k, layout, em);
    const colour = componentColour(k);
    const sign = badge(place.x, place.y, String(k + 1), { em, colour });
    return [...leader(place, colour, em), ...sign];
  });
}

/** Where the number of a component is: beside its mean if it would hide a thin component or a row. */
export function badgePlace(mixture: Mixture, k: number, layout: Layout, em: number): SignPlace {
  const { axes, plot } = layout;
  const [i, j] = axes;
  const mean = { x: plot.toX(mixture.means[k][i]), y: plot.toY(mixture.means[k][j]) };
  const [width, height] = [
    (Math.sqrt(mixture.covariances[k][i][i]) * plot.width) / (plot.x.high - plot.x.low),
    (Math.sqrt(mixture.covariances[k][j][j]) * plot.height) / (plot.y.high - plot.y.low),
  ];
  if (Math.min(width, height) >= SMALL * em) return besideRows(mean, layout, em);
  const away = Math.min(3 * Math.min(width, height), 1.4 * em) + em;
  return aside(mean, layout, { away, across: width < height, em });
}

/** Where a sign hides no row, if there are few rows. */
export function besideRows(mean: { x: number; y: number }, layout: Layout, em: number): SignPlace {
  const { x, y } = layout.places;
  const hides =
    x.length <= FEW && x.some((at, row) => Math.hypot(at - mean.x, y[row] - mean.y) < em);
  return hides ? aside(mean, layout, { away: 2 * em, across: false, em }) : { ...mean, mean };
}

/** So far from a mean: above it, or else below; across: to its right, or else left. */
function aside(
  mean: { x: number; y: number },
  { plot: { width, height } }: Layout,
  { away, across, em }: { away: number; across: boolean; em: number },
): SignPlace {
  const { x, y } = mean;
  const inside = x > 0 && x < width && y > 0 && y < height;
  if (!inside) return { x, y, mean };
  if (across) return { x: x + away + em < width ? x + away : x - away, y, mean };
  return { x, y: y - away > em ? y - away : y + away, mean };
}

/** The way of each mean from where it was at first. */
export function trailMarks(
  trail: number[][][],
  mixture: Mixture,
  [i, j]: [number, number],
  plot: Plot,
): Mark[] {
  return mixture.means.flatMap((mean, k): Mark[] => {
    const way = [...trail.flatMap((means) => (k < means.length ? [means[k]] : [])), mean];
    if (way.length < 2) return [];
    const [x, y] = [way.map((at) => plot.toX(at[i])), way.map((at) => plot.toY(at[j]))];
    const stroke = componentColour(k);
    return [
      { kind: "path", d: polyline(x, y), stroke: "--surface", width: 3.5, opacity: 0.8 },
      { kind: "path", d: polyline(x, y), stroke, width: 1.5 },
      { kind: "path", d: circle(x[0], y[0], 3), fill: "--surface", stroke, width: 1.5 },
    ];
  });
}
